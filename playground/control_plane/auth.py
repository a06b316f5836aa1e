# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who asks, and for which workspace."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from playground.control_plane.rules import Refusal

ORGANISATION: Final = "org"
MISSING_KEY: Final = "Not authenticated: send an API key in the X-Api-Key header."
INVALID_KEY: Final = "Invalid API key."
NEEDS_WORKSPACE: Final = (
    "This API key is org-scoped and requires workspace specification. Please provide 'X-Tenant-ID' header."
)


class Authority(Protocol):
    """What decides who may use the control plane: keys from a file, or the accounts of a whole platform."""

    @property
    def workspaces(self) -> Sequence[str]:
        """The ids of all workspaces."""

    def workspace(self, headers: Mapping[str, str]) -> str:
        """The workspace that a request acts on; see :class:`Keys`."""


@dataclass(frozen=True)
class Keys:
    """The accepted keys, each with the workspace it is for, or none when it is for the whole organisation."""

    workspaces: Sequence[str]
    scopes: Mapping[str, str | None]

    def workspace(self, headers: Mapping[str, str]) -> str:
        """The workspace that a request acts on.

        :param headers: with lower-case names.
        :raises Refusal: 401 for no key or a wrong one; 403 when the key is not for that workspace, or it must be named.
        """
        key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ").strip()
        if not key:
            raise Refusal(401, MISSING_KEY)
        scope = self._scope(key)
        asked = headers.get("x-tenant-id", "").strip().lower() or None
        if scope is None:
            if asked is None:
                raise Refusal(403, NEEDS_WORKSPACE)
            if asked not in self.workspaces:
                raise Refusal(403, f"Workspace '{asked}' was not found, or this API key has no access to it.")
            return asked
        if asked not in (None, scope):
            raise Refusal(403, f"This API key has no access to workspace '{asked}'.")
        return scope

    def _scope(self, key: str) -> str | None:
        for known, scope in self.scopes.items():
            if hmac.compare_digest(known.encode(), key.encode()):
                return scope
        raise Refusal(401, INVALID_KEY)


def read_keys(path: Path, workspaces: Sequence[str]) -> Keys:
    """Read a file of keys, one a line: alone (for the first workspace), or with a workspace id or the word ``org``.

    :raises ValueError: when the file holds no key, or names an unknown workspace.
    """
    scopes: dict[str, str | None] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        scope = words[1].lower() if len(words) > 1 else workspaces[0]
        if scope not in (*workspaces, ORGANISATION):
            raise ValueError(
                f"{path}, line {number}: '{scope}' is neither 'org' nor one of the workspaces {list(workspaces)}."
            )
        scopes[words[0]] = None if scope == ORGANISATION else scope
    if not scopes:
        raise ValueError(f"{path} holds no API key; write one on its first line.")
    return Keys(tuple(workspaces), scopes)
