# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait for OpenShift's router: what it waits for, and what it says when it is in vain."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any, cast

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.admission import NotAdmitted, wait
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    Connection,
    connected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Unreachable

from tests.unit.plugins.module_utils.cluster.fake_api import FakeApi

Object = dict[str, Any]
ROUTES = "/apis/route.openshift.io/v1/namespaces/agents/routes"


class Routes:
    """Answers one look after the other; the last one for ever."""

    def __init__(self, *looks: Sequence[Object]) -> None:
        self.looks = list(looks)

    def list(self, path: str) -> Sequence[Object]:
        """Return what there is by now."""
        assert path == ROUTES
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


def route(*said: str, of: str = "shared", reason: str = "", name: str = "shared-x1") -> Object:
    """Return a Route, with what each router says of it."""
    conditions = [
        {"conditions": [{"type": "Admitted", "status": status, "reason": reason, "message": "taken"}]}
        for status in said
    ]
    return {
        "metadata": {"name": name, "ownerReferences": [{"kind": "Ingress", "name": of}]},
        "spec": {"host": "agents.example.com", "path": "/metrics", "to": {"kind": "Service", "name": "operator"}},
        "status": {"ingress": conditions},
    }


def waited(*looks: Sequence[Object], timeout: float = 0.0) -> Sequence[Object]:
    """Wait for the Routes of the Ingress ``shared``."""
    return wait(cast("ApiServer", Routes(*looks)), "agents", "shared", timeout)


def test_it_waits_until_all_are_admitted() -> None:
    done = [route("True"), route("True", name="shared-x2")]
    assert waited([], [route("True"), route(name="shared-x2")], done, timeout=60) == done


def test_one_router_that_admits_is_enough() -> None:
    assert waited([route("False", "True", reason="RouteNotAdmitted")])


@pytest.mark.parametrize(
    ("routes", "words"),
    [
        (
            [route("False", reason="HostAlreadyClaimed")],
            ("shared-x1", "agents.example.com/metrics", "HostAlreadyClaimed: taken"),
        ),
        ([route("False", reason="Whatever")], ("Whatever", "kubectl describe route shared-x1 -n agents")),
        ([route()], ("No router has admitted", "ingresscontrollers")),
        ([], ("has made no Route of Ingress agents/shared", "kubectl describe ingress shared -n agents")),
        ([route("True", of="another")], ("has made no Route",)),
    ],
)
def test_it_says_what_is_the_matter(routes: Sequence[Object], words: Sequence[str]) -> None:
    with pytest.raises(NotAdmitted) as raised:
        waited(routes)
    assert raised.value.cause
    assert raised.value.remedy
    for word in words:
        assert word in str(raised.value)


def test_a_refusal_ends_the_wait() -> None:
    with pytest.raises(NotAdmitted):
        waited([], [route("False", reason="HostAlreadyClaimed")], timeout=3600)


def test_routes_are_read_from_the_api(api: FakeApi, server: ApiServer) -> None:
    with pytest.raises(NotAdmitted, match="has made no Route"):  # the cluster does not serve the kind
        wait(server, "agents", "shared", 0.0)
    api.objects[ROUTES] = {"items": [route("True")]}
    assert wait(server, "agents", "shared", 0.0) == [route("True")]


@pytest.mark.parametrize("listening", [True, False])
def test_a_server_that_does_not_answer_is_told(listening: bool) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listening:
            silent.listen()
        host = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with connected(Connection(host=host, request_timeout=0.2)) as server, pytest.raises(Unreachable):
            wait(server, "agents", "shared", 300.0)
