# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Revisions of a deployment."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from playground.control_plane import deploying, lifecycle, rules, storage, views
from playground.control_plane.deploying import find, find_revision
from playground.control_plane.http import Answer, Flag, Limit, Nullable, Offset, Shared, Workspace, body, page, window
from playground.control_plane.models import RevisionCreateRequest
from playground.control_plane.rules import Refusal
from playground.control_plane.storage import RevisionRow

router = APIRouter(prefix="/v2/deployments/{deployment_id}/revisions", tags=["Deployments (v2)"])


@router.get("")
async def list_revisions(
    deployment_id: UUID,
    workspace: Workspace,
    shared: Shared,
    limit: Limit = 20,
    offset: Offset = 0,
    status: str | None = None,
    remote_reconciled: Nullable[Flag] = None,
) -> Response:
    """A page of revisions, newest first."""
    count, start = window(limit, offset, shared.settings)
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, storage.now())
        deployment = find(session, workspace, str(deployment_id))
        query = select(RevisionRow).where(RevisionRow.deployment_id == deployment.id)
        if late := lifecycle.announced_later(deployment):
            query = query.where(RevisionRow.id != late["revision"])
        if status and not shared.settings.ignore_filters:
            query = query.where(RevisionRow.status.in_([item.strip() for item in status.split(",")]))
        if remote_reconciled is not None and remote_reconciled != (deployment.listener_id is not None):
            query = query.where(RevisionRow.seq.is_(None))
        rows = session.scalars(query.order_by(RevisionRow.seq.desc()).limit(count).offset(start)).all()
        return page([views.revision(row, shared.settings) for row in rows], offset, shared.settings)


@router.post("")
async def create_revision(deployment_id: UUID, request: Request, workspace: Workspace, shared: Shared) -> Response:
    """A new revision, whether or not anything differs; what is not given is carried over."""
    if not shared.settings.facts.newest_routes:
        raise Refusal(405, "Method Not Allowed", allow="GET")
    given = await body(request, RevisionCreateRequest)
    at = storage.now()
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, at)
        deployment = find(session, workspace, str(deployment_id))
        deploying.change(session, deployment, given, shared.settings, at, always=True)
        newest = find_revision(session, deployment, str(deployment.latest_revision_id))
        return Answer(views.revision(newest, shared.settings), status_code=201)


@router.get("/{revision_id}")
async def get_revision(deployment_id: UUID, revision_id: UUID, workspace: Workspace, shared: Shared) -> Response:
    """One revision."""
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, storage.now())
        deployment = find(session, workspace, str(deployment_id))
        return Answer(views.revision(find_revision(session, deployment, str(revision_id)), shared.settings))


@router.post("/{revision_id}/redeploy")
async def redeploy_revision(deployment_id: UUID, revision_id: UUID, workspace: Workspace, shared: Shared) -> Response:
    """Make a new revision with the content of an earlier one; answers the deployment."""
    at = storage.now()
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, at)
        deployment = find(session, workspace, str(deployment_id))
        revision = find_revision(session, deployment, str(revision_id))
        if deployment.status in rules.BEING_DELETED:
            raise Refusal(400, f"Deployment ID {deployment.id} is being deleted.")
        earlier = lifecycle.content_of(revision)
        # Only what belongs to a revision comes back; the URL and the like are the deployment's own.
        config = {**deployment.source_config}
        for name in rules.REVISED:
            config[name] = earlier.source_config.get(name)
        content = rules.Content(
            earlier.source, config, earlier.source_revision_config, earlier.secrets, earlier.secret_references
        )
        before = deployment.latest_revision_id
        lifecycle.create_revision(session, deployment, content, shared.settings, at)
        if shared.settings.redeploy_seconds:
            lifecycle.announce_later(deployment, before, at + shared.settings.redeploy_seconds)
        return Answer(views.deployment(deployment, shared.settings))
