# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.logins import (
    Login,
    docker_files,
    login_of,
    podman_files,
)


def entry(secret: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"robot:{secret}".encode()).decode()}


def found(folder: Path, content: dict[str, Any], registry: str = "r.example.com") -> Login | None:
    file = folder / "config.json"
    file.write_text(json.dumps(content))
    return login_of(registry, "agents/support", [folder / "none.json", file], {"PATH": str(folder)})


@pytest.mark.parametrize("key", ["r.example.com", "https://r.example.com", "r.example.com/agents"])
def test_a_login_is_found_under_each_name_that_engines_give_it(tmp_path: Path, key: str) -> None:
    assert found(tmp_path, {"auths": {key: entry("x")}}) == Login("robot", "x")


def test_docker_hub_has_a_name_of_its_own(tmp_path: Path) -> None:
    assert found(tmp_path, {"auths": {"https://index.docker.io/v1/": entry("x")}}, "docker.io") == Login("robot", "x")


def test_the_login_of_a_part_wins(tmp_path: Path) -> None:
    auths = {"r.example.com": entry("all"), "r.example.com/agents": entry("part")}
    assert found(tmp_path, {"auths": auths}) == Login("robot", "part")


def test_a_token_is_no_password(tmp_path: Path) -> None:
    login = found(tmp_path, {"auths": {"r.example.com": {"identitytoken": "x"}}})
    assert login
    assert login.is_token
    assert "x" not in repr(login).replace("token", "")


@pytest.mark.parametrize("content", [{}, {"auths": None}, {"auths": {"other.example.com": {}}}, {"credsStore": "none"}])
def test_no_login(tmp_path: Path, content: dict[str, Any]) -> None:
    assert found(tmp_path, content) is None


def test_where_logins_are() -> None:
    assert docker_files({"HOME": "/h"}) == [Path("/h/.docker/config.json")]
    assert docker_files({"HOME": "/h", "DOCKER_CONFIG": "/c"}) == [Path("/c/config.json")]
    assert podman_files({"REGISTRY_AUTH_FILE": "/a"}) == [Path("/a")]
    podman = podman_files({"HOME": "/h", "XDG_RUNTIME_DIR": "/r"})
    assert podman[:2] == [Path("/r/containers/auth.json"), Path("/h/.config/containers/auth.json")]
