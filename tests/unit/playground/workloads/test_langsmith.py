# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""LangSmith's stand-ins: what the frontend reads of nginx, what the backend's programs demand, the parts' tokens."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from playground.control_plane.storage import Store
from playground.workloads import tokens
from playground.workloads.images.langsmith import plane
from playground.workloads.images.langsmith.frontend import Location, read
from playground.workloads.images.langsmith.settings import SettingsError
from playground.workloads.images.langsmith.settings import read as read_settings

NGINX = """
server {
    listen 8080;
    location = /health { return 200; }
    location /x/api { rewrite /x/api/(.*) /api/v1/$1  break; proxy_pass http://backend:1984; }
    location /x/api-host { rewrite /x/api-host/(.*) /$1 break; proxy_pass http://host:1985; }
    location /x/api/v1 { rewrite /x/api/v1/(.*) /api/v1/$1 break; proxy_pass http://backend:1984; }
}
"""
VARIABLES = {
    "POSTGRES_DATABASE_URI": "me:word@db/x",
    "REDIS_DATABASE_URI": "redis://cache",
    "API_KEY_SALT": "salt",
    "LANGSMITH_LICENSE_KEY": "licence",
    "BASIC_AUTH_ENABLED": "true",
    "BASIC_AUTH_JWT_SECRET": "secret",
    "PORT": "1984",
}


def locate(path: str) -> Location | None:
    return next((one for one in read(NGINX)[1] if one.matches(path)), None)


@pytest.mark.parametrize(
    ("path", "upstream", "rewritten"),
    [
        ("/x/api-host/v2/deployments", "http://host:1985", "/v2/deployments"),
        ("/x/api/v1/workspaces", "http://backend:1984", "/api/v1/workspaces"),
        ("/x/api/runs", "http://backend:1984", "/api/v1/runs"),
        ("/health", "", "/health"),
    ],
)
def test_a_request_goes_where_nginx_would_send_it(path: str, upstream: str, rewritten: str) -> None:
    location = locate(path)
    assert location is not None
    assert (location.upstream, location.rewritten(path)) == (upstream, rewritten)


def test_other_paths_are_pages() -> None:
    assert read(NGINX)[0] == 8080
    assert locate("/health/more") is None


def test_the_programs_read_the_chart_s_variables_and_show_no_secret() -> None:
    settings = read_settings(VARIABLES)
    assert (settings.port, settings.salt) == (1984, "salt")
    assert not any(secret in repr(settings) for secret in ("word", "salt", "licence", "'secret'"))


@pytest.mark.parametrize("name", sorted(VARIABLES.keys() - {"BASIC_AUTH_ENABLED", "PORT"}))
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not set"):
        read_settings({**VARIABLES, name: " "})


def test_a_token_says_who_signed_it_and_for_how_long() -> None:
    token = tokens.signed("secret", {"sub": "listener"})
    assert (tokens.claims("secret", token) or {})["sub"] == "listener"
    assert tokens.claims("other", token) is None
    assert tokens.claims("secret", f"{token}x") is None
    assert tokens.claims("secret", tokens.signed("secret", {}, seconds=-1)) is None


def test_a_backend_is_healthy_before_its_migrations_and_serves_after_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Helm waits for it before it runs the migrations; to wait for them is to wait for ever."""
    connected = asyncio.Event()

    async def database(*_: object) -> Path:
        await connected.wait()
        return tmp_path

    monkeypatch.setattr(plane, "database", database)

    async def live() -> list[list[int]]:
        served = plane.Plane()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://backend") as http:

            async def seen() -> list[int]:
                return [(await http.get(path)).status_code for path in ("/health", "/api/v1/workspaces")]

            opened = asyncio.create_task(served.open(read_settings(VARIABLES)))
            found = [await seen()]
            connected.set()
            async with asyncio.timeout(30):
                while (await seen())[0] != 200:
                    await asyncio.sleep(0.01)
            found.append(await seen())
            Store(tmp_path)
            await opened
            return [*found, await seen()]

    assert asyncio.run(live()) == [[503, 503], [200, 503], [200, 401]]
