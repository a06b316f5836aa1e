# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a plan to deployments that run: write in batches, wait for each batch, and do what is wanted about failures.

One deployment is a fleet of one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import revisions, rollback
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import (
    Deployments,
    observed,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.reconcile import Applier, Result
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.revisions import Departure, Follower
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.watching import Watch
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerError, SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
    Change,
    Delete,
    Desired,
    Observed,
    Plan,
    Policy,
    Progress,
    unheard,
)


@dataclass(frozen=True)
class Manner:
    """How a plan is carried out.

    Attributes:
        wait: Whether to wait; None waits for what is to be there, and not for what is to go.
        timeout: Seconds to wait at most, for each batch.
        on_failure: "stop" begins nothing new, "rollback" brings back what ran before; otherwise the others go on.
        batch_size: How many are changed before they are waited for; None changes all at once. The first batch with a
            failure is the last.
        concurrency: How many are changed at the same time.
        policy: Choices about the plan, when it has to be made again.
        report: Takes word of progress.
    """

    wait: bool | None = None
    timeout: float = 600.0
    on_failure: str = "continue"
    batch_size: int | None = None
    concurrency: int = 16
    policy: Policy = field(default_factory=Policy)
    report: Callable[[Progress], None] = unheard

    def waits_for(self, wanted: Desired) -> bool:
        """Whether this one is waited for."""
        return wanted.present if self.wait is None else self.wait


