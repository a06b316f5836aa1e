# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of the store as the JSON that the API answers, in the generation that is switched on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from playground.control_plane.lifecycle import announced_later
from playground.control_plane.rules import RESOURCE_DEFAULTS
from playground.control_plane.settings import Settings
from playground.control_plane.storage import DeploymentRow, ListenerRow, LogRow, RevisionRow

REDACTED = "********"
LATER_STATUSES = {"AWAITING_DATABASE": "PREPARING", "DEPLOYING": "WARMING_UP"}


def moment(seconds: float) -> str:
    """Seconds since the epoch in the API's notation."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _told(answer: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """An answer, on demand in the words of a schema that nobody has published yet."""
    if settings.later_schema:
        answer["added_later"] = {"since": "later"}
        if "status" in answer:
            answer["status"] = LATER_STATUSES.get(answer["status"], answer["status"])
    return answer


def listener(row: ListenerRow, settings: Settings) -> dict[str, Any]:
    """A listener as clients see it."""
    answer = {
        "id": row.id,
        "compute_type": row.compute_type,
        "compute_id": row.compute_id,
        "compute_config": {"k8s_namespaces": row.k8s_namespaces},
        "version": row.version,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }
    return _told(answer, settings)


def deployment(row: DeploymentRow, settings: Settings) -> dict[str, Any]:
    """A deployment as clients see it: with the content of its latest revision."""
    facts = settings.facts
    whole = {
        "id": row.id,
        "tenant_id": row.workspace_id,
        "name": row.name,
        "source": row.source,
        "source_config": source_config(row, settings),
        "source_revision_config": {name: row.source_revision_config.get(name) for name in facts.revision_config_fields},
        "secrets": _secrets(row.secrets, settings),
        "secret_references": row.secret_references,
        "status": row.status,
        "latest_revision_id": announced_later(row).get("before", row.latest_revision_id),
        "active_revision_id": row.active_revision_id,
        "image_version": row.image_version,
        "url": row.source_config.get("custom_url") or row.url,
        "tracer_session_id": row.extra.get("tracer_session_id"),
        "display_name": row.extra.get("display_name"),
        "shareable": row.extra.get("shareable", False),
        "route_through_gateway": row.extra.get("route_through_gateway", False),
        "is_preview": False,
        "is_managed_deep_agent": False,
        "deployment_tier": row.extra.get("deployment_tier"),
        "compute_tier": row.extra.get("compute_tier"),
        "database_tier": row.extra.get("database_tier"),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }
    answer = {name: whole[name] for name in facts.deployment_fields}
    if settings.secrets_on_get == "absent":
        del answer["secrets"]
    return _told(answer, settings)


def source_config(row: DeploymentRow, settings: Settings) -> dict[str, Any]:
    """The deployment's own configuration, with what the server fills in."""
    facts = settings.facts
    answer = {name: row.source_config.get(name) for name in facts.source_config_fields}
    answer["custom_url"] = row.source_config.get("custom_url") or row.url
    if row.source == "external_docker":
        answer["deployment_type"] = "prod"
        answer["resource_spec"] = resource_spec(row.source_config, settings)
    return answer


def resource_spec(config: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """A resource specification with the defaults that the server fills in."""
    given = config.get("resource_spec") or {}
    return {
        name: RESOURCE_DEFAULTS.get(name) if given.get(name) is None else given[name]
        for name in settings.facts.resource_spec_fields
    }


def _secrets(secrets: list[dict[str, str]], settings: Settings) -> list[dict[str, str]] | None:
    if settings.secrets_on_get in ("null", "empty"):
        return None if settings.secrets_on_get == "null" else []
    if settings.secrets_on_get == "redacted":
        return [{"name": secret["name"], "value": REDACTED} for secret in secrets]
    return secrets


def revision(row: RevisionRow, settings: Settings) -> dict[str, Any]:
    """A revision as clients see it."""
    answer: dict[str, Any] = {
        "id": row.id,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
        "status": row.status,
        "source": row.source,
        "source_revision_config": {
            name: row.source_revision_config.get(name) for name in settings.facts.revision_config_fields
        },
    }
    if settings.facts.revision_messages:
        answer["status_message"] = row.status_message
    return _told(answer, settings)


def log_entry(row: LogRow) -> dict[str, Any]:
    """A log line; ``timestamp`` in milliseconds since the epoch."""
    return {"id": str(row.seq), "timestamp": int(row.timestamp * 1000), "level": row.level, "message": row.message}
