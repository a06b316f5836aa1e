# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LangSmith's own API as far as a first service key takes it: log in, find the workspace, make the key.

Paths, the request of a key and the key in its answer are published; how a login is answered is taken from clients
that were generated from the schema (``access_token``).
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.redaction import Redactor
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.transport import (
    PATIENT,
    Security,
    Transport,
    open_http,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    MalformedAnswer,
    NotFound,
    Unauthorized,
)

_BY_HAND = (
    "Make a service key in LangSmith's settings, and give it as control_plane_api_key with control_plane_workspace_id."
)


@dataclass(frozen=True)
class Langsmith:
    """Where a self-hosted LangSmith's API is; ``address`` is host:port to connect to in place of what DNS says."""

    url: str
    security: Security = field(default_factory=Security)
    address: str | None = None


@dataclass(frozen=True)
class Administrator:
    """Who logs in."""

    email: str
    password: str


@dataclass(frozen=True)
class Access:
    """A service key and the workspace it is for."""

    workspace_id: str
    api_key: str


async def make_access(
    langsmith: Langsmith, administrator: Administrator, description: str, workspace_id: str | None = None
) -> Access:
    """Log in, and make a service key for the workspace: the one named, else the oldest.

    Raises:
        Unauthorized: The password is not accepted, or there is no password login.
        NotFound: There is no such workspace.
        AnswerError: Anything else that the API refuses.
    """
    redact = Redactor([administrator.password])
    async with open_http(langsmith.url, langsmith.security, 30.0, address=langsmith.address) as http:
        credentials = base64.b64encode(f"{administrator.email}:{administrator.password}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Accept": "application/json"}
        entrance = Transport(http, langsmith.url, headers, redact, PATIENT, asyncio.Semaphore(1))
        try:
            token = await entrance.call("POST", "/api/v1/login", read=_text("access_token"))
        except (Unauthorized, NotFound) as error:
            raise Unauthorized(
                f"{administrator.email} cannot log in to {langsmith.url}.",
                cause=error.cause or error.message,
                remedy=f"The first administrator's password may have been changed. {_BY_HAND}",
            ) from None
        inside = Transport(
            http, langsmith.url, {"Authorization": f"Bearer {token}"}, redact, PATIENT, asyncio.Semaphore(1)
        )
        chosen = _chosen(await inside.call("GET", "/api/v1/workspaces", read=_workspaces), workspace_id)
        body = {"description": description, "workspaces": [chosen]}
        key = await inside.call("POST", "/api/v1/orgs/current/service-keys", body=body, read=_text("key"))
        return Access(chosen, key)


def _chosen(workspaces: list[str], wanted: str | None) -> str:
    if wanted is None and workspaces:
        return workspaces[0]
    if wanted is None or wanted not in workspaces:
        raise NotFound(
            f"LangSmith has no workspace {wanted}." if wanted else "LangSmith has no workspace yet.",
            remedy=f"It has: {', '.join(workspaces) or 'none'}.",
        )
    return wanted


def _workspaces(document: Any) -> list[str]:
    if not isinstance(document, list) or not all(isinstance(one, Mapping) and one.get("id") for one in document):
        raise MalformedAnswer("it answered with workspaces that are no list of objects with an id.")
    return [str(one["id"]) for one in sorted(document, key=lambda one: str(one.get("created_at") or ""))]


def _text(field: str) -> Any:
    def read(document: Any) -> str:
        found = document.get(field) if isinstance(document, Mapping) else None
        if not isinstance(found, str) or not found:
            raise MalformedAnswer(f"it answered without {field}.", remedy=_BY_HAND)
        return found

    return read
