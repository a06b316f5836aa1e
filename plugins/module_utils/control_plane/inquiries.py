# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules ``revision_info`` and ``deployment_logs``: what happened to a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import CONNECTION, ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import (
    history,
    logs,
    validation,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import (
    PAGE_SIZE,
    ControlPlane,
    connect,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.history import Document
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

REVISION_INFO_ARGUMENTS = (
    CONNECTION
    + history.OF_DEPLOYMENT
    + ArgumentSpec(
        options={
            "revision_id": {"type": "str"},
            "status": {"type": "list", "elements": "str"},
            "image": {"type": "str"},
            "count": {"type": "int", "default": 20},
        },
    )
)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
DEPLOYMENT_LOGS_ARGUMENTS = (
    CONNECTION
    + history.OF_DEPLOYMENT
    + ArgumentSpec(
        options={
            "revision": {"type": "str", "default": history.NEWEST},
            "type": {"type": "str", "choices": ["deploy", "build"], "default": "deploy"},
            "level": {"type": "str", "choices": list(LEVELS)},
            "query": {"type": "str"},
            "start_time": {"type": "str"},
            "end_time": {"type": "str"},
            "run_id": {"type": "str"},
            "tail": {"type": "bool", "default": True},
            "count": {"type": "int", "default": 100},
        },
    )
)
_LOG_FILTERS = ("level", "query", "start_time", "end_time", "run_id")


async def revision_info(task: Task) -> Outcome:
    """Return the revisions of a deployment that all given filters fit, newest first."""
    options = task.options
    validation.check(validation.revision_info_problems(options))
    async with connect(task) as client:
        deployment = await history.find_deployment(client, options)
        listed = await _revisions(client, deployment["id"], options) if deployment else []
    shown = [
        {
            **history.represent(one),
            "newest": one["id"] == (deployment or {}).get("latest_revision_id"),
            "active": one["id"] == (deployment or {}).get("active_revision_id"),
        }
        for one in listed
        if _fits(one, options)
    ]
    result = {"deployment_id": deployment["id"] if deployment else None, "revisions": shown[: options["count"]]}
    return Outcome(result=result)


async def _revisions(client: ControlPlane, deployment_id: str, options: Document) -> list[dict[str, Any]]:
    filtered = any(options.get(name) for name in ("revision_id", "status", "image"))
    if not filtered and options["count"] <= PAGE_SIZE:
        return await client.newest_revisions(deployment_id, options["count"])
    filters = {"status": ",".join(options["status"])} if options.get("status") else {}
    return await client.list_revisions(deployment_id, **filters)


def _fits(revision: Mapping[str, Any], options: Document) -> bool:
    asked = str(options.get("revision_id") or revision["id"]).lower()
    status = options.get("status") or [revision.get("status")]
    image = options.get("image")
    return revision["id"] == asked and revision.get("status") in status and image in (None, _image(revision))


def _image(revision: Mapping[str, Any]) -> Any:
    return history.represent(revision)["image"]


async def deployment_logs(task: Task) -> Outcome:
    """Return log entries of one revision, oldest first, without anything that is known to be secret."""
    options = task.options
    validation.check(validation.log_problems(options))
    async with connect(task) as client:
        deployment = await history.get_deployment(client, options)
        revision_id = _revision_id(deployment, options["revision"])
        entries, more = await _read(client, deployment["id"], revision_id, options)
        # What an agent prints is its own business, but where it is a secret that we see, we do not pass it on.
        found = [logs.entry(client.redact.deep(entry)) for entry in entries]
        shown = [{**one, "message": client.redact(str(one["message"]))} for one in found]
    result = {
        "revision_id": revision_id,
        "logs": shown,
        "lines": [logs.line(one) for one in shown],
        "truncated": more,
    }
    return Outcome(result=result)


def _revision_id(deployment: Document, asked: str) -> str:
    places = {history.NEWEST: "latest_revision_id", history.ACTIVE: "active_revision_id"}
    found = deployment.get(places[asked]) if asked in places else asked
    if not found:
        raise Refused(
            f"Deployment {deployment['name']} has no {asked} revision yet, and so no log.",
            remedy="Ask for the newest one." if asked == history.ACTIVE else "Run again when it has one.",
        )
    return str(found)


async def _read(
    client: ControlPlane, deployment_id: str, revision_id: str, options: Document
) -> tuple[list[Any], bool]:
    """Return at most ``count`` entries, oldest first, and whether there are more."""
    wanted = {name: options[name] for name in _LOG_FILTERS if options.get(name)}
    wanted |= {"kind": options["type"], "order": "desc" if options["tail"] else "asc"}
    entries: list[Any] = []
    offset: str | None = None
    while len(entries) < options["count"]:
        limit = min(PAGE_SIZE, options["count"] - len(entries))
        page, following = await client.log_page(deployment_id, revision_id, limit=limit, offset=offset, **wanted)
        entries += page
        if following is None or following == offset or not page:
            offset = None
            break
        offset = following
    found = entries[: options["count"]]
    return (found[::-1] if options["tail"] else found), offset is not None or len(entries) > len(found)
