# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same work on three generations of the API: what an old one lacks is told, what a newer one adds does no harm."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import (
    inquiries,
    operations,
    redeploying,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused, Rejected, SelfHostedError

ONE, TWO = "registry.example.com/agents/hello:1", "registry.example.com/agents/hello:2"
SECRET = "sk-a-secret-of-the-agent"
REFERENCES = [{"name": "CRM", "secret_name": "crm", "secret_key": "token"}]
REPOSITORY = {
    "source": "github",
    "integration_id": "1e9d8c7b-0a35-4a41-8f21-6f5e4d3c2b1a",
    "repo_url": "https://github.com/example/agent",
    "repo_ref": "main",
    "langgraph_config_path": "langgraph.json",
}


PLANES: dict[str, dict[str, Any]] = {
    "0": {"generation": "0"},
    "A": {"generation": "A"},
    "B": {"generation": "B"},
    "B-by-post": {"generation": "B", "patch_makes_revision": False},
    "after-B": {"generation": "B", "later_schema": True},
}


@pytest.fixture(params=PLANES)
def old_or_new(plane: Any, request: pytest.FixtureRequest) -> Any:
    """A control plane of each generation, and of one that nobody has published; also where PATCH makes no revision."""
    plane.settings(**PLANES[request.param])
    plane.generation = PLANES[request.param]["generation"]
    return plane


def agent(plane: Any, check: bool = False, **options: Any) -> Any:
    return plane.run(operations.deployment, check, **{"name": "agent", **options})


def images(plane: Any) -> list[str]:
    (made,) = plane.deployments("agent")
    return [one["source_revision_config"]["image_uri"] for one in plane.revisions(made["id"])]


def test_ladder_of_a_deployment(old_or_new: Any) -> None:
    plane = old_or_new
    plane.run(operations.listener, compute_id="c1", namespaces=["a"])
    given: dict[str, Any] = {"listener": "c1", "namespace": "a", "secrets": {"TOKEN": SECRET}, "image": ONE}
    steps: list[tuple[dict[str, Any], int]] = [
        ({}, 1),
        ({"image": TWO}, 2),
        ({"resource_spec": {"cpu": 2, "memory_mb": 512}}, 3),
        ({"resource_spec": {"max_scale": 3}}, 4),
        ({"secrets": {"TOKEN": SECRET, "MORE": SECRET}}, 5),
        ({"custom_url": "https://agent.example.com"}, 5),
    ]
    for changes, count in steps:
        given |= changes
        predicted, done = agent(plane, check=True, **given), agent(plane, **given)
        assert predicted.changed, changes
        assert done.changed, changes
        assert predicted.diff == done.diff, changes
        assert done.result["deployment"]["latest_revision"]["status"] == "DEPLOYED"
        plane.forget_requests()
        assert not agent(plane, check=True, **given).changed, changes
        assert not agent(plane, **given).changed, changes
        assert plane.writes() == [], changes
        assert len(images(plane)) == count, changes
        assert SECRET not in f"{done.result} {done.diff}"
    (made,) = plane.deployments("agent")
    spec = made["source_config"]["resource_spec"]
    assert (spec["cpu"], spec["memory_mb"], spec["max_scale"]) == (2, 512, 3)
    assert [one["name"] for one in made["secrets"]] == ["MORE", "TOKEN"]
    assert made["source_config"]["custom_url"] == "https://agent.example.com"
    assert agent(plane, state="absent", wait=True).changed
    assert not agent(plane, state="absent").changed
    assert plane.deployments("agent") == []


def test_what_a_generation_lacks_is_told_and_never_drift(old_or_new: Any) -> None:
    plane = old_or_new
    given: dict[str, Any] = {"image": ONE, "display_name": "Agent", "secret_references": REFERENCES}
    given["route_through_gateway"] = True
    lacking = {
        "0": {"display_name", "secret_references", "route_through_gateway"},
        "A": {"display_name", "route_through_gateway"},
        "B": set(),
    }[plane.generation]
    agent(plane, **given)
    again = agent(plane, **given)
    assert not again.changed
    assert {name for name in given if any(f" {name}," in warning for warning in again.warnings)} == lacking
    shown = again.result["deployment"]
    assert {name for name in given if shown[name] is None or shown[name] == []} == lacking
    assert len(images(plane)) == 1


def test_ladder_of_a_listener(old_or_new: Any) -> None:
    plane = old_or_new
    for options in (
        {"namespaces": ["a"]},
        {"namespaces": ["a", "b"]},
        {"namespaces": ["a", "b"], "version": "1.2.3"},
        {"state": "absent"},
    ):
        given = {"compute_id": "c1", **options}
        predicted = plane.run(operations.listener, check=True, **given)
        done = plane.run(operations.listener, **given)
        assert (predicted.changed, done.changed, done.diff) == (True, True, predicted.diff)
        assert not plane.run(operations.listener, check=True, **given).changed
        assert not plane.run(operations.listener, **given).changed


def test_listener_with_deployments_is_not_deleted(old_or_new: Any) -> None:
    plane = old_or_new
    plane.run(operations.listener, compute_id="c1", namespaces=["a"])
    agent(plane, image=ONE, listener="c1")
    plane.run(operations.deployment, name="other", image=ONE, listener="c1", namespace="a")
    for check in (True, False):
        with pytest.raises(Refused, match="depend on it: agent, other") as raised:
            plane.run(operations.listener, check, compute_id="c1", state="absent")
        assert raised.value.details["deployments"] == ["agent", "other"]
    assert plane.listeners("c1")
    assert plane.run(operations.listener, compute_id="c1", state="absent", force=True).changed
    assert plane.listeners("c1") == []


