# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
import itertools
import json
import re
from typing import Any

import httpx
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput, Refused, SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

SECRET = "sk-a-secret-of-the-agent"
NOT_FOUND = httpx.Response(404, json={"detail": "Not Found"})


class Plane:
    """A small control plane in memory: it keeps what it is sent, and deploys at once."""

    def __init__(self, generation: str = "new", secrets: str = "shown") -> None:
        self.generation, self.secrets = generation, secrets
        self.listeners: dict[str, dict[str, Any]] = {}
        self.deployments: dict[str, dict[str, Any]] = {}
        self.status = "DEPLOYED"
        self.ids = (f"00000000-0000-0000-0000-{number:012}" for number in itertools.count(1))
        self.writes: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path, body = request.url.path, json.loads(request.content or b"null")
        if path.startswith("/v1/"):
            return NOT_FOUND
        if request.method != "GET":
            self.writes.append(f"{request.method} {path}")
        kind, _, rest = path.removeprefix("/v2/").partition("/")
        store = {"listeners": self.listeners, "deployments": self.deployments}[kind]
        if not rest:
            if request.method == "POST":
                return self.create(kind, body)
            return httpx.Response(200, json={"resources": [self.shown(one) for one in store.values()], "offset": 0})
        identity, _, revision = rest.partition("/revisions/")
        if identity not in store:
            return NOT_FOUND
        thing = store[identity]
        if revision.endswith(("logs", "redeploy")):
            return NOT_FOUND
        if revision:
            return httpx.Response(200, json={"id": revision, "status": self.status, "status_message": "it says so"})
        if request.method == "DELETE":
            del store[identity]
            return httpx.Response(204)
        if request.method == "PATCH":
            self.patch(thing, body)
        return httpx.Response(200, json=self.shown(thing))

    def create(self, kind: str, body: dict[str, Any]) -> httpx.Response:
        identity = next(self.ids)
        thing: dict[str, Any] = {"id": identity, "created_at": "then", "updated_at": "then", **body}
        if kind == "deployments":
            thing["source_config"] = {"custom_url": None, **body["source_config"]}
            thing.update(status="READY", url=None, display_name=None, secret_references=body.get("secret_references"))
            self.revise(thing)
            self.deployments[identity] = thing
        else:
            thing.setdefault("version", None)
            self.listeners[identity] = thing
        return httpx.Response(201, json=self.shown(thing))

    def patch(self, thing: dict[str, Any], body: dict[str, Any]) -> None:
        for key, value in body.items():
            if isinstance(value, dict) and isinstance(thing.get(key), dict):
                thing[key] = {**thing[key], **value}
            else:
                thing[key] = value
        if body.keys() & {"source_revision_config", "secrets", "secret_references"} or "resource_spec" in body.get(
            "source_config", {}
        ):
            self.revise(thing)

    def revise(self, thing: dict[str, Any]) -> None:
        thing["latest_revision_id"] = next(self.ids)
        if self.status == "DEPLOYED":
            thing["active_revision_id"] = thing["latest_revision_id"]
        thing.setdefault("active_revision_id", None)

    def shown(self, thing: dict[str, Any]) -> dict[str, Any]:
        shown = dict(thing)
        if "secrets" in thing and self.secrets != "shown":
            shown["secrets"] = [{**one, "value": None} for one in thing["secrets"]]
            if self.secrets == "absent":
                del shown["secrets"]
        if self.generation == "old":
            for key in ("display_name", "url", "secret_references"):
                shown.pop(key, None)
        return shown


@pytest.fixture
def plane(connected: Any) -> Plane:
    plane = Plane()
    connected.respond = plane
    return plane


def run(operation: Any, check: bool = False, **options: Any) -> Outcome:
    defaults = {"api_key": "lsv2_sk_x", "control_plane_url": "http://plane", "state": "present", "wait_timeout": 5}
    outcome: Outcome = asyncio.run(operation(Task({**defaults, **options}, check=check)))
    return outcome


def agent(check: bool = False, **options: Any) -> Outcome:
    return run(operations.deployment, check, **{"name": "agent", "image": "hello:1", **options})


