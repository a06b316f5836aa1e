# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployments: create, list, read, change, delete."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Select, func, select
from starlette.requests import Request
from starlette.responses import Response

from playground.control_plane import deploying, lifecycle, storage, views
from playground.control_plane.deploying import find
from playground.control_plane.http import (
    Answer,
    Flag,
    Limit,
    Nullable,
    Offset,
    Shared,
    Workspace,
    body,
    newest_schema_only,
    page,
    window,
)
from playground.control_plane.models import (
    DeploymentCreateRequest,
    DeploymentPatchRequest,
    DeploymentTierRequest,
    DeploymentType,
    ResourceTiersRequest,
)
from playground.control_plane.rules import BEING_DELETED, Refusal
from playground.control_plane.storage import DeploymentRow

router = APIRouter(prefix="/v2/deployments", tags=["Deployments (v2)"])
newest = [Depends(newest_schema_only)]


@router.get("")
async def list_deployments(
    request: Request,
    workspace: Workspace,
    shared: Shared,
    limit: Limit = 20,
    offset: Offset = 0,
    remote_reconciled: Nullable[Flag] = None,
    deployment_type: Nullable[DeploymentType] = None,
) -> Response:
    """A page of deployments, newest first."""
    settings = shared.settings
    if deployment_type not in (None, *settings.facts.deployment_types):
        raise RequestValidationError(
            [{"type": "enum", "loc": ("query", "deployment_type"), "msg": "Unknown deployment type", "input": None}]
        )
    query = select(DeploymentRow).where(DeploymentRow.workspace_id == workspace)
    if not settings.ignore_filters:
        given = dict(request.query_params)
        given["deployment_type"] = deployment_type or ""
        query = _filtered(query, given, remote_reconciled, newest_filters=settings.facts.newest_routes)
    count, start = window(limit, offset, settings)
    with shared.store.transaction() as session:
        lifecycle.advance(session, settings, storage.now())
        rows = session.scalars(query.order_by(DeploymentRow.seq.desc()).limit(count).offset(start)).all()
        return page([views.deployment(row, settings) for row in rows], offset, settings)


def _filtered(query: Select[Any], given: dict[str, str], remote: bool | None, *, newest_filters: bool) -> Select[Any]:
    """Apply the filters that were given and are not empty; values that nothing can have match nothing."""
    row = DeploymentRow
    if text := given.get("name_contains"):
        query = query.where(func.instr(func.lower(row.name), text.lower()) > 0)
    if statuses := given.get("status"):
        query = query.where(row.status.in_(_items(statuses)))
    if ids := given.get("deployment_ids"):
        query = query.where(row.id.in_([item.lower() for item in _items(ids)]))
    if version := given.get("image_version"):
        query = query.where(row.image_version == version)
    if kind := given.get("deployment_type"):
        query = query.where(row.deployment_type == kind)
    if remote is not None:
        query = query.where(row.listener_id.is_not(None) if remote else row.listener_id.is_(None))
    if newest_filters:
        if name := given.get("name"):
            query = query.where(row.name == name)
        if url := given.get("url"):
            query = query.where(row.url == url)
    if any(given.get(name) for name in ("tag_value_ids", "agent_id", "agent_environment")):
        query = query.where(row.seq.is_(None))  # tags and agent mode are not simulated: nothing has any
    return query


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


@router.post("")
async def create_deployment(request: Request, workspace: Workspace, shared: Shared) -> Response:
    """A new deployment and its first revision."""
    given = await body(request, DeploymentCreateRequest)
    at = storage.now()
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, at)
        row = deploying.create(session, workspace, given, shared.settings, at)
        return Answer(views.deployment(row, shared.settings), status_code=201)


