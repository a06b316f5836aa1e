# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revisions: what their states mean, and waiting until one is deployed, or all of them are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    MAY_PASS,
    AnswerError,
    NotFound,
    RevisionFailed,
    TimedOut,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline, pauses, wait_until_async

DEPLOYED = "DEPLOYED"
SKIPPED = "SKIPPED"
# A user stopped an INTERRUPTED one by hand: it will not go on, so whoever waits for it is told.
FAILED = frozenset({"CREATE_FAILED", "BUILD_FAILED", "DEPLOY_FAILED", "INTERRUPTED"})

PASSING = (*MAY_PASS, NotFound)
Document = Mapping[str, Any]


def represent(revision: Document) -> dict[str, Any]:
    """Return a revision as the modules return it."""
    return {
        "id": revision.get("id"),
        "status": revision.get("status"),
        "status_message": revision.get("status_message"),
        "created_at": revision.get("created_at"),
        "updated_at": revision.get("updated_at"),
    }


def content(revision: Document) -> dict[str, Any]:
    """Return what the API tells of a revision's content; its secrets and resources are not part of that."""
    told = revision.get("source_revision_config") or {}
    return {"source": revision.get("source"), **{key: value for key, value in sorted(told.items()) if value}}


def tells_newest(deployment: Document) -> bool:
    """Whether a deployment's own document tells its newest revision: there is none, or it is also the active one."""
    return deployment.get("latest_revision_id") in {None, "", deployment.get("active_revision_id")}


def told(deployment: Document) -> Document | None:
    """Return the newest revision of a deployment whose own document tells it, None when there is none yet."""
    latest = deployment.get("latest_revision_id")
    return {"id": latest, "status": DEPLOYED} if latest else None


async def newest(client: ControlPlane, deployment: Document) -> Document | None:
    """Return the newest revision of a deployment, None when it has none yet; asks only where that is not told."""
    if tells_newest(deployment):
        return told(deployment)
    return await client.get_revision(deployment["id"], str(deployment["latest_revision_id"]))


async def last_deployed(client: ControlPlane, deployment_id: str, failed: str | None) -> str | None:
    """Return the newest revision that was deployed, other than the failed one."""
    for revision in await client.newest_revisions(deployment_id, 100):
        if revision.get("status") == DEPLOYED and revision["id"] != failed:
            return str(revision["id"])
    return None


