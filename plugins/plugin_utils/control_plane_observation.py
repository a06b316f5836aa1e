# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything a run has to know about the control plane, read at once: what is reachable, and what would change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import CONNECTION, ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import (
    deployments,
    listeners,
    placement,
    revisions,
    validation,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane, connect
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet_options import fleet_items
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.transport import QUICK
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.urls import Endpoints
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    Forbidden,
    InvalidInput,
    NotFound,
    Problem,
    SelfHostedError,
    Unauthorized,
    Unreachable,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
    Desired,
    Observed,
    Outcome,
    Plan,
    Policy,
    Redeploy,
    Task,
    plan,
)

OBSERVE_ARGUMENTS = CONNECTION + ArgumentSpec(
    options={
        "listener": {
            "type": "dict",
            "options": {
                "compute_id": {"type": "str", "required": True},
                "namespaces": {"type": "list", "elements": "str", "required": True},
                "version": {"type": "str"},
            },
        },
        "deployments": {"type": "list", "elements": "dict", "default": []},
    },
)

# What each check here looks for, for documents.
CHECKS = {
    "api_key": "Demand that the control plane and LangSmith accept the key.",
    "control_plane": "Demand that the control plane answers, and at this URL.",
    "deployment": "Find agents that the control plane would refuse as they are described.",
    "input": "Find values that are missing, or that cannot be right.",
    "langsmith": "Demand that LangSmith answers, and warn where it does not say which organization this is.",
    "listener": "Refuse a listener's name that another listener with other namespaces has.",
    "organization": "Warn where self-hosted listeners are not enabled for the organization.",
    "transport": "Warn of a URL that is not encrypted.",
}
_FLAGS = ("enable_lgp_listeners_page", "langgraph_remote_reconciler_enabled")
_RIGHT_URL = (
    "Set langgraph_control_plane_url (LANGSMITH_HOST_URL) to the control plane's API: for LangSmith's cloud leave it"
    " out and set langgraph_region; a self-hosted LangSmith has it at https://<host>[/<base path>]/api-host."
)
Read = TypeVar("Read")


@dataclass
class Findings:
    """Collects what is wrong; says everything once."""

    found: list[dict[str, str]] = field(default_factory=list)

    def add(self, check: str, what: str, why: str = "", remedy: str = "", *, severity: str = "error") -> None:
        """Add a finding unless it stands there already."""
        finding = {"check": check, "severity": severity, "what": what, "why": why, "remedy": remedy}
        if finding not in self.found:
            self.found.append(finding)

    def add_error(self, check: str, error: SelfHostedError, *, severity: str = "error") -> None:
        """Add an error as a finding, unless another request met the same."""
        cause, remedy = error.cause or "", error.remedy or ""
        if not any((one["check"], one["why"], one["remedy"]) == (check, cause, remedy) for one in self.found):
            self.add(check, error.message, cause, remedy, severity=severity)

    async def of(self, check: str, reading: Awaitable[Read]) -> Read | None:
        """Return what ``reading`` gives; when it fails, add why and return None."""
        try:
            return await reading
        except NotFound as error:
            self.add(check, error.message, "Something answers there, and it is not the control plane.", _RIGHT_URL)
            return None
        except SelfHostedError as error:
            rejected = isinstance(error, (Unauthorized, Forbidden))
            self.add_error("api_key" if rejected else check, error)
            return None


async def observe(task: Task) -> Outcome:
    """Read listener, deployments and the key's organization; return findings and what would change. Writes nothing."""
    findings = Findings()
    options = {**task.options, "deployments": task.options.get("deployments") or []}
    valid = _check_input(options, findings)
    try:
        async with connect(task, retries=QUICK, secrets=_secrets(options)) as client:
            return await _observe(client, options, findings, valid=valid)
    except InvalidInput as error:
        for problem in error.problems:
            findings.add("input", problem.path, problem.why, problem.remedy or "")
        return _result(findings, None, _unknown_listener(options), [_unknown(one) for one in options["deployments"]])


