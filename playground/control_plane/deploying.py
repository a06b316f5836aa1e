# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creating and changing deployments: the rules applied to the store, used by the API and by the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from playground.control_plane import lifecycle, rules
from playground.control_plane.http import invalid
from playground.control_plane.models import (
    DeploymentCreateRequest,
    DeploymentPatchRequest,
    RevisionCreateRequest,
    SourceConfig,
    SourceRevisionConfig,
)
from playground.control_plane.rules import Content, Refusal
from playground.control_plane.settings import Settings
from playground.control_plane.storage import DeploymentRow, ListenerRow, RevisionRow

NO_REVISION: Final = ("display_name", "tracked_repo_ref", "deployment_tier", "route_through_gateway")
CPUS_BOUND: Final = ("cpu", "queue_cpu", "redis_cpu")


def find(session: Session, workspace: str, deployment_id: str) -> DeploymentRow:
    """A deployment of the workspace. :raises Refusal: 404."""
    row = session.scalars(
        select(DeploymentRow).where(DeploymentRow.id == deployment_id, DeploymentRow.workspace_id == workspace)
    ).first()
    if row is None:
        raise Refusal(404, f"Deployment ID {deployment_id} not found.")
    return row


def find_revision(session: Session, deployment: DeploymentRow, revision_id: str) -> RevisionRow:
    """A revision of the deployment. :raises Refusal: 404."""
    row = session.scalars(
        select(RevisionRow).where(RevisionRow.id == revision_id, RevisionRow.deployment_id == deployment.id)
    ).first()
    if row is None:
        raise Refusal(404, f"Revision ID {revision_id} not found.")
    return row


def create(
    session: Session, workspace: str, given: DeploymentCreateRequest, settings: Settings, at: float
) -> DeploymentRow:
    """Add a deployment with its first revision. :raises Refusal: when a rule is broken."""
    _check_generation(given, settings)
    # Only what was given is kept: the rest of a container or volume has no value, not even null.
    document = given.model_dump(mode="json", exclude_unset=True)
    content = Content(
        given.source,
        _known(document["source_config"], settings),
        _complete(document["source_revision_config"], SourceRevisionConfig),
        document["secrets"],
        document.get("secret_references") if "secret_references" in settings.facts.patch_fields else None,
    )
    if settings.strict_names:
        rules.check_name(given.name)
    rules.check_create(content)
    rules.check_secret_names(_names(content), self_hosted=settings.self_hosted)
    content = _placed(session, workspace, content, settings)
    taken = select(DeploymentRow.id).where(DeploymentRow.workspace_id == workspace, DeploymentRow.name == given.name)
    if session.execute(taken).first():
        raise Refusal(settings.taken_name_status, f"A deployment named '{given.name}' already exists.")
    extra = {"shareable": bool(given.shareable), "route_through_gateway": bool(given.route_through_gateway)}
    return lifecycle.create_deployment(session, workspace, given.name, content, extra, settings, at)


def _placed(session: Session, workspace: str, content: Content, settings: Settings) -> Content:
    listeners = session.execute(
        select(ListenerRow.id, ListenerRow.k8s_namespaces)
        .where(ListenerRow.workspace_id == workspace)
        .order_by(ListenerRow.seq)
    ).all()
    config = dict(content.source_config)
    namespace = rules.place(
        config["listener_id"],
        (config["listener_config"] or {}).get("k8s_namespace"),
        {row.id: row.k8s_namespaces for row in listeners},
        strict=settings.wrong_namespace == "reject",
    )
    if config["listener_id"] is not None:
        config["listener_config"] = {"k8s_namespace": namespace}
    return Content(content.source, config, content.source_revision_config, content.secrets, content.secret_references)


def change(
    session: Session,
    row: DeploymentRow,
    given: DeploymentPatchRequest | RevisionCreateRequest,
    settings: Settings,
    at: float,
    *,
    always: bool = False,
) -> None:
    """Apply a PATCH, or (``always``) the body of a new revision, which becomes the deployment's latest."""
    _check_generation(given, settings)
    if row.status in rules.BEING_DELETED:
        raise Refusal(400, f"Deployment ID {row.id} is being deleted.")
    document = {
        name: value
        for name, value in given.model_dump(mode="json", exclude_unset=True).items()
        if name in settings.facts.patch_fields
    }
    if document.get("source_config") is not None:
        document["source_config"] = _known(document["source_config"], settings, complete=False)
    stored = lifecycle.content_of(row)
    rules.check_patch(stored, document)
    rules.check_secret_names(
        [item["name"] for key in ("secrets", "secret_references") for item in document.get(key) or ()],
        self_hosted=settings.self_hosted,
    )
    changed = rules.immutable_changes(row.source, row.source_config, document.get("source_config") or {})
    if changed and settings.immutable_change == "reject":
        raise Refusal(400, f"Source configuration error: 'source_config.{changed[0]}' cannot be changed")
    if not (always or settings.patch_makes_revision):
        document = rules.without_revision(document)
    patched = rules.patch(stored, document)
    extra = {name: document[name] for name in NO_REVISION if document.get(name) is not None}
    row.extra = {**row.extra, **extra}
    if patched.makes_revision or always:
        lifecycle.create_revision(session, row, patched.content, settings, at)
    elif dict(patched.content.source_config) != row.source_config or extra:
        row.source_config, row.updated_at = dict(patched.content.source_config), at


def _names(content: Content) -> list[str]:
    return [item["name"] for item in (*content.secrets, *(content.secret_references or ()))]


def _complete(document: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    return {name: document.get(name) for name in model.model_fields}


def _known(config: dict[str, Any], settings: Settings, *, complete: bool = True) -> dict[str, Any]:
    """Source configuration with the fields of the generation only; the others are ignored."""
    known = {name: value for name, value in config.items() if name in settings.facts.source_config_fields}
    return _complete(known, SourceConfig) if complete else known


def _check_generation(given: BaseModel, settings: Settings) -> None:
    """Refuse values that the generation's schema does not know, as its validation would."""
    for place, expected in _unknown_values(given, settings):
        raise invalid(place, "enum", f"Input should be {expected}")


def _unknown_values(given: Any, settings: Settings) -> Iterator[tuple[tuple[str | int, ...], str]]:
    facts = settings.facts
    for name, known in (("source", facts.sources), ("revision_source", facts.sources)):
        if getattr(given, name, None) not in (None, *known):
            yield (name,), " or ".join(map(repr, known))
    config: SourceConfig | None = given.source_config
    if config is None:
        return
    if config.deployment_type not in (None, *facts.deployment_types):
        yield ("source_config", "deployment_type"), " or ".join(map(repr, facts.deployment_types))
    if config.resource_spec is None:
        return
    for name in facts.resource_spec_fields:
        value = getattr(config.resource_spec, name)
        if facts.whole_cpus and "cpu" in name and value is not None and value != int(value):
            yield ("source_config", "resource_spec", name), "a valid integer"
        if not settings.uncapped_resources and value is not None:
            for bound, most in ((CPUS_BOUND, 8), (tuple(f"{cpu}_limit" for cpu in CPUS_BOUND), 16)):
                if name in bound and value > most:
                    yield ("source_config", "resource_spec", name), f"less than or equal to {most}"
