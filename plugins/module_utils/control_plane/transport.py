# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP for everything under control_plane; the only place that imports httpx.

What is promised here: the key goes to the configured server only (redirects are not followed), it is in no text that
leaves this file, requests are repeated only when that is safe, and every failure is one of our errors.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.answers import detail, error_for
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.redaction import Redactor
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    AnswerLost,
    InvalidInput,
    MalformedAnswer,
    MissingLibrary,
    Problem,
    RateLimited,
    Rejected,
    ServerFailed,
    Unreachable,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Retries, Tries, retry_after

if TYPE_CHECKING:
    import httpx

    Http: TypeAlias = httpx.AsyncClient

Reader = Callable[[Any], Any]

_HTTP_REDIRECT = 300
_HTTP_CLIENT_ERROR = 400
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_LONGEST_CONNECT = 10.0


@dataclass(frozen=True)
class Security:
    """TLS settings; paths are of files. HTTP/2 is one of them, because servers and clients agree on it there."""

    validate: bool = True
    ca_cert: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    http2: bool = False


PATIENT = Retries()
QUICK = Retries(attempts=3, seconds=15.0)
ONCE = Retries(attempts=1)


@dataclass
class Transport:
    """Sends requests below one base URL.

    Attributes:
        http: The httpx client; shared by transports of several base URLs.
        base_url: Without a trailing slash.
        headers: Sent with every request; hold the key.
        redact: Cleans every text that goes into an error.
        retries: Bounds of repetition.
        slots: Bounds how many requests are under way at once.
        sleep: Replaced in tests.
    """

    http: httpx.AsyncClient
    base_url: str
    headers: Mapping[str, str]
    redact: Redactor
    retries: Retries
    slots: asyncio.Semaphore
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def at(self, base_url: str) -> Transport:
        """Return a transport to another base URL that shares connections and bounds."""
        return replace(self, base_url=base_url)

    def once(self) -> Transport:
        """Return a transport that repeats nothing, for polls, which are repeated anyway."""
        return replace(self, retries=ONCE)

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        read: Reader = lambda document: document,
    ) -> Any:
        """Send a request, repeat it while that is safe and worth it, and return what ``read`` makes of the JSON answer.

        ``read`` raises MalformedAnswer for a document that is not what the API promises; None stands for an empty body.

        Raises:
            AnswerLost: The request may change something, was sent, and its effect is not known. Look before repeating.
            AnswerError: Any other failure, after repetition where that was allowed.
        """
        request = f"{method} {self.base_url}{path}"
        tries = Tries(self.retries)
        while True:
            try:
                return await self._once(request, method, path, query, body, read)
            except AnswerError as error:
                if not _repeatable(error, method):
                    raise _unknown_effect(error, method) from None
                pause = tries.pause(error.details.pop("retry_after", None))
                if pause is None:
                    error.message += str(tries)
                    raise error from None
            await self.sleep(pause)

    async def _once(
        self,
        request: str,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        read: Reader,
    ) -> Any:
        import httpx

        try:
            async with self.slots:
                response = await self.http.request(
                    method, self.base_url + path, params=query, json=body, headers=self.headers
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise connection_error(request, error, self.redact) from None
        if response.status_code >= _HTTP_CLIENT_ERROR:
            failed = error_for(request, response.status_code, response.content, self.redact)
            failed.details["retry_after"] = retry_after(response.headers.get("retry-after"))
            raise failed
        if response.status_code >= _HTTP_REDIRECT:
            raise _redirect(request, response.status_code, self.redact(response.headers.get("location", "")))
        document = _document(request, response.content, self.redact)
        try:
            return read(document)
        except MalformedAnswer as error:
            error.message = f"{request}: {error.message}"
            raise


@asynccontextmanager
async def open_http(
    base_url: str,
    security: Security,
    timeout: float,
    concurrency: int = 16,
    headers: Mapping[str, str] | None = None,
    address: str | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    """Open an HTTP client; proxies are those of the environment.

    With ``address`` (``host:port``) every request goes there; Host header and TLS name stay those of its URL.

    Raises:
        MissingLibrary: httpx, or h2 where HTTP/2 is wanted, is not installed.
        InvalidInput: A certificate or key file cannot be used.
    """
    httpx = _import_httpx()
    if security.http2:
        _import_h2()
    async with httpx.AsyncClient(
        # A client for plain http needs no certificates, and loading them takes longer than a request.
        verify=False if urlsplit(base_url).scheme == "http" else _tls(security),
        timeout=httpx.Timeout(timeout, connect=min(timeout, _LONGEST_CONNECT), pool=None),
        limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
        follow_redirects=False,
        http2=security.http2,
        headers=headers,
        event_hooks={"request": [_led_to(address)]} if address else None,
    ) as http:
        yield http


def _led_to(address: str) -> Callable[[httpx.Request], Awaitable[None]]:
    host, _colon, port = address.rpartition(":")

    async def lead(request: httpx.Request) -> None:
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=host, port=int(port))

    return lead


async def get_status(http: httpx.AsyncClient, url: str, *, host: str, tls_name: str | None) -> tuple[int, str | None]:
    """Send a GET without credentials; return the HTTP status and where a redirect points to.

    Args:
        http: The client.
        url: Where to connect to.
        host: The Host header.
        tls_name: The name that the server's certificate has to be for.

    Raises:
        AnswerError: No answer came.
    """
    import httpx

    try:
        response = await http.get(url, headers={"Host": host}, extensions={"sni_hostname": tls_name})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise connection_error(f"GET {url}", error, Redactor()) from None
    return response.status_code, response.headers.get("location")


def _import_httpx() -> ModuleType:
    """Import httpx without its command line, whose libraries (click, rich) take longer than httpx itself."""
    click = sys.modules.get("click")
    sys.modules["click"] = None  # type: ignore[assignment]
    try:
        import httpx
    except ImportError:
        raise MissingLibrary("httpx", traceback.format_exc()) from None
    finally:
        if click:
            sys.modules["click"] = click
        else:
            del sys.modules["click"]
    return httpx


def _import_h2() -> None:
    try:
        import h2  # noqa: F401 (httpx uses it)
    except ImportError:
        raise MissingLibrary("h2", traceback.format_exc()) from None


def connection_error(request: str, error: Exception, redact: Redactor) -> AnswerError:
    """Return our error for one of httpx: it says whether the request can have reached the server."""
    import httpx

    text = redact(str(error) or type(error).__name__)
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in text:
        return Unreachable(
            f"{request}: the server's certificate is not trusted.",
            cause=text,
            remedy="Give the CA's certificate as ca_cert; it is trusted beside the system's.",
            details={"final": True},
        )
    not_connected = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    if isinstance(error, (*not_connected, httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)):
        return Unreachable(
            f"{request}: no connection.",
            cause=text,
            remedy="Check the URL, DNS, firewall and proxy (HTTPS_PROXY, NO_PROXY) of the machine that runs this task.",
        )
    if isinstance(error, httpx.TimeoutException):
        text = f"no answer within the request's time-out ({type(error).__name__})"
    return AnswerLost(f"{request}: the connection broke before an answer came.", cause=text)


def _document(request: str, content: bytes, redact: Redactor) -> Any:
    if not content.strip():
        return None
    try:
        return json.loads(content)
    except ValueError:
        raise MalformedAnswer(
            f"{request} answered something that is not JSON.",
            cause=detail(content, redact),
            remedy="Check the URL: a self-hosted control plane lives at https://<host>[/<base path>]/api-host.",
        ) from None


def _redirect(request: str, status: int, location: str) -> AnswerError:
    return Rejected(
        f"{request} answered {status}, a redirect to {location or 'nowhere'}.",
        status=status,
        cause="Redirects are not followed, so that the API key goes to the configured server only.",
        remedy="Set the URL to where the API really is (https in place of http, the right host and path).",
    )


def _repeatable(error: AnswerError, method: str) -> bool:
    if error.details.pop("final", False):
        return False
    if isinstance(error, (Unreachable, RateLimited)):
        return True
    return method in _IDEMPOTENT and isinstance(error, (AnswerLost, ServerFailed, MalformedAnswer))


def _unknown_effect(error: AnswerError, method: str) -> AnswerError:
    if method in _IDEMPOTENT or not isinstance(error, (ServerFailed, MalformedAnswer)):
        error.details.pop("retry_after", None)
        return error
    return AnswerLost(error.message, status=error.status, cause=error.cause, remedy=error.remedy)


def _tls(security: Security) -> ssl.SSLContext:
    problems = [
        Problem(option, f"there is no file {path}.")
        for option, path in (
            ("ca_cert", security.ca_cert),
            ("client_cert", security.client_cert),
            ("client_key", security.client_key),
        )
        if path and not Path(path).is_file()
    ]
    if problems:
        raise InvalidInput(problems)
    try:
        # One setting serves the control plane, often with a public certificate, and the agents with the company's own.
        context = ssl.create_default_context()
        if security.ca_cert:
            context.load_verify_locations(security.ca_cert)
        if security.client_cert:
            context.load_cert_chain(security.client_cert, security.client_key)
    except (ssl.SSLError, OSError) as error:
        raise InvalidInput(
            [
                Problem(
                    "ca_cert, client_cert, client_key", f"they cannot be used ({error}).", "They have to be PEM files."
                )
            ]
        ) from None
    if not security.validate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif not _has_system_store():
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _has_system_store() -> bool:
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile or paths.capath)
