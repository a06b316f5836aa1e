# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only import of the kubernetes library: loads a connection as kubectl does, speaks plain JSON.

Typed models are left out on purpose: importing them costs more than all that a converged run has to read.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, TypeVar
from urllib.parse import urlencode

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.answers import (
    CONNECT_SECONDS,
    first_line,
    lost,
    refused,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    Conflict,
    MalformedAnswer,
    MissingLibrary,
    NotFound,
    RateLimited,
    SelfHostedError,
    ServerFailed,
    Unauthorized,
    Unreachable,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Retries, Tries, retry_after

Object = dict[str, Any]
Read = TypeVar("Read")

FIELD_MANAGER = "langgraph.selfhosted"
METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"

_CONNECTIONS = 8
_RETRIES = Retries(attempts=6, seconds=30.0)


# What an API server says of itself, whatever it was asked.
NO_ANSWER = (Unreachable, Unauthorized, RateLimited)


class BadConnection(SelfHostedError):
    """The kubeconfig, or an option that goes with it, cannot be used."""


@dataclass(frozen=True)
class Connection:
    """How to reach the API server: the options that kubernetes.core's modules know, under the same names.

    ``kubeconfig`` is a path, several joined by the path separator, or the content as a map. Without it KUBECONFIG, then
    ``~/.kube/config``, then the pod's own service account is used.
    """

    kubeconfig: str | Mapping[str, Any] | None = None
    context: str | None = None
    host: str | None = None
    api_key: str | None = None
    ca_cert: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    validate_certs: bool | None = None
    proxy: str | None = None
    request_timeout: float = 30.0

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Connection:
        """Take what is a connection's own out of a module's or action's options; what is None or empty is not given."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in options.items() if name in names and value not in (None, "")})


class ApiServer:
    """Requests to one API server, several at a time; answers are parsed JSON.

    Raises errors of :mod:`errors`: :class:`Unreachable` where no connection is made, :class:`Unauthorized`,
    :class:`Forbidden`, :class:`NotFound`, :class:`Conflict` and so on by HTTP status.
    """

    def __init__(self, connection: Connection, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._timeout = connection.request_timeout
        self._api = _api_client(connection)
        self.url = str(self._api.configuration.host)
        self._pool = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="cluster")

    def close(self) -> None:
        """Release threads and connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._api.rest_client.pool_manager.clear()
        _forget_credentials()

    def get(self, path: str, *, accept: str | None = None, **query: Any) -> Object:
        """Return the object at a path; raise :class:`NotFound` where there is none."""
        return self._request("GET", path, query, accept=accept)

    def find(self, path: str) -> Object | None:
        """Return the object at a path, or None where there is none."""
        try:
            return self.get(path)
        except NotFound:
            return None

    def list(self, path: str, *, metadata_only: bool = False, at_most: int | None = None, **query: Any) -> list[Object]:
        """Return the items of a collection, following its pages; an unknown collection has none.

        Items carry no ``kind``: the API leaves it out of lists. No further page is asked for once ``at_most`` are read.
        """
        items: list[Object] = []
        accept = METADATA_ONLY if metadata_only else None
        while True:
            try:
                page = self._request("GET", path, {"limit": 500, **query}, accept=accept)
            except NotFound:
                return items
            items += page.get("items") or []
            token = (page.get("metadata") or {}).get("continue")
            if not token or (at_most is not None and len(items) >= at_most):
                return items
            query["continue"] = token

    def text(self, path: str, **query: Any) -> str:
        """Return what is at a path as text, such as a container's log."""
        return self._send("GET", path, query, accept="*/*").decode(errors="replace")

    def create(self, path: str, body: Mapping[str, Any], *, dry_run: bool = False) -> Object:
        """Create an object in a collection."""
        return self._request("POST", path, _write_query(dry_run), body=body)

    def replace(self, path: str, body: Mapping[str, Any], *, dry_run: bool = False) -> Object:
        """Replace an object; its resourceVersion, if it has one, must be the newest (else :class:`Conflict`)."""
        return self._request("PUT", path, _write_query(dry_run), body=body)

    def merge(self, path: str, patch: Mapping[str, Any], *, dry_run: bool = False) -> Object:
        """Change an object by a JSON merge patch."""
        return self._request("PATCH", path, _write_query(dry_run), body=patch, content="application/merge-patch+json")

    def delete(self, path: str, *, dry_run: bool = False) -> Object:
        """Delete an object."""
        return self._request("DELETE", path, {"dryRun": "All"} if dry_run else {})

    def begin(self, read: Callable[..., Read], *arguments: Any, **options: Any) -> Future[Read]:
        """Start a read in the background; take its result with :func:`settled`. Must not be called from within one."""
        return self._pool.submit(read, *arguments, **options)

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        *,
        body: Mapping[str, Any] | None = None,
        content: str = "application/json",
        accept: str | None = None,
    ) -> Object:
        data = self._send(method, path, query, body=body, content=content, accept=accept or "application/json")
        try:
            answer = json.loads(data)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise MalformedAnswer(
                f"{method} {self.url}{path} did not answer as a Kubernetes API does.",
                cause="The answer is no JSON map.",
            )
        return answer

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        *,
        body: Mapping[str, Any] | None = None,
        content: str = "application/json",
        accept: str,
    ) -> bytes:
        """Send a request, repeat it while the server asks for that and it is safe, and return what it answers."""
        headers = {"Accept": accept, "User-Agent": FIELD_MANAGER}
        token = self._api.configuration.auth_settings().get("BearerToken")
        if token:
            headers[token["key"]] = token["value"]
        if body is not None:
            headers["Content-Type"] = content
        target = f"{path}?{urlencode(query)}" if query else path
        data = None if body is None else json.dumps(body).encode()
        tries = Tries(_RETRIES)
        while True:
            answer = self._answer(method, target, headers, data)
            if answer.status < 400:  # noqa: PLR2004
                return bytes(answer.data)
            error = refused(answer.status, answer.data, method, path)
            asked = retry_after(answer.headers.get("Retry-After"))
            pause = tries.pause(asked) if _repeatable(error, method) else None
            if pause is None:
                error.message += str(tries)
                raise error
            self._sleep(pause)

    def _answer(self, method: str, target: str, headers: Mapping[str, str], data: bytes | None) -> Any:
        from urllib3.exceptions import HTTPError

        try:
            return self._api.rest_client.pool_manager.request(
                method,
                self.url + target,
                headers=headers,
                body=data,
                timeout=_timeout(self._timeout),
                retries=_retries(method),
            )
        except HTTPError as error:
            raise lost(error, method, self.url, target.partition("?")[0]) from error


