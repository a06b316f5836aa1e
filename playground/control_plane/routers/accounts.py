# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""LangSmith's own API as far as a first service key takes it: log in, find the workspace, make the key.

Paths, the request of a key and the key in its answer are the published API's; all else is this simulator's choice.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import Response

from playground.control_plane import views
from playground.control_plane.accounts import Accounts, Caller, ServiceKeyRow, WorkspaceRow
from playground.control_plane.http import Answer, Shared, body, state_of
from playground.control_plane.models import Body
from playground.control_plane.rules import Refusal

router = APIRouter(prefix="/api/v1", tags=["LangSmith accounts"])


class ServiceKeyRequest(Body):
    """A service key to be made; without ``workspaces`` it is for the whole organisation."""

    description: str = "Default API key"
    workspaces: list[str] | None = None


def accounts_of(request: Request) -> Accounts:
    """The accounts; 404 where keys come from a file."""
    keys = state_of(request).keys
    if not isinstance(keys, Accounts):
        raise Refusal(404, "Not Found")
    return keys


def caller_of(request: Request) -> Caller:
    """Who asks."""
    return accounts_of(request).caller(request.headers)


Known = Annotated[Accounts, Depends(accounts_of)]
Asking = Annotated[Caller, Depends(caller_of)]


@router.post("/login")
async def log_in(request: Request, accounts: Known) -> Response:
    """Take user and password by Basic authorization, answer a token for the header ``Authorization: Bearer``."""
    return Answer({"access_token": accounts.log_in(request.headers.get("authorization", ""))})


@router.get("/workspaces")
async def list_workspaces(caller: Asking, shared: Shared) -> Response:
    """The workspaces that the caller may use."""
    with shared.store.transaction() as session:
        rows = session.scalars(select(WorkspaceRow).order_by(WorkspaceRow.seq)).all()
    seen = [row for row in rows if caller.workspace in (None, row.id)]
    return Answer(
        [{"id": row.id, "display_name": row.display_name, "created_at": views.moment(row.created_at)} for row in seen]
    )


@router.get("/orgs/current/service-keys")
async def list_keys(caller: Asking, shared: Shared) -> Response:
    """All service keys, without the keys themselves."""
    _demand_admin(caller)
    with shared.store.transaction() as session:
        rows = session.scalars(select(ServiceKeyRow).order_by(ServiceKeyRow.seq)).all()
    return Answer([_shown(row) for row in rows])


@router.post("/orgs/current/service-keys")
async def make_key(request: Request, caller: Asking, accounts: Known, shared: Shared) -> Response:
    """Make a service key; the answer is the only one that holds it."""
    _demand_admin(caller)
    given = await body(request, ServiceKeyRequest)
    if len(given.workspaces or ()) > 1:
        raise Refusal(400, "The simulator makes keys for one workspace, or for all.")
    workspace = given.workspaces[0] if given.workspaces else None
    if workspace is not None and workspace not in accounts.workspaces:
        raise Refusal(404, f"Workspace '{workspace}' was not found.")
    with shared.store.transaction() as session:
        row, key = accounts.make_key(session, given.description, workspace)
        return Answer({**_shown(row), "key": key})


def _demand_admin(caller: Caller) -> None:
    if not caller.admin:
        raise Refusal(403, "Only an organisation's administrator may do this.")


def _shown(row: ServiceKeyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "short_key": row.short_key,
        "description": row.description,
        "access_scope": "workspace" if row.workspace_id else "organization",
        "created_at": views.moment(row.created_at),
    }
