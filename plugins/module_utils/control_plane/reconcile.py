# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One engine for one or many things of a kind: read, plan, and apply what the plan says.

Safe to repeat: when the answer to a write is lost, the thing is looked up and planned again before anything is sent a
second time, so that nothing is doubled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fields import Field
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    AnswerLost,
    Conflict,
    Refused,
    SelfHostedError,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
    Change,
    Create,
    Desired,
    Observed,
    Plan,
    Policy,
    Redeploy,
    Refusal,
    Update,
    plan,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import pauses

_MOST_RECOVERIES = 6
_DEFAULT = Policy()


class Resource(Protocol):
    """A kind of thing that the control plane keeps."""

    @property
    def noun(self) -> str:
        """What such a thing is called in messages."""

    @property
    def fields(self) -> Sequence[Field]:
        """The table of its fields."""

    async def find(self, names: Sequence[str]) -> dict[str, Observed]:
        """Return those of the named things that exist."""

    async def perform(self, change: Change) -> Observed | None:
        """Make one change; return what the server answered, None after a deletion."""


@dataclass(frozen=True)
class Result:
    """How one thing came out.

    Attributes:
        name: Its name.
        changes: What was done to it, or would be in check mode.
        seen: The server's view afterwards (before, in check mode); None when it is not there.
        error: Why it could not be made so.
    """

    name: str
    changes: tuple[Change, ...] = ()
    seen: Observed | None = None
    error: SelfHostedError | None = None


@dataclass(frozen=True)
class Reconciled:
    """How all came out, in the order of the desired."""

    plan: Plan
    results: tuple[Result, ...] = field(default=())


async def reconcile(
    resource: Resource,
    desired: Sequence[Desired],
    *,
    check: bool,
    policy: Policy = _DEFAULT,
    observed: Mapping[str, Observed] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Reconciled:
    """Make what is desired true, or with ``check`` only say what that would take.

    Args:
        resource: The kind.
        desired: What is wanted; names are unique.
        check: Write nothing.
        policy: Choices about the plan.
        observed: What is there, when it has been read already.
        sleep: Replaced in tests.

    Raises:
        Refused: Something wanted cannot be done; nothing was written.
    """
    present = await resource.find([wanted.name for wanted in desired]) if observed is None else observed
    planned = plan(desired, present, resource.fields, policy)
    if planned.refused:
        raise refusal_error(resource.noun, planned.refused)
    first = {change.name: change for change in planned.changes}
    if check:
        results = [_untouched(wanted, present, first) for wanted in desired]
    else:
        apply = Applier(resource, policy, sleep)
        results = list(
            await asyncio.gather(
                *(apply(wanted, present.get(wanted.name), first.get(wanted.name)) for wanted in desired)
            )
        )
    return Reconciled(planned, tuple(results))


def refusal_error(noun: str, refusals: Sequence[Refusal]) -> Refused:
    """Return the error for wanted changes that cannot be made."""
    lines = [f"  - {refusal}" for refusal in refusals]
    return Refused(
        "\n".join([f"Not changed, because this {noun} cannot become what is wanted:", *lines]),
        details={"refused": [vars(refusal) for refusal in refusals]},
    )


def _untouched(wanted: Desired, present: Mapping[str, Observed], first: Mapping[str, Change]) -> Result:
    change = first.get(wanted.name)
    return Result(wanted.name, (change,) if change else (), present.get(wanted.name))


@dataclass(frozen=True)
class Applier:
    """Brings one thing to where it is wanted."""

    resource: Resource
    policy: Policy = _DEFAULT
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def __call__(self, wanted: Desired, seen: Observed | None, change: Change | None) -> Result:
        """Make the planned change, and what has to follow it because the API takes some fields only afterwards."""
        done: list[Change] = []
        try:
            while change is not None:
                seen = await self.perform(change, wanted)
                done.append(change)
                change = self._follow_up(change, wanted, seen)
        except SelfHostedError as error:
            return Result(wanted.name, tuple(done), seen, error)
        return Result(wanted.name, tuple(done), seen)

    async def perform(self, change: Change, wanted: Desired) -> Observed | None:
        """Make one change; when its effect is not known, look and plan again before repeating it."""
        steps = pauses(0.5, 2.0, 8.0)
        for recovery in range(_MOST_RECOVERIES + 1):
            try:
                return await self.resource.perform(change)
            except (AnswerLost, Conflict) as error:
                # A redeployment has looked for itself whether it took effect.
                if recovery == _MOST_RECOVERIES or isinstance(change, Redeploy):
                    raise
                await self.sleep(next(steps) if isinstance(error, AnswerLost) else 0)
                seen = (await self.resource.find([wanted.name])).get(wanted.name)
                remaining = self._remaining(wanted, seen)
                if remaining is None:
                    return seen
                if isinstance(error, Conflict) and isinstance(remaining, Create):
                    raise _taken(error, self.resource.noun, wanted.name) from None
                change = remaining
        raise AssertionError("unreachable")

    def _remaining(self, wanted: Desired, seen: Observed | None) -> Change | None:
        """Return what is left of a change whose answer was lost."""
        replanned = plan([wanted], {wanted.name: seen} if seen else {}, self.resource.fields, self.policy)
        if replanned.refused:
            raise refusal_error(self.resource.noun, replanned.refused)
        return replanned.changes[0] if replanned.changes else None

    def _follow_up(self, change: Change, wanted: Desired, seen: Observed | None) -> Change | None:
        """Return the change of the fields that creating cannot set, or a failed revision's next try after an update."""
        if isinstance(change, Update) and change.then:
            # Where the update's answer was lost, the next try may have been made already.
            return change.then if seen and seen.newest_revision == change.newest_revision else None
        if not isinstance(change, Create) or seen is None:
            return None
        late = {
            rule.name: wanted.values[rule.name]
            for rule in self.resource.fields
            if not rule.on_create and rule.name in wanted.values
        }
        rest = plan([Desired(wanted.name, late)], {wanted.name: seen}, self.resource.fields, Policy(False))
        return rest.changes[0] if rest.changes else None


def _taken(error: AnswerError, noun: str, name: str) -> Conflict:
    return Conflict(
        f"The {noun} {name} cannot be created: its name is taken, and no {noun} of that name is to be seen.",
        status=error.status,
        cause=error.cause,
        remedy="It may have been deleted lately (a name stays reserved until the clean-up ends) or belong to another "
        "workspace. Wait, or choose another name.",
    )
