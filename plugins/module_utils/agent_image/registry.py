# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry's HTTP API: which digest a tag has, whether one may push, another tag for what is there.

Layers are the engine's business. This asks what has to be known before anything is built.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.logins import Login
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.names import DOCKER_HUB, ImageName
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    MalformedAnswer,
    Unreachable,
    error_of_status,
)

_TIMEOUT = 30.0
_HUB_HOST = "registry-1.docker.io"
_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404
_CREATED, _ACCEPTED = 201, 202


@dataclass(frozen=True)
class Access:
    """How a registry is reached.

    Attributes:
        login: Who one is there, None for everybody.
        insecure: Its certificate is not checked, and it may speak plain HTTP.
        ca_cert: File of the CA certificates to trust, in place of the system's.
        log_in: The command that logs in, for remedies.
    """

    login: Login | None = None
    insecure: bool = False
    ca_cert: str | None = None
    log_in: str = "docker login"


@dataclass(frozen=True)
class Answer:
    """What a registry answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Repository:
    """A repository in a registry, as one user sees it."""

    def __init__(self, name: ImageName, access: Access) -> None:
        """Take which one, and how it is reached; nothing is asked yet."""
        self._name = name
        self._access = access
        self._host = _HUB_HOST if name.registry == DOCKER_HUB else name.registry
        self._schemes = ["https", "http"] if access.insecure else ["https"]
        self._authorization: dict[str, str] = {}
        self._opener = _opener(access, self._host)

    def __str__(self) -> str:
        """Return its name."""
        return f"{self._name.registry}/{self._name.repository}"

    def digest(self, reference: str) -> str | None:
        """Return the digest that a tag has; None where there is no such tag."""
        answer = self._send("HEAD", f"manifests/{reference}", accept=True)
        if answer.status == _NOT_FOUND:
            return None
        self._check(answer, f"{self}:{reference} cannot be read")
        return answer.headers.get("docker-content-digest") or _digest(self._manifest(reference).body)

    def may_push(self) -> None:
        """Raise why nothing can be pushed: an upload is begun, as a push begins, and given up at once."""
        answer = self._send("POST", "blobs/uploads/", scope="pull,push")
        self._check(answer, f"Nothing can be pushed to {self}", expected=_ACCEPTED)
        self._call("DELETE", urljoin(self._url(""), answer.headers.get("location", "")), scope="pull,push")

    def tag(self, reference: str, tag: str) -> None:
        """Give what is there under a tag or digest another tag."""
        manifest = self._manifest(reference)
        content_type = manifest.headers.get("content-type", _MANIFESTS[1])
        answer = self._send(
            "PUT", f"manifests/{tag}", scope="pull,push", body=manifest.body, headers={"Content-Type": content_type}
        )
        self._check(answer, f"{self}:{tag} cannot be set", expected=_CREATED)

    def _manifest(self, reference: str) -> Answer:
        answer = self._send("GET", f"manifests/{reference}", accept=True)
        self._check(answer, f"{self}:{reference} cannot be read")
        return answer

    def _send(self, method: str, path: str, *, accept: bool = False, scope: str = "pull", **rest: Any) -> Answer:
        headers = {**({"Accept": ", ".join(_MANIFESTS)} if accept else {}), **rest.pop("headers", {})}
        while True:
            try:
                return self._call(method, self._url(path), scope=scope, headers=headers, **rest)
            except Unreachable:
                if len(self._schemes) == 1:
                    raise
                del self._schemes[0]

    def _url(self, path: str) -> str:
        return f"{self._schemes[0]}://{self._host}/v2/{self._name.repository}/{path}"

    def _call(
        self, method: str, url: str, *, scope: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Send a request; when the registry asks who this is (a token ends while one builds), tell it."""
        known = self._authorization.get(scope)
        answer = self._http(method, url, headers or {}, body, known)
        if answer.status == _UNAUTHORIZED:
            authorization = self._authorize(answer.headers.get("www-authenticate", ""), scope)
            if authorization and authorization != known:
                self._authorization[scope] = authorization
                answer = self._http(method, url, headers or {}, body, authorization)
        return answer

    def _authorize(self, challenge: str, scope: str) -> str | None:
        """Return the Authorization header that the registry asks for, None where there is no login."""
        login = self._access.login
        kind, _space, rest = challenge.partition(" ")
        if kind.lower() != "bearer":
            return login.basic if login and not login.is_token else None
        asked = dict(_CHALLENGE.findall(rest))
        wanted = {"service": asked.get("service", ""), "scope": f"repository:{self._name.repository}:{scope}"}
        realm = asked.get("realm", "")
        if login and login.is_token:
            form = {**wanted, "grant_type": "refresh_token", "client_id": "ansible", "refresh_token": login.secret}
            answer = self._http("POST", realm, {}, urlencode(form).encode(), None)
        else:
            answer = self._http("GET", f"{realm}?{urlencode(wanted)}", {}, None, login.basic if login else None)
        self._check(answer, f"{realm} gives no access to {self}")
        try:
            told = json.loads(answer.body)
            return f"Bearer {told.get('token') or told['access_token']}"
        except (ValueError, KeyError, AttributeError) as error:
            raise MalformedAnswer(f"{realm} gives no token for {self}.", status=answer.status) from error

    def _http(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, authorization: str | None
    ) -> Answer:
        if not url.startswith(("https:", "http:")):  # the registry names places, too
            raise MalformedAnswer(f"The registry {self._name.registry} names {url!r}, which is no URL.")
        request = urllib.request.Request(url, data=body, headers=dict(headers), method=method)  # noqa: S310
        if authorization:  # never to where a registry redirects to
            request.add_unredirected_header("Authorization", authorization)
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as reply:
                return Answer(reply.status, {key.lower(): value for key, value in reply.headers.items()}, reply.read())
        except urllib.error.HTTPError as error:
            headers = {key.lower(): value for key, value in error.headers.items()}
            return Answer(error.code, headers, error.read())
        except (OSError, ValueError, http.client.HTTPException) as error:  # OSError: URLError, too; ValueError: no URL
            raise Unreachable(
                f"The registry {self._name.registry} does not answer.",
                cause=str(getattr(error, "reason", error)),
                remedy=_unreachable_remedy(str(error)),
            ) from error

    def _check(self, answer: Answer, what: str, expected: int = 200) -> None:
        if answer.status == expected:
            return
        raise error_of_status(answer.status)(
            f"{what}: {self._name.registry} answers {answer.status}{_words(answer.body)}.",
            status=answer.status,
            remedy=self._remedy(answer.status),
        )

    def _remedy(self, status: int) -> str:
        log_in = f"{self._access.log_in} {self._name.registry}"
        if status == _UNAUTHORIZED:
            known = "The login that is kept is not accepted" if self._access.login else "There is no login for it"
            return f"{known}: log in as the user that runs this, with `{log_in}`, or give its file as authfile."
        if status == _FORBIDDEN:
            return f"Give this user the right to push to it, or log in as another one with `{log_in}`."
        if status == _NOT_FOUND:
            return "Create the repository in the registry first; some registries do not do that by themselves."
        return "Look at the registry's own log."


def _opener(access: Access, host: str) -> urllib.request.OpenerDirector:
    context = ssl.create_default_context(cafile=access.ca_cert)
    if access.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=context)]
    if is_loopback(host):
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def is_loopback(registry: str) -> bool:
    """Whether a registry is on this machine; docker speaks plain HTTP to such ones."""
    host = urlsplit(f"//{registry}").hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _digest(manifest: bytes) -> str:
    return f"sha256:{hashlib.sha256(manifest).hexdigest()}"


def _words(body: bytes) -> str:
    """Return the registry's own words about an error."""
    try:
        errors = json.loads(body)["errors"]
        return " (" + "; ".join(f"{error['code']}: {error['message']}" for error in errors) + ")"
    except (ValueError, KeyError, TypeError):
        return ""


def _unreachable_remedy(why: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in why:
        return "Give the CA of its certificate as ca_cert, and let the engine know it too."
    if "WRONG_VERSION_NUMBER" in why or "RECORD_LAYER" in why:
        return "It seems to speak plain HTTP: set insecure, if that is meant to be."
    return "Check its name, and that it can be reached from here; proxies are taken from the environment."
