# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every write x every fault x {single, fleet} x {once, always}: right in the end, nothing doubled, the cause told."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import fleet, operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError

from .faults import FAULTS, spoil

IMAGE = "registry.example.com/agents/hello:1"
NEXT_IMAGE = "registry.example.com/agents/hello:2"
SECRET = "sk-a-secret-of-the-agent"

NAMES: Mapping[str, list[str]] = {"single": ["agent"], "fleet": ["agent-1", "agent-2", "agent-3"]}
# Write -> where it goes, what is wanted, and how many revisions each agent has in the end.
WRITES: Mapping[str, tuple[str, dict[str, Any], int]] = {
    "create": ("POST /v2/deployments", {"image": IMAGE}, 1),
    "update": ("PATCH /v2/deployments/{id}", {"image": NEXT_IMAGE}, 2),
    "redeploy": ("POST /v2/deployments/{id}/revisions/{revision}/redeploy", {"image": IMAGE}, 2),
    "delete": ("DELETE /v2/deployments/{id}", {"state": "absent"}, 0),
}
CASES = list(itertools.product(NAMES, WRITES, FAULTS, (1, None)))
pytestmark = pytest.mark.usefixtures("hurried")


def run(plane: Any, size: str, **options: Any) -> bool:
    """Bring about a single deployment, or a fleet of them; return whether anything was changed."""
    wanted = {"secrets": {"TOKEN": SECRET}, **options}
    times = {name: wanted.pop(name) for name in ("request_timeout", "wait_timeout") if name in wanted}
    outcome: Any
    if size == "single":
        outcome = plane.run(operations.deployment, name="agent", wait=True, **wanted, **times)
    else:
        items = [{"name": name} for name in NAMES[size]]
        outcome = plane.run(fleet.fleet, deployments=items, defaults=wanted, wait=True, **times)
    assert SECRET not in str(outcome.as_result())
    return bool(outcome.changed)


def failure(plane: Any, size: str, **options: Any) -> SelfHostedError | None:
    """Do the same; return why it failed."""
    try:
        assert run(plane, size, **options)
    except SelfHostedError as error:
        return error
    return None


def prepare(plane: Any, size: str, write: str) -> None:
    """Have what the write starts from."""
    if write == "create":
        return
    if write != "redeploy":
        run(plane, size, image=IMAGE)
        return
    plane.settings(failing_images=[IMAGE])
    with pytest.raises(SelfHostedError, match="DEPLOY_FAILED"):
        run(plane, size, image=IMAGE)
    plane.settings(failing_images=[])


def told(fault: Mapping[str, Any], write: str) -> tuple[str, ...]:
    """What a message may say about a fault that does not end; nothing when looking it up is enough."""
    early = fault["kind"] == "reset_before" or (fault["kind"] == "status" and not fault.get("after_commit"))
    if not early and write != "delete":
        return ()
    if fault["kind"] == "status":
        return (f"answered {fault['status']}",)
    return ("connection broke", "not JSON")


@pytest.mark.parametrize(
    ("size", "write", "fault", "times"),
    [
        pytest.param(size, write, fault.values[0], times, id=f"{size}-{write}-{fault.id}-{times or 'always'}")
        for size, write, fault, times in CASES
    ],
)
def test_write_with_fault(plane: Any, size: str, write: str, fault: dict[str, Any], times: int | None) -> None:
    route, wanted, revisions = WRITES[write]
    prepare(plane, size, write)
    hurry = spoil(plane, route, fault, times)
    causes = told(fault, write) if times is None else ()
    error = failure(plane, size, **wanted, **hurry)
    if error:
        assert any(cause in str(error) for cause in causes), str(error)
        assert SECRET not in f"{error} {error.as_result()}"
        assert size == "single" or all(f"- {name}: " in str(error) for name in NAMES[size])
    else:
        assert not causes or write == "delete", "a fault that does not end was not told"
    plane.http.delete("/playground/faults")
    run(plane, size, **wanted)
    for name in NAMES[size]:
        found = plane.deployments(name)
        assert [len(plane.revisions(one["id"])) for one in found] == [revisions] * bool(revisions)
        assert [one["source_revision_config"]["image_uri"] for one in found] == [wanted.get("image")] * len(found)
        assert [one["secrets"] for one in found] == [[{"name": "TOKEN", "value": SECRET}]] * len(found)
    plane.forget_requests()
    assert not run(plane, size, **wanted)
    assert plane.writes() == []


def test_the_matrix_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    faults: list[Any] = [fault.values[0] for fault in FAULTS]
    assert {429, 500, 502, 503, 504} <= {fault.get("status") for fault in faults}
    assert {"slow", "reset_before", "reset_after", "malformed", "empty"} <= {fault["kind"] for fault in faults}
    with capsys.disabled():
        print(f"\nfault matrix: {len(CASES)} cases")
    assert len(CASES) == 2 * 4 * len(FAULTS) * 2
