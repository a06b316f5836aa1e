# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app, a real registry on loopback, and something that builds."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.building import ARGUMENTS, build_image
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

from playground import binaries, releases
from tests.integration.agent_image import registries
from tests.integration.agent_image.registries import Registry

ROOT = Path(__file__).resolve().parents[3]
CLI = str(Path(sys.executable).with_name("langgraph"))
# The CLI adds the version of Python as tag.
BASE = "base/langgraph-api"
BASE_TAG = "3.12"
AGENT = """
from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict):
    text: str


def answer(state: State) -> State:
    if state["text"] == "fail":
        raise ValueError("there is no answer to that")
    return {"text": f"You said {state['text']}."}


builder = StateGraph(State)
builder.add_node("answer", answer)
builder.add_edge(START, "answer")
builder.add_edge("answer", END)
graph = builder.compile()
"""


def write_app(folder: Path) -> Path:
    """Write a small app with one graph."""
    folder.mkdir(parents=True)
    configuration = {
        "dependencies": ["."],
        "graphs": {"echo": "./echo.py:graph"},
        "python_version": BASE_TAG,
        "pip_installer": "pip",
    }
    (folder / "langgraph.json").write_text(json.dumps(configuration))
    (folder / "echo.py").write_text(AGENT)
    (folder / "pyproject.toml").write_text('[project]\nname = "echo"\nversion = "0.1"\n')
    return folder


@dataclass
class Builder:
    """An app, where its image goes, and what builds it.

    Attributes:
        app: The app's folder.
        registry: The registry.
        repository: Where the image goes in it; one of the test's own.
        environment: The environment of the task.
        options: What the test wants beside that.
    """

    app: Path
    registry: Registry
    repository: str
    environment: dict[str, str]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.registry.name}/{self.repository}"

    def given(self, **options: Any) -> dict[str, Any]:
        """Return the module's options as a user gives them."""
        fixed = {"path": str(self.app), "cli": CLI, "name": self.name, "insecure": True}
        return {**fixed, "base_image": f"{self.registry.name}/{BASE}", **self.options, **options}

    def run(self, *, check: bool = False, **options: Any) -> Outcome:
        """Run what the module runs."""
        checked, wrong = ARGUMENTS.checked(self.given(**options))
        assert not wrong
        return build_image(Task(checked, check=check, environment=self.environment))

    def tags(self) -> dict[str, str]:
        """Return what is in the registry."""
        return self.registry.tags(self.repository)

    def commands(self) -> list[str]:
        """Return the commands that the stand-in was given, but for looks."""
        file = Path(self.environment["STAND_IN_STORE"]) / "commands"
        commands = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [command[0] for command in commands if command[0] not in ("info", "inspect")]


@pytest.fixture(scope="session")
def registry_program() -> Path:
    """Return the registry's program; got or built the first time that it is asked for."""
    return binaries.ensure([releases.REGISTRY])["registry"]


@pytest.fixture(scope="session")
def registry(registry_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Return a registry with a base image in it."""
    with registries.running(registry_program, tmp_path_factory.mktemp("registry")) as one:
        push_base(one)
        yield one


def push_base(registry: Registry, note: str = "") -> str:
    """Push the base image, or another one under the same name."""
    with registry.client() as client:
        config: Mapping[str, Any] = {"config": {"Env": ["PATH=/bin"]}}
        return registries.push(client, BASE, BASE_TAG, registries.base_layer(note), config)


@pytest.fixture
def builder(registry: Registry, tmp_path: Path) -> Builder:
    """Return an app that the stand-in builds."""
    programs = tmp_path / "bin"
    programs.mkdir()
    store = tmp_path / "store"
    store.mkdir()
    program = programs / "buildah"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.integration.agent_image.builder "$@"\n')
    program.chmod(0o755)
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": f"{programs}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "STAND_IN_STORE": str(store),
    }
    app = write_app(tmp_path / "app")
    return Builder(app, registry, f"agents/{tmp_path.name.replace('_', '-')}", environment, {"engine": "buildah"})
