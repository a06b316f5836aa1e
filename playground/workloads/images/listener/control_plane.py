# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane as the listener sees it: the simulator's data-plane routes (the real protocol is not public)."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

import httpx

from ... import tokens
from ...transport import transport
from .settings import Settings

Work = dict[str, Any]

REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
UNKNOWN = (HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)


class Refused(Exception):
    """The control plane refuses this listener for good: wrong key, wrong workspace, unknown listener."""


class Unavailable(Exception):
    """The control plane cannot be used now; another round may succeed."""


class ControlPlane:
    """A client with the listener's key and workspace, or of all workspaces with the platform's own secret."""

    def __init__(self, settings: Settings) -> None:
        """Connect with the first request."""
        self._listener, self._workspace = settings.listener, settings.workspace
        self._key, self._secret = settings.api_key, settings.service_secret
        self._workspaces: dict[str, str] = {}
        self._http = httpx.AsyncClient(
            base_url=settings.control_plane,
            timeout=httpx.Timeout(20, connect=5),
            transport=transport(),
        )

    async def namespaces(self) -> list[str] | None:
        """Return the namespaces of the listener's record; None means that it names none."""
        if not self._listener:
            return None
        record = await self._send("GET", f"/v2/listeners/{self._listener}")
        names: list[str] | None = (record.get("compute_config") or {}).get("k8s_namespaces")
        return names

    async def work(self) -> list[Work]:
        """Return every deployment that this listener serves, with what is to be done."""
        params = {"listener_id": self._listener} if self._listener else {}
        if self._workspace:
            workspaces = [self._workspace]
        else:
            workspaces = [item["id"] for item in await self._send("GET", "/api/v1/workspaces")]
        items: list[Work] = []
        for workspace in workspaces:
            answer = await self._send("GET", "/internal/v1/work", params=params, workspace=workspace)
            for item in answer["deployments"]:
                self._workspaces[item["id"]] = self._workspaces[(item["revision"] or item)["id"]] = workspace
                items.append(item)
        return items

    async def revision(self, revision: str, status: str, message: str = "") -> None:
        """Report how far a revision is."""
        body = {"status": status} | ({"status_message": message} if message else {})
        await self._report(revision, f"revisions/{revision}/status", body)

    async def deployment(self, deployment: str, **facts: Any) -> None:
        """Report a deployment's ``url``, ``active_revision_id`` or ``deleted``."""
        await self._report(deployment, f"deployments/{deployment}/status", facts)

    async def log(self, revision: str, message: str, level: str = "INFO") -> None:
        """Add a line to a revision's deploy log."""
        line = {"timestamp": time.time(), "level": level, "message": message}
        await self._report(revision, f"revisions/{revision}/logs", {"type": "deploy", "lines": [line]})

    async def _report(self, about: str, where: str, body: Any) -> None:
        workspace = self._workspaces.get(about, self._workspace)
        await self._send("POST", f"/internal/v1/{where}", body, workspace=workspace)

    def _headers(self, workspace: str) -> dict[str, str]:
        own = {"X-Api-Key": self._key}
        if self._secret:
            own = {"X-Service-Key": tokens.signed(self._secret, {"sub": "listener"})}
        return {**own, "X-Tenant-Id": workspace} if workspace else own

    async def _send(
        self, method: str, where: str, body: Any = None, params: dict[str, str] | None = None, workspace: str = ""
    ) -> Any:
        headers = self._headers(workspace or self._workspace)
        try:
            answer = await self._http.request(method, where, json=body, params=params, headers=headers)
        except httpx.HTTPError as error:
            raise Unavailable(f"no answer from {self._http.base_url}: {error or type(error).__name__}") from error
        if answer.is_success:
            return self._json(answer)
        text = f"{answer.status_code} from {answer.url.copy_with(query=None)}: {_detail(answer)}"
        if answer.status_code in REFUSALS or (answer.status_code in UNKNOWN and method == "GET"):
            raise Refused(text)
        raise Unavailable(text)

    def _json(self, answer: httpx.Response) -> Any:
        if not answer.content:
            return {}
        try:
            return answer.json()
        except ValueError as error:
            raise Unavailable(f"{answer.url.copy_with(query=None)} answered no JSON") from error


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
