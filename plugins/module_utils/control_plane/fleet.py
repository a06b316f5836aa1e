# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module fleet does, without Ansible: many deployments from options to outcome."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import (
    deployments,
    placement,
    secrecy,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane, connect
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import Deployments
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet_options import (
    batch_size,
    fleet_items,
    secret_texts,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.reconcile import Result, refusal_error
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.rollout import Manner, Rollout
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import FleetFailed, SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
    Change,
    Desired,
    Observed,
    Outcome,
    Plan,
    Policy,
    Refusal,
    Task,
    Update,
    plan,
)

Options = Mapping[str, Any]
Documents = Sequence[Mapping[str, Any]]

SKIPPED = "skipped"

_MOST_DELETES = 10
# So many names stand in a warning.
_MOST_NAMES = 5


@dataclass(frozen=True)
class _Situation:
    """What is wanted, what there is, and what cannot be."""

    desired: Sequence[Desired]
    present: Mapping[str, Observed]
    refused: Sequence[Refusal]


async def fleet(task: Task) -> Outcome:
    """Make the deployments of the workspace what the list says; return how each came out."""
    options = task.options
    items = fleet_items(options)
    concurrency = int(options.get("concurrency") or 16)
    async with connect(task, concurrency=concurrency, secrets=secret_texts(options)) as client:
        resource = Deployments(client)
        situation = await _read(resource, items, options.get("prune"))
        planned = plan(situation.desired, situation.present, resource.fields)
        refused = [*situation.refused, *planned.refused]
        if refused:
            raise refusal_error("fleet", refused)
        if task.check:
            changes = {change.name: change for change in planned.changes}
            results = {wanted.name: _predicted(wanted, situation, changes) for wanted in situation.desired}
        else:
            rollout = Rollout(resource, manner(task, len(planned.changes), concurrency))
            results = await rollout(situation.desired, situation.present, planned)
    return _outcome(situation, planned, results)


def manner(task: Task, changes: int, concurrency: int = 1) -> Manner:
    """Return how the options say that so many changes are made."""
    options = task.options
    return Manner(
        wait=options.get("wait"),
        timeout=float(options.get("wait_timeout") or 600.0),
        on_failure=options.get("on_failure") or "continue",
        batch_size=batch_size(options.get("batch_size"), changes),
        concurrency=concurrency,
        report=task.report,
    )


async def _read(resource: Deployments, items: Sequence[Options], prune: Options | None) -> _Situation:
    """Read all that the plan needs, each list once."""
    names = {item["name"] for item in items}
    (present, others), records = await asyncio.gather(
        _deployments(resource, names, everything=bool(prune)),
        _listeners(resource.client, [*items, *([prune] if prune else [])]),
    )
    places = _Places(records)
    desired = [places.desired(item) for item in items]
    if prune:
        leaving = places.prunable(others, prune)
        desired += (Desired(name, present=False) for name in sorted(leaving))
        present = {**present, **leaving}
    present = await secrecy.without_doubtful(resource.client, desired, present)
    return _Situation(desired, present, places.refused)


async def _deployments(
    resource: Deployments, names: Collection[str], *, everything: bool
) -> tuple[dict[str, Observed], Documents]:
    """Return the named deployments, and the documents of all others when everything is asked for."""
    if not everything:
        return await resource.find(list(names)), []
    documents = await resource.client.list_deployments(len(names))
    mine = [document for document in documents if document.get("name") in names]
    return await resource.observe_all(mine), [one for one in documents if one.get("name") not in names]


async def _listeners(client: ControlPlane, options: Sequence[Options]) -> Documents:
    asked = any(placement.needs_listeners(one) and one.get("state") != "absent" for one in options)
    return await client.list_listeners() if asked else []