class Rollout:
    """Carries out one plan."""

    def __init__(self, resource: Deployments, manner: Manner) -> None:
        """Take the kind of resource and the manner."""
        self._resource = resource
        self._manner = manner
        self._apply = Applier(resource, manner.policy)
        self._total = self._done = self._failed = 0
        self._what = "changed"
        self._begun = time.monotonic()

    async def __call__(
        self, desired: Sequence[Desired], present: Mapping[str, Observed], planned: Plan
    ) -> dict[str, Result]:
        """Bring about what is planned; return how each came out, by name.

        One that was not begun, because another had failed, is not in it.
        """
        changes = {change.name: change for change in planned.changes}
        results: dict[str, Result] = {}
        to_do: list[Desired] = []
        for wanted in desired:
            seen = present.get(wanted.name)
            if wanted.name in changes or self._under_way(wanted, seen):
                to_do.append(wanted)
            else:
                results[wanted.name] = Result(wanted.name, (), seen)
        self._total = len(to_do)
        going = [wanted for wanted in to_do if isinstance(changes.get(wanted.name), Delete)]
        staying = [wanted for wanted in to_do if not isinstance(changes.get(wanted.name), Delete)]
        if self._manner.wait is not False and not (going and staying):
            self._what = "deleted" if going else "deployed"
        # What is to go goes last, when it is known how all else came out.
        for batch in chain(_batches(staying, self._manner.batch_size), _batches(going, self._manner.batch_size)):
            written = await self._write(batch, present, changes)
            results |= await self._settle([wanted for wanted in batch if wanted.name in written], written, present)
            if self._failed and (self._manner.batch_size or self._manner.on_failure == "stop"):
                break
        return results

    def _under_way(self, wanted: Desired, seen: Observed | None) -> bool:
        """Whether an earlier run has begun what this one is to wait for."""
        if seen is None or not self._manner.waits_for(wanted):
            return False
        if not wanted.present:
            return seen.leaving
        latest = seen.document["latest_revision"] or {}
        return not seen.failed_revision and latest.get("status") != revisions.DEPLOYED

    def _awaits(self, wanted: Desired, result: Result, before: Observed | None) -> bool:
        """Whether something is still to come; a revision that failed before and is not tried again stays as it is."""
        if result.error or not self._manner.waits_for(wanted):
            return False
        known = before.failed_revision if before and wanted.present else None
        return not (known and result.seen and result.seen.newest_revision == known)

    async def _write(
        self, batch: Sequence[Desired], present: Mapping[str, Observed], changes: Mapping[str, Change]
    ) -> dict[str, Result]:
        """Make the changes of a batch, so many at a time; return those that were begun."""
        results: dict[str, Result] = {}
        waiting = iter(batch)

        async def worker() -> None:
            for wanted in waiting:
                if self._failed and self._manner.on_failure == "stop":
                    return
                result = await self._apply(wanted, present.get(wanted.name), changes.get(wanted.name))
                results[wanted.name] = result
                self._failed += bool(result.error)
                self._done += not (result.error or self._awaits(wanted, result, present.get(wanted.name)))
                self._tell()

        workers = range(min(self._manner.concurrency, len(batch)))
        await asyncio.gather(*(worker() for dummy in workers))
        return results

    async def _settle(
        self, batch: Sequence[Desired], written: Mapping[str, Result], present: Mapping[str, Observed]
    ) -> dict[str, Result]:
        """Wait for what a batch has begun, and bring back what failed, when that is wanted."""
        awaited = [wanted for wanted in batch if self._awaits(wanted, written[wanted.name], present.get(wanted.name))]
        followers = {
            wanted.name: Follower(self._resource.client.once(), wanted.name, seen.id, seen.newest_revision)
            for wanted in awaited
            if wanted.present and (seen := written[wanted.name].seen)
        }
        departures = {
            wanted.name: Departure(self._resource.client.once(), wanted.name, present[wanted.name].id)
            for wanted in awaited
            if not wanted.present and wanted.name in present
        }
        errors = await self._wait({**followers, **departures})
        if self._manner.on_failure == "rollback":
            lost = {name: error for name, error in errors.items() if name in followers}
            errors |= await rollback.roll_back(
                [rollback.Failed(followers[name], error, present.get(name)) for name, error in lost.items()],
                self._apply,
                self._resource.client,
                self._manner.timeout,
            )
        results = {name: replace(result, error=errors.get(name, result.error)) for name, result in written.items()}
        arrived = [name for name in followers if name not in errors]
        for name, seen in zip(arrived, await self._arrived([followers[name] for name in arrived]), strict=True):
            results[name] = replace(results[name], seen=seen or results[name].seen)
        return results

    async def _wait(self, awaited: Mapping[str, Follower | Departure]) -> dict[str, SelfHostedError]:
        """Wait for all; return what is wrong with whom."""
        items = list(awaited.values())

        def report() -> None:
            failed = sum(item.failed for item in items)
            self._tell(sum(item.ended for item in items) - failed, failed)

        found: list[SelfHostedError | None]
        try:
            found = await Watch(self._resource.client.once(), items, report)(self._manner.timeout) if items else []
        except SelfHostedError as error:
            # Such as a key that was withdrawn: what was begun until then is told all the same.
            found = [None if item.ended and not item.failed else error for item in items]
        errors = {name: error for name, error in zip(awaited, found, strict=True) if error}
        self._failed += len(errors)
        self._done += len(items) - len(errors)
        self._tell()
        return errors

    async def _arrived(self, followers: Sequence[Follower]) -> list[Observed | None]:
        """Return deployments as they are now that their revisions are deployed; lists have told of most of them."""

        async def read(one: Follower) -> Observed | None:
            try:
                return observed(await self._resource.client.get_deployment(one.deployment_id), one.seen)
            except AnswerError:
                return None  # It came out well all the same.

        asked = [one for one in followers if one.document is None]
        found = {one.name: seen for one, seen in zip(asked, await asyncio.gather(*map(read, asked)), strict=True)}
        return [found.get(one.name) or _told(one) for one in followers]

    def _tell(self, done: int = 0, failed: int = 0) -> None:
        seconds = time.monotonic() - self._begun
        self._manner.report(Progress(self._total, self._done + done, self._failed + failed, seconds, self._what))


def _told(follower: Follower) -> Observed | None:
    return observed(follower.document, follower.seen) if follower.document else None


def _batches(items: Sequence[Desired], size: int | None) -> Iterator[Sequence[Desired]]:
    step = size or len(items) or 1
    for start in range(0, len(items), step):
        yield items[start : start + step]
