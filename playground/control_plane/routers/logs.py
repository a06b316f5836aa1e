# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build and deploy logs, by all the routes that clients use for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.exceptions import RequestValidationError
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from playground.control_plane import lifecycle, storage, views
from playground.control_plane.deploying import find, find_revision
from playground.control_plane.http import Answer, Shared, Workspace, body, newest_schema_only
from playground.control_plane.models import LogsRequest
from playground.control_plane.state import State
from playground.control_plane.storage import LogRow

router = APIRouter(tags=["Logs"])
newest = [Depends(newest_schema_only)]
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Order = Literal["asc", "desc"]


@dataclass(frozen=True)
class Wanted:
    """Which log lines, and how many of them. ``position`` is what an earlier answer gave to go on from."""

    deployment_id: str
    revision_id: str | None
    type: str
    limit: int
    order: str = "asc"
    position: str | None = None
    level: str | None = None
    query: str | None = None
    start_time: str | None = None
    end_time: str | None = None


def read(shared: State, workspace: str, wanted: Wanted) -> tuple[list[dict[str, Any]], str | None]:
    """The lines, and the position of the next page (none at the end)."""
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, storage.now())
        deployment = find(session, workspace, wanted.deployment_id)
        query = select(LogRow).where(LogRow.deployment_id == deployment.id, LogRow.type == wanted.type)
        if wanted.revision_id is not None:
            query = query.where(LogRow.revision_id == find_revision(session, deployment, wanted.revision_id).id)
        if wanted.level is not None:
            query = query.where(LogRow.level == wanted.level)
        if wanted.query:
            query = query.where(func.instr(func.lower(LogRow.message), wanted.query.lower()) > 0)
        if wanted.start_time:
            query = query.where(LogRow.timestamp >= _seconds(wanted.start_time, "start_time"))
        if wanted.end_time:
            query = query.where(LogRow.timestamp <= _seconds(wanted.end_time, "end_time"))
        ascending = wanted.order == "asc"
        if wanted.position is not None:
            after = _position(wanted.position)
            query = query.where(LogRow.seq > after if ascending else LogRow.seq < after)
        rows = session.scalars(
            query.order_by(LogRow.seq.asc() if ascending else LogRow.seq.desc()).limit(wanted.limit + 1)
        ).all()
    lines, more = rows[: wanted.limit], len(rows) > wanted.limit
    return [views.log_entry(row) for row in lines], str(lines[-1].seq) if more else None


def _position(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise _bad("offset", "Input should be a position that an earlier answer gave")
    return int(text)


def _seconds(text: str, field: str) -> float:
    """A moment in ISO 8601, or in milliseconds since the epoch, as seconds."""
    try:
        if text.replace(".", "", 1).isdecimal():
            return float(text) / 1000
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise _bad(field, "Input should be a valid datetime") from None


def _bad(field: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": ("query", field), "msg": message, "input": None}])


@router.get("/v2/deployments/{deployment_id}/revisions/{revision_id}/logs", dependencies=newest)
async def get_revision_logs(  # noqa: PLR0913, PLR0917 - the route's documented parameters
    deployment_id: UUID,
    revision_id: UUID,
    workspace: Workspace,
    shared: Shared,
    log_type: Annotated[Literal["build", "deploy"], Query(alias="type")],
    start_time: str | None = None,
    end_time: str | None = None,
    order: Order = "asc",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: str | None = None,
    query: str | None = None,
    level: Level | None = None,
    run_id: str | None = None,
) -> Response:
    """A page of one revision's log."""
    wanted = Wanted(
        str(deployment_id), str(revision_id), log_type, limit, order, offset, level, query, start_time, end_time
    )
    lines, following = read(shared, workspace, wanted)
    return Answer({"logs": [] if run_id else lines, "next_offset": None if run_id else following})


@router.get("/v2/deployment-logs", dependencies=newest)
async def get_deployment_logs(  # noqa: PLR0913, PLR0917 - the route's documented parameters
    workspace: Workspace,
    shared: Shared,
    deployment_id: UUID,
    revision_id: UUID | None = None,
    log_type: Literal["BUILD", "DEPLOY"] = "DEPLOY",
    start_time: str | None = None,
    end_time: str | None = None,
    sort_order: Order = "desc",
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str | None = None,
    query: str | None = None,
    level: Level | None = None,
    run_id: str | None = None,
) -> Response:
    """A page of a deployment's log, over all its revisions or one."""
    revision = str(revision_id) if revision_id else None
    wanted = Wanted(
        str(deployment_id),
        revision,
        log_type.lower(),
        page_size,
        sort_order,
        cursor,
        level,
        query,
        start_time,
        end_time,
    )
    lines, following = read(shared, workspace, wanted)
    return Answer({"items": [] if run_id else lines, "next_cursor": None if run_id else following})


async def _v1(
    request: Request, shared: State, workspace: str, project_id: UUID, revision_id: UUID | None, log_type: str
) -> Response:
    given = await body(request, LogsRequest)
    wanted = Wanted(
        str(project_id),
        str(revision_id) if revision_id else None,
        log_type,
        given.limit,
        given.order,
        given.offset,
        given.level,
        given.query,
        given.start_time,
        given.end_time,
    )
    lines, following = read(shared, workspace, wanted)
    return Answer({"logs": lines, "next_offset": following})


@router.post("/v1/projects/{project_id}/revisions/{revision_id}/build_logs")
async def build_logs(
    project_id: UUID, revision_id: UUID, request: Request, workspace: Workspace, shared: Shared
) -> Response:
    """The build log, as the official client asks for it."""
    return await _v1(request, shared, workspace, project_id, revision_id, "build")


@router.post("/v1/projects/{project_id}/revisions/{revision_id}/deploy_logs")
async def revision_deploy_logs(
    project_id: UUID, revision_id: UUID, request: Request, workspace: Workspace, shared: Shared
) -> Response:
    """One revision's deploy log, as the official client asks for it."""
    return await _v1(request, shared, workspace, project_id, revision_id, "deploy")


@router.post("/v1/projects/{project_id}/deploy_logs")
async def deploy_logs(project_id: UUID, request: Request, workspace: Workspace, shared: Shared) -> Response:
    """A deployment's deploy log, as the official client asks for it."""
    return await _v1(request, shared, workspace, project_id, None, "deploy")
