# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles: defaults and argument specs say the same, names keep the convention, playbooks stay short."""

from __future__ import annotations

import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest

from tests.consistency.repository import ROOT, Role, files, load, playbooks, roles, text

TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "dict": (dict,),
    "float": (float, int),
    "int": (int,),
    "list": (list,),
    "path": (str,),
    "raw": (object,),
    "str": (str,),
}
# Roles whose variables do not start with the role's own name: what all roles share is langgraph_*.
PREFIXES = {"_common": "langgraph_"}
ALL = pytest.mark.parametrize("role", roles(), ids=lambda role: role.name)


def computed(default: object) -> bool:
    """Whether a default is made when the role runs; its specification then describes it in words."""
    return isinstance(default, str) and "{{" in default


def differences(defaults: dict[str, Any], options: dict[str, Any]) -> Iterator[str]:
    """What defaults/main.yml and the argument specification say differently."""
    for name in defaults.keys() - options.keys():
        yield f"{name} has a default and no specification"
    for name, option in options.items():
        kind = option.get("type", "str")
        if name not in defaults:
            if not option.get("required"):
                yield f"{name} is specified, not required, and has no default in defaults/main.yml"
            continue
        default = defaults[name]
        if option.get("required"):
            yield f"{name} is required and has a default"
        if computed(default):
            if "default" in option:
                yield f"{name}: the default is computed, so the specification must describe it, not state one"
            continue
        if "default" not in option or option["default"] != default or type(option["default"]) is not type(default):
            yield f"{name}: the default is {default!r}, the specification says {option.get('default')!r}"
        if not isinstance(default, TYPES[kind]) or (kind in ("int", "float") and isinstance(default, bool)):
            yield f"{name}: the default {default!r} is not of type {kind}"
        if "choices" in option and default not in option["choices"]:
            yield f"{name}: the default {default!r} is not among the choices"


@ALL
def test_defaults_and_argument_specs_agree(role: Role) -> None:
    assert list(differences(dict(role.defaults), dict(role.options))) == []


@ALL
def test_each_option_is_described(role: Role) -> None:
    assert [
        name for name, option in role.options.items() if not option.get("description") or "type" not in option
    ] == []


@ALL
def test_secrets_are_not_logged(role: Role) -> None:
    suspicious = ("api_key", "password", "token", "licence_key", "license_key")
    leaking = [name for name, option in role.options.items() if name.endswith(suspicious) and not option.get("no_log")]
    assert leaking == []


@ALL
def test_variables_carry_the_roles_name(role: Role) -> None:
    prefix = PREFIXES.get(role.name, f"{role.name}_" if not role.name.startswith("_") else role.name)
    assert [name for name in {*role.options, *role.defaults} if not name.startswith(prefix)] == []
    internal = Path("roles") / role.name / "vars" / "main.yml"
    if (ROOT / internal).exists():
        start = f"_{role.name.strip('_')}_"
        assert [name for name in load(internal) or {} if not name.startswith(start)] == []


@ALL
def test_each_role_has_its_files(role: Role) -> None:
    folder = Path("roles") / role.name
    here = {path.relative_to(folder).as_posix() for path in files() if path.is_relative_to(folder)}
    assert here >= {"README.md", "meta/main.yml", "meta/argument_specs.yml"}


def test_the_readmes_are_those_that_the_argument_specs_make() -> None:
    done = subprocess.run(
        [sys.executable, "tools/role_readmes.py", "--check"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nRun `python tools/role_readmes.py`."


def test_every_path_is_looked_at_and_described() -> None:
    """A relative one would mean several places; the role _paths refuses it."""
    options = {name: option for role in roles() for name, option in role.options.items()}
    paths = {name for name, option in options.items() if "path" in (option["type"], option.get("elements"))}
    assert paths == set(Role("_paths").variables["_paths_variables"])
    assert [name for name in paths if "bsolute path" not in str(options[name]["description"])] == []


def test_playbooks_are_short() -> None:
    assert playbooks()
    assert [path for path in playbooks() if len(text(path).splitlines()) > 20] == []


@pytest.mark.parametrize(
    ("defaults", "options"),
    [
        ({"a": 1}, {}),
        ({}, {"a": {"type": "int"}}),
        ({"a": 1}, {"a": {"type": "int", "default": 2}}),
        ({"a": 1}, {"a": {"type": "int"}}),
        ({"a": True}, {"a": {"type": "int", "default": 1}}),
        ({"a": "1"}, {"a": {"type": "int", "default": "1"}}),
        ({"a": "x"}, {"a": {"type": "str", "default": "x", "choices": ["y"]}}),
        ({"a": "{{ b }}"}, {"a": {"type": "str", "default": "{{ b }}"}}),
        ({"a": 1}, {"a": {"type": "int", "required": True}}),
    ],
)
def test_differences_are_found(defaults: dict[str, Any], options: dict[str, Any]) -> None:
    assert list(differences(defaults, options))


def test_agreement_is_no_difference() -> None:
    options: dict[str, Any] = {
        "a": {"type": "int", "default": 1},
        "b": {"type": "str"},
        "c": {"type": "str", "required": True},
    }
    assert list(differences({"a": 1, "b": "{{ a }}"}, options)) == []


def test_no_variable_leads_back_to_itself() -> None:
    """Up to ansible-core 2.18 every name in a template is evaluated, also in the branch that is not taken."""
    values = {name: value for role in roles() for name, value in {**role.defaults, **role.variables}.items()}
    graph = {name: _names_in(value) & values.keys() for name, value in values.items()}
    assert graph["_listener_component"] >= {"_listener_layers", "langgraph_namespace"}
    graphlib.TopologicalSorter(graph).prepare()


def _names_in(value: Any) -> set[str]:
    """Return the variables that the templates in a value name."""
    if isinstance(value, str):
        tree = jinja2.Environment(autoescape=True).parse(value)
        return {node.name for node in tree.find_all(jinja2.nodes.Name)}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_names_in, parts))
