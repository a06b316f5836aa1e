# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of images: registry, repository, tag or digest."""

from __future__ import annotations

import re
from dataclasses import dataclass

DOCKER_HUB = "docker.io"

_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


@dataclass(frozen=True)
class ImageName:
    """An image's name in full.

    Attributes:
        registry: Host and port, ``docker.io`` for Docker Hub.
        repository: The path in it; Docker Hub's own images are below ``library/``.
        tag: Its tag, empty where a digest says which it is, or where none is given.
        digest: Its digest, or empty.
    """

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> ImageName:
        """Read a name as engines do: without a registry it is Docker Hub's."""
        name, _at, digest = text.partition("@")
        head, slash, tail = name.rpartition("/")
        tail, _colon, tag = tail.partition(":")
        name = f"{head}{slash}{tail}"
        registry, path = split_registry(name)
        if registry:
            return cls(registry, path, tag, digest)
        return cls(DOCKER_HUB, name if "/" in name else f"library/{name}", tag, digest)

    @property
    def reference(self) -> str:
        """What the registry's API calls it: digest, else tag, else ``latest``."""
        return self.digest or self.tag or "latest"


def split_registry(name: str) -> tuple[str, str]:
    """Return the registry that a name begins with, empty where it has none, and the rest."""
    first, slash, rest = name.partition("/")
    is_registry = slash and ("." in first or ":" in first or first == "localhost")
    return (first, rest) if is_registry else ("", name)


def repository_problem(text: str) -> str | None:
    """Return what is wrong with the name of a repository to push to, or None."""
    if "@" in text or ":" in text.rpartition("/")[2]:
        return "it holds a tag or a digest; give tags as tags."
    registry, rest = split_registry(text)
    if not registry:
        return "it does not begin with a registry, such as registry.example.com/agents/support."
    if not _REPOSITORY.fullmatch(rest):
        return "a repository consists of lower-case letters, digits, and ., _, - and / between them."
    return None


def is_tag(text: str) -> bool:
    """Whether a text can be a tag."""
    return bool(_TAG.fullmatch(text))
