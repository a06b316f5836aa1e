# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared Ingress: ours and the operator's paths live side by side."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import differences
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.ingresses import (
    ensure,
    merged,
    shared_ingress,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Conflict, InvalidInput
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Task

Object = dict[str, Any]


def path_to(service: str, path: str) -> Object:
    return {"path": path, "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"number": 80}}}}


METRICS = path_to("operator", "/metrics")
AGENT = path_to("agent", "/lgp/agent-1")


def wanted(*paths: Object, host: str = "a.example.com", **spec: Any) -> Object:
    return {
        "metadata": {"name": "shared", "namespace": "langgraph", "labels": {"a": "b"}},
        "spec": {"ingressClassName": "traefik", "rules": [{"host": host, "http": {"paths": list(paths)}}], **spec},
    }


def with_agent(ingress: Object) -> Object:
    """Return an Ingress to which the operator has added an agent's path."""
    live = copy.deepcopy(ingress)
    live["metadata"]["resourceVersion"] = "7"
    live["spec"]["rules"][0]["http"]["paths"].append(AGENT)
    return live


def paths(ingress: Object) -> list[tuple[str, str]]:
    return [(rule.get("host", ""), path["path"]) for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]]


class Server:
    """An API server with one Ingress; ``busy`` writes of others come in between."""

    def __init__(self, live: Object | None = None, busy: int = 0) -> None:
        self.live, self.busy, self.writes = live, busy, 0

    def find(self, path: str) -> Object | None:
        assert path.endswith("/namespaces/langgraph/ingresses/shared")
        return copy.deepcopy(self.live)

    def create(self, path: str, body: Object) -> Object:
        return self.replace(path, body)

    def replace(self, _path: str, body: Object) -> Object:
        if self.busy:
            self.busy -= 1
            self.live = with_agent(self.live or wanted())
            raise Conflict("changed meanwhile", status=409)
        self.writes += 1
        self.live = body
        return body


def test_created_with_the_operators_mark() -> None:
    made = merged(wanted(METRICS), None)
    assert made["metadata"]["annotations"]["lgp-operator.io/shared-ingress"] == "true"
    assert differences({**wanted(METRICS), "kind": "Ingress"}, made) == []


def test_agents_paths_are_kept_and_nothing_changes() -> None:
    live = with_agent(merged(wanted(METRICS), None))
    assert merged(wanted(METRICS), live)["spec"] == live["spec"]


def test_an_own_path_that_is_no_longer_wanted_goes() -> None:
    live = with_agent(merged(wanted(METRICS, path_to("x", "/old")), None))
    assert paths(merged(wanted(METRICS), live)) == [("a.example.com", "/metrics"), ("a.example.com", "/lgp/agent-1")]


def test_an_own_path_that_was_edited_or_deleted_comes_back() -> None:
    live = with_agent(merged(wanted(METRICS), None))
    live["spec"]["rules"][0]["http"]["paths"][0] = path_to("evil", "/metrics")
    assert METRICS in merged(wanted(METRICS), live)["spec"]["rules"][0]["http"]["paths"]
    del live["spec"]["rules"][0]["http"]["paths"][0]
    again = merged(wanted(METRICS), live)["spec"]["rules"]
    assert [entry["path"] for entry in again[0]["http"]["paths"]] == ["/lgp/agent-1", "/metrics"]


def test_a_new_host_gets_our_paths_and_the_old_one_keeps_the_agents() -> None:
    live = with_agent(merged(wanted(METRICS), None))
    assert paths(merged(wanted(METRICS, host="b.example.com"), live)) == [
        ("a.example.com", "/lgp/agent-1"),
        ("b.example.com", "/metrics"),
    ]


def test_a_rule_without_paths_left_goes() -> None:
    live = merged(wanted(METRICS), None)
    assert paths(merged(wanted(METRICS, host="b.example.com"), live)) == [("b.example.com", "/metrics")]


def test_own_tls_is_replaced_and_that_of_others_kept() -> None:
    ours, theirs = {"hosts": ["a.example.com"], "secretName": "one"}, {"hosts": ["z"], "secretName": "z"}
    live = merged(wanted(METRICS, tls=[ours]), None)
    live["spec"]["tls"].append(theirs)
    other = {**ours, "secretName": "two"}
    assert merged(wanted(METRICS, tls=[other]), live)["spec"]["tls"] == [theirs, other]
    assert merged(wanted(METRICS), live)["spec"]["tls"] == [theirs]
    alone = merged(wanted(METRICS, tls=[ours]), None)
    assert "tls" not in merged(wanted(METRICS), alone)["spec"]


def test_taken_over_from_a_helm_release() -> None:
    live = with_agent(wanted(METRICS))
    live["metadata"]["annotations"] = {
        "meta.helm.sh/release-name": "dataplane",
        "meta.helm.sh/release-namespace": "langgraph",
    }
    live["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "Helm"}
    found = merged(wanted(METRICS), live)["metadata"]
    assert found["annotations"]["helm.sh/resource-policy"] == "keep"
    assert not any(note.startswith("meta.helm.sh/") for note in found["annotations"])
    assert found["labels"] == {"app.kubernetes.io/managed-by": "langgraph.selfhosted", "a": "b"}


def run(server: Server, definition: Object, *, check: bool = False) -> Any:
    return ensure(server, definition, check=check, sleep=lambda _: None)  # type: ignore[arg-type]


def test_ladder() -> None:
    server = Server()
    assert run(server, wanted(METRICS), check=True).changed
    assert server.live is None
    assert run(server, wanted(METRICS)).changed
    assert not run(server, wanted(METRICS)).changed
    assert server.live
    server.live = with_agent(server.live)
    assert not run(server, wanted(METRICS)).changed
    change = wanted(METRICS, ingressClassName="nginx")
    assert run(server, change, check=True).diff["after"]["spec"]["ingressClassName"] == "nginx"
    assert server.writes == 1
    changed = run(server, change)
    assert changed.changed
    assert changed.result["ingress"]["other_paths"] == ["/lgp/agent-1"]
    assert changed.result["ingress"]["own_paths"] == ["/metrics"]
    assert not run(server, change).changed


def test_a_write_of_the_operator_in_between_is_not_lost() -> None:
    server = Server(merged(wanted(METRICS), None), busy=1)
    run(server, wanted(METRICS, path_to("x", "/x")))
    assert server.live
    assert [path for _, path in paths(server.live)] == ["/metrics", "/lgp/agent-1", "/x"]


def test_created_by_another_in_between() -> None:
    server = Server(None, busy=1)
    run(server, wanted(METRICS))
    assert server.live
    assert sorted(path for _, path in paths(server.live)) == ["/lgp/agent-1", "/metrics"]


def test_conflicts_without_end_are_an_error() -> None:
    with pytest.raises(Conflict):
        run(Server(merged(wanted(METRICS), None), busy=99), wanted(METRICS, path_to("x", "/x")))


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ({"kind": "Service", **wanted(METRICS)}, "definition.kind"),
        ({"apiVersion": "extensions/v1beta1", **wanted(METRICS)}, "definition.apiVersion"),
        ({"spec": wanted(METRICS)["spec"]}, "definition.metadata.name"),
        ({**wanted(METRICS), "metadata": {"name": "x"}}, "definition.metadata.namespace"),
        (wanted(), "definition.spec.rules"),
    ],
)
def test_a_definition_that_cannot_be_right_is_refused_before_any_request(definition: Object, says: str) -> None:
    with pytest.raises(InvalidInput) as error:
        shared_ingress(Task(options={"definition": definition, "host": "https://127.0.0.1:1"}))
    assert says in str(error.value)
