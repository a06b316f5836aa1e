# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing back the revision that ran before one that failed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import revisions
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.reconcile import Applier
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.revisions import Follower
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.watching import Watch
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    Refused,
    RevisionFailed,
    SelfHostedError,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Desired, Observed, Redeploy


@dataclass(frozen=True)
class Failed:
    """A deployment whose newest revision was not deployed, why, and how it was before."""

    follower: Follower
    error: SelfHostedError
    before: Observed | None


@dataclass(frozen=True)
class _Return:
    """A way back that was begun: to the content of which revision, and what to wait for."""

    failed: Failed
    good: str
    follower: Follower


async def roll_back(
    failures: Sequence[Failed], applier: Applier, client: ControlPlane, timeout: float
) -> dict[str, SelfHostedError]:
    """Redeploy what each ran before, wait for it, and return the errors by name, which tell both.

    Args:
        failures: Whom to bring back.
        applier: Makes the changes.
        client: The control plane.
        timeout: Seconds to wait at most.
    """
    begun = await asyncio.gather(*(_begin(failed, applier, client) for failed in failures))
    returns = [one for one in begun if isinstance(one, _Return)]
    errors = await Watch(client.once(), [one.follower for one in returns])(timeout) if returns else []
    told = {one.failed.follower.name: _told(one, error) for one, error in zip(returns, errors, strict=True)}
    for failed, one in zip(failures, begun, strict=True):
        if not isinstance(one, _Return):
            told[failed.follower.name] = _not_back(failed.error, one)
    return told


async def _begin(failed: Failed, applier: Applier, client: ControlPlane) -> _Return | SelfHostedError:
    follower = failed.follower
    try:
        good = failed.before.document.get("active_revision_id") if failed.before else None
        good = good or await revisions.last_deployed(client, follower.deployment_id, follower.revision_id)
        if good is None:
            return Refused("No revision of it was ever deployed, so there is nothing to go back to.")
        change = Redeploy(
            follower.name, id=follower.deployment_id, revision_id=good, newest_revision=follower.revision_id
        )
        seen = await applier.perform(change, Desired(follower.name))
    except SelfHostedError as error:
        return error
    newest = seen.newest_revision if seen else None
    return _Return(failed, good, Follower(follower.client, follower.name, follower.deployment_id, newest))


def _told(one: _Return, trouble: SelfHostedError | None) -> SelfHostedError:
    if trouble:
        return _not_back(one.failed.error, trouble)
    error = one.failed.error
    return RevisionFailed(
        f"{error.message}\nRolled back: the content of revision {one.good} runs again, "
        f"as revision {one.follower.revision_id}.",
        cause=error.cause,
        remedy=error.remedy,
        details={**error.details, "rollback": {"content_of": one.good, **revisions.represent(one.follower.seen)}},
    )


def _not_back(error: SelfHostedError, trouble: SelfHostedError) -> SelfHostedError:
    why = f" ({trouble.cause})" if trouble.cause else ""
    return RevisionFailed(
        f"{error.message}\nNot rolled back: {trouble.message}{why}",
        cause=error.cause,
        remedy=error.remedy,
        details={**error.details, "rollback": None},
    )