@dataclass
class Follower:
    """Watches the revision that a deployment is to end with.

    Attributes:
        client: The control plane.
        name: Name of the deployment, for messages.
        deployment_id: Its id.
        revision_id: The revision to wait for; None while the plane has not made it.
        trouble: The last error of a poll; polls go on, because trouble passes.
        seen: The revision as it was last seen.
        document: The deployment as a list told it when the revision was deployed.
    """

    client: ControlPlane
    name: str
    deployment_id: str
    revision_id: str | None
    trouble: AnswerError | None = None
    seen: Document = field(default_factory=dict)
    document: Document | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return _ended(self.seen)

    def learn(self, deployment: Document | None) -> None:
        """Take what a list tells about the deployment: enough to see that the revision is deployed."""
        if deployment is None:
            return
        self.trouble = None
        self.revision_id = self.revision_id or deployment.get("latest_revision_id")
        if self.revision_id and self.revision_id == deployment.get("active_revision_id"):
            self.seen = {"id": self.revision_id, "status": DEPLOYED}
            self.document = deployment

    @property
    def failed(self) -> bool:
        """Whether it ended without being deployed."""
        return self.ended and self.seen.get("status") != DEPLOYED

    async def deployed(self, timeout: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> Document:
        """Wait until the revision is deployed and return it.

        Raises:
            RevisionFailed: It ended otherwise; the message holds what the control plane tells about it.
            TimedOut: The time, in seconds, was not enough.
        """
        waited = await wait_until_async(self.look, _ended, Deadline(timeout), every=pauses(0.3, 1.3, 5.0), sleep=sleep)
        if error := await self.error(timeout):
            raise error
        return waited.value

    async def error(self, timeout: float) -> RevisionFailed | TimedOut | None:
        """Return what is wrong after a wait of so many seconds; None when the revision is deployed."""
        if not self.ended:
            return await self._timed_out(timeout)
        return await self._failed() if self.failed else None

    async def look(self) -> Document:
        """Ask for the revision, and go on with the one that replaced it."""
        try:
            if self.revision_id is None:
                deployment = await self.client.get_deployment(self.deployment_id)
                self.revision_id = deployment.get("latest_revision_id")
            if self.revision_id is not None:
                revision: Document = await self.client.get_revision(self.deployment_id, self.revision_id)
                if revision.get("status") == SKIPPED:
                    # Skipped is the end only when nothing is newer; until a list has told that, nothing is known.
                    revision = await self._successor(revision)
                self.revision_id, self.seen = revision["id"], revision
            self.trouble = None
        except PASSING as error:
            self.trouble = error
        return self.seen

    async def _successor(self, skipped: Document) -> Document:
        """Return the revision that replaced a skipped one, or that itself when there is none."""
        listed = await self.client.newest_revisions(self.deployment_id, 1)
        return listed[0] if listed else skipped

    async def _failed(self) -> RevisionFailed:
        status = self.seen.get("status")
        log = await self._log()
        return RevisionFailed(
            "\n".join([f"Deployment {self.name}: revision {self.revision_id} ended as {status}.", *_indented(log)]),
            cause=self._message(),
            remedy="Remove the cause and run again: the revision is then deployed anew.",
            details={"revision": represent(self.seen), "log": log},
        )

    async def _timed_out(self, timeout: float) -> TimedOut:
        status = self.seen.get("status") or "not made yet"
        log = await self._log() if self.revision_id else []
        waiting = status in {"AWAITING_DEPLOY", "QUEUED"}
        trouble = f"The last poll failed: {self.trouble.message}" if self.trouble else None
        return TimedOut(
            "\n".join(
                [
                    f"Deployment {self.name}: revision {self.revision_id} is not deployed after {timeout:g} s "
                    f"({status}).",
                    *_indented(log),
                ]
            ),
            cause=self._message() or trouble or ("No listener has taken it up." if waiting else None),
            remedy="Check that the listener runs and watches this namespace."
            if waiting
            else "Raise wait_timeout if it only needs longer; otherwise look at the agent's pods and their events.",
            details={"revision": represent(self.seen), "log": log},
        )

    async def _log(self) -> list[str]:
        return await self.client.deploy_log_lines(self.deployment_id, self.revision_id or "")

    def _message(self) -> str | None:
        message = self.seen.get("status_message")
        return str(message) if message else None


@dataclass
class Departure:
    """Watches a deployment that is to go.

    Attributes:
        client: The control plane.
        name: Name of the deployment, for messages.
        deployment_id: Its id.
        status: What the control plane last said of it, or why it could not be asked; None when it is gone.
    """

    client: ControlPlane
    name: str
    deployment_id: str
    status: str | None = "deleted"

    failed = False

    @property
    def ended(self) -> bool:
        """Whether nothing runs any more; what is kept in AWAITING_FINAL_DELETE goes a week later."""
        return self.status in {None, "AWAITING_FINAL_DELETE"}

    def learn(self, deployment: Document | None) -> None:
        """Take what a list tells about the deployment; None when it is not in it."""
        self.status = None if deployment is None else str(deployment.get("status"))

    async def look(self) -> None:
        """Ask for the deployment."""
        try:
            self.learn(await self.client.get_deployment(self.deployment_id))
        except NotFound:
            self.learn(None)
        except PASSING as error:
            self.status = error.message

    async def error(self, timeout: float) -> TimedOut | None:
        """Return what is wrong after a wait of so many seconds; None when it is gone."""
        if self.ended:
            return None
        return TimedOut(
            f"Deployment {self.name} is still there {timeout:g} s after its deletion ({self.status}).",
            cause="The listener removes what runs in the cluster; newer control planes wait an hour before that.",
            remedy="Check that the listener runs, raise wait_timeout, or set wait to false.",
        )


def _ended(revision: Document) -> bool:
    return revision.get("status") in FAILED | {DEPLOYED, SKIPPED}


def _indented(log: list[str]) -> list[str]:
    return ["  last lines of its deploy log:", *(f"    {line}" for line in log)] if log else []
