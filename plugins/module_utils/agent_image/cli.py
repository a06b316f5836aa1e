# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The LangGraph CLI: where it is, and what its ``build`` would run."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image import programs
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.project import Project
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused

_INSTALL = (
    "Install it, best into an environment of the app's own: python3 -m venv .venv && "
    '.venv/bin/pip install -U "langgraph-cli[inmem]", and give .venv/bin/langgraph as cli.'
)
# What the CLI finds in the place of docker: it writes down what it is asked to do.
_RECORDER = """#!/bin/sh
printf '%s\\0' "$@" > "$0.arguments"
cat > "$0.input"
"""
_FROM = re.compile(r"^FROM\s+(?:--platform=\S+\s+)?(\S+)", re.MULTILINE | re.IGNORECASE)
_CONTEXT = "--build-context"


@dataclass(frozen=True)
class Recipe:
    """What ``langgraph build`` would have docker do.

    Attributes:
        dockerfile: What it hands over as Dockerfile.
        context: The folder that is sent to the builder.
        further: Further folders by their names in the Dockerfile.
        arguments: What else it hands over: what the user added.
    """

    dockerfile: str
    context: Path
    further: Mapping[str, Path]
    arguments: Sequence[str]

    @property
    def base(self) -> str:
        """The image that it builds upon."""
        found = _FROM.search(self.dockerfile)
        return found[1] if found else ""

    def command(self, tag: str) -> list[str]:
        """Return the arguments of the engine that build it; the Dockerfile is its standard input."""
        contexts = [part for name, path in self.further.items() for part in (_CONTEXT, f"{name}={path}")]
        return ["build", "-f", "-", "-t", tag, *contexts, *self.arguments, str(self.context)]


def find_cli(given: str | None, environment: Mapping[str, str]) -> str:
    """Return the CLI: the one given, else that of the Python that runs this, else that on the PATH.

    Raises:
        Refused: There is none.
    """
    if given:
        candidates = [given]
    else:
        beside = str(Path(sys.executable).with_name("langgraph"))
        candidates = [beside, programs.on_path("langgraph", environment) or ""]
    for candidate in candidates:
        if Path(candidate).is_file() and os.access(candidate, os.X_OK):
            return str(Path(candidate).absolute())
    where = given or "neither beside this task's Python nor on the PATH"
    raise Refused(f"The LangGraph CLI (langgraph) is not there: {where}.", remedy=_INSTALL)


def recipe_of(
    project: Project,
    cli: str,
    environment: Mapping[str, str],
    *,
    base_image: str | None = None,
    api_version: str | None = None,
    arguments: Sequence[str] = (),
) -> Recipe:
    """Ask the CLI what ``langgraph build`` would run, without running it.

    Raises:
        Refused: The CLI does not accept the app.
    """
    options = ["--config", str(project.file), "--no-pull", "--tag", "recorded"]
    options += ["--base-image", base_image] if base_image else []
    options += ["--api-version", api_version] if api_version else []
    with TemporaryDirectory(prefix="langgraph-build-") as folder:
        recorder = Path(folder) / "docker"
        recorder.write_text(_RECORDER, encoding="utf-8")
        recorder.chmod(0o700)
        done = programs.run(
            [cli, "build", *options, "--", *arguments],
            environment=environment_of_cli(environment, path=folder),
            cwd=project.folder,
            join=True,
        )
        recorded = Path(f"{recorder}.arguments")
        if done.code != 0 or not recorded.exists():
            raise Refused(
                f"langgraph build does not accept {project.file}:\n{programs.last_lines(done.said)}",
                remedy="Correct what it names; `langgraph dev` in that folder shows the same.",
            )
        argv = recorded.read_text(encoding="utf-8").split("\0")[:-1]
        return _recipe(argv, Path(f"{recorder}.input").read_text(encoding="utf-8"))


def environment_of_cli(environment: Mapping[str, str], *, path: str = "") -> dict[str, str]:
    """Return an environment in which the CLI reports to nobody; ``path`` is searched before all others."""
    paths = [part for part in (path, environment.get("PATH", os.defpath)) if part]
    return {**environment, "LANGGRAPH_CLI_NO_ANALYTICS": "1", "PATH": os.pathsep.join(paths)}


def _recipe(argv: Sequence[str], dockerfile: str) -> Recipe:
    """Read ``build -f - -t TAG [--build-context NAME=FOLDER]... [added by the user]... FOLDER``."""
    if argv[:5] != ["build", "-f", "-", "-t", "recorded"]:
        raise Refused(
            f"langgraph build runs something that this collection does not know: docker {' '.join(argv[:5])} …",
            remedy="Install another version of langgraph-cli, and report this.",
        )
    rest = list(argv[5:-1])
    further: dict[str, Path] = {}
    while rest[:1] == [_CONTEXT]:
        name, _equals, folder = rest[1].partition("=")
        further[name] = Path(folder)
        rest = rest[2:]
    return Recipe(dockerfile, Path(argv[-1]), further, tuple(rest))
