# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image is made of, as a short text: the same inputs, the same text, on every machine."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.cli import Recipe
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused

# Made by tools, of no meaning to an agent, and different on every machine.
_NO_INPUT = frozenset({".git", ".langgraph_api", ".mypy_cache", ".tox", ".venv", "__pycache__", "node_modules", "venv"})
_SECRETS = re.compile(r"\.env(?!\.example|\.sample|\.template)(\..*)?")
_DIGITS = 16


def inputs_of(recipe: Recipe, base_digest: str) -> str:
    """Return the fingerprint of all that goes into an image."""
    parts = {
        "dockerfile": recipe.dockerfile,
        "arguments": list(recipe.arguments),
        "base": base_digest,
        "context": _tree(recipe.context),
        "further": {name: _tree(folder) for name, folder in recipe.further.items()},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:_DIGITS]


def environment_files(recipe: Recipe) -> list[str]:
    """Return the files with an app's own secrets that would be copied into the image."""
    names = (path.relative_to(recipe.context).as_posix() for path in _files(recipe.context))
    return [name for name in names if _SECRETS.fullmatch(name.rpartition("/")[2])]


def _tree(root: Path) -> str:
    """Return the hash of the files that a builder gets from a folder."""
    digest = hashlib.sha256()
    for path in _files(root):
        executable = os.access(path, os.X_OK) and not path.is_symlink()
        digest.update(f"{path.relative_to(root).as_posix()}\0{int(executable)}\0{_content(path)}\n".encode())
    return digest.hexdigest()


def _content(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Refused(
            f"{path} cannot be read, and would be part of the image: {error.strerror}.",
            remedy="Let this user read it, or name it in .dockerignore.",
        ) from error


def _files(root: Path) -> Iterator[Path]:
    ignored = Ignored.of(root)
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _NO_INPUT)
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(folder) / name
            if not ignored(path.relative_to(root).as_posix()) and (path.is_symlink() or path.is_file()):
                yield path


class Ignored:
    """The rules of a .dockerignore: the last one that fits a path, or a folder above it, decides."""

    def __init__(self, text: str) -> None:
        """Read the file's text."""
        lines = (line.strip() for line in text.splitlines() if not line.startswith("#"))
        self._rules = [(line.startswith("!"), _expression(line.removeprefix("!"))) for line in lines if line]

    @classmethod
    def of(cls, root: Path) -> Ignored:
        """Read the .dockerignore of a folder, if it has one."""
        file = root / ".dockerignore"
        return cls(file.read_text(encoding="utf-8") if file.is_file() else "")

    def __call__(self, path: str) -> bool:
        """Whether the builder does not get this file."""
        ignored = False
        for kept, expression in self._rules:
            if expression.match(path):
                ignored = not kept
        return ignored


def _expression(pattern: str) -> re.Pattern[str]:
    """Return what a pattern fits, and all below: ``*`` is within a folder, ``**`` any number of folders."""
    parts = [part for part in pattern.strip().split("/") if part not in ("", ".")]
    text = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        text += (".*" if last else "(?:.*/)?") if part == "**" else _segment(part) + ("" if last else "/")
    return re.compile(f"(?:{text})(?:/.*)?$")


def _segment(part: str) -> str:
    pieces = re.split(r"(\*+|\?|\[[^\]]*\])", part)
    wild = {"*": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(piece[:1], piece) if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