async def _observe(client: ControlPlane, options: Mapping[str, Any], findings: Findings, *, valid: bool) -> Outcome:
    _check_transport(client.endpoints, findings)
    wanted = options["deployments"]
    resource = deployments.Deployments(client)
    records, seen, _checked = await asyncio.gather(
        findings.of("control_plane", client.list_listeners()),
        findings.of("control_plane", resource.find([one["name"] for one in wanted if one.get("name")])),
        _check_langsmith(client, findings),
    )
    reachable = records is not None and seen is not None
    if records is None or seen is None or not valid:
        unknown = [_unknown(one) for one in wanted]
        return _result(findings, client, _unknown_listener(options), unknown, reachable=reachable)
    listener = _listener_state(options.get("listener"), records, findings)
    future = _future_records(options.get("listener"), records)
    items = [_deployment_state(one, seen, future, findings) for one in wanted]
    return _result(findings, client, listener, items, reachable=True)


def _result(
    findings: Findings,
    client: ControlPlane | None,
    listener: dict[str, Any] | None,
    items: Sequence[dict[str, Any]],
    *,
    reachable: bool = False,
) -> Outcome:
    converged = all(item["state"] == "converged" for item in items)
    endpoints = vars(client.endpoints) if client else {"control_plane": None, "langsmith": None}
    return Outcome(
        result={
            "reachable": reachable,
            "findings": findings.found,
            "endpoints": dict(endpoints),
            "listener": listener,
            "deployments": {"state": "converged" if converged else "changed", "details": list(items)},
        }
    )


def _check_input(options: Mapping[str, Any], findings: Findings) -> bool:
    """Add what can be known to be wrong without asking anybody; tell whether all is right."""
    problems: list[Problem] = []
    try:
        fleet_items({"deployments": options["deployments"]})
    except InvalidInput as error:
        problems += error.problems
    if options.get("listener"):
        problems += validation.listener_problems(options["listener"], "listener.")
    for problem in problems:
        findings.add("input", problem.path, problem.why, problem.remedy or "")
    return not problems


def _check_transport(endpoints: Endpoints, findings: Findings) -> None:
    for url in sorted({endpoints.control_plane, endpoints.langsmith}):
        parts = urlsplit(url)
        if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
            why = "Everybody on the way can read the API key."
            findings.add("transport", f"{url} is not encrypted.", why, "Use https.", severity="warning")


async def _check_langsmith(client: ControlPlane, findings: Findings) -> None:
    """Check that LangSmith is there and takes the key; the listener and the agents need both."""
    try:
        organization = await client.organization()
    except (Unreachable, Unauthorized) as error:
        findings.add_error("api_key" if isinstance(error, Unauthorized) else "langsmith", error)
        return
    except AnswerError as error:
        findings.add_error("langsmith", error, severity="warning")
        return
    off = [flag for flag in _FLAGS if organization.get(flag) is False]
    if off:
        findings.add(
            "organization",
            "Listeners are not enabled for this organization.",
            f"LangSmith says that {' and '.join(off)} {'is' if len(off) == 1 else 'are'} off.",
            "Ask LangChain to enable listeners (Enterprise plan); on a self-hosted LangSmith switch these flags on.",
            severity="warning",
        )


