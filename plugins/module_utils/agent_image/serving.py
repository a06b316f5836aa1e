# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Agent Server around an app, on this machine, for as long as it is needed and no longer."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image import programs
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.cli import environment_of_cli
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.project import Project
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline, pauses, wait_until

_HTTP_OK = 200
_LONGEST_END = 10.0
_STATE = ".langgraph_api"
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)S?$", re.IGNORECASE)
_SHORTEST_SECRET = 6
_PR_SET_PDEATHSIG = 1
_JSON = {"Content-Type": "application/json"}
# There is no proxy between a machine and itself.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class AppFailed(SelfHostedError):
    """An app did not start in the Agent Server, or did not answer as it should."""


@dataclass(frozen=True)
class Server:
    """A running Agent Server.

    Attributes:
        url: Where it answers.
        log: What it has written.
        process: Its process.
        hidden: Values that must not be shown.
    """

    url: str
    log: Path
    process: subprocess.Popen[bytes]
    hidden: frozenset[str]

    def wait_until_ready(self, deadline: Deadline) -> None:
        """Wait until it answers.

        Raises:
            AppFailed: It ended, or the time is up.
        """
        waited = wait_until(
            lambda: self.process.poll() is None and self._answers(),
            lambda answers: answers or self.process.poll() is not None,
            deadline,
            every=pauses(0.2, 1.2, 1.0),
        )
        if not waited.value:
            ended = self.process.poll()
            why = f"ended with {ended}" if ended is not None else f"did not answer within {waited.elapsed:.0f} s"
            raise self.failed(f"The Agent Server {why}.")

    def run(self, assistant: str, given: Any, deadline: Deadline) -> Any:
        """Run an assistant to its end; return its answer.

        Raises:
            AppFailed: The run failed.
        """
        body = json.dumps({"assistant_id": assistant, "input": given}).encode()
        request = urllib.request.Request(f"{self.url}/runs/wait", body, _JSON)  # noqa: S310 ours
        try:
            with _OPENER.open(request, timeout=max(deadline.remaining, 0.1)) as reply:
                answer = json.loads(reply.read())
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")
            raise self.failed(f"The assistant {assistant} was not run: {error.code} {said}") from error
        except (OSError, ValueError) as error:
            raise self.failed(f"The assistant {assistant} did not answer: {error}") from error
        if isinstance(answer, Mapping) and "__error__" in answer:
            told = answer["__error__"]
            raise self.failed(f"The run of {assistant} failed: {told.get('error')}: {told.get('message')}")
        return answer

    def failed(self, what: str) -> AppFailed:
        """Return the error that tells what failed, with the end of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        for secret in sorted(self.hidden, key=len, reverse=True):
            what, text = what.replace(secret, "********"), text.replace(secret, "********")
        lines = programs.last_lines(text) or "    (nothing)"
        return AppFailed(f"{what}\nThe end of its log:\n{lines}", remedy=_remedy(text))

    def _answers(self) -> bool:
        try:
            with _OPENER.open(f"{self.url}/ok", timeout=2) as reply:
                return bool(reply.status == _HTTP_OK)
        except (OSError, ValueError):
            return False


@contextmanager
def running(
    project: Project, cli: str, environment: Mapping[str, str], *, hidden: Iterable[str] = ()
) -> Iterator[Server]:
    """Start the Agent Server by the official CLI, and end it whatever happens.

    Its state is removed, unless the folder had some before: the folder is what the image is made of.
    """
    state = project.folder / _STATE
    kept = state.exists()
    with TemporaryDirectory(prefix="langgraph-test-") as folder, _ended_when_terminated():
        port = _free_port()
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # pylint: disable=ansible-bad-function # run_command waits for the end
                [cli, "dev", "--no-browser", "--no-reload", "--port", str(port), "--config", str(project.file)],
                cwd=project.folder,
                env={**environment_of_cli(environment), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 there are no threads here
            )
        try:
            yield Server(f"http://127.0.0.1:{port}", log, process, _secrets(project, environment, hidden))
        finally:
            _end(process)
            if not kept:
                shutil.rmtree(state, ignore_errors=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and all that it has started."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(_LONGEST_END)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            break
    process.poll()


@contextmanager
def _ended_when_terminated() -> Iterator[None]:
    """Let SIGTERM run what cleans up, which it does not do by itself."""

    def stop(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end_with_parent() -> None:
    """Ask the kernel to end this process when its parent is killed; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _secrets(project: Project, environment: Mapping[str, str], hidden: Iterable[str]) -> frozenset[str]:
    """Return the values to hide: those given, and those of variables whose names say that they are secret."""
    own = project.configuration.get("env")
    variables = {**environment, **(own if isinstance(own, Mapping) else _env_file(project.folder / str(own)))}
    secret = [str(value) for name, value in variables.items() if _SECRET_NAME.search(name)]
    return frozenset(value for value in [*secret, *hidden] if len(value) >= _SHORTEST_SECRET)


def _env_file(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    lines = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines())
    return {name.removeprefix("export ").strip(): value.strip().strip("\"'") for name, equals, value in lines if equals}


def _remedy(log: str) -> str:
    if 'langgraph-cli[inmem]"' in log:
        return 'Install the server into the environment of the CLI: pip install -U "langgraph-cli[inmem]"'
    if missing := re.search(r"No module named '([^']+)'", log):
        return (
            f"Install {missing[1]}, as all dependencies of the app, into the environment of the CLI (pip install -e . "
            "in the app's folder), and name it among the dependencies of the app, so that the image has it too."
        )
    return "Correct the app; `langgraph dev` in its folder shows the same."
