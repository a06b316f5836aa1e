# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a Gateway both ways: what they find, and what they let pass."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks import gateways

from tests.unit.plugins.module_utils.cluster.builders import condition, thing
from tests.unit.plugins.module_utils.cluster.checks.test_checks import found, one

Object = dict[str, Any]
HOST = "agents.example.com"
KINDS = {"gateway": ["Gateway", "HTTPRoute"], "istio": ["Gateway", "VirtualService"]}
NAMESPACES = {
    "blue": thing("blue", labels={"agents": "yes"}),
    "red": thing("red", labels={"kubernetes.io/metadata.name": "red"}),
}


def wanted(kind: str = "gateway", *, tls: bool = False, namespaces: tuple[str, ...] = ("blue", "red")) -> Object:
    """Return what is asked for: a Gateway, a hostname and two namespaces."""
    entry = {"hostname": HOST, "tls": tls, "namespaces": namespaces}
    return {"gateway": {"kind": kind, "name": "public", "namespace": "gateways"}, "entry": entry}


def listening(*listeners: Object) -> Object:
    """Return a Gateway of the Gateway API."""
    return thing(
        "public", "gateways", spec={"listeners": [{"name": "web", "protocol": "HTTP", **one} for one in listeners]}
    )


def allowed(source: str, **selector: Any) -> Object:
    """Return from where a listener takes routes."""
    return {"allowedRoutes": {"namespaces": {"from": source, **({"selector": selector} if selector else {})}}}


def serving(*servers: tuple[str, str]) -> Object:
    """Return an Istio Gateway of servers, each given as protocol and host."""
    return thing("public", "gateways", spec={"servers": [{"port": {"protocol": p}, "hosts": [h]} for p, h in servers]})


@pytest.mark.parametrize("kind", KINDS)
def test_gateway_present(kind: str) -> None:
    check, asked, known = gateways.gateway_present, wanted(kind), KINDS[kind]
    assert KINDS[kind][1] in one(check, asked, route_kinds=["Gateway"], gateways=[]).what
    assert "gateways/public" in one(check, asked, route_kinds=known, gateways=[]).what
    assert not found(check, asked, route_kinds=known, gateways=[thing("public", "gateways")])
    broken = thing("public", "gateways", status=condition("Programmed", "False", message="no address"))
    assert "no address" in one(check, asked, route_kinds=known, gateways=[broken]).what
    unnamed = {"gateway": {"kind": kind, "name": "", "namespace": ""}}
    assert "ingress_gateway_name" in one(check, unnamed, route_kinds=known).remedy
    assert not found(check, {}, gateways=[])
    assert not found(check, asked), "what could not be read is no finding"


@pytest.mark.parametrize(
    ("gateway", "words"),
    [
        (listening(allowed("All")), ()),
        (listening(allowed("Selector")), ()),
        (listening({"hostname": "*.example.com", **allowed("All")}), ()),
        (listening({"hostname": "x.example.com", **allowed("All")}), ("no requests for", HOST)),
        (listening({}), ("no routes from namespace blue and red",)),
        (listening(allowed("None")), ("blue and red",)),
        (listening(allowed("Selector", matchLabels={"agents": "yes"})), ("no routes from namespace red",)),
        (listening(allowed("Selector", matchLabels={"kubernetes.io/metadata.name": "blue"})), ("namespace red",)),
        (listening({"hostname": "x.example.com", **allowed("All")}, allowed("Same")), ("blue and red",)),
    ],
)
def test_gateway_admits(gateway: Object, words: tuple[str, ...]) -> None:
    findings = found(gateways.gateway_admits, wanted(), gateways=[gateway], namespaces=NAMESPACES)
    assert len(findings) == (1 if words else 0)
    assert all(word in findings[0].what for word in words)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("*", ()),
        (HOST, ()),
        ("*/*.example.com", ()),
        ("*/other.example.com", ("no requests for", HOST)),
        (f"./{HOST}", ("blue and red",)),
        (f"blue/{HOST}", ("no routes from namespace red",)),
    ],
)
def test_an_istio_gateway_says_so_in_its_hosts(host: str, words: tuple[str, ...]) -> None:
    findings = found(
        gateways.gateway_admits, wanted("istio"), gateways=[serving(("HTTP", host))], namespaces=NAMESPACES
    )
    assert len(findings) == (1 if words else 0)
    assert all(word in findings[0].what for word in words)


def test_a_gateway_admits_its_own_namespace_and_one_that_is_not_there_yet() -> None:
    own = wanted(namespaces=("gateways",))
    assert not found(gateways.gateway_admits, own, gateways=[listening({})])
    new = wanted(namespaces=("new",))
    assert found(gateways.gateway_admits, new, gateways=[listening({})])
    named = {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["new"]}]}
    assert not found(gateways.gateway_admits, new, gateways=[listening(allowed("Selector", **named))])


def test_gateway_tls() -> None:
    http, https = listening(allowed("All")), listening({"protocol": "HTTPS"})
    assert "takes http only" in one(gateways.gateway_tls, wanted(tls=True), gateways=[http]).what
    assert "takes https only" in one(gateways.gateway_tls, wanted(), gateways=[https]).what
    assert not found(gateways.gateway_tls, wanted(tls=True), gateways=[https])
    assert not found(gateways.gateway_tls, wanted(tls=True), gateways=[listening({}, {"protocol": "HTTPS"})])
    istio = serving(("HTTPS", HOST))
    assert not found(gateways.gateway_tls, wanted("istio", tls=True), gateways=[istio])
    assert found(gateways.gateway_tls, wanted("istio"), gateways=[istio])