def _listener_state(
    wanted: Mapping[str, Any] | None, records: Sequence[Mapping[str, Any]], findings: Findings
) -> dict[str, Any] | None:
    if not wanted:
        return None
    desired = listeners.desired_listener(wanted)
    present = {
        record["compute_id"]: listeners.observed(record)
        for record in records
        if record.get("compute_id") == desired.name
    }
    seen = present.get(desired.name)
    if seen is None:
        return {"state": "absent", "id": None, "changes": {}}
    served, needed = set(seen.values.get("namespaces") or []), set(desired.values.get("namespaces") or [])
    planned = plan([desired], present, listeners.FIELDS)
    changes = {
        name: {"before": change.before.get(name), "after": change.after.get(name)}
        for change in planned.changes
        for name in change.fields()
    }
    if planned.refused or (served and needed and not served & needed):
        findings.add(
            "listener",
            f"The workspace has a listener {desired.name} already, and it serves other namespaces.",
            f"It serves {', '.join(sorted(served))}; wanted is {', '.join(sorted(needed))}. "
            "It probably belongs to another cluster that was given the same compute_id.",
            "Choose another compute_id, or keep one of its namespaces.",
        )
        return {"state": "conflict", "id": seen.id, "changes": changes}
    return {"state": "changed" if changes else "converged", "id": seen.id, "changes": changes}


def _future_records(wanted: Mapping[str, Any] | None, records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the records as they will be once the wanted listener is there; its id may be None until then."""
    if not wanted:
        return list(records)
    mine = next((record for record in records if record.get("compute_id") == wanted["compute_id"]), {"id": None})
    future = {**mine, "compute_id": wanted["compute_id"], "compute_config": {"k8s_namespaces": wanted["namespaces"]}}
    return [future, *(record for record in records if record is not mine)]


def _deployment_state(
    options: Mapping[str, Any],
    present: Mapping[str, Observed],
    records: Sequence[Mapping[str, Any]],
    findings: Findings,
) -> dict[str, Any]:
    name = options.get("name")
    seen = present.get(str(name))
    if options.get("state") == "absent":
        planned = plan([Desired(str(name), present=False)], present, deployments.FIELDS)
        return _item(name, seen, "changed" if planned.changed else "converged", [])
    place = placement.place({"name": name, **options}, records)
    if place.refusal:
        findings.add("deployment", f"{name}: {place.refusal.what}", place.refusal.why, place.refusal.remedy)
        return _item(name, seen, "conflict", [])
    desired = deployments.desired_deployment({**options, "name": name}, place.listener_id, place.namespace)
    planned = plan([desired], present, deployments.FIELDS, Policy(options.get("redeploy_failed", True)))
    for refusal in planned.refused:
        findings.add("deployment", f"{name}: {refusal.what}", refusal.why, refusal.remedy)
    for warning in planned.warnings:
        findings.add("deployment", warning, severity="warning")
    return _item(name, seen, _state(seen, planned), _changed_fields(planned))


def _state(seen: Observed | None, planned: Plan) -> str:
    if planned.refused:
        return "conflict"
    if seen is None:
        return "absent"
    if any(not isinstance(change, Redeploy) for change in planned.changes):
        return "changed"
    if seen.failed_revision:
        return "failed"
    latest = seen.document["latest_revision"]["status"]
    return "converged" if latest == revisions.DEPLOYED else "deploying"


def _changed_fields(planned: Plan) -> list[str]:
    return [name for change in planned.changes if not isinstance(change, Redeploy) for name in change.fields()]


def _item(name: Any, seen: Observed | None, state: str, changes: list[str]) -> dict[str, Any]:
    shown = deployments.represent(seen, {})
    revision = shown["latest_revision"] or {}
    return {
        "name": name,
        "state": state,
        "changes": changes if seen else [],
        "id": shown["id"],
        "url": shown["url"],
        "status": shown["status"],
        "revision_id": revision.get("id"),
        "revision_status": revision.get("status"),
    }


def _unknown_listener(options: Mapping[str, Any]) -> dict[str, Any] | None:
    return {"state": "unknown", "id": None, "changes": {}} if options.get("listener") else None


def _unknown(options: Mapping[str, Any]) -> dict[str, Any]:
    return _item(options.get("name"), None, "unknown", [])


def _secrets(options: Mapping[str, Any]) -> list[str]:
    found = (one.get("secrets") for one in options["deployments"])
    return [str(value) for secrets in found if isinstance(secrets, Mapping) for value in secrets.values()]