def listener(check: bool = False, **options: Any) -> Outcome:
    return run(operations.listener, check, **{"compute_id": "c1", "namespaces": ["agents"], **options})


LADDER: list[tuple[Any, dict[str, Any], str]] = [
    (agent, {"secrets": {"TOKEN": SECRET}, "resource_spec": {"cpu": 1}}, "create"),
    (agent, {"image": "hello:2"}, "update"),
    (agent, {"resource_spec": {"cpu": 2}}, "update"),
    (agent, {"secrets": {"TOKEN": SECRET, "MORE": SECRET + "-2"}}, "update"),
    (agent, {"display_name": "Hello"}, "update"),
    (agent, {"custom_url": "https://hello.example.com"}, "update"),
    (agent, {"secret_references": [{"name": "A", "secret_name": "s", "secret_key": "k"}]}, "update"),
    (agent, {"secret_references": []}, "update"),
    (agent, {"state": "absent"}, "delete"),
    (listener, {}, "create"),
    (listener, {"namespaces": ["agents", "more"]}, "update"),
    (listener, {"namespaces": ["agents", "more"], "version": "1"}, "update"),
    (listener, {"state": "absent"}, "delete"),
]


def test_ladder_of_check_do_check_do(plane: Plane) -> None:
    """Each step is predicted, then done, with the same diff; after that there is nothing to predict and to do."""
    options: dict[str, Any] = {}
    for operation, changes, verb in LADDER:
        options = {**(options if verb != "create" else {}), **changes}
        plane.writes.clear()
        predicted = operation(check=True, **options)
        assert (predicted.changed, plane.writes) == (True, []), (verb, options)
        done = operation(**options)
        assert (done.changed, done.diff) == (True, predicted.diff), (verb, options)
        assert done.diff["before"] != done.diff["after"]
        assert verb in done.diff["after_header"]
        assert len(plane.writes) == 1
        for check in (True, False):
            again = operation(check=check, **options)
            assert (again.changed, again.diff) == (False, {"before": {}, "after": {}}), (verb, options)
        assert len(plane.writes) == 1
        assert SECRET not in json.dumps([done.diff, predicted.diff, dict(done.result), dict(predicted.result)])


def test_prediction_has_the_values_of_the_result(plane: Plane) -> None:
    for options in ({"resource_spec": {"cpu": 1}}, {"image": "hello:2"}):
        predicted, done = agent(check=True, **options), agent(**options)
        for key in ("name", "image", "resource_spec", "source"):
            assert predicted.result["deployment"][key] == done.result["deployment"][key]


def test_resource_spec_is_sent_merged_over_what_is_there(plane: Plane) -> None:
    agent(resource_spec={"cpu": 1, "memory_mb": 512})
    agent(resource_spec={"max_scale": 3})
    (made,) = plane.deployments.values()
    assert made["source_config"]["resource_spec"] == {"cpu": 1, "memory_mb": 512, "max_scale": 3}


def test_bad_input_sends_nothing(plane: Plane, connected: Any) -> None:
    with pytest.raises(InvalidInput, match="2 problems"):
        agent(image="Not An Image", resource_spec={"cpus": 1})
    with pytest.raises(InvalidInput):
        listener(namespaces=[])
    assert connected.requests == []


@pytest.mark.parametrize("secrets", ["hidden", "absent"])
def test_plane_that_hides_secrets_gets_no_revision_with_every_run(connected: Any, secrets: str) -> None:
    plane = connected.respond = Plane(secrets=secrets)
    agent(secrets={"TOKEN": SECRET})
    again = agent(secrets={"TOKEN": SECRET})
    assert not again.changed
    assert "does not show values of secrets" in again.warnings[0]
    assert len(plane.writes) == 1


def test_older_plane_warns_of_what_it_does_not_know(connected: Any) -> None:
    plane = connected.respond = Plane(generation="old")
    agent()
    again = agent(display_name="Hello")
    assert not again.changed
    assert "display_name" in again.warnings[0]
    assert len(plane.writes) == 1


