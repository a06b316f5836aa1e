# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small asynchronous client of the Kubernetes API, shared by the runner and by the programs in the pods.

The ``kubernetes`` package takes longer to import than a stand-in takes to start; plain HTTP is enough here.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from .paths import in_root

Object = dict[str, Any]

SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
CONTENT_TYPES = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}
CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
TOKEN_SECONDS = 60.0


class ApiError(Exception):
    """The API server refused a request.

    ``status`` is the HTTP code, ``reason`` the API's machine-readable word, ``str()`` its message.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        """Keep the three facts of an API failure."""
        super().__init__(message)
        self.status = status
        self.reason = reason

    @property
    def is_missing(self) -> bool:
        """Whether there is no such object or resource."""
        return self.status == HTTPStatus.NOT_FOUND

    @property
    def is_conflict(self) -> bool:
        """Whether somebody else wrote, or made, the object first."""
        return self.status == HTTPStatus.CONFLICT

    @property
    def is_expired(self) -> bool:
        """Whether a watch began too far back: list again."""
        return self.status == HTTPStatus.GONE


def path(api_version: str, plural: str, namespace: str = "", name: str = "", sub: str = "") -> str:
    """Return the URL path of a resource, e.g. ``/apis/apps/v1/namespaces/a/deployments/b``."""
    parts = ["/api" if "/" not in api_version else "/apis", api_version]
    if namespace:
        parts += ["namespaces", namespace]
    parts += [part for part in (plural, name, sub) if part]
    return "/".join(parts)


class Kube:
    """One connection pool to one API server, with one identity."""

    def __init__(
        self,
        server: str,
        context: ssl.SSLContext,
        token: Callable[[], str] | None = None,
        user_agent: str = "playground",
    ) -> None:
        """Connect lazily to ``server``; ``token`` is asked before each request, so that a rotated one is used."""
        self._token = token
        self.http = httpx.AsyncClient(
            base_url=server,
            verify=context,
            headers={"User-Agent": user_agent, "Accept": "application/json"},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
            trust_env=False,
        )

    @classmethod
    def from_kubeconfig(cls, file: Path, user_agent: str) -> Kube:
        """Make a client from a kubeconfig's current context (token or client certificate)."""
        server, context, token = read_kubeconfig(file)
        return cls(server, context, (lambda: token) if token else None, user_agent)

    @classmethod
    def in_cluster(cls, user_agent: str) -> Kube:
        """Make a client from what a kubelet gives a container: service address, CA and the ServiceAccount's token."""
        folder = in_root(SERVICE_ACCOUNT)
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
        context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        return cls(f"https://{host}:{port}", context, TokenFile(folder / "token"), user_agent)

    async def close(self) -> None:
        """Close all connections."""
        await self.http.aclose()

    async def get(self, where: str, **params: str) -> Object:
        """Read one object or list."""
        return await self._request("GET", where, params=params)

    async def create(self, where: str, body: Object) -> Object:
        """Create an object in the collection ``where``."""
        return await self._request("POST", where, body=body)

    async def replace(self, where: str, body: Object) -> Object:
        """Replace an object."""
        return await self._request("PUT", where, body=body)

    async def patch(self, where: str, body: Any, kind: str = "merge", **params: str) -> Object:
        """Patch an object; ``kind`` is one of merge, strategic, json, apply (which needs ``fieldManager``)."""
        return await self._request("PATCH", where, body=body, content_type=CONTENT_TYPES[kind], params=params)

    async def apply(self, where: str, body: Object, manager: str) -> Object:
        """Apply an object on the server, taking over the fields it names."""
        return await self.patch(where, body, "apply", fieldManager=manager, force="true")

    async def delete(self, where: str, body: Object | None = None) -> bool:
        """Delete an object; False when there was none."""
        try:
            await self._request("DELETE", where, body=body)
        except ApiError as error:
            if error.is_missing:
                return False
            raise
        return True

    async def watch(self, where: str, params: Mapping[str, str]) -> AsyncIterator[tuple[str, Object]]:
        """Yield ``(type, object)`` of one watch request until the server ends it."""
        query = {**params, "watch": "true", "allowWatchBookmarks": "true"}
        timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
        async with self.http.stream("GET", where, params=query, headers=self._headers(), timeout=timeout) as answer:
            if answer.is_error:
                raise _error(answer.status_code, await answer.aread())
            async for line in answer.aiter_lines():
                if line:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise _error(event["object"].get("code", 500), json.dumps(event["object"]).encode())
                    yield event["type"], event["object"]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"} if self._token else {}

    async def _request(
        self,
        method: str,
        where: str,
        body: Any = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
    ) -> Object:
        headers = self._headers()
        content = None
        if body is not None:
            headers["Content-Type"] = content_type
            content = json.dumps(body).encode()
        answer = await self.http.request(method, where, params=params, content=content, headers=headers)
        if answer.is_error:
            raise _error(answer.status_code, answer.content)
        result: Object = answer.json()
        return result


class TokenFile:
    """A ServiceAccount token that the kubelet rotates: read again once a minute."""

    def __init__(self, file: Path) -> None:
        """Remember where the token lies."""
        self._file = file
        self._token = ""
        self._read_at = 0.0

    def __call__(self) -> str:
        """Return the current token."""
        if time.monotonic() - self._read_at > TOKEN_SECONDS or not self._token:
            self._token = self._file.read_text(encoding="utf-8").strip()
            self._read_at = time.monotonic()
        return self._token


def read_kubeconfig(file: Path) -> tuple[str, ssl.SSLContext, str]:
    """Return server, TLS context and token ("" when certificates are used) of a kubeconfig's current context."""
    import yaml  # only the runner needs it; the programs in the pods start without

    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    context = _named(config["contexts"], config["current-context"])["context"]
    cluster = _named(config["clusters"], context["cluster"])["cluster"]
    user = _named(config["users"], context["user"]).get("user") or {}
    tls = ssl.create_default_context(cadata=(_data(cluster, "certificate-authority", file) or b"").decode() or None)
    if cluster.get("insecure-skip-tls-verify"):
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    certificate, key = _data(user, "client-certificate", file), _data(user, "client-key", file)
    if certificate and key:
        with tempfile.NamedTemporaryFile() as pair:  # the ssl module reads files only; mode 0600, gone at once
            pair.write(certificate + b"\n" + key)
            pair.flush()
            tls.load_cert_chain(pair.name)
    return cluster["server"], tls, user.get("token") or ""


def _named(items: list[Object], name: str) -> Object:
    return next(item for item in items if item["name"] == name)


def _data(section: Object, key: str, file: Path) -> bytes | None:
    if section.get(f"{key}-data"):
        return base64.b64decode(section[f"{key}-data"])
    return (file.parent / section[key]).read_bytes() if section.get(key) else None


def _error(status: int, content: bytes) -> ApiError:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    text = content[:300].decode(errors="replace")
    return ApiError(status, str(answer.get("reason", "")), str(answer.get("message") or text or f"HTTP {status}"))
