# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets on control planes that show them, hide their values, or hide that there are any."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import fleet, operations

ONE, TWO = (f"registry.example.com/agents/hello:{tag}" for tag in ("1", "2"))
SECRETS = {"TOKEN": "sk-a-secret-of-the-agent"}
OTHER = {"TOKEN": "sk-another-secret-of-the-agent"}
HIDDEN = "does not show values of secrets"


def deploy(plane: Any, check: bool = False, **options: Any) -> Any:
    return plane.run(operations.deployment, check, **{"name": "agent", "image": ONE, **options})


def deploy_as_fleet(plane: Any, check: bool = False, **options: Any) -> Any:
    item = {"name": "agent", "image": ONE, "redeploy_failed": True, **options}
    return plane.run(fleet.fleet, check, deployments=[item], on_failure="continue")


def stored(plane: Any) -> dict[str, str]:
    """What the plane really keeps."""
    before = plane.http.get("/playground/settings").json()["secrets_on_get"]
    plane.settings(secrets_on_get="values")
    (found,) = plane.deployments("agent")
    plane.settings(secrets_on_get=before)
    return {one["name"]: one["value"] for one in found["secrets"]}


def revisions(plane: Any) -> int:
    (found,) = plane.deployments("agent")
    return len(plane.revisions(found["id"]))


@pytest.mark.parametrize("door", [deploy, deploy_as_fleet])
@pytest.mark.parametrize(("shown", "most"), [("redacted", 1), ("absent", 1), ("null", 1), ("empty", 2)])
def test_hidden_secrets_make_no_revision_with_every_run(plane: Any, door: Any, shown: str, most: int) -> None:
    """A plane that shows an empty list may have none, so they are sent once more; with every run would be too often."""
    plane.settings(secrets_on_get=shown)
    door(plane, secrets=SECRETS)
    runs = [door(plane, secrets=SECRETS) for _ in range(3)]
    assert [done.changed for done in runs] == [most > 1, False, False]
    assert all(HIDDEN in str(done.warnings) for done in runs)
    assert not door(plane, check=True, secrets=SECRETS).changed
    assert revisions(plane) == most
    assert stored(plane) == SECRETS


@pytest.mark.parametrize("shown", ["redacted", "absent", "null", "empty"])
def test_hidden_secrets_go_along_with_another_change(plane: Any, shown: str) -> None:
    plane.settings(secrets_on_get=shown)
    for _ in range(2):
        deploy(plane, secrets=SECRETS)
    done = deploy(plane, secrets=OTHER, image=TWO)
    assert done.changed
    assert "sk-" not in str(done.diff)
    assert stored(plane) == OTHER


@pytest.mark.parametrize("door", [deploy, deploy_as_fleet])
def test_first_secrets_of_a_deployment_that_has_none(plane: Any, door: Any) -> None:
    door(plane)
    done = door(plane, secrets=SECRETS)
    assert (done.changed, list(done.warnings), stored(plane)) == (True, [], SECRETS)
    assert not door(plane, secrets=SECRETS).changed


def test_first_secrets_that_cannot_be_told_from_hidden_ones(plane: Any) -> None:
    """The newest revision is like the one before, as if it had brought secrets: told, and sent with the next change."""
    deploy(plane, resource_spec={"cpu": 1})
    deploy(plane, resource_spec={"cpu": 2})
    kept = deploy(plane, secrets=SECRETS)
    assert (kept.changed, stored(plane)) == (False, {})
    assert HIDDEN in str(kept.warnings)
    done = deploy(plane, secrets=SECRETS, image=TWO)
    assert (done.changed, stored(plane)) == (True, SECRETS)
