# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for many deployments with polls that they share.

A list tells of a hundred deployments at once which are deployed, but not which revision failed: that takes a request
for each. So most is learned from lists, and single requests go out as far as they hardly add to the number of all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import PAGE_SIZE, ControlPlane
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.revisions import PASSING
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline, pauses, wait_until_async

# So few are asked for singly at every poll.
_FEW = 2
# Seconds: who was looked at that lately is not looked at again; who was not for that long is, whatever it costs.
_FRESH, _STALE = 2.0, 30.0


class Watched(Protocol):
    """Something that is waited for."""

    @property
    def deployment_id(self) -> str:
        """The deployment that it is about."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than wanted."""

    def learn(self, deployment: Mapping[str, Any] | None) -> None:
        """Take what a list tells about the deployment; None when it is not in it."""

    async def look(self) -> object:
        """Ask for this one."""

    async def error(self, timeout: float) -> SelfHostedError | None:
        """Return what is wrong after a wait of so many seconds."""


@dataclass
class Watch:
    """A wait for many.

    Attributes:
        client: The control plane.
        items: Who is waited for.
        report: Is called after each poll.
        clock: Replaced in tests.
        filtered: Whether the control plane heeds the filter by ids; found out by using it.
    """

    client: ControlPlane
    items: Sequence[Watched]
    report: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.monotonic
    filtered: bool = True
    _polls: int = 0
    _requests: int = 0
    _singles: int = 0
    _looked: dict[str, float] = field(default_factory=dict)

    async def __call__(
        self, timeout: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> list[SelfHostedError | None]:
        """Wait until all have ended or the time, in seconds, is up; return what is wrong with each."""
        begun = self.clock()
        self._looked = {item.deployment_id: begun for item in self.items}
        await wait_until_async(
            self._poll,
            lambda pending: not pending,
            Deadline(timeout, self.clock),
            every=pauses(0.3, 1.3, 5.0),
            sleep=sleep,
        )
        await asyncio.gather(*(item.look() for item in self.items if not item.ended))
        return list(await asyncio.gather(*(item.error(timeout) for item in self.items)))

    async def _poll(self) -> list[Watched]:
        """Look once at all that have not ended; return those that still have not."""
        self._polls += 1
        pending = self._pending()
        if len(pending) <= _FEW:
            await asyncio.gather(*(item.look() for item in pending))
        else:
            await self._learn(pending)
            failed = await self._look(self._doubtful(self._pending()))
            if failed:  # What makes one fail often makes others fail, too.
                await self._look(self._unseen(self._pending(), _FRESH))
        self.report()
        return self._pending()

    def _pending(self) -> list[Watched]:
        return [item for item in self.items if not item.ended]

    async def _learn(self, pending: Sequence[Watched]) -> None:
        """Tell all what lists say; a list that cannot be had now is tried again with the next poll."""
        wanted = [item.deployment_id for item in pending]
        try:
            documents = await self._filtered(wanted) if self.filtered else await self._all()
            if documents is None:
                documents = await self._all()
        except PASSING:
            return
        for item in pending:
            item.learn(documents.get(item.deployment_id))

    async def _filtered(self, wanted: Sequence[str]) -> dict[str, Mapping[str, Any]] | None:
        """Return the wanted deployments; None when the control plane does not heed the filter."""
        parts = [wanted[start : start + PAGE_SIZE] for start in range(0, len(wanted), PAGE_SIZE)]
        self._requests += len(parts)
        pages = await asyncio.gather(*(self.client.deployments_of(part) for part in parts))
        if any({one["id"] for one in page} - set(part) for page, part in zip(pages, parts, strict=True)):
            self.filtered = False
            return None
        return {one["id"]: one for page in pages for one in page}

    async def _all(self) -> dict[str, Mapping[str, Any]]:
        found = await self.client.list_deployments(len(self.items))
        self._requests += len(found) // PAGE_SIZE + 1
        return {one["id"]: one for one in found}

    def _doubtful(self, pending: Sequence[Watched]) -> list[Watched]:
        """Return whom to look at singly: the longest unseen first, as many as hardly count, and all too long unseen."""
        shared = max(2 * self._polls, self._requests)
        spare = int(len(self.items) / 20 + 1.05 * shared) - self._requests - self._singles
        return self._unseen(pending, _FRESH)[: max(0, spare, len(self._unseen(pending, _STALE)))]

    def _unseen(self, pending: Sequence[Watched], seconds: float) -> list[Watched]:
        before = self.clock() - seconds
        unseen = [item for item in pending if self._looked[item.deployment_id] <= before]
        return sorted(unseen, key=lambda item: self._looked[item.deployment_id])

    async def _look(self, items: Sequence[Watched]) -> bool:
        """Ask for each; return whether one has failed."""
        self._singles += len(items)
        await asyncio.gather(*(item.look() for item in items))
        self._looked.update((item.deployment_id, self.clock()) for item in items)
        return any(item.failed for item in items)
