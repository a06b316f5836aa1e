# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a revision with the content of an earlier one: once, and telling which one it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerLost, Conflict, Refused
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Redeploy
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline, pauses, wait_until_async

_MOST_RECOVERIES = 6
_LONGEST_MAKING = 10.0


async def redeploy_and_identify(
    client: ControlPlane, change: Redeploy, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> dict[str, Any]:
    """Make the revision; return the deployment with its id as ``latest_revision_id``.

    A deployment may still name the revision before, in the answer and for a while after it, so only the list of
    revisions tells whether there is a new one; it is asked also before anything is sent a second time.

    Raises:
        Refused: The control plane took the request and makes no revision.
        AnswerError: It did not take it.
    """
    steps = pauses(0.5, 2.0, 8.0)
    for recovery in range(_MOST_RECOVERIES + 1):
        try:
            deployment = await client.redeploy(change.id, change.revision_id)
        except (AnswerLost, Conflict):
            if recovery == _MOST_RECOVERIES:
                raise
            await sleep(next(steps))
            if made := await _newer(client, change):
                return {**await client.get_deployment(change.id), "latest_revision_id": made}
        else:
            named = deployment.get("latest_revision_id")
            made = named if named not in (None, change.newest_revision) else await _made(client, change, sleep)
            return {**deployment, "latest_revision_id": made}
    raise AssertionError("unreachable")


async def _made(client: ControlPlane, change: Redeploy, sleep: Callable[[float], Awaitable[None]]) -> str:
    """Wait for the revision that the control plane has promised and not made yet."""
    waited = await wait_until_async(lambda: _newer(client, change), bool, Deadline(_LONGEST_MAKING), sleep=sleep)
    if waited.value is None:
        raise Refused(
            f"Deployment {change.name}: the control plane took the request and made no new revision.",
            remedy="Run again; if it stays so, deploy the image with the module deployment.",
        )
    return waited.value


async def _newer(client: ControlPlane, change: Redeploy) -> str | None:
    """Return the newest revision's id when it is another than before."""
    listed = await client.newest_revisions(change.id, 1)
    return str(listed[0]["id"]) if listed and listed[0]["id"] != change.newest_revision else None
