# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control plane's pages: what there is, and forms to create more. Secrets are taken but never shown."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Depends
from jinja2 import Environment, PackageLoader
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from playground.control_plane import deploying, lifecycle, rules, storage, views
from playground.control_plane.http import Shared, trusted
from playground.control_plane.models import DeploymentCreateRequest, ListenerCreateRequest
from playground.control_plane.routers import listeners
from playground.control_plane.rules import Refusal
from playground.control_plane.state import State
from playground.control_plane.storage import DeploymentRow, ListenerRow, LogRow, RevisionRow

router = APIRouter(include_in_schema=False, dependencies=[Depends(trusted)])
ROWS: Final = 100
REFRESH_SECONDS: Final = 5
DIGEST_SHOWN: Final = len("sha256:") + 12
MINUTE, HOUR, DAY = 60, 3600, 86400


def _tone(status: str) -> str:
    if status in ("DEPLOYED", "READY"):
        return "good"
    if status in rules.FAILED or status == "INTERRUPTED":
        return "bad"
    return "busy" if status in rules.WAITING or status.startswith("AWAITING") else "idle"


def _ago(seconds: float) -> str:
    past = max(0, int(time.time() - seconds))
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if past >= unit:
            return f"{past // unit} {name} ago"
    return f"{past} s ago"


def _short(image: str) -> str:
    """An image reference with the beginning of its digest only."""
    name, at, digest = image.partition("@")
    return f"{name}{at}{digest[:DIGEST_SHOWN]}…" if len(digest) > DIGEST_SHOWN else image


