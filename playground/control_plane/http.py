# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers of the routes: the caller, the body, the answer, the page."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, ValidationError
from starlette.responses import Response

from playground.control_plane.rules import Refusal
from playground.control_plane.settings import Settings
from playground.control_plane.state import State

Model = TypeVar("Model", bound=BaseModel)
Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0)]
T = TypeVar("T")
#: A query parameter that may be null, which some clients spell out.
Nullable = Annotated[T | None, BeforeValidator(lambda value: None if value in ("null", "") else value)]
FLAGS: Final = {"true": True, "false": False}
#: A yes or no in the query: true or false, not the other spellings that pydantic would take.
Flag = Annotated[bool, BeforeValidator(lambda value: FLAGS.get(str(value).lower(), "neither true nor false"))]
MOST_ROWS: Final = 2**62
LISTENERS_REFUSED: Final = (
    "Listeners cannot be created for LangSmith workspace ID '{}'. Creating listeners is only allowed for LangSmith "
    "organizations with self-hosted enterprise plans."
)


class Answer(Response):
    """A JSON answer, written tersely and in one go."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Bytes of the body."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def state_of(request: Request) -> State:
    """The state of the application that serves the request."""
    state: State = request.app.state.control_plane
    return state


async def authenticated(request: Request) -> str:
    """The workspace that the caller acts on."""
    return state_of(request).keys.workspace(request.headers)


async def enabled(request: Request) -> str:
    """The workspace that the caller acts on, in an organisation that may deploy."""
    state = state_of(request)
    workspace = state.keys.workspace(request.headers)
    if not state.settings.deployments_enabled:
        raise Refusal(403, "LangSmith Deployment is not enabled for this organization")
    return workspace


async def trusted(request: Request) -> None:
    """Let the pages and the simulator's controls be used from this machine; from elsewhere only with a key.

    A web site that the user happens to visit is elsewhere, though its requests come from this machine.

    Raises:
        Refusal: 403 for a request of another site; 401 or 403 as for the API otherwise.
    """
    host = request.url.hostname or ""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refusal(403, "Requests of other sites are not served here.")
    if not (_is_local(host) and request.client is not None and _is_local(request.client.host)):
        state_of(request).keys.workspace(request.headers)


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Workspace = Annotated[str, Depends(enabled)]
AnyWorkspace = Annotated[str, Depends(authenticated)]
Shared = Annotated[State, Depends(state_of)]


def newest_schema_only(request: Request) -> None:
    """Routes of the newest generation do not exist in the older ones."""
    if not state_of(request).settings.facts.newest_routes:
        raise Refusal(404, "Not Found")


async def body(request: Request, model: type[Model]) -> Model:
    """The request's JSON body as a model.

    :raises RequestValidationError: with places that begin with "body", as the service answers.
    """
    raw = await request.body()
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise RequestValidationError(
            [
                {
                    "type": "model_attributes_type",
                    "loc": ("body",),
                    "msg": "Input should be a valid dictionary",
                    "input": None,
                }
            ]
        )
    if not raw:
        raise RequestValidationError([{"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}])
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        ) from None


def invalid(place: tuple[str | int, ...], kind: str, message: str) -> RequestValidationError:
    """A 422 about one place in the body."""
    return RequestValidationError([{"type": kind, "loc": ("body", *place), "msg": message, "input": None}])


def page(resources: list[dict[str, Any]], offset: int, settings: Settings) -> Answer:
    """The envelope of lists; what ``offset`` says in it is a setting, for the sources disagree."""
    answered = {"next": offset + len(resources), "count": len(resources), "same": offset}[settings.answered_offset]
    return Answer({"resources": resources, "offset": answered})


def window(limit: int, offset: int, settings: Settings) -> tuple[int, int]:
    """Limit and offset as the store should use them: some old planes ignore the offset."""
    return limit, 0 if settings.ignore_offset else min(offset, MOST_ROWS)
