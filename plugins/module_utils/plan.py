# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to change, as data: desired x observed -> plan. Pure; knows neither HTTP nor Ansible.

Check mode returns the plan, diff mode shows it, apply walks it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Values = Mapping[str, Any]
ABSENT: Values = {"state": "absent"}


@dataclass(frozen=True)
class Progress:
    """How far a task with many things is. Holds numbers only, so that it can be shown.

    Attributes:
        total, done, failed: How many things there are, have come out well, have failed.
        seconds: How long it has taken.
        what: What the good ones are now.
    """

    total: int
    done: int
    failed: int
    seconds: float
    what: str = "deployed"

    def __str__(self) -> str:
        """Return it as one line."""
        failed = f", {self.failed} failed" if self.failed else ""
        return f"agents {self.done}/{self.total} {self.what}{failed}, {self.seconds:.0f} s"


def unheard(progress: Progress) -> None:
    """Take a report that nobody wants to see."""
    del progress


@dataclass(frozen=True)
class Task:
    """What a module or action is asked to do.

    Attributes:
        options: Its options after Ansible has checked them; None means "not given".
        check: Nothing may be written.
        environment: Environment variables that may fill options.
        report: Takes word of progress while the task runs.
    """

    options: Values
    check: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    report: Callable[[Progress], None] = unheard


@dataclass(frozen=True)
class Outcome:
    """What came of a task; the runner turns it into the module's result."""

    changed: bool = False
    result: Values = field(default_factory=dict)
    diff: Any = None
    warnings: Sequence[str] = ()

    def as_result(self) -> dict[str, Any]:
        """Return the result of the task that did what it was asked to; warnings are for Ansible to show."""
        result: dict[str, Any] = {**self.result, "changed": self.changed}
        if self.diff is not None:
            result["diff"] = self.diff
        return result


@dataclass(frozen=True)
class Desired:
    """One thing as the user wants it.

    Attributes:
        name: Its name.
        values: The fields that the user gave, and no others.
        present: Whether it should be there.
        policy: Choices for this one; None means those of the whole plan.
    """

    name: str
    values: Values = field(default_factory=dict, repr=False)
    present: bool = True
    policy: Policy | None = None


@dataclass(frozen=True)
class Observed:
    """One thing as the server told it.

    Attributes:
        id: The server's id.
        values: Its fields; one that the server did not mention is not in it.
        newest_revision: Id of its newest revision, for things that have revisions.
        failed_revision: The same id when that one failed, so that there is something to try again.
        leaving: It is being deleted already.
        document: The server's own words, for the result.
    """

    id: str
    values: Values = field(default_factory=dict, repr=False)
    newest_revision: str | None = None
    failed_revision: str | None = None
    leaving: bool = False
    document: Values = field(default_factory=dict, repr=False)


class Rule(Protocol):
    """What planning has to know about a field."""

    @property
    def name(self) -> str:
        """Its name among the values."""

    @property
    def makes_revision(self) -> bool:
        """Whether changing it makes a new revision."""

    @property
    def since(self) -> str | None:
        """Which generation of the API brought it; None when all have it."""

    def same(self, wanted: Any, seen: Any) -> bool:
        """Whether nothing has to change."""

    def certain(self, seen: Any) -> bool:
        """Whether what was seen (None: nothing) tells all that is there, so that it can be compared."""

    def result(self, wanted: Any, seen: Any) -> Any:
        """Return the value after the change."""

    def refusal(self, wanted: Any, seen: Any) -> tuple[str, str] | None:
        """Why it cannot be changed so, and what to do; None when it can."""

    def shown(self, seen: Any, result: Any) -> tuple[Any, Any]:
        """Return both values as they may be shown."""


@dataclass(frozen=True)
class Change:
    """One step. ``before`` and ``after`` are safe to show; ``values`` may hold secrets and never leaves the program."""

    name: str
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)

    verb = "change"

    def fields(self) -> list[str]:
        """Return the names of the fields that differ."""
        return sorted(
            key for key in self.before.keys() | self.after.keys() if self.before.get(key) != self.after.get(key)
        )


@dataclass(frozen=True)
class Create(Change):
    """Make a thing that is not there."""

    values: Values = field(default_factory=dict, repr=False)
    verb = "create"


@dataclass(frozen=True)
class Update(Change):
    """Change fields of a thing to ``values``.

    ``revision`` says whether that makes a new revision, ``newest_revision`` which one there was before. ``then``
    follows when that one had failed and this makes no other.
    """

    id: str = ""
    values: Values = field(default_factory=dict, repr=False)
    revision: bool = False
    newest_revision: str | None = None
    then: Redeploy | None = None
    verb = "update"

    def fields(self) -> list[str]:
        """Return the names of the fields that it changes."""
        return sorted(self.values)


@dataclass(frozen=True)
class Redeploy(Change):
    """Make a new revision with the content of an earlier one, in place of the newest, which failed."""

    id: str = ""
    revision_id: str = ""
    newest_revision: str | None = None
    verb = "redeploy"


@dataclass(frozen=True)
class Delete(Change):
    """Remove a thing."""

    id: str = ""
    verb = "delete"