def test_failed_revision_fails_and_the_next_run_tries_again(plane: Plane) -> None:
    plane.status = "DEPLOY_FAILED"
    with pytest.raises(SelfHostedError, match="it says so"):
        agent()
    assert agent(check=True).changed
    assert not agent(check=True, redeploy_failed=False).changed


def test_no_wait_does_not_look_at_the_revision(plane: Plane) -> None:
    plane.status = "DEPLOYING"
    shown = agent(wait=False).result["deployment"]
    assert shown["latest_revision"]["status"] == "DEPLOYING"


def test_run_waits_for_a_revision_that_an_earlier_one_started(plane: Plane) -> None:
    plane.status = "DEPLOYING"
    agent(wait=False)
    with pytest.raises(SelfHostedError, match="not deployed after"):
        agent(wait_timeout=0.01)
    plane.status = "DEPLOYED"
    assert not agent().changed


def test_deletion_that_is_waited_for_ends_when_it_is_gone(plane: Plane) -> None:
    agent()
    assert agent(state="absent", wait=True).changed
    assert plane.deployments == {}


def test_listener_of_another_cluster_is_not_taken_over(plane: Plane) -> None:
    listener(namespaces=["theirs"])
    with pytest.raises(Refused, match="serves other namespaces"):
        listener(namespaces=["agents"])
    assert listener(namespaces=["agents"], force=True).changed


def test_listener_that_deployments_depend_on_is_kept(plane: Plane) -> None:
    listener(namespaces=["agents", "more"])
    agent(listener="c1", namespace="agents")
    for harm in ({"state": "absent"}, {"namespaces": ["more"]}):
        with pytest.raises(Refused, match="agent"):
            listener(**harm)
        with pytest.raises(Refused, match="agent"):
            listener(check=True, **harm)
    assert listener(namespaces=["agents"]).changed, "nothing lives in the namespace that goes"
    assert listener(state="absent", force=True).changed


def test_namespace_of_an_only_one_is_found(plane: Plane) -> None:
    listener()
    assert agent(listener="c1").result["deployment"]["namespace"] == "agents"


def test_unknown_listener_writes_nothing(plane: Plane) -> None:
    with pytest.raises(Refused, match="no listener c9"):
        agent(listener="c9")
    assert plane.writes == []


def names(outcome: Outcome) -> list[str]:
    return [one["name"] for one in outcome.result["deployments"]]


def test_info_applies_every_filter_itself(plane: Plane) -> None:
    made = listener(namespaces=["agents", "more"]).result["listener"]
    agent(name="one", listener="c1", namespace="agents")
    agent(name="two", listener="c1", namespace="more")
    agent(name="three")
    info = operations.deployment_info
    assert names(run(info)) == ["one", "three", "two"]
    assert names(run(info, name="one")) == ["one"]
    assert names(run(info, name_contains="t")) == ["three", "two"]
    assert names(run(info, listener="c1")) == ["one", "two"]
    assert names(run(info, listener_id=made["id"], namespace="more")) == ["two"]
    assert names(run(info, listener="c9")) == []
    assert names(run(info, status="UNUSED")) == []
    assert names(run(info, deployment_id="00000000-0000-0000-0000-000000000999")) == []


def test_listener_info_finds_by_each_key(plane: Plane) -> None:
    identity = listener().result["listener"]["id"]
    listener(compute_id="c2")
    info = operations.listener_info
    found = [
        [one["compute_id"] for one in run(info, **by).result["listeners"]]
        for by in (
            {},
            {"compute_id": "c2"},
            {"listener_id": identity},
            {"compute_id": "c3"},
        )
    ]
    assert found == [["c1", "c2"], ["c2"], ["c1"], []]


def test_secret_is_in_no_error(plane: Plane, connected: Any) -> None:
    connected.respond = lambda request: httpx.Response(400, json={"detail": f"bad value {SECRET}"})
    with pytest.raises(SelfHostedError) as raised:
        agent(secrets={"TOKEN": SECRET})
    assert not re.search(SECRET, f"{raised.value} {raised.value.as_result()}")
