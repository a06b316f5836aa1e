# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules do, without Ansible: options in, outcome out. The runner calls these."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import (
    deployments,
    listeners,
    placement,
    secrecy,
    validation,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane, connect
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet import manner
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet_options import secret_texts
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.reconcile import (
    Reconciled,
    Result,
    reconcile,
    refusal_error,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.rollout import Rollout
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import NotFound, Refused, Rejected
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
    Create,
    Desired,
    Observed,
    Outcome,
    Policy,
    Task,
    Update,
)

Document = Mapping[str, Any]


async def listener(task: Task) -> Outcome:
    """Create, adopt, change or delete a listener record."""
    validation.check(validation.listener_problems(task.options))
    wanted = listeners.desired_listener(task.options)
    async with connect(task) as client:
        resource = listeners.Listeners(client)
        present = await resource.find([wanted.name])
        seen = present.get(wanted.name)
        if seen and not task.options.get("force"):
            await _refuse_harm(client, wanted, seen)
        reconciled = await reconcile(resource, [wanted], check=task.check, observed=present)
        result = _only(reconciled)
        document = result.seen.document if result.seen else {}
        shown = listeners.represent(document) if wanted.present else None
        if shown and task.check:
            shown.update(_predicted(result))
        return _outcome(reconciled, {"listener": shown})


async def listener_info(task: Task) -> Outcome:
    """Return the listener records, all or the one that is asked for."""
    wanted = {"compute_id": task.options.get("compute_id"), "id": task.options.get("listener_id")}
    async with connect(task) as client:
        records = [listeners.represent(record) for record in await client.list_listeners()]
    found = [record for record in records if all(value in (None, record[key]) for key, value in wanted.items())]
    return Outcome(result={"listeners": sorted(found, key=lambda record: str(record["compute_id"]))})


async def deployment(task: Task) -> Outcome:
    """Create, change, redeploy or delete a deployment, and wait for what came of it."""
    options = task.options
    validation.check(chain(validation.seconds_problems(options), validation.deployment_problems(options)))
    async with connect(task, secrets=secret_texts(options)) as client:
        resource = deployments.Deployments(client)
        present, records = await asyncio.gather(resource.find([options["name"]]), _listeners_for(client, options))
        wanted = _desired(options, records)
        present = await secrecy.without_doubtful(client, [wanted], present)
        policy = Policy(redeploy_failed=options.get("redeploy_failed", True))
        reconciled = await reconcile(resource, [wanted], check=True, policy=policy, observed=present)
        if not task.check:
            rollout = Rollout(resource, replace(manner(task, 1), policy=policy))
            results = await rollout([wanted], present, reconciled.plan)
            reconciled = replace(reconciled, results=tuple(results.values()))
        result = _only(reconciled)
        seen = result.seen
        if not task.check and result.changes and seen and not seen.document["latest_revision"]["status"]:
            seen = await resource.observe(await client.get_deployment(seen.id)) or seen
        values = {**(wanted.values if seen is None else {}), **(_predicted(result) if task.check else {})}
        shown = deployments.represent(seen, values) if wanted.present else None
        warnings = secrecy.hidden_secrets(wanted, present.get(wanted.name), result.seen)
        return _outcome(reconciled, {"deployment": shown}, warnings)


async def deployment_info(task: Task) -> Outcome:
    """Return deployments, those that all given filters fit."""
    options = task.options
    async with connect(task) as client:
        documents, records = await asyncio.gather(_read(client, options), _listeners_for(client, options))
        resource = deployments.Deployments(client)
        listener_id = options.get("listener_id")
        if options.get("listener"):
            matching = [record["id"] for record in records if record.get("compute_id") == options["listener"]]
            listener_id = matching[0] if matching else ""
        seen = await asyncio.gather(*(resource.observe(document) for document in documents))
    filters: dict[str, Callable[[dict[str, Any]], bool]] = {
        "name_contains": lambda one: options["name_contains"] in str(one["name"]),
        "namespace": lambda one: one["namespace"] == options["namespace"],
        "status": lambda one: one["status"] == options["status"],
    }
    wanted = [fits for name, fits in filters.items() if options.get(name)]
    if listener_id is not None:
        wanted.append(lambda one: one["listener_id"] == listener_id)
    shown = [deployments.represent(item, {}) for item in seen if item]
    found = [one for one in shown if all(fits(one) for fits in wanted)]
    return Outcome(result={"deployments": sorted(found, key=lambda one: str(one["name"]))})


async def _read(client: ControlPlane, options: Document) -> Sequence[Document]:
    if options.get("deployment_id"):
        try:
            return [await client.get_deployment(options["deployment_id"])]
        except (NotFound, Rejected):
            return []
    if options.get("name"):
        return await client.deployments_named(options["name"])
    filters = {name: options[name] for name in ("name_contains", "status") if options.get(name)}
    return await client.list_deployments(**filters)


async def _listeners_for(client: ControlPlane, options: Document) -> Sequence[Document]:
    absent = options.get("state") == "absent"
    return [] if absent or not placement.needs_listeners(options) else await client.list_listeners()


def _desired(options: Document, records: Sequence[Document]) -> Desired:
    if options.get("state") == "absent":
        return Desired(options["name"], present=False)
    place = placement.place(options, records)
    if place.refusal:
        raise refusal_error("deployment", [place.refusal])
    return deployments.desired_deployment(options, place.listener_id, place.namespace)


def _only(reconciled: Reconciled) -> Result:
    result = reconciled.results[0]
    if result.error:
        raise result.error
    return result


def _predicted(result: Result) -> dict[str, Any]:
    """Return the values that the planned changes would bring."""
    predicted: dict[str, Any] = {}
    for change in result.changes:
        if isinstance(change, (Create, Update)):
            predicted.update(change.values)
    return predicted


def _outcome(reconciled: Reconciled, result: Document, warnings: Sequence[str] = ()) -> Outcome:
    diffs = reconciled.plan.diffs()
    return Outcome(
        changed=reconciled.plan.changed,
        result=result,
        diff=diffs[0] if diffs else {"before": {}, "after": {}},
        warnings=[*reconciled.plan.warnings, *warnings],
    )


async def _refuse_harm(client: ControlPlane, wanted: Desired, seen: Observed) -> None:
    """Refuse to take over another cluster's record, and to take away what deployments live on."""
    served = set(seen.values.get("namespaces") or [])
    kept = set(wanted.values.get("namespaces") or served) if wanted.present else set()
    if wanted.present and served and not served & kept:
        raise Refused(
            f"The workspace has a listener {wanted.name} already, and it serves other namespaces "
            f"({', '.join(sorted(served))}) than wanted ({', '.join(sorted(kept))}).",
            cause="It probably belongs to another cluster that was given the same compute_id.",
            remedy="Choose another compute_id, keep one of its namespaces, or set force to take the record over.",
            details={"listener": listeners.represent(seen.document)},
        )
    if wanted.present and not served - kept:
        return
    found = [deployments.represent(deployments.observed(one, None), {}) for one in await client.list_deployments()]
    hurt = sorted(
        one["name"]
        for one in found
        if one["listener_id"] == seen.id
        and one["status"] not in deployments.LEAVING
        and (not wanted.present or one["namespace"] in served - kept)
    )
    if hurt:
        what = "deleted" if not wanted.present else f"taken the namespaces {', '.join(sorted(served - kept))}"
        raise Refused(
            f"The listener {wanted.name} is not {what}: deployments depend on it: {', '.join(hurt)}.",
            remedy="Delete these deployments first, or set force.",
            details={"deployments": hurt},
        )