class _Places:
    """Finds the place of each deployment among the listeners; keeps what it has found, because many share one."""

    def __init__(self, records: Documents) -> None:
        self._records = records
        self._known: dict[tuple[str | None, ...], placement.Placement] = {}
        self.refused: list[Refusal] = []

    def desired(self, item: Options) -> Desired:
        """Return the deployment that an item describes; note why when it has no place."""
        name = str(item["name"])
        if item.get("state") == "absent":
            return Desired(name, present=False)
        place = self._place(item)
        if place.refusal:
            self.refused.append(replace(place.refusal, name=name))
        wanted = deployments.desired_deployment(item, place.listener_id, place.namespace)
        return replace(wanted, policy=Policy(redeploy_failed=item["redeploy_failed"]))

    def prunable(self, documents: Documents, prune: Options) -> dict[str, Observed]:
        """Return which of the deployments that the list does not name are in the scope; note when they are too many."""
        listener_id = None
        if placement.needs_listeners(prune):
            listener = placement.find_listener("prune", prune, self._records)
            if isinstance(listener, Refusal):
                self.refused.append(listener)
                return {}
            listener_id = listener["id"]
        found = {}
        for document in documents:
            seen = deployments.observed(document, None)
            here = listener_id is None or seen.values.get("listener_id") == listener_id
            if here and not seen.leaving and str(document["name"]).startswith(prune.get("name_prefix") or ""):
                found[str(document["name"])] = seen
        most = int(prune["max_deletes"]) if prune.get("max_deletes") is not None else _MOST_DELETES
        if len(found) > most:
            self.refused.append(_too_many(sorted(found), most))
        return found

    def _place(self, item: Options) -> placement.Placement:
        key = tuple(item.get(option) for option in ("listener", "listener_id", "namespace"))
        if key not in self._known:
            self._known[key] = placement.place(item, self._records)
        return self._known[key]


def _too_many(names: Sequence[str], most: int) -> Refusal:
    return Refusal(
        "prune",
        "max_deletes",
        f"{len(names)} deployments would be deleted, and at most {most} may: {', '.join(names)}.",
        "Add those that shall stay to deployments, make the scope smaller, or raise max_deletes.",
    )


def _predicted(wanted: Desired, situation: _Situation, changes: Mapping[str, Change]) -> Result:
    change = changes.get(wanted.name)
    return Result(wanted.name, (change,) if change else (), situation.present.get(wanted.name))


def _outcome(situation: _Situation, planned: Plan, results: Mapping[str, Result]) -> Outcome:
    """Return how all came out, in the order of the list; what was pruned comes after it.

    Raises:
        FleetFailed: Some did not come out as they should.
    """
    changes = {change.name: change for change in planned.changes}
    items = [
        _item(wanted, situation, changes.get(wanted.name), results.get(wanted.name)) for wanted in situation.desired
    ]
    changed = any(item["changed"] for item in items)
    errors = {name: result.error for name, result in results.items() if result.error}
    skipped = [item["name"] for item in items if item["action"] == SKIPPED]
    if errors:
        raise FleetFailed(
            _failure(errors, skipped, len(items)),
            details={"deployments": items, "changed": changed, "diff": planned.diffs()},
        )
    return Outcome(changed, {"deployments": items}, planned.diffs(), _warnings(situation, planned, results))


def _item(wanted: Desired, situation: _Situation, change: Change | None, result: Result | None) -> dict[str, Any]:
    """Return one deployment as the module returns it."""
    before = situation.present.get(wanted.name)
    seen = result.seen if result else before
    shown = deployments.represent(seen, {})
    error = result.error if result else None
    return {
        "name": wanted.name,
        "changed": bool(result and result.changes),
        "action": SKIPPED if result is None else change.verb if change else "none",
        "fields": change.fields() if isinstance(change, Update) else [],
        "id": shown["id"] or (before.id if before else None),
        "status": shown["status"],
        "url": shown["url"],
        "revision": (error.details.get("revision") if error else None) or shown["latest_revision"],
        "error": str(error) if error else None,
        "rollback": error.details.get("rollback") if error else None,
    }


def _failure(errors: Mapping[str, SelfHostedError], skipped: Sequence[str], total: int) -> str:
    """Return the message about a fleet that failed: each that did, in full, and which were not begun."""
    lines = [f"{len(errors)} of {total} deployments failed:"]
    for name in sorted(errors):
        first, *rest = str(errors[name]).removeprefix(f"Deployment {name}: ").splitlines()
        lines += [f"  - {name}: {first}", *(f"    {line}" for line in rest)]
    if skipped:
        lines.append(f"Not begun because of that ({len(skipped)}): {', '.join(skipped)}.")
    return "\n".join(lines)


def _warnings(situation: _Situation, planned: Plan, results: Mapping[str, Result]) -> list[str]:
    """Return the warnings; one that many deployments share is told once."""
    hidden = (
        warning
        for wanted in situation.desired
        for warning in secrecy.hidden_secrets(
            wanted, situation.present.get(wanted.name), results[wanted.name].seen if wanted.name in results else None
        )
    )
    named: dict[str, list[str]] = defaultdict(list)
    for warning in (*planned.warnings, *hidden):
        name, text = warning.split(": ", 1)
        named[text].append(name)
    return [f"{_names(names)}: {text}" for text, names in named.items()]


def _names(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
