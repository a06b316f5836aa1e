# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins of registries, from the files and helpers that `docker login` and `podman login` write to."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image import programs
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.names import DOCKER_HUB

# What a helper, or a file, has in the place of a user where the secret is a token to get others with.
_TOKEN_USER = "<token>"  # noqa: S105 a name, no token
_HUB_KEYS = ("docker.io", "index.docker.io", "https://index.docker.io/v1/")


@dataclass(frozen=True)
class Login:
    """Who one is at a registry."""

    user: str
    secret: str = field(repr=False)

    @property
    def is_token(self) -> bool:
        """Whether the secret is no password but a token to get access tokens with."""
        return self.user == _TOKEN_USER

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()


def docker_files(environment: Mapping[str, str]) -> list[Path]:
    """Return the file that docker keeps logins in."""
    return [Path(environment.get("DOCKER_CONFIG") or _home(environment) / ".docker") / "config.json"]


def podman_files(environment: Mapping[str, str]) -> list[Path]:
    """Return the files that podman and buildah look for logins in, the first one first."""
    if given := environment.get("REGISTRY_AUTH_FILE"):
        return [Path(given)]
    runtime = environment.get("XDG_RUNTIME_DIR")
    here = Path(runtime) / "containers" if runtime else Path(f"/run/containers/{os.getuid()}")
    kept = Path(environment.get("XDG_CONFIG_HOME") or _home(environment) / ".config") / "containers"
    return [here / "auth.json", kept / "auth.json", *docker_files(environment)]


def login_of(registry: str, repository: str, files: Sequence[Path], environment: Mapping[str, str]) -> Login | None:
    """Return the login for a repository, or None where nobody has logged in."""
    for file in files:
        content = _read(file)
        for key in _keys(registry, repository):
            helper = (content.get("credHelpers") or {}).get(key) or content.get("credsStore")
            found = _from_helper(helper, key, environment) if helper else None
            found = found or _from_entry((content.get("auths") or {}).get(key))
            if found:
                return found
    return None


def _read(file: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, Mapping) else {}


def _keys(registry: str, repository: str) -> list[str]:
    """Return the names that a login may stand under: podman knows logins of a part of a registry."""
    parts = repository.split("/")
    longest_first = ["/".join([registry, *parts[:count]]) for count in range(len(parts), 0, -1)]
    hosts = _HUB_KEYS if registry == DOCKER_HUB else (registry, f"https://{registry}")
    return [*longest_first, *hosts]


def _from_entry(entry: Any) -> Login | None:
    if not isinstance(entry, Mapping):
        return None
    if token := entry.get("identitytoken"):
        return Login(_TOKEN_USER, str(token))
    try:
        user, colon, secret = base64.b64decode(str(entry.get("auth") or "")).decode().partition(":")
    except ValueError:
        return None
    return Login(user, secret) if colon else None


def _from_helper(helper: str, key: str, environment: Mapping[str, str]) -> Login | None:
    program = programs.on_path(f"docker-credential-{helper}", environment)
    if program is None:
        return None
    done = programs.run([program, "get"], environment=environment, stdin=key)
    try:
        told = json.loads(done.output) if done.code == 0 else {}
    except ValueError:
        return None
    return Login(str(told.get("Username")), str(told["Secret"])) if told.get("Secret") else None


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or Path.home())
