# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module agent_test: the real Agent Server starts around an app, answers, and is gone afterwards."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.serving import AppFailed
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.testing import ARGUMENTS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.testing import test_app as run_app
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

from tests.integration.agent_image.conftest import CLI, ROOT, write_app

KEY = "s3cr3t-of-a-model"


def run(app: Path, **options: Any) -> Outcome:
    """Run what the module runs."""
    checked, wrong = ARGUMENTS.checked({"path": str(app), "cli": CLI, "timeout": 300, **options})
    assert not wrong
    return run_app(Task(checked, environment=dict(os.environ)))


def servers(app: Path) -> list[psutil.Process]:
    """Return the servers that run around an app."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(app / "langgraph.json") in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Path]:
    """Return a small app; nothing may run around it in the end, and nothing may be left in it."""
    folder = write_app(tmp_path / "app")
    yield folder
    assert not servers(folder)
    assert not {".langgraph_api", "__pycache__"} & {path.name for path in folder.iterdir()}


def test_an_app_answers(app: Path) -> None:
    outcome = run(app, input={"text": "hello"}, expect="You said hello")
    assert not outcome.changed
    assert outcome.result["assistant"] == "echo"
    assert outcome.result["answer"] == {"text": "You said hello."}


def test_another_answer_is_shown(app: Path) -> None:
    with pytest.raises(AppFailed, match=r"(?s)answers without 'Goodbye'.*You said hello"):
        run(app, input={"text": "hello"}, expect="Goodbye")


def test_a_run_that_fails_is_shown_with_its_log(app: Path) -> None:
    with pytest.raises(AppFailed, match=r"(?s)ValueError.*there is no answer to that.*The end of its log"):
        run(app, input={"text": "fail"})


def test_an_app_that_does_not_start_shows_why_and_no_secret(app: Path) -> None:
    agent = app / "echo.py"
    failing = "raise ModuleNotFoundError(\"No module named 'nowhere_to_be_found' \" + os.environ['MODEL_KEY'])"
    agent.write_text(f"import os\n{failing}\n{agent.read_text()}")
    with pytest.raises(AppFailed, match="No module named 'nowhere_to_be_found'") as caught:
        run(app, environment={"MODEL_KEY": KEY})
    assert "Install nowhere_to_be_found" in str(caught.value.remedy)
    assert KEY not in str(caught.value)
    assert "********" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_an_assistant_that_is_none(app: Path) -> None:
    with pytest.raises(InvalidInput, match="'support' is none of echo"):
        run(app, assistant="support", input={})


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_task_that_is_killed_leaves_no_server(app: Path, how: signal.Signals) -> None:
    code = (
        "import json, os, sys\n"
        "from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.testing import test_app\n"
        "from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Task\n"
        "test_app(Task(json.loads(sys.argv[1]), environment=dict(os.environ)))\n"
    )
    # An input of a graph that waits for ever.
    agent = app / "echo.py"
    agent.write_text(
        re.sub(r'if state\["text"\] == "fail":\n', "import time; time.sleep(3600)\n    if True:\n", agent.read_text())
    )
    options, _wrong = ARGUMENTS.checked({"path": str(app), "cli": CLI, "timeout": 600, "input": {"text": "wait"}})
    environment = {**os.environ, "PYTHONPATH": str(ROOT / ".cache")}
    with subprocess.Popen([sys.executable, "-c", code, json.dumps(options)], env=environment) as task:
        (server,) = until(lambda: servers(app))
        task.send_signal(how)
        task.wait(60)
    psutil.wait_procs([server], timeout=60)
    if how == signal.SIGKILL:  # nobody was left to clear up
        for path in (app / ".langgraph_api").glob("*"):
            path.unlink()
        (app / ".langgraph_api").rmdir() if (app / ".langgraph_api").exists() else None


def until(look: Any) -> Any:
    """Wait until something is there."""
    latest = time.monotonic() + 300
    while time.monotonic() < latest:
        if found := look():
            return found
        time.sleep(0.1)
    raise TimeoutError
