# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module agent_test: an app, run once in the real Agent Server."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.cli import find_cli
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.project import Project, read_project
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.serving import Server, running
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput, Problem
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline

ARGUMENTS = ArgumentSpec(
    options={
        "path": {"type": "path", "required": True},
        "config": {"type": "str", "default": "langgraph.json"},
        "cli": {"type": "path"},
        "assistant": {"type": "str"},
        "input": {"type": "dict"},
        "expect": {"type": "str"},
        "environment": {"type": "dict", "default": {}, "no_log": True},
        "timeout": {"type": "float", "default": 120.0},
    },
    required_by={"expect": ["input"], "assistant": ["input"]},
)


def test_app(task: Task) -> Outcome:
    """Start the app, call it once, end it. It changes nothing, so that check mode does the same."""
    options = task.options
    project = read_project(options["path"], options["config"])
    assistant = _assistant(project, options["assistant"])
    cli = find_cli(options["cli"], task.environment)
    deadline = Deadline(options["timeout"])
    own = {str(name): str(value) for name, value in options["environment"].items()}
    with running(project, cli, {**task.environment, **own}, hidden=own.values()) as server:
        server.wait_until_ready(deadline)
        started = deadline.elapsed
        given = options["input"]
        answer = None if given is None else _called(server, assistant, given, options["expect"], deadline)
        result = {"assistant": assistant, "answer": answer, "started_after": round(started, 1)}
    return Outcome(result=result)


def _called(server: Server, assistant: str, given: Any, expect: str | None, deadline: Deadline) -> Any:
    answer = server.run(assistant, given, deadline)
    if expect and expect not in json.dumps(answer, ensure_ascii=False):
        shown = json.dumps(answer, ensure_ascii=False, indent=2)
        raise server.failed(f"The assistant {assistant} answers without {expect!r}:\n{shown}")
    return answer


def _assistant(project: Project, wanted: str | None) -> str:
    """Return the graph to call: the one wanted, else the first."""
    if wanted and wanted not in project.graphs:
        raise InvalidInput([Problem("assistant", f"{wanted!r} is none of {', '.join(project.graphs)}.")])
    return wanted or project.graphs[0]
