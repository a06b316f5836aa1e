# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listeners: which clusters serve this workspace."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from playground.control_plane import storage, views
from playground.control_plane.http import (
    LISTENERS_REFUSED,
    Answer,
    Limit,
    Offset,
    Shared,
    Workspace,
    body,
    page,
    window,
)
from playground.control_plane.models import ListenerCreateRequest, ListenerPatchRequest
from playground.control_plane.rules import Refusal
from playground.control_plane.settings import Settings
from playground.control_plane.storage import DeploymentRow, ListenerRow

router = APIRouter(prefix="/v2/listeners", tags=["Listeners (v2)"])


def find(session: Session, workspace: str, listener_id: str) -> ListenerRow:
    """A listener of the workspace. :raises Refusal: 404."""
    row = session.scalars(
        select(ListenerRow).where(ListenerRow.id == listener_id, ListenerRow.workspace_id == workspace)
    ).first()
    if row is None:
        raise Refusal(404, f"Listener ID {listener_id} not found.")
    return row


def _allowed(workspace: str, settings: Settings) -> None:
    if not settings.listeners_allowed:
        raise Refusal(403, LISTENERS_REFUSED.format(workspace))


@router.get("")
async def list_listeners(workspace: Workspace, shared: Shared, limit: Limit = 20, offset: Offset = 0) -> Response:
    """A page of listeners, newest first."""
    count, start = window(limit, offset, shared.settings)
    query = select(ListenerRow).where(ListenerRow.workspace_id == workspace).order_by(ListenerRow.seq.desc())
    with shared.store.transaction() as session:
        rows = session.scalars(query.limit(count).offset(start)).all()
        return page([views.listener(row, shared.settings) for row in rows], offset, shared.settings)


@router.post("")
async def create_listener(request: Request, workspace: Workspace, shared: Shared) -> Response:
    """A new listener; its compute_id is unique in the workspace."""
    given = await body(request, ListenerCreateRequest)
    _allowed(workspace, shared.settings)
    with shared.store.transaction() as session:
        row = create(session, workspace, given, storage.now())
        session.flush()
        return Answer(views.listener(row, shared.settings), status_code=201)


def create(session: Session, workspace: str, given: ListenerCreateRequest, at: float) -> ListenerRow:
    """Add a listener. :raises Refusal: 409 when its compute_id is taken."""
    taken = select(ListenerRow.id).where(
        ListenerRow.workspace_id == workspace, ListenerRow.compute_id == given.compute_id
    )
    if session.execute(taken).first():
        raise Refusal(
            409,
            f"Listener for LangSmith workspace ID '{workspace}' and compute ID '{given.compute_id}' already exists.",
        )
    row = ListenerRow(
        id=storage.new_id(),
        workspace_id=workspace,
        compute_type=given.compute_type,
        compute_id=given.compute_id,
        k8s_namespaces=given.compute_config.k8s_namespaces,
        version=given.version,
        created_at=at,
        updated_at=at,
    )
    session.add(row)
    return row


@router.get("/{listener_id}")
async def get_listener(listener_id: UUID, workspace: Workspace, shared: Shared) -> Response:
    """One listener."""
    _allowed(workspace, shared.settings)
    with shared.store.transaction() as session:
        return Answer(views.listener(find(session, workspace, str(listener_id)), shared.settings))


@router.patch("/{listener_id}")
async def patch_listener(listener_id: UUID, request: Request, workspace: Workspace, shared: Shared) -> Response:
    """Change version or namespaces; the namespaces are replaced as a whole, null leaves them alone."""
    given = await body(request, ListenerPatchRequest)
    _allowed(workspace, shared.settings)
    with shared.store.transaction() as session:
        row = find(session, workspace, str(listener_id))
        if given.compute_config is not None and given.compute_config.k8s_namespaces is not None:
            row.k8s_namespaces = given.compute_config.k8s_namespaces
        if given.version is not None:
            row.version = given.version
        row.updated_at = storage.now()
        return Answer(views.listener(row, shared.settings))


@router.delete("/{listener_id}")
async def delete_listener(listener_id: UUID, workspace: Workspace, shared: Shared) -> Response:
    """Forget a listener; its deployments stay unless the settings say that this is refused."""
    _allowed(workspace, shared.settings)
    with shared.store.transaction() as session:
        row = find(session, workspace, str(listener_id))
        used = select(func.count()).where(DeploymentRow.workspace_id == workspace, DeploymentRow.listener_id == row.id)
        if shared.settings.delete_listener_in_use == "conflict" and (count := session.execute(used).scalar_one()):
            raise Refusal(409, f"Listener ID {row.id} is used by {count} deployment(s).")
        session.delete(row)
    return Response(status_code=204)