@dataclass(frozen=True)
class Refusal:
    """A wanted change that is not made."""

    name: str
    what: str
    why: str
    remedy: str

    def __str__(self) -> str:
        """Return the refusal as one line."""
        return f"{self.name}: {self.what}: {self.why} {self.remedy}"


@dataclass(frozen=True)
class Policy:
    """Choices that are not part of what is wanted."""

    redeploy_failed: bool = True


@dataclass(frozen=True)
class Plan:
    """Changes in the order in which they will be made, what is refused, and what the user should know."""

    changes: tuple[Change, ...] = ()
    refused: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything would change."""
        return bool(self.changes)

    def diffs(self) -> list[dict[str, Any]]:
        """Return one Ansible diff per change."""
        return [
            {
                "before": dict(change.before),
                "after": dict(change.after),
                "before_header": f"{change.name} (before)",
                "after_header": f"{change.name} ({change.verb})",
            }
            for change in self.changes
        ]


def plan(
    desired: Sequence[Desired],
    observed: Mapping[str, Observed],
    rules: Sequence[Rule],
    policy: Policy = Policy(),
) -> Plan:
    """Return what has to change so that ``observed`` (by name) becomes ``desired``."""
    parts = [_plan_one(wanted, observed.get(wanted.name), rules, policy) for wanted in desired]
    return Plan(
        changes=tuple(change for part in parts for change in part.changes),
        refused=tuple(refusal for part in parts for refusal in part.refused),
        warnings=tuple(warning for part in parts for warning in part.warnings),
    )


def _plan_one(wanted: Desired, seen: Observed | None, rules: Sequence[Rule], policy: Policy) -> Plan:
    if not wanted.present:
        if seen is None or seen.leaving:
            return Plan()
        return Plan((Delete(wanted.name, before=_shown(seen.values, rules), after=ABSENT, id=seen.id),))
    if seen is None:
        return Plan((Create(wanted.name, before=ABSENT, after=_shown(wanted.values, rules), values=wanted.values),))
    if seen.leaving:
        return Plan(refused=(_still_leaving(wanted.name),))
    return _plan_update(wanted, seen, rules, wanted.policy or policy)


def _plan_update(wanted: Desired, seen: Observed, rules: Sequence[Rule], policy: Policy) -> Plan:
    refused: list[Refusal] = []
    warnings: list[str] = []
    results: dict[str, Any] = {}
    revision = False
    for rule in rules:
        if rule.name not in wanted.values:
            continue
        if rule.name not in seen.values:
            # What the server does not mention is not known, and what is not known is no drift.
            if rule.since:
                warnings.append(f"{wanted.name}: this control plane does not know {rule.name}, new in {rule.since}.")
            continue
        value, current = wanted.values[rule.name], seen.values[rule.name]
        if not rule.same(value, current):
            refusal = rule.refusal(value, current)
            if refusal:
                refused.append(Refusal(wanted.name, rule.name, *refusal))
            else:
                results[rule.name] = rule.result(value, current)
                revision = revision or rule.makes_revision
    if refused:
        return Plan(refused=tuple(refused), warnings=tuple(warnings))
    if revision:
        results |= _uncertain(wanted.values.keys() - results.keys(), wanted, seen, rules)
    again = _again(wanted.name, seen) if policy.redeploy_failed and not revision else None
    change: Change | None = again
    if results:
        before, after = _shown_both(seen.values, results, rules)
        change = Update(
            wanted.name,
            {**before, **(again.before if again else {})},
            {**after, **(again.after if again else {})},
            id=seen.id,
            values=results,
            revision=revision,
            newest_revision=seen.newest_revision,
            then=again,
        )
    return Plan((change,) if change else (), warnings=tuple(warnings))


def _uncertain(names: Collection[str], wanted: Desired, seen: Observed, rules: Sequence[Rule]) -> dict[str, Any]:
    """Return what may differ without being seen; it goes along with a revision that is made anyway."""
    return {
        rule.name: rule.result(value, current)
        for rule in rules
        if rule.name in names
        and not rule.certain(current := seen.values.get(rule.name))
        and not rule.refusal(value := wanted.values[rule.name], current)
    }


def _again(name: str, seen: Observed) -> Redeploy | None:
    """Return how the newest revision is tried again, None when it did not fail."""
    if not seen.failed_revision:
        return None
    return Redeploy(
        name,
        {"revision": seen.failed_revision, "status": "failed"},
        {"revision": "a new one of the same content", "status": "deployed"},
        id=seen.id,
        revision_id=seen.failed_revision,
        newest_revision=seen.newest_revision,
    )


def _still_leaving(name: str) -> Refusal:
    return Refusal(
        name,
        "name",
        "it is still being deleted, and its name stays taken until that is over.",
        "Wait for the deletion to end, or choose another name.",
    )


def _shown(values: Values, rules: Iterable[Rule]) -> dict[str, Any]:
    return {rule.name: rule.shown(None, values[rule.name])[1] for rule in rules if rule.name in values}


def _shown_both(seen: Values, results: Values, rules: Iterable[Rule]) -> tuple[dict[str, Any], dict[str, Any]]:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for rule in rules:
        if rule.name not in seen and rule.name not in results:
            continue
        current = seen.get(rule.name)
        before[rule.name], after[rule.name] = rule.shown(current, results.get(rule.name, current))
    return before, after
