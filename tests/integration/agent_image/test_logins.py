# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""As whom a registry is asked: a real one that wants passwords, and one that wants tokens."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.logins import Login
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.names import ImageName
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.registry import Access, Repository
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Unauthorized
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.agent_image import registries
from tests.integration.agent_image.conftest import Builder
from tests.integration.agent_image.registries import Registry

USER, PASSWORD = "robot", "s3cr3t-of-a-registry"
# Its bcrypt hash, of the lowest cost.
HASH = "$2a$04$4acSzq1QC.to5uWzzkPhsuzawZHZzaIrJLf/1lvFDRmYJIXJAA06W"
REFRESH = "refresh-t0ken-of-a-registry"


def repository(registry: Registry, login: Login | None) -> Repository:
    """Return a repository as this user sees it."""
    return Repository(ImageName.parse(f"{registry.name}/agents/support"), Access(login, insecure=True))


def exercised(one: Repository) -> None:
    """Ask all that can be asked of an empty repository."""
    assert one.digest("nothing") is None
    one.may_push()


@pytest.fixture
def guarded(registry_program: Path, tmp_path: Path) -> Iterator[Registry]:
    """Return a registry that wants a password."""
    passwords = tmp_path / "htpasswd"
    passwords.write_text(f"{USER}:{HASH}\n")
    auth = {"htpasswd": {"realm": "test", "path": str(passwords)}}
    with registries.running(registry_program, tmp_path, auth) as one:
        yield one


def test_a_password(guarded: Registry) -> None:
    exercised(repository(guarded, Login(USER, PASSWORD)))


@pytest.mark.parametrize("login", [None, Login(USER, "another")])
def test_no_login_says_how_to_log_in(guarded: Registry, login: Login | None) -> None:
    one = repository(guarded, login)
    with pytest.raises(Unauthorized) as caught:
        one.digest("nothing")
    assert f"docker login {guarded.name}" in str(caught.value)
    assert "another" not in str(caught.value)
    with pytest.raises(Unauthorized):
        one.may_push()


@pytest.mark.parametrize("how", ["authfile", "helper"])
def test_the_engines_own_login_is_used(guarded: Registry, builder: Builder, how: str) -> None:
    """Without it nothing is built. With it the image is pushed, and nobody sees the password."""
    builder.registry = guarded
    builder.options |= {"pull": False}
    with pytest.raises(Unauthorized, match="buildah login"):
        builder.run()
    assert builder.commands() == []

    folder = builder.app.parent
    file = folder / "auth.json"
    entry = {"auth": base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
    content: dict[str, Any] = {"auths": {guarded.name: entry}}
    if how == "helper":
        content = {"credHelpers": {guarded.name: "test"}}
        helper = folder / "bin" / "docker-credential-test"
        helper.write_text(f"""#!/bin/sh\necho '{{"Username": "{USER}", "Secret": "{PASSWORD}"}}'\n""")
        helper.chmod(0o755)
    file.write_text(json.dumps(content))
    builder.environment["STAND_IN_LOGIN"] = f"{USER}:{PASSWORD}"

    made = builder.run(authfile=str(file), tags=["v1"])

    tags = guarded.tags(builder.repository, auth=(USER, PASSWORD))
    assert set(tags.values()) == {made.result["digest"]}
    assert len(tags) == 2
    assert PASSWORD not in json.dumps(made.as_result())
    assert PASSWORD not in (folder / "store" / "commands").read_text()


@contextmanager
def tokens(key: rsa.RSAPrivateKey) -> Iterator[str]:
    """Run what gives out tokens, as registries' makers describe it: to a password, or to a refresh token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            self._answer(asked, known=self.headers.get("Authorization") == expected)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(asked, known=asked.get("refresh_token") == REFRESH, field="access_token")

        def _answer(self, asked: Mapping[str, str], *, known: bool, field: str = "token") -> None:
            kind, name, actions = asked["scope"].split(":")
            access = {"type": kind, "name": name, "actions": actions.split(",") if known else []}
            now = int(time.time())
            claims = {"iss": "test", "aud": asked["service"], "sub": USER, "nbf": now - 60, "exp": now + 300}
            token = jwt.encode({**claims, "iat": now, "access": [access]}, key, "RS256", {"kid": "test"})
            body = json.dumps({field: token}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/token"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def token_registry(registry_program: Path, tmp_path: Path) -> Iterator[Registry]:
    """Return a registry that wants tokens."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [{**public, "kid": "test", "alg": "RS256", "use": "sig"}]}))
    with tokens(key) as realm:
        settings = {"realm": realm, "service": "test", "issuer": "test", "jwks": str(keys)}
        with registries.running(registry_program, tmp_path, {"token": settings}) as one:
            yield one


@pytest.mark.parametrize("login", [Login(USER, PASSWORD), Login("<token>", REFRESH)], ids=["password", "refresh token"])
def test_a_token(token_registry: Registry, login: Login) -> None:
    exercised(repository(token_registry, login))


def test_a_token_that_ended_while_the_image_was_built_is_renewed(token_registry: Registry) -> None:
    kept = repository(token_registry, Login(USER, PASSWORD))
    kept._authorization.update({"pull": "Bearer ended", "pull,push": "Bearer ended"})
    exercised(kept)


@pytest.mark.parametrize("login", [None, Login(USER, "wrong"), Login("<token>", "wrong")])
def test_a_token_that_allows_nothing(token_registry: Registry, login: Login | None) -> None:
    with pytest.raises(Unauthorized, match="log in as the user that runs this"):
        repository(token_registry, login).may_push()