@router.delete("")
async def delete_deployments(
    workspace: Workspace, shared: Shared, deployment_ids: Annotated[list[UUID], Query(max_length=100)]
) -> Response:
    """Delete several: 200 when all were found, 207 when some were, 404 when none was."""
    if not shared.settings.facts.bulk_delete:
        raise Refusal(405, "Method Not Allowed", allow="GET, POST")
    deleted, missing = [], []
    with shared.store.transaction() as session:
        for deployment_id in dict.fromkeys(map(str, deployment_ids)):
            try:
                row = find(session, workspace, deployment_id)
            except Refusal as refusal:
                missing.append({"deployment_id": deployment_id, "detail": refusal.detail})
            else:
                lifecycle.request_delete(row, shared.settings, storage.now())
                deleted.append(deployment_id)
    if missing and not deleted:
        raise Refusal(404, missing[0]["detail"])
    return Answer({"deleted": deleted, "failed": missing}, status_code=207 if missing else 200)


@router.get("/free-count", dependencies=newest)
async def free_count(workspace: Workspace, shared: Shared) -> Response:
    """How many deployments are of a free type."""
    free = select(func.count()).where(
        DeploymentRow.workspace_id == workspace, DeploymentRow.deployment_type.in_(("dev_free", "dev_free_zero"))
    )
    with shared.store.transaction() as session:
        return Answer({"count": session.execute(free).scalar_one()})


@router.get("/{deployment_id}")
async def get_deployment(deployment_id: UUID, workspace: Workspace, shared: Shared) -> Response:
    """One deployment."""
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, storage.now())
        return Answer(views.deployment(find(session, workspace, str(deployment_id)), shared.settings))


@router.patch("/{deployment_id}")
async def patch_deployment(deployment_id: UUID, request: Request, workspace: Workspace, shared: Shared) -> Response:
    """Change a deployment; whether that makes a revision depends on what was sent."""
    given = await body(request, DeploymentPatchRequest)
    at = storage.now()
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, at)
        row = find(session, workspace, str(deployment_id))
        deploying.change(session, row, given, shared.settings, at)
        return Answer(views.deployment(row, shared.settings))


@router.delete("/{deployment_id}")
async def delete_deployment(
    deployment_id: UUID,
    workspace: Workspace,
    shared: Shared,
    delete_tracing_project: Flag = False,
    force: Flag = False,
) -> Response:
    """Ask for deletion; ``force`` forgets a deployment whose deletion was asked for before, without any clean-up."""
    with shared.store.transaction() as session:
        row = find(session, workspace, str(deployment_id))
        if force and shared.settings.facts.newest_routes:
            if row.status not in BEING_DELETED:
                raise Refusal(400, "'force' is only allowed for a deployment that is already being deleted.")
            session.delete(row)
        else:
            lifecycle.request_delete(row, shared.settings, storage.now())
    return Response(status_code=204)


@router.patch("/{deployment_id}/deployment-tier", dependencies=newest)
async def patch_deployment_tier(
    deployment_id: UUID, request: Request, workspace: Workspace, shared: Shared
) -> Response:
    """Set the deployment tier; the compute tier follows it."""
    given = await body(request, DeploymentTierRequest)
    tiers = {"deployment_tier": given.deployment_tier, "compute_tier": given.deployment_tier}
    return _set_tiers(shared, workspace, deployment_id, tiers)


@router.patch("/{deployment_id}/resource-tiers", dependencies=newest)
async def patch_resource_tiers(deployment_id: UUID, request: Request, workspace: Workspace, shared: Shared) -> Response:
    """Set the compute tier, the database tier, or both; the deployment tier mirrors the compute tier."""
    given = await body(request, ResourceTiersRequest)
    tiers: dict[str, str] = {name: tier for name, tier in given.model_dump().items() if tier is not None}
    if not tiers:
        raise Refusal(400, "At least one of 'compute_tier' and 'database_tier' is required.")
    if "compute_tier" in tiers:
        tiers["deployment_tier"] = tiers["compute_tier"]
    return _set_tiers(shared, workspace, deployment_id, tiers)


def _set_tiers(shared: Shared, workspace: str, deployment_id: uuid.UUID, tiers: Mapping[str, str]) -> Response:
    with shared.store.transaction() as session:
        row = find(session, workspace, str(deployment_id))
        row.extra, row.updated_at = {**row.extra, **tiers}, storage.now()
        return Answer(views.deployment(row, shared.settings))