def test_reading(old_or_new: Any) -> None:
    plane = old_or_new
    made = plane.run(operations.listener, compute_id="c1", namespaces=["a"]).result["listener"]
    agent(plane, image=ONE, listener="c1")
    shown = agent(plane, image=TWO, listener="c1").result["deployment"]

    def found(**filters: Any) -> list[str]:
        return [one["name"] for one in plane.run(operations.deployment_info, **filters).result["deployments"]]

    for filters in ({"name": "agent"}, {"listener": "c1"}, {"listener_id": made["id"]}, {"status": "READY"}, {}):
        assert found(**filters) == ["agent"], filters
    assert found(name="agen") == found(status="UNUSED") == []
    # The oldest generation does not tell the namespace.
    assert found(namespace="a") == ([] if plane.generation == "0" else ["agent"])
    assert shown["url"].startswith("https://agents.example.com/lgp/agent-")
    listed = plane.run(inquiries.revision_info, name="agent", count=20).result["revisions"]
    assert [(one["image"], one["status"], one["active"]) for one in listed] == [
        (TWO, "DEPLOYED", True),
        (ONE, "DEPLOYED", False),
    ]
    (listener,) = plane.run(operations.listener_info, compute_id="c1").result["listeners"]
    assert listener == made


def test_redeploying(old_or_new: Any) -> None:
    plane = old_or_new
    agent(plane, image=ONE)
    agent(plane, image=TWO)
    assert plane.run(redeploying.revision, name="agent", image=ONE, force=False).changed
    assert not plane.run(redeploying.revision, name="agent", image=ONE, force=False).changed
    assert images(plane) == [ONE, TWO, ONE]


def test_a_failure_is_told_with_its_log(old_or_new: Any) -> None:
    plane = old_or_new
    plane.settings(failing_images=[ONE])
    with pytest.raises(SelfHostedError, match="DEPLOY_FAILED") as raised:
        agent(plane, image=ONE)
    assert any("Back-off" in line for line in raised.value.details["log"])
    assert agent(plane, check=True, image=ONE).changed


def test_a_name_that_is_taken_is_told_as_such(old_or_new: Any) -> None:
    """While a deployment goes away its name stays taken; the newest generation says 409, the older ones 400."""
    plane = old_or_new
    agent(plane, image=ONE)
    plane.settings(deploy_seconds=60)
    agent(plane, state="absent")
    with pytest.raises(SelfHostedError, match="name"):
        agent(plane, image=ONE)


def test_ladder_of_a_repository(old_or_new: Any) -> None:
    plane = old_or_new
    given: dict[str, Any] = {**REPOSITORY, "deployment_type": "dev"}
    steps: list[tuple[dict[str, Any], int]] = [({}, 1), ({"repo_ref": "next"}, 2), ({"build_on_push": True}, 2)]
    if plane.generation != "0":
        steps.append(({"install_command": "yarn"}, 3))
    for changes, count in steps:
        given |= changes
        predicted, done = agent(plane, check=True, **given), agent(plane, **given)
        assert (predicted.changed, done.changed, done.diff) == (True, True, predicted.diff)
        assert not agent(plane, check=True, **given).changed
        assert not agent(plane, **given).changed
        assert len(images(plane)) == count
    with pytest.raises(Refused, match="repo_url"):
        agent(plane, **{**given, "repo_url": "https://github.com/example/other"})


def test_a_value_that_only_newer_planes_know_is_refused_in_their_words(old_or_new: Any) -> None:
    plane = old_or_new
    options: dict[str, Any] = {**REPOSITORY, "deployment_type": "dev_zero", "wait": False}
    if plane.generation == "B":
        assert agent(plane, **options).changed
    else:
        with pytest.raises(Rejected, match="deployment_type"):
            agent(plane, **options)
        assert plane.deployments("agent") == []


def test_states_on_the_way_are_waited_out_whatever_they_are_called(old_or_new: Any) -> None:
    plane = old_or_new
    plane.settings(deploy_seconds=1)
    started = agent(plane, image=ONE, wait=False).result["deployment"]
    assert started["latest_revision"]["status"] != "DEPLOYED"
    outcome = agent(plane, image=ONE)
    assert (outcome.changed, outcome.result["deployment"]["latest_revision"]["status"]) == (False, "DEPLOYED")
    assert outcome.result["deployment"]["status"] == "READY"


def test_a_deletion_ends_when_nothing_runs_any_more(old_or_new: Any) -> None:
    """The newest generation keeps a deleted deployment's record for long; its name stays taken, and that is told."""
    plane = old_or_new
    agent(plane, image=ONE)
    plane.settings(deletion_grace_seconds=0.5)
    (made,) = plane.deployments("agent")
    assert agent(plane, state="absent", wait=True).changed
    assert not agent(plane, state="absent", wait=True).changed
    seen = plane.http.get(f"/v2/deployments/{made['id']}")
    assert seen.status_code == 404 or seen.json()["status"] == "AWAITING_FINAL_DELETE"


def test_kinds_that_we_do_not_know_are_read_all_the_same(plane: Any) -> None:
    body = {"name": "template", "source": "internal_template", "source_config": {"deployment_type": "dev_zero"}}
    plane.http.post("/v2/deployments", json={**body, "source_revision_config": {}, "secrets": []}).raise_for_status()
    (shown,) = plane.run(operations.deployment_info).result["deployments"]
    assert (shown["source"], shown["deployment_type"], shown["image"]) == ("internal_template", "dev_zero", None)
    assert plane.run(inquiries.revision_info, name="template", count=5).result["revisions"][0]["image"] is None
