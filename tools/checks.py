# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks of the preflight, read from where they are written: plugins' code and roles' variables.

A check of the cluster is a function of its name, and its docstring says what it looks for. Other code says so in a map
``CHECKS`` beside it. In a role a check is a map with the finding's own words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
CODE = ("plugins/module_utils/cluster/checks/*.py", "plugins/plugin_utils/*.py")
VARIABLES = "roles/*/vars/main.yml"
# Methods that make findings; those of the second line make errors unless they are told otherwise.
MADE = {"error": "error", "warning": "warning"}
COLLECTED = {"add", "add_error", "of"}
TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)


@dataclass
class Check:
    """A check: its severities, and what it looks for."""

    severities: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)

    def add(self, severities: set[str], text: str | None) -> None:
        """Add what another place says of it."""
        self.severities |= severities
        if text and text not in self.texts:
            self.texts.append(text)


def checks() -> dict[str, Check]:
    """Return all checks by name."""
    found: dict[str, Check] = {}
    for name, severities, text in [*_of_code(), *_of_roles()]:
        found.setdefault(name, Check()).add(severities, text)
    return dict(sorted(found.items()))


def table() -> str:
    """Return them as a table in Markdown."""
    rows = ["| Check | Severity | What it looks for, or says |", "| --- | --- | --- |"]
    for name, check in checks().items():
        rows.append(f"| `{name}` | {', '.join(sorted(check.severities))} | {' '.join(check.texts)} |")
    return "\n".join(rows)


def _of_roles() -> Iterator[tuple[str, set[str], str]]:
    for path in sorted(ROOT.glob(VARIABLES)):
        for value in (yaml.safe_load(path.read_text()) or {}).values():
            if isinstance(value, dict) and {"check", "severity", "what"} <= value.keys():
                yield value["check"], {value["severity"]}, " ".join(TEMPLATE.sub("…", value["what"]).split())


def _of_code() -> Iterator[tuple[str, set[str], str | None]]:
    for path in sorted(path for pattern in CODE for path in ROOT.glob(pattern)):
        tree = ast.parse(path.read_text())
        constants = _constants(tree)
        texts = {**_docstrings(tree), **constants.get("CHECKS", {})}
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
            if severities := _severities(call):
                for name in _names(call.args[0], constants):
                    yield name, severities, texts.get(name)


def _constants(tree: ast.Module) -> dict[str, Any]:
    """Return the strings at the top of a module by name, and the map CHECKS."""
    found: dict[str, Any] = {}
    for node in tree.body:
        for names, value in _assigned(node):
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[names] = value.value
            elif names == "CHECKS" and isinstance(value, ast.Dict):
                keys = [next(_names(key, found)) for key in value.keys if key]
                found[names] = dict(zip(keys, map(ast.literal_eval, value.values), strict=True))
    return found


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    for target in targets if value else []:
        if isinstance(target, ast.Name) and value:
            yield target.id, value
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            yield from (
                (one.id, part) for one, part in zip(target.elts, value.elts, strict=True) if isinstance(one, ast.Name)
            )


def _docstrings(tree: ast.Module) -> dict[str, str]:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {node.name: text.splitlines()[0] for node in functions if (text := ast.get_docstring(node))}


def _severities(call: ast.Call) -> set[str]:
    """Return what a call makes of findings; nothing if it makes none."""
    functions = [call.func.body, call.func.orelse] if isinstance(call.func, ast.IfExp) else [call.func]
    found = set[str]()
    for function in functions:
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            if function.value.id == "Finding" and function.attr in MADE:
                found.add(MADE[function.attr])
            elif function.value.id in ("findings", "self") and function.attr in COLLECTED:
                found |= _told(call)
    return found


def _told(call: ast.Call) -> set[str]:
    given = [
        word.value.value for word in call.keywords if word.arg == "severity" and isinstance(word.value, ast.Constant)
    ]
    return set(map(str, given)) or {"error"}


def _names(node: ast.expr, constants: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of checks that an expression may stand for; a parameter's is said where it is given."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and isinstance(constants.get(node.id), str):
        yield constants[node.id]
    elif isinstance(node, ast.IfExp):
        yield from (*_names(node.body, constants), *_names(node.orelse, constants))
