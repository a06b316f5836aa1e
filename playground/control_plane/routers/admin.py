# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's own controls: settings, faults, log of requests. Not part of any real control plane."""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from playground.control_plane import lifecycle, settings, storage
from playground.control_plane.faults import Fault
from playground.control_plane.http import Answer, Shared, trusted
from playground.control_plane.settings import Settings

router = APIRouter(prefix="/playground", tags=["Simulator"], dependencies=[Depends(trusted)])
Model = TypeVar("Model", bound=BaseModel)


def _checked(model: type[Model], document: Any) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False, include_context=False)]
        ) from None


@router.get("/settings")
async def get_settings(shared: Shared) -> Response:
    """All settings."""
    return Answer(shared.settings.model_dump())


@router.patch("/settings")
async def patch_settings(request: Request, shared: Shared) -> Response:
    """Change those that are given; they survive a restart."""
    changed = _checked(Settings, {**shared.settings.model_dump(), **await request.json()})
    settings.save(shared.store, changed, shared.defaults)
    switched_on = changed.auto_deploy and not shared.settings.auto_deploy
    shared.settings = changed
    if switched_on:
        with shared.store.transaction() as session:
            lifecycle.take_over(session, changed, storage.now())
    return Answer(changed.model_dump())


@router.get("/faults")
async def get_faults(shared: Shared) -> Response:
    """The faults in force, with counts."""
    return Answer(shared.faults.as_json())


@router.post("/faults")
async def add_faults(request: Request, shared: Shared) -> Response:
    """Order one fault (an object) or several (a list)."""
    document = await request.json()
    for fault in [_checked(Fault, item) for item in (document if isinstance(document, list) else [document])]:
        shared.faults.add(fault)
    return Answer(shared.faults.as_json(), status_code=201)


@router.delete("/faults")
async def clear_faults(shared: Shared) -> Response:
    """Withdraw all faults."""
    shared.faults.clear()
    return Response(status_code=204)


@router.get("/requests")
async def get_requests(shared: Shared) -> Response:
    """The newest requests, oldest first, without the simulator's own routes."""
    return Answer(shared.requests.as_json())


@router.delete("/requests")
async def clear_requests(shared: Shared) -> Response:
    """Empty the log."""
    shared.requests.clear()
    return Response(status_code=204)