@contextmanager
def connected(connection: Connection, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[ApiServer]:
    """Open the connection for the length of a ``with`` block."""
    server = ApiServer(connection, sleep=sleep)
    try:
        yield server
    finally:
        server.close()


def _forget_credentials() -> None:
    """Delete the key files that the library made of the kubeconfig's inline data.

    It does so itself only when the interpreter ends in peace, which Ansible's worker processes never do.
    """
    from kubernetes.config import kube_config

    kube_config._cleanup_temp_files()


def settled(read: Future[Read]) -> Read | AnswerError:
    """Return what a read brought; an answer that is an error is a value as well.

    Those of :data:`NO_ANSWER` are raised: nothing else would fare better.
    """
    try:
        return read.result()
    except NO_ANSWER:
        raise
    except AnswerError as error:
        return error


def _write_query(dry_run: bool) -> dict[str, str]:
    return {"fieldManager": FIELD_MANAGER, **({"dryRun": "All"} if dry_run else {})}


def _timeout(seconds: float) -> Any:
    from urllib3 import Timeout

    return Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds)


def _repeatable(error: AnswerError, method: str) -> bool:
    """Whether the server did nothing, or was only to be read; our patches hold no resourceVersion to be outdated."""
    return (
        isinstance(error, RateLimited)
        or (isinstance(error, ServerFailed) and method == "GET")
        or (isinstance(error, Conflict) and method == "PATCH")
    )


def _retries(method: str) -> Any:
    """A read may be sent again over a fresh connection; a write whose answer is lost may not.

    What an answer asks for is not heeded here: who sends the request judges answers.
    """
    from urllib3 import Retry

    again = 1 if method == "GET" else 0
    return Retry(total=again, connect=1, read=again, redirect=0, status=0, other=0, respect_retry_after_header=False)


def _api_client(connection: Connection) -> Any:
    try:
        from kubernetes import client, config
        from kubernetes.config.config_exception import ConfigException
        from yaml import YAMLError
    except ImportError as error:
        raise MissingLibrary("kubernetes") from error
    settings = client.Configuration()
    try:
        _load(config, connection, settings)
    except (ConfigException, YAMLError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadConnection(
            f"The Kubernetes API cannot be reached: {_source(connection)} does not tell how.",
            cause=first_line(error),
            remedy=_config_remedy(config, connection),
        ) from error
    settings.connection_pool_maxsize = _CONNECTIONS
    _override(settings, connection)
    return client.ApiClient(configuration=settings)


def _load(config: Any, connection: Connection, settings: Any) -> None:
    if connection.host and not (connection.kubeconfig or connection.context):
        settings.host = connection.host
    elif isinstance(connection.kubeconfig, Mapping):
        config.load_kube_config_from_dict(
            dict(connection.kubeconfig), context=connection.context, client_configuration=settings, persist_config=False
        )
    elif connection.kubeconfig or connection.context or not _in_pod():
        path = os.path.expanduser(connection.kubeconfig) if connection.kubeconfig else None
        config.load_kube_config(
            config_file=path, context=connection.context, client_configuration=settings, persist_config=False
        )
    else:
        config.load_incluster_config(client_configuration=settings)


def _in_pod() -> bool:
    """Whether the pod's own service account is to be used: it is there, and no kubeconfig is."""
    return (
        os.path.exists(SERVICE_ACCOUNT)
        and not os.environ.get("KUBECONFIG")
        and not os.path.exists(os.path.expanduser("~/.kube/config"))
    )


def _override(settings: Any, connection: Connection) -> None:
    """Let single options win over what the kubeconfig says."""
    given = {
        "host": connection.host,
        "ssl_ca_cert": connection.ca_cert,
        "cert_file": connection.client_cert,
        "key_file": connection.client_key,
        "verify_ssl": connection.validate_certs,
        "proxy": connection.proxy,
    }
    for name, value in given.items():
        if value is not None:
            setattr(settings, name, value)
    if connection.api_key:
        settings.api_key = {"authorization": connection.api_key}
        settings.api_key_prefix = {"authorization": "Bearer"}
    settings.host = settings.host.rstrip("/")


def _source(connection: Connection) -> str:
    if isinstance(connection.kubeconfig, Mapping):
        return "the kubeconfig given"
    path = connection.kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    return f"{path}, context {connection.context}" if connection.context else str(path)


def _config_remedy(config: Any, connection: Connection) -> str:
    contexts: Sequence[str] = ()
    if not isinstance(connection.kubeconfig, Mapping):
        try:
            found, _active = config.list_kube_config_contexts(config_file=connection.kubeconfig)
            contexts = [context["name"] for context in found]
        except Exception:
            contexts = ()
    if contexts and connection.context and connection.context not in contexts:
        return f"Name one of its contexts: {', '.join(contexts)}."
    return "Say where the kubeconfig is (kubeconfig option or KUBECONFIG) and which of its contexts to use."