TEMPLATES: Final = Environment(
    loader=PackageLoader("playground.control_plane"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters.update(tone=_tone, ago=_ago, short=_short, moment=views.moment)
# A stored URL becomes a link only if following it cannot run a script.
TEMPLATES.tests["link"] = lambda url: bool(url) and url.startswith(("http://", "https://"))


def _page(shared: State, name: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
    text = TEMPLATES.get_template(name).render(
        workspace=shared.keys.workspaces[0], settings=shared.settings, **{"refresh": 0, **values}
    )
    return HTMLResponse(text, status_code=status, headers={"Content-Security-Policy": _POLICY})


_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'"


def _refresh(request: Request) -> dict[str, Any]:
    return {"refreshes": True, "refresh": 0 if request.query_params.get("refresh") == "0" else REFRESH_SECONDS}


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


@router.get("/")
async def overview(request: Request, shared: Shared) -> Response:
    """All deployments and listeners."""
    workspace = shared.keys.workspaces[0]
    text = request.query_params.get("page", "1")
    page = max(1, int(text)) if text.isascii() and text.isdecimal() else 1
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, storage.now())
        counts = _counts(session, workspace)
        rows = session.execute(
            select(DeploymentRow, RevisionRow, ListenerRow.compute_id)
            .join(RevisionRow, RevisionRow.id == DeploymentRow.latest_revision_id)
            .outerjoin(ListenerRow, ListenerRow.id == DeploymentRow.listener_id)
            .where(DeploymentRow.workspace_id == workspace)
            .order_by(DeploymentRow.seq.desc())
            .limit(ROWS)
            .offset((page - 1) * ROWS)
        ).all()
        known = session.execute(
            select(ListenerRow, func.count(DeploymentRow.seq))
            .outerjoin(DeploymentRow, DeploymentRow.listener_id == ListenerRow.id)
            .where(ListenerRow.workspace_id == workspace)
            .group_by(ListenerRow.seq)
            .order_by(ListenerRow.seq.desc())
        ).all()
        pages = -(-counts["deployments"] // ROWS)
        values = {"counts": counts, "deployments": rows, "listeners": known, "page": page, "pages": pages}
        return _page(shared, "overview.html", {**_refresh(request), **values})


def _counts(session: Session, workspace: str) -> dict[str, int]:
    grouped = session.execute(
        select(RevisionRow.status, func.count())
        .join(DeploymentRow, DeploymentRow.latest_revision_id == RevisionRow.id)
        .where(DeploymentRow.workspace_id == workspace)
        .group_by(RevisionRow.status)
    )
    by_status = dict(iter(grouped))
    known = select(func.count()).select_from(ListenerRow).where(ListenerRow.workspace_id == workspace)
    return {
        "deployments": sum(by_status.values()),
        "live": by_status.get("DEPLOYED", 0),
        "moving": sum(by_status.get(status, 0) for status in rules.WAITING),
        "failed": sum(by_status.get(status, 0) for status in rules.FAILED),
        "listeners": session.execute(known).scalar_one(),
    }


@router.get("/ui/listeners/new")
async def new_listener(shared: Shared) -> Response:
    """The form for a listener."""
    return _page(shared, "new_listener.html", {"form": {}})


@router.post("/ui/listeners")
async def create_listener(request: Request, shared: Shared) -> Response:
    """Create a listener, or show the form again with what is wrong."""
    form = await _form(request)
    names = [name.strip() for name in form.get("namespaces", "").split(",") if name.strip()]
    try:
        if not form.get("compute_id", "").strip() or not names:
            raise Refusal(422, "A compute ID and at least one namespace are needed.")
        if not shared.settings.listeners_allowed:
            raise Refusal(403, "This workspace's plan does not include listeners.")
        given = ListenerCreateRequest.model_validate(
            {
                "compute_type": "k8s",
                "compute_id": form["compute_id"].strip(),
                "compute_config": {"k8s_namespaces": names},
            }
        )
        with shared.store.transaction() as session:
            listeners.create(session, shared.keys.workspaces[0], given, storage.now())
    except Refusal as refusal:
        return _page(shared, "new_listener.html", {"form": form, "error": refusal.detail}, status=refusal.status)
    return RedirectResponse("/", status_code=303)


def _deployment_form(shared: State, form: Mapping[str, str], refusal: Refusal | None = None) -> Response:
    with shared.store.transaction() as session:
        known = session.scalars(
            select(ListenerRow)
            .where(ListenerRow.workspace_id == shared.keys.workspaces[0])
            .order_by(ListenerRow.compute_id)
        ).all()
        status, error = (refusal.status, refusal.detail) if refusal else (200, None)
        return _page(shared, "new_deployment.html", {"form": form, "error": error, "listeners": known}, status=status)


@router.get("/ui/deployments/new")
async def new_deployment(shared: Shared) -> Response:
    """The form for a deployment."""
    return _deployment_form(shared, {})


@router.post("/ui/deployments")
async def create_deployment(request: Request, shared: Shared) -> Response:
    """Create a deployment, or show the form again with what is wrong (but without the secrets)."""
    form = await _form(request)
    try:
        with shared.store.transaction() as session:
            at = storage.now()
            row = deploying.create(session, shared.keys.workspaces[0], _requested(form), shared.settings, at)
    except Refusal as refusal:
        return _deployment_form(shared, form, refusal)
    return RedirectResponse(f"/ui/deployments/{row.id}", status_code=303)


def _requested(form: Mapping[str, str]) -> DeploymentCreateRequest:
    config: dict[str, Any] = {"resource_spec": {}}
    listener_id, _, namespace = form.get("placement", "").partition("/")
    if listener_id:
        config |= {"listener_id": listener_id, "listener_config": {"k8s_namespace": namespace or None}}
    secrets = []
    for line in filter(None, map(str.strip, form.get("environment", "").splitlines())):
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise Refusal(422, "Environment variables are written NAME=value, one a line.")
        secrets.append({"name": name.strip(), "value": value})
    try:
        return DeploymentCreateRequest.model_validate(
            {
                "name": form.get("name", "").strip(),
                "source": "external_docker",
                "source_config": config,
                "source_revision_config": {"image_uri": form.get("image_uri", "").strip()},
                "secrets": secrets,
            },
            strict=False,
        )
    except ValidationError as error:
        places = ", ".join(".".join(map(str, item["loc"])) for item in error.errors())
        raise Refusal(422, f"These values cannot be used: {places}") from None


@router.get("/ui/deployments/{deployment_id}")
async def show_deployment(deployment_id: UUID, request: Request, shared: Shared) -> Response:
    """One deployment with its revisions and the end of its log."""
    with shared.store.transaction() as session:
        lifecycle.advance(session, shared.settings, storage.now())
        row = deploying.find(session, shared.keys.workspaces[0], str(deployment_id))
        revisions = session.scalars(
            select(RevisionRow).where(RevisionRow.deployment_id == row.id).order_by(RevisionRow.seq.desc()).limit(ROWS)
        ).all()
        lines = session.scalars(
            select(LogRow).where(LogRow.deployment_id == row.id).order_by(LogRow.seq.desc()).limit(ROWS)
        ).all()
        listener = session.scalars(select(ListenerRow.compute_id).where(ListenerRow.id == row.listener_id)).first()
        values = {"row": row, "revisions": revisions, "lines": lines[::-1], "listener": listener}
        return _page(shared, "deployment.html", {**_refresh(request), **values})


@router.post("/ui/deployments/{deployment_id}/delete")
async def delete_deployment(deployment_id: UUID, shared: Shared) -> Response:
    """Ask for a deployment's deletion."""
    with shared.store.transaction() as session:
        row = deploying.find(session, shared.keys.workspaces[0], str(deployment_id))
        lifecycle.request_delete(row, shared.settings, storage.now())
    return RedirectResponse("/", status_code=303)
