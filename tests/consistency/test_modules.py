# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules and actions: documented, in their action group, covered by an integration target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.consistency.repository import ROOT, Module, files, load, modules, strings, text

# What a module's shared options are ↔ the group that may set them for a whole play.
GROUP_OF_FRAGMENT = {"connection": "control_plane", "kubeconfig": "cluster"}
ATTRIBUTES = ("check_mode", "diff_mode", "idempotent")
ALL = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


def groups() -> Mapping[str, list[str]]:
    """The action groups of meta/runtime.yml."""
    listed: Mapping[str, list[str]] = load("meta/runtime.yml")["action_groups"]
    return listed


def expected_groups(module: Module) -> set[str]:
    """The groups that the module's documentation fragments put it in."""
    shared = {fragment.partition(".")[0] for fragment in module.fragments}
    return {group for fragment, group in GROUP_OF_FRAGMENT.items() if fragment in shared}


def fragment(name: str) -> Mapping[str, Any]:
    """A documentation fragment as data: `connection` or `attributes.info`."""
    file, part = name.split(".") if "." in name else (name, "documentation")
    tree = text(Path("plugins/doc_fragments") / f"{file}.py")
    constants = class_strings(tree)
    parsed: Mapping[str, Any] = yaml.safe_load(constants[part.upper()])
    return parsed


def class_strings(source: str) -> dict[str, str]:
    """The string constants of the fragment's class."""
    import ast

    bodies = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return {
        name: value
        for body in bodies
        for name, value in strings(ast.unparse(ast.Module(body=body.body, type_ignores=[]))).items()
    }


def attributes(module: Module) -> dict[str, dict[str, Any]]:
    """The module's attributes, with what its fragments say of them underneath."""
    merged: dict[str, dict[str, Any]] = {}
    for source in [*(fragment(name) for name in module.fragments), module.documentation]:
        for name, value in (source.get("attributes") or {}).items():
            merged.setdefault(name, {}).update(value)
    return merged


def test_there_are_modules() -> None:
    assert {"listener", "listener_info", "deployment", "deployment_info"} <= {module.name for module in modules()}


@ALL
def test_module_is_in_the_group_of_its_options(module: Module) -> None:
    in_groups = {group for group, names in groups().items() if module.name in names}
    assert in_groups == expected_groups(module)


def test_groups_list_modules_only() -> None:
    known = {module.name for module in modules()}
    assert {name for names in groups().values() for name in names} - known == set()
    assert [group for group, names in groups().items() if names != sorted(names)] == []


@ALL
def test_module_documents_its_attributes(module: Module) -> None:
    given = attributes(module)
    for name in ATTRIBUTES:
        assert given.get(name, {}).get("support") in {"full", "partial", "none", "N/A"}, name
        assert given[name].get("description"), name
        assert given[name]["support"] in {"full", "none", "N/A"} or given[name].get("details"), (
            f"{name}: say what is partial"
        )
    action_group = given.get("action_group", {}).get("membership", [])
    listed = {
        str(name).rpartition(".")[2] for name in ([action_group] if isinstance(action_group, str) else action_group)
    }
    assert listed == expected_groups(module)


@ALL
def test_module_documentation_is_whole(module: Module) -> None:
    documentation = module.documentation
    assert documentation["module"] == module.name
    assert documentation["short_description"]
    assert documentation["author"]
    undocumented = [
        name for name, option in (documentation.get("options") or {}).items() if not option.get("description")
    ]
    assert undocumented == []
    returned = yaml.safe_load(module.constants["RETURN"]) or {}
    assert returned, "RETURN says nothing"
    assert [name for name, value in returned.items() if not {"description", "returned", "type"} <= value.keys()] == []


def example_problems(module: str, examples: str) -> Iterator[str]:
    """What is wrong with a module's EXAMPLES."""
    tasks = yaml.safe_load(examples)
    if not isinstance(tasks, list):
        yield "EXAMPLES is no list of tasks"
        return
    names = [task.get("name") for task in tasks if isinstance(task, dict)]
    if len(names) != len(tasks) or not all(names):
        yield "an example has no name"
    if not any(f"langgraph.selfhosted.{module}" in task for task in tasks if isinstance(task, dict)):
        yield f"no example calls langgraph.selfhosted.{module}"


@ALL
def test_examples_are_tasks_that_call_the_module(module: Module) -> None:
    assert list(example_problems(module.name, module.constants["EXAMPLES"])) == []


@ALL
def test_examples_use_options_that_exist(module: Module) -> None:
    known = set(module.documentation.get("options") or {})
    for name in module.fragments:
        known |= set(fragment(name).get("options") or {})
    for task in yaml.safe_load(module.constants["EXAMPLES"]):
        used = task.get(f"langgraph.selfhosted.{module.name}") or {}
        assert set(used) - known == set(), task["name"]


def test_every_action_is_documented() -> None:
    actions = {path.stem for path in files() if path.parent == Path("plugins/action") and path.stem != "__init__"}
    assert actions - {module.name for module in modules()} == set()


@ALL
def test_module_has_an_integration_target(module: Module) -> None:
    target = ROOT / "tests" / "integration" / "targets" / f"module_{module.name}"
    assert (target / "tasks" / "main.yml").exists(), f"{target.relative_to(ROOT)}/tasks/main.yml is missing"
    assert "context/controller" in (target / "aliases").read_text().split()
    assert f"langgraph.selfhosted.{module.name}:" in "".join(path.read_text() for path in target.rglob("*.yml"))


@pytest.mark.parametrize(
    "examples",
    ["{}", "- langgraph.selfhosted.x: {}", "- name: other\n  langgraph.selfhosted.y: {}", "- text"],
)
def test_bad_examples_are_found(examples: str) -> None:
    assert list(example_problems("x", examples))
