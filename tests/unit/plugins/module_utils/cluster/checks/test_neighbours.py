# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of other installations both ways: what they find, and what they let pass."""

from __future__ import annotations

from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks import neighbours
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.surroundings import Queue

from tests.unit.plugins.module_utils.cluster.builders import helm_owned, thing
from tests.unit.plugins.module_utils.cluster.checks.test_checks import DATAPLANE, found, one

HOST = "agents.example.com"
ENTRY: dict[str, Any] = {"entry": {"hostname": HOST, "tls": True, "namespaces": ["agents"]}}
SHARED = {"lgp-operator.io/shared-ingress": "true"}
RULES = {"rules": [{"host": HOST}]}
REDIS = "redis.example.com:6379/0"


def test_hostname_taken() -> None:
    check = neighbours.hostname_taken
    other = thing("langsmith-ingress", "langsmith", spec=RULES, labels={"app.kubernetes.io/name": "langsmith"})
    finding = one(check, ENTRY, DATAPLANE, ingresses=[other])
    assert finding.severity == "error"
    assert "langsmith/langsmith-ingress" in finding.what
    assert "ingress_mode: gateway" in finding.remedy
    agents = thing("i", "others", spec=RULES, annotations=SHARED)
    assert one(check, ENTRY, DATAPLANE, ingresses=[agents]).severity == "error"
    assert one(check, ENTRY, DATAPLANE, ingresses=[thing("i", "web", spec=RULES)]).severity == "warning"
    ours = thing("i", "langgraph", spec=RULES, annotations={**SHARED, **helm_owned("dataplane", "langgraph")})
    own = thing("i", "agents", spec=RULES, annotations=SHARED)
    elsewhere = thing("i", "others", spec={"rules": [{"host": "other.example.com"}]}, annotations=SHARED)
    assert not found(check, ENTRY, DATAPLANE, ingresses=[ours, own, elsewhere])
    by_gateway = {**ENTRY, "gateway": {"kind": "gateway", "name": "g", "namespace": "g"}}
    assert not found(check, by_gateway, DATAPLANE, ingresses=[other])


def test_route_taken() -> None:
    openshift = {**ENTRY, "ingress_mode": "openshift"}
    theirs = thing("web", "team-b", spec={"host": HOST})
    assert "team-b/web" in one(neighbours.route_taken, openshift, routes=[theirs]).what
    assert not found(neighbours.route_taken, openshift, routes=[thing("web", "agents", spec={"host": HOST})])
    assert not found(neighbours.route_taken, openshift, routes=[thing("web", "team-b", spec={"host": "x.y"})])
    assert not found(neighbours.route_taken, {**ENTRY, "ingress_mode": "existing"}, routes=[theirs])


def test_openshift_routes() -> None:
    openshift = {"ingress_mode": "openshift"}
    assert "route.openshift.io" in one(neighbours.openshift_routes, openshift, route_kinds=[]).what
    assert not found(neighbours.openshift_routes, openshift, route_kinds=["Route"])
    assert not found(neighbours.openshift_routes, openshift)
    assert not found(neighbours.openshift_routes, {"ingress_mode": "existing"}, route_kinds=[])


def test_queue_taken() -> None:
    own = Queue("host", REDIS)
    theirs = Queue("host", REDIS, "langsmith/langsmith-listener", ("langsmith", "langsmith"))
    finding = one(neighbours.queue_taken, {}, DATAPLANE, queues=[own, theirs])
    assert "langsmith/langsmith-listener" in finding.what
    assert "listener_queue" in finding.remedy
    ours = Queue("host", REDIS, "langgraph/listener", ("langgraph", "dataplane"))
    another_name, another_redis = (
        Queue("host-b", REDIS, "b/listener"),
        Queue("host", "redis.example.com:6379/1", "c/listener"),
    )
    assert not found(neighbours.queue_taken, {}, DATAPLANE, queues=[own, ours, another_name, another_redis])
    assert not found(neighbours.queue_taken, {}, DATAPLANE, queues=[theirs]), "which Redis is ours is not known"


def test_log_reader_present() -> None:
    asked = {"log_reader": {"namespace": "langsmith", "name": "langsmith-host-backend"}}
    assert "langsmith/langsmith-host-backend" in one(neighbours.log_reader_present, asked, log_readers=[]).what
    assert not found(neighbours.log_reader_present, asked, log_readers=[thing("langsmith-host-backend", "langsmith")])
    assert not found(neighbours.log_reader_present, asked), "what could not be read is no finding"
    assert not found(neighbours.log_reader_present, {}, log_readers=[])
