# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: downwards only, and each heavy library in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consistency.repository import files, text

COLLECTION = "ansible_collections.langgraph.selfhosted."
UTILS = "plugins.module_utils"

# Room → height. Imports go down; within a room they are free.
HEIGHTS = {
    "plugins.modules": 6,
    "plugins.action": 6,
    "plugins.filter": 6,
    "plugins.inventory": 6,
    "plugins.lookup": 6,
    "plugins.plugin_utils": 5,
    f"{UTILS}.runner": 4,
    f"{UTILS}.control_plane": 3,
    f"{UTILS}.cluster": 3,
    f"{UTILS}.agent_image": 3,
    f"{UTILS}.plan": 2,
    f"{UTILS}.waiting": 2,
    f"{UTILS}.arguments": 1,
    f"{UTILS}.errors": 1,
    "plugins.doc_fragments": 0,
}
# Library → the only files that import it.
ONLY_IN = {
    "httpx": {f"{UTILS}.control_plane.transport"},
    "kubernetes": {f"{UTILS}.cluster.client"},
    "openshift": {f"{UTILS}.cluster.client"},
}
# Rooms that know Ansible; `arguments` speaks its language of specs. All others are plain Python.
KNOW_ANSIBLE = {room for room, height in HEIGHTS.items() if height >= 4} | {
    f"{UTILS}.arguments",
    "plugins.doc_fragments",
}


def module_name(path: Path) -> str:
    """`plugins/modules/listener.py` → `plugins.modules.listener`."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports(module: str, source: str) -> Iterator[str]:
    """Every module or name that the source imports, absolute, ours without the collection's name in front."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                start = ".".join([*module.split(".")[: -node.level], *([node.module] if node.module else [])])
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.removeprefix(COLLECTION) for name in names)


def room(name: str) -> str | None:
    """The room that a module of ours is in."""
    return next((known for known in HEIGHTS if f"{name}.".startswith(f"{known}.")), None)


def violations(module: str, source: str) -> Iterator[str]:
    """Each import that the rules forbid, with the reason."""
    here = room(module)
    for name in imports(module, source):
        library, there = name.partition(".")[0], room(name)
        if library == "playground" or (
            module.startswith("playground") and library in {"ansible_collections", "plugins"}
        ):
            yield f"{module} imports {name}: the playground and the plugins share the wire only"
        if here is None:
            continue
        if library in ONLY_IN and module not in ONLY_IN[library]:
            yield f"{module} imports {name}: only {', '.join(sorted(ONLY_IN[library]))} may"
        if library == "ansible" and here not in KNOW_ANSIBLE:
            yield f"{module} imports {name}: only modules, actions and the runner know Ansible"
        if name.endswith(".AnsibleModule") and here not in {"plugins.modules", f"{UTILS}.runner"}:
            yield f"{module} imports {name}: only modules and the runner see it"
        if there is not None and there != here and HEIGHTS[there] >= HEIGHTS[here]:
            yield f"{module} imports {name}: imports go down, from {here} to what lies below it"


def test_every_file_keeps_the_import_rule() -> None:
    checked = [path for path in files() if path.suffix == ".py" and path.parts[0] == "plugins"]
    assert len(checked) > 10
    assert [found for path in checked for found in violations(module_name(path), text(path))] == []


def test_the_playground_does_not_import_the_plugins() -> None:
    checked = [path for path in files() if path.suffix == ".py" and path.parts[0] == "playground"]
    assert checked
    found = [
        f"{path}: {name}"
        for path in checked
        for name in imports(module_name(path), text(path))
        if name.partition(".")[0] in {"ansible_collections", "plugins"}
    ]
    assert found == []


def test_every_plugin_is_in_a_room() -> None:
    homeless = [
        path
        for path in files()
        if path.suffix == ".py"
        and path.parts[0] == "plugins"
        and path.name != "__init__.py"
        and room(module_name(path)) is None
    ]
    assert homeless == [], "Give the new room a height in HEIGHTS."


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (f"{UTILS}.control_plane.client", "import kubernetes.client"),
        (f"{UTILS}.cluster.releases", "from kubernetes import dynamic"),
        (f"{UTILS}.control_plane.client", "import httpx"),
        (f"{UTILS}.control_plane.client", "from ..cluster import client"),
        (f"{UTILS}.control_plane.client", "from ..runner import run"),
        (f"{UTILS}.plan", f"from {COLLECTION}plugins.module_utils.control_plane import client"),
        (f"{UTILS}.plan", "from . import runner"),
        (f"{UTILS}.errors", "from .plan import Plan"),
        (f"{UTILS}.cluster.client", "def late():\n    from ansible.module_utils.basic import AnsibleModule"),
        ("plugins.action.observe_cluster", "from ansible.module_utils.basic import AnsibleModule"),
        ("plugins.plugin_utils.cluster", "from ..modules import listener"),
        ("plugins.modules.listener", "import playground"),
    ],
)
def test_the_rule_finds_what_it_forbids(module: str, source: str) -> None:
    assert list(violations(module, source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (f"{UTILS}.control_plane.transport", "import httpx"),
        (f"{UTILS}.control_plane.client", "from .transport import Transport\nfrom ..errors import SelfHostedError"),
        ("plugins.modules.listener", f"from {COLLECTION}plugins.module_utils.runner import run"),
        (
            f"{UTILS}.runner",
            "from ansible.module_utils.basic import AnsibleModule\nfrom .cluster.client import Cluster",
        ),
    ],
)
def test_the_rule_lets_pass_what_it_allows(module: str, source: str) -> None:
    assert list(violations(module, source)) == []
