# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a listener needs: its work, and a place to report. The real protocol is not public; this one is our own."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from playground.control_plane import deploying, lifecycle, rules, storage, views
from playground.control_plane.http import Answer, Shared, Workspace, body
from playground.control_plane.models import Body
from playground.control_plane.routers import listeners
from playground.control_plane.rules import Refusal
from playground.control_plane.settings import Settings
from playground.control_plane.storage import DeploymentRow, LogRow, RevisionRow

router = APIRouter(prefix="/internal/v1", tags=["Data plane (own protocol)"])


class RevisionReport(Body):
    """How far a revision has come."""

    status: str
    status_message: str | None = None


class DeploymentReport(Body):
    """What a listener knows of a deployment. ``deleted``: everything of it is gone from the cluster."""

    url: str | None = None
    deleted: bool = False
    active_revision_id: str | None = None
    image_version: str | None = None


class LogLine(Body):
    """A log line; ``timestamp`` in seconds since the epoch, the time of arrival when missing."""

    message: str
    level: str = "INFO"
    timestamp: float | None = None


class LogReport(Body):
    """Lines for a revision's log."""

    type: Literal["deploy", "build"] = "deploy"
    lines: list[LogLine] = Field(max_length=1000)


@router.get("/work")
async def get_work(
    workspace: Workspace, shared: Shared, listener_id: UUID | None = None, pending: bool = False
) -> Response:
    """Every deployment of a listener, with secrets and with the revision to bring about.

    Without ``listener_id``: those that no listener is named for (the data plane beside a self-hosted control plane).
    ``pending`` leaves out the ones that need nothing new.
    """
    identifier = str(listener_id) if listener_id else None
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, storage.now())
        if identifier is not None:
            listeners.find(session, workspace, identifier).last_seen_at = storage.now()
        rows = session.scalars(
            select(DeploymentRow)
            .where(DeploymentRow.workspace_id == workspace, DeploymentRow.listener_id == identifier)
            .order_by(DeploymentRow.seq)
        ).all()
        items = [_item(session, row, shared.settings) for row in rows if row.status != "AWAITING_FINAL_DELETE"]
    return Answer({"deployments": [item for item in items if not pending or _is_pending(item)]})


def _item(session: Session, row: DeploymentRow, settings: Settings) -> dict[str, Any]:
    newest = settings.model_copy(update={"generation": "B", "later_schema": False, "secrets_on_get": "values"})
    item = views.deployment(row, newest)
    item["action"] = "delete" if row.status == "AWAITING_DELETE" else "apply"
    item["revision"] = None
    if revision := lifecycle.revision_to_reconcile(session, row):
        # The revision's own content, which is not the deployment's when a newer one waits for it.
        item["revision"] = views.revision(revision, newest)
        item["source_revision_config"] = item["revision"]["source_revision_config"]
        item["secrets"], item["secret_references"] = revision.secrets, revision.secret_references
        given = {**row.source_config, "resource_spec": revision.source_config.get("resource_spec")}
        item["source_config"]["resource_spec"] = views.resource_spec(given, newest)
    return item


def _is_pending(item: dict[str, Any]) -> bool:
    return item["action"] == "delete" or (item["revision"] or {}).get("status") in rules.WAITING


def _revision(session: Session, workspace: str, revision_id: str) -> tuple[DeploymentRow, RevisionRow]:
    query = (
        select(DeploymentRow, RevisionRow)
        .join(RevisionRow, RevisionRow.deployment_id == DeploymentRow.id)
        .where(RevisionRow.id == revision_id, DeploymentRow.workspace_id == workspace)
    )
    found = session.execute(query).first()
    if found is None:
        raise Refusal(404, f"Revision ID {revision_id} not found.")
    return found[0], found[1]


@router.post("/revisions/{revision_id}/status")
async def report_revision(revision_id: UUID, request: Request, workspace: Workspace, shared: Shared) -> Response:
    """Move a revision; it never goes back, and not out of a final status (409)."""
    given = await body(request, RevisionReport)
    with shared.store.transaction() as session:
        deployment, revision = _revision(session, workspace, str(revision_id))
        lifecycle.move(session, deployment, revision, given.status, given.status_message, storage.now())
        return Answer(views.revision(revision, shared.settings))


@router.post("/deployments/{deployment_id}/status")
async def report_deployment(deployment_id: UUID, request: Request, workspace: Workspace, shared: Shared) -> Response:
    """Take a deployment's URL, image version or live revision, or that it has been torn down."""
    given = await body(request, DeploymentReport)
    at = storage.now()
    with shared.store.transaction() as session:
        row = deploying.find(session, workspace, str(deployment_id))
        if given.deleted:
            if row.status not in rules.BEING_DELETED:
                raise Refusal(409, f"Deployment ID {row.id} is {row.status}; nobody asked for its deletion.")
            lifecycle.torn_down(session, row, shared.settings, at)
            return Response(status_code=204)
        if given.active_revision_id is not None:
            row.active_revision_id = deploying.find_revision(session, row, given.active_revision_id).id
        row.url = given.url or row.url
        row.image_version = given.image_version or row.image_version
        if session.is_modified(row):
            row.updated_at = at
        return Answer(views.deployment(row, shared.settings))


@router.post("/revisions/{revision_id}/logs")
async def report_logs(revision_id: UUID, request: Request, workspace: Workspace, shared: Shared) -> Response:
    """Append lines to a revision's log."""
    given = await body(request, LogReport)
    at = storage.now()
    with shared.store.transaction() as session:
        deployment, revision = _revision(session, workspace, str(revision_id))
        session.add_all(
            LogRow(
                deployment_id=deployment.id,
                revision_id=revision.id,
                type=given.type,
                timestamp=at if line.timestamp is None else line.timestamp,
                level=line.level,
                message=line.message,
            )
            for line in given.lines
        )
    return Response(status_code=204)


@router.post("/listeners/{listener_id}/heartbeat")
async def heartbeat(listener_id: UUID, workspace: Workspace, shared: Shared) -> Response:
    """Note that a listener lives."""
    with shared.store.transaction() as session:
        listeners.find(session, workspace, str(listener_id)).last_seen_at = storage.now()
    return Response(status_code=204)
