# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the consistency tests read: the repository's files, its modules' documentation, its roles."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Every file that git has or would take, relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    paths = sorted({Path(name) for name in listing.split("\0") if name})
    return tuple(path for path in paths if (ROOT / path).is_file() and not (ROOT / path).is_symlink())


def text(path: Path | str) -> str:
    """The content of a file, given relative to the root; empty for what is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def load(path: Path | str) -> Any:
    """The content of a YAML file, given relative to the root."""
    return yaml.safe_load(text(path))


@dataclass(frozen=True)
class Module:
    """A module: the file under plugins/modules, whether a module or the documentation of an action."""

    name: str

    @property
    def path(self) -> Path:
        """Where it stands, relative to the root."""
        return Path("plugins/modules") / f"{self.name}.py"

    @cached_property
    def constants(self) -> Mapping[str, str]:
        """The strings assigned at the top of the file: DOCUMENTATION, EXAMPLES, RETURN."""
        return strings(text(self.path))

    @cached_property
    def documentation(self) -> Mapping[str, Any]:
        """DOCUMENTATION as data."""
        parsed: Mapping[str, Any] = yaml.safe_load(self.constants["DOCUMENTATION"])
        return parsed

    @property
    def fragments(self) -> frozenset[str]:
        """The documentation fragments it extends, without the collection's name."""
        listed = self.documentation.get("extends_documentation_fragment", [])
        return frozenset(name.rpartition("langgraph.selfhosted.")[2] for name in listed)


def strings(source: str) -> dict[str, str]:
    """Name and value of each string constant that a Python file assigns at its top."""
    found: dict[str, str] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.update((target.id, node.value.value) for target in node.targets if isinstance(target, ast.Name))
    return found


@cache
def modules() -> tuple[Module, ...]:
    """All modules, actions included."""
    return tuple(Module(path.stem) for path in files() if path.parent == Path("plugins/modules"))


@dataclass(frozen=True)
class Role:
    """A role; names with an underscore in front are internal."""

    name: str

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """defaults/main.yml as data."""
        path = Path("roles") / self.name / "defaults" / "main.yml"
        return (load(path) or {}) if (ROOT / path).exists() else {}

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        """vars/main.yml as data."""
        path = Path("roles") / self.name / "vars" / "main.yml"
        return (load(path) or {}) if (ROOT / path).exists() else {}

    @cached_property
    def options(self) -> Mapping[str, Mapping[str, Any]]:
        """The options of the role's main entry point."""
        specs = load(Path("roles") / self.name / "meta" / "argument_specs.yml")
        return specs["argument_specs"]["main"].get("options") or {}


@cache
def roles() -> tuple[Role, ...]:
    """All roles, internal ones included."""
    return tuple(Role(name) for name in sorted({path.parts[1] for path in files() if path.parts[0] == "roles"}))


def playbooks() -> tuple[Path, ...]:
    """All playbooks."""
    return tuple(path for path in files() if path.parent == Path("playbooks"))
