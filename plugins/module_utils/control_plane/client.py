# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints of the control plane, and one of the LangSmith API, as functions.

Answers are the server's documents, checked only for what the callers rely on: unknown fields pass, missing ones too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import logs
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.redaction import Redactor
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.transport import (
    PATIENT,
    Security,
    Transport,
    open_http,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.urls import Endpoints, resolve
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    InvalidInput,
    MalformedAnswer,
    NotFound,
    Problem,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Task
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Retries

Document = dict[str, Any]

PAGE_SIZE = 100
# So many pages are asked for at once.
_WIDEST = 16
# How a plane answers that lacks a route: with "not found", or with "not allowed" where others share its path.
_NO_ROUTE = (404, 405)
_USER_AGENT = "ansible-collection-langgraph.selfhosted"


@dataclass(frozen=True)
class ControlPlane:
    """A client of one control plane and one workspace."""

    transport: Transport
    endpoints: Endpoints
    redact: Redactor
    workspace_id: str | None = None

    def once(self) -> ControlPlane:
        """Return a client that repeats no request, for polls, which are repeated anyway."""
        return replace(self, transport=self.transport.once())

    async def list_listeners(self) -> list[Document]:
        """Return all listener records of the workspace."""
        return await self._all("/v2/listeners")

    async def get_listener(self, listener_id: str) -> Document:
        """Return a listener record; NotFound when there is none, also for an id that is no UUID."""
        return await self._object("GET", f"/v2/listeners/{listener_id}")

    async def create_listener(self, body: Document) -> Document:
        """Create a listener record."""
        return await self._object("POST", "/v2/listeners", body)

    async def update_listener(self, listener_id: str, body: Document) -> Document:
        """Change a listener record."""
        return await self._object("PATCH", f"/v2/listeners/{listener_id}", body)

    async def delete_listener(self, listener_id: str) -> None:
        """Delete a listener record; one that is gone already is fine."""
        await self._delete(f"/v2/listeners/{listener_id}")

    async def list_deployments(self, expected: int = 0, **filters: Any) -> list[Document]:
        """Return deployments, all pages. Planes may ignore a filter, so check the answer again.

        ``expected`` says how many there probably are: so many pages are asked for at once.
        """
        return await self._all("/v2/deployments", filters, expected)

    async def deployments_of(self, ids: Sequence[str]) -> list[Document]:
        """Return the deployments with these ids, a page full at most. Planes that ignore the filter answer others."""
        return await self._one_page("/v2/deployments", {"deployment_ids": ",".join(ids)}, 0)

    async def deployments_named(self, name: str) -> list[Document]:
        """Return the deployments of exactly this name; there is one at most, unless a plane allows more."""
        # ``name`` came with the newest planes; the older ones ignore it and know ``name_contains``.
        found = await self.list_deployments(name=name, name_contains=name)
        return [document for document in found if document.get("name") == name]

    async def get_deployment(self, deployment_id: str) -> Document:
        """Return a deployment."""
        return await self._object("GET", f"/v2/deployments/{deployment_id}")

    async def create_deployment(self, body: Document) -> Document:
        """Create a deployment and its first revision."""
        return await self._object("POST", "/v2/deployments", body)

    async def update_deployment(self, deployment_id: str, body: Document) -> Document:
        """Change a deployment; some fields make a new revision."""
        return await self._object("PATCH", f"/v2/deployments/{deployment_id}", body)

    async def delete_deployment(self, deployment_id: str) -> None:
        """Ask for the deletion of a deployment; one that is gone already is fine."""
        await self._delete(f"/v2/deployments/{deployment_id}")

    async def get_revision(self, deployment_id: str, revision_id: str) -> Document:
        """Return a revision."""
        return self._told(await self._object("GET", f"/v2/deployments/{deployment_id}/revisions/{revision_id}"))

    async def newest_revisions(self, deployment_id: str, count: int = 20) -> list[Document]:
        """Return the newest revisions, newest first."""
        path = f"/v2/deployments/{deployment_id}/revisions"
        page: list[Document] = await self.transport.call("GET", path, query={"limit": count, "offset": 0}, read=_page)
        return [self._told(revision) for revision in page]

    async def create_revision(self, deployment_id: str, body: Document) -> Document:
        """Make a revision; NotFound on planes that lack the route."""
        return await self._object("POST", f"/v2/deployments/{deployment_id}/revisions", body)

    async def redeploy(self, deployment_id: str, revision_id: str) -> Document:
        """Make a new revision with the content of an earlier one; answers with the deployment."""
        return await self._object("POST", f"/v2/deployments/{deployment_id}/revisions/{revision_id}/redeploy")

    async def list_revisions(self, deployment_id: str, **filters: Any) -> list[Document]:
        """Return all revisions, newest first. Planes may ignore a filter, so check the answer again."""
        found = await self._all(f"/v2/deployments/{deployment_id}/revisions", filters)
        return [self._told(revision) for revision in found]

    async def log_page(
        self, deployment_id: str, revision_id: str, *, kind: str = "deploy", **wanted: Any
    ) -> tuple[list[Any], str | None]:
        """Return a page of a revision's log (``kind`` is build or deploy), and where the next one begins.

        The v2 route came with the newest planes; the v1 route is the one that older ones have. ``wanted`` are the
        parameters that both take, and ``run_id``, which the v1 route does not know.
        """
        given = {name: value for name, value in wanted.items() if value is not None}
        path = f"/v2/deployments/{deployment_id}/revisions/{revision_id}/logs"
        try:
            return await self._log("GET", path, query={"type": kind, **given})
        except AnswerError as error:
            if error.status not in _NO_ROUTE or "run_id" in given:
                raise
            missing = error
        path = f"/v1/projects/{deployment_id}/revisions/{revision_id}/{kind}_logs"
        try:
            return await self._log("POST", path, body=given)
        except AnswerError as error:
            raise (missing if error.status in _NO_ROUTE else error) from None

    async def deploy_log_lines(self, deployment_id: str, revision_id: str, count: int = 20) -> list[str]:
        """Return the last lines of a revision's deploy log, oldest first; empty when the plane offers none."""
        try:
            entries, _next = await self.log_page(deployment_id, revision_id, order="desc", limit=count)
        except AnswerError:
            return []
        return [self.redact(logs.line(logs.entry(self.redact.deep(entry)))) for entry in reversed(entries[:count])]

    async def organization(self) -> Document:
        """Return what the LangSmith API tells about the key's organization, among it which features are on."""
        smith = self.transport.at(self.endpoints.langsmith)
        document: Document = await smith.call("GET", "/api/v1/orgs/current/info", read=_mapping)
        return document

    def _told(self, revision: Document) -> Document:
        """Return a revision whose message, which quotes what an agent or its cluster said, shows no secret."""
        message = revision.get("status_message")
        return {**revision, "status_message": self.redact.deep(message)} if message else revision

    async def _object(self, method: str, path: str, body: Document | None = None) -> Document:
        document: Document = await self.transport.call(method, path, body=body, read=_identified)
        return document

    async def _log(self, method: str, path: str, **request: Any) -> tuple[list[Any], str | None]:
        page: tuple[list[Any], str | None] = await self.transport.call(method, path, read=_log_page, **request)
        return page

    async def _delete(self, path: str) -> None:
        try:
            await self.transport.call("DELETE", path, read=lambda _: None)
        except NotFound:
            return

    async def _all(self, path: str, filters: Mapping[str, Any] | None = None, expected: int = 0) -> list[Document]:
        """Walk all pages, several at a time, because no answer tells how many there are.

        Offsets are counted here; planes disagree on what the answered offset means.
        """
        seen: dict[str, Document] = {}
        asked, width = 0, min(expected // PAGE_SIZE + 1, _WIDEST)
        while True:
            offsets = range(asked, asked + width * PAGE_SIZE, PAGE_SIZE)
            pages = await asyncio.gather(*(self._one_page(path, filters, offset) for offset in offsets))
            for page in pages:
                fresh = {item["id"]: item for item in page if item["id"] not in seen}
                if len(page) == PAGE_SIZE and not fresh:
                    raise MalformedAnswer(
                        f"GET {self.transport.base_url}{path} repeats a page.",
                        cause="This control plane ignores the offset, so that only its first page can be read.",
                        remedy="Upgrade the control plane.",
                    )
                seen.update(fresh)
            if len(pages[-1]) < PAGE_SIZE:
                return list(seen.values())
            asked += width * PAGE_SIZE
            width = min(2 * width, _WIDEST)

    async def _one_page(self, path: str, filters: Mapping[str, Any] | None, offset: int) -> list[Document]:
        query = {**(filters or {}), "limit": PAGE_SIZE, "offset": offset}
        page: list[Document] = await self.transport.call("GET", path, query=query, read=_page)
        return page


@asynccontextmanager
async def connect(
    task: Task, *, retries: Retries = PATIENT, concurrency: int = 16, secrets: Iterable[str] = ()
) -> AsyncIterator[ControlPlane]:
    """Open a client as the connection options of the task say; no request is sent yet.

    Args:
        task: Holds the connection options.
        retries: Bounds of repetition.
        concurrency: How many requests may be under way at once.
        secrets: Values, besides the key, that must not occur in any text.

    Raises:
        InvalidInput: An option cannot be right, or the key is missing.
        MissingLibrary: httpx is not installed.
    """
    options = task.options
    endpoints = resolve(options, task.environment)
    key = _checked_key(options.get("api_key"))
    redact = Redactor([key, *secrets])
    headers = {"X-Api-Key": key, "Accept": "application/json", "User-Agent": _USER_AGENT}
    workspace_id = _word("workspace_id", options.get("workspace_id"))
    if workspace_id:
        headers["X-Tenant-Id"] = workspace_id
    security = Security(
        validate=options.get("validate_certs", True),
        ca_cert=options.get("ca_cert"),
        client_cert=options.get("client_cert"),
        client_key=options.get("client_key"),
        http2=bool(options.get("http2")),
    )
    timeout = float(options.get("request_timeout") or 30.0)
    # One client serves both URLs, so TLS is prepared when either needs it.
    needs_tls = next((url for url in (endpoints.control_plane, endpoints.langsmith) if url.startswith("https:")), "")
    address = _checked_address(options.get("address"))
    base_url = needs_tls or endpoints.control_plane
    async with open_http(base_url, security, timeout, concurrency, address=address) as http:
        slots = asyncio.Semaphore(concurrency)
        transport = Transport(http, endpoints.control_plane, headers, redact, retries, slots)
        yield ControlPlane(transport, endpoints, redact, workspace_id)


def _checked_address(given: str | None) -> str | None:
    if given and not given.rpartition(":")[2].isdigit():
        raise InvalidInput([Problem("address", f"{given!r} has no port.", "Write host:port, such as 192.0.2.1:443.")])
    return given or None


def _checked_key(given: str | None) -> str:
    key = _word("api_key", given)
    if not key:
        remedy = "Give an API key of the workspace, or set LANGSMITH_API_KEY."
        raise InvalidInput([Problem("api_key", "it is missing.", remedy)])
    return key


def _word(option: str, given: str | None) -> str | None:
    """Return what can stand in a header, without blanks around it; None when there is nothing."""
    word = (given or "").strip()
    if not word.isascii() or not word.isprintable() or " " in word:
        remedy = "It is one word; was a file or a variable with more in it given?"
        raise InvalidInput([Problem(option, "it holds blanks or characters that it cannot have.", remedy)])
    return word or None


def _mapping(document: Any) -> Document:
    if not isinstance(document, dict):
        raise MalformedAnswer("The server answered something that is not an object.", cause=type(document).__name__)
    return document


def _identified(document: Any) -> Document:
    if not isinstance(_mapping(document).get("id"), str):
        raise MalformedAnswer("The control plane answered with an object that has no id.")
    return _mapping(document)


def _page(document: Any) -> list[Document]:
    resources = _mapping(document).get("resources")
    if not isinstance(resources, list):
        raise MalformedAnswer("The control plane answered with a list that has no resources.")
    return [_identified(item) for item in resources]


def _log_page(document: Any) -> tuple[list[Any], str | None]:
    entries = _mapping(document).get("logs")
    if not isinstance(entries, list):
        raise MalformedAnswer("The control plane answered with logs that are no list.")
    following = document.get("next_offset")
    return entries, None if following is None else str(following)
