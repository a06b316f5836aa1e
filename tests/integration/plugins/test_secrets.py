# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets on control planes that show them, hide their values, or hide that there are any."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import fleet, inquiries, operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Rejected, TimedOut

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


PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"


def test_message_of_a_revision_shows_no_secret(plane: Any) -> None:
    plane.settings(deploy_seconds=3600)
    deploy(plane, secrets={"KEY": PEM}, wait=False)
    (found,) = plane.deployments("agent")
    plane.http.post(
        f"/internal/v1/revisions/{found['latest_revision_id']}/status",
        json={"status": "DEPLOY_FAILED", "status_message": f"bad value {PEM} of KEY"},
    ).raise_for_status()
    results = [
        plane.run(inquiries.revision_info, name="agent", count=20).result,
        plane.run(operations.deployment_info, name="agent").result,
        deploy(plane, secrets={"KEY": PEM}, redeploy_failed=False).result,
        deploy_as_fleet(plane, secrets={"KEY": PEM}, redeploy_failed=False).result,
    ]
    for result in results:
        assert "bad value ******** of KEY" in str(result)
        assert "MIIE" not in str(result)


def test_failure_of_a_revision_shows_no_secret(plane: Any) -> None:
    plane.settings(deploy_seconds=3600)
    deploy(plane, secrets={"KEY": PEM}, wait=False)
    (found,) = plane.deployments("agent")
    revision = found["latest_revision_id"]
    lines = [{"message": line} for line in (f"KEY is {PEM}", *PEM.splitlines())]
    plane.http.post(f"/internal/v1/revisions/{revision}/logs", json={"type": "deploy", "lines": lines})
    with pytest.raises(TimedOut) as raised:
        deploy(plane, secrets={"KEY": PEM}, wait_timeout=0.1)
    told = f"{raised.value} {raised.value.details}"
    assert "KEY is ********" in told
    assert "MIIE" not in told


def test_refusal_that_quotes_a_secret_does_not_show_it(plane: Any) -> None:
    quoted = f"{'x' * 480} {PEM}"
    plane.fault("POST /v2/deployments", "status", status=400, detail=quoted, times=1)
    with pytest.raises(Rejected) as raised:
        deploy(plane, secrets={"KEY": PEM})
    assert "BEGIN" not in f"{raised.value} {raised.value.as_result()}"


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
