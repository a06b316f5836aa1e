# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers as processes: probes, restarts, ends, orphans."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from playground.workloads.runner.clock import BackOff
from playground.workloads.runner.container import Container
from playground.workloads.runner.environment import ConfigError
from playground.workloads.runner.images import Image, NotALivingImageError, PullError
from playground.workloads.runner.logfiles import LogFile, tail
from playground.workloads.runner.probes import Prober, Target, call
from playground.workloads.runner.processes import Processes, start_time


class Events:
    """Remembers events."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def add(self, _pod: Any, reason: str, message: str, kind: str = "Normal", container: str = "") -> None:
        self.seen.append((reason, message))

    @property
    def reasons(self) -> list[str]:
        return [reason for reason, _ in self.seen]


class Home:
    """A pod for one container."""

    def __init__(self, folder: Path, policy: str = "Always") -> None:
        metadata = {"name": "p", "namespace": "a", "uid": "u"}
        self.pod = {"metadata": metadata, "spec": {"restartPolicy": policy, "terminationGracePeriodSeconds": 1}}
        self.events, self.processes = Events(), Processes(folder / "processes")
        self.http = httpx.AsyncClient()
        self.addresses, self.bind = {"podIP": "240.128.0.1", "hostIP": "127.0.0.1"}, "127.0.0.1"
        self.folder = folder
        self.states: list[str] = []
        self.failures: list[Exception] = []
        self.container: Container

    async def pull(self, _reference: str) -> Image:
        if self.failures and not isinstance(self.failures[0], ConfigError):
            raise self.failures.pop(0)
        return Image("test")

    async def environment(self, _container: Any) -> dict[str, str]:
        if self.failures:
            raise self.failures.pop(0)
        return {"SETTING": "value"}

    def root(self, _container: Any, _image: Image) -> Path:
        (self.folder / "root/app").mkdir(parents=True, exist_ok=True)
        return self.folder / "root"

    def changed(self) -> None:
        state = self.container.state
        kind = next(iter(state))
        word = state[kind].get("reason", kind)
        if not self.states or self.states[-1] != word:
            self.states.append(word)


def container(home: Home, script: str, *, once: bool = False, **spec: Any) -> Container:
    whole = {"name": "c", "image": "test", "command": [sys.executable, "-c", script], **spec}
    home.container = Container(home, whole, LogFile(home.folder / "logs", "c"), None, once=once)  # type: ignore[arg-type]
    return home.container


async def until(check: Any, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not check():
            await asyncio.sleep(0.02)


async def ended(item: Container, task: asyncio.Task[None]) -> None:
    await item.stop(2)
    await task


def test_a_container_has_only_its_own_variables_and_its_output_is_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", "the user's own")
    home = Home(tmp_path, "Never")
    item = container(home, "import os; print(os.environ['SETTING'], os.environ.get('LANGSMITH_API_KEY'))")
    asyncio.run(item.run())
    assert item.state["terminated"]["exitCode"] == 0
    log = (tmp_path / "logs/c.log").read_text()
    assert " stdout F value None" in log
    assert tail(LogFile(tmp_path / "logs", "c")) == "value None"


def test_a_crashing_container_backs_off_and_shows_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    item = container(home, "print('no key'); raise SystemExit(3)")

    async def run() -> None:
        task = asyncio.create_task(item.run())
        await until(lambda: home.states.count("CrashLoopBackOff") >= 1)
        status = item.status()
        await ended(item, task)
        assert status["restartCount"] == 1, "the first restart comes at once, as a kubelet does it"
        assert status["lastState"]["terminated"]["exitCode"] == 3
        assert "restarting failed container=c pod=p_a(u)" in status["state"]["waiting"]["message"]

    asyncio.run(run())
    assert "BackOff" in home.events.reasons
    assert "no key" in (tmp_path / "logs/c.previous.log").read_text()


@pytest.mark.parametrize(
    ("policy", "code", "once", "restarts"),
    [("Never", 1, False, 0), ("OnFailure", 0, False, 0), ("Always", 0, True, 0), ("Never", 1, True, 0)],
)
def test_what_is_done_is_done(tmp_path: Path, policy: str, code: int, once: bool, restarts: int) -> None:
    home = Home(tmp_path, policy)
    item = container(home, f"raise SystemExit({code})", once=once)
    asyncio.run(asyncio.wait_for(item.run(), 10))
    assert item.status()["restartCount"] == restarts
    assert item.state["terminated"]["reason"] == ("Completed" if code == 0 else "Error")


def test_a_missing_secret_shows_and_heals(tmp_path: Path) -> None:
    home = Home(tmp_path, "Never")
    item = container(home, "")
    home.failures = [ConfigError('secret "s" not found')]
    asyncio.run(asyncio.wait_for(item.run(), 10))
    assert home.states == ["CreateContainerConfigError", "running", "Completed"]
    assert ("Failed", 'Error: secret "s" not found') in home.events.seen


def test_an_image_that_cannot_be_pulled_shows_both_states(tmp_path: Path) -> None:
    home = Home(tmp_path, "Never")
    item = container(home, "")
    home.failures = [PullError("not found")]

    async def run() -> None:
        task = asyncio.create_task(item.run())
        await until(lambda: "ImagePullBackOff" in home.states)
        assert 'Back-off pulling image "test"' in item.state["waiting"]["message"]
        await ended(item, task)

    asyncio.run(run())
    assert home.states[:2] == ["ErrImagePull", "ImagePullBackOff"]
    assert "Failed" in home.events.reasons


def test_an_image_of_no_program_is_ready_at_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    item = container(home, "")
    home.failures = [NotALivingImageError("x")]
    asyncio.run(item.run())
    assert (item.ready, item.started, "running" in item.state) == (True, True, True)


def test_a_command_that_does_not_exist_is_a_start_error(tmp_path: Path) -> None:
    home = Home(tmp_path, "Never")
    item = container(home, "")
    item.spec["command"] = ["/no/such/program"]
    asyncio.run(item.run())
    assert (item.state["terminated"]["exitCode"], item.state["terminated"]["reason"]) == (127, "StartError")


def test_readiness_follows_the_probe(tmp_path: Path) -> None:
    home = Home(tmp_path)
    well = tmp_path / "root/app/well"
    check = [sys.executable, "-c", "import os, sys; sys.exit(not os.path.exists('well'))"]
    probe = {"exec": {"command": check}, "periodSeconds": 1, "timeoutSeconds": 5, "failureThreshold": 1}
    item = container(home, "import time; time.sleep(60)", readinessProbe=probe)

    async def run() -> None:
        task = asyncio.create_task(item.run())
        await until(lambda: "running" in item.state)
        assert not item.ready
        well.touch()
        await until(lambda: item.ready)
        well.unlink()
        await until(lambda: not item.ready)
        await ended(item, task)

    asyncio.run(run())
    assert "Unhealthy" in home.events.reasons


def test_a_failing_liveness_probe_restarts_the_container(tmp_path: Path) -> None:
    home = Home(tmp_path)
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1}
    item = container(home, "import time; time.sleep(60)", livenessProbe=probe)

    async def run() -> None:
        task = asyncio.create_task(item.run())
        await until(lambda: item.status()["restartCount"] == 1)
        await ended(item, task)

    asyncio.run(run())
    assert ("Killing", "Container c failed liveness probe, will be restarted") in home.events.seen


def test_a_container_that_ignores_sigterm_is_killed_with_its_children(tmp_path: Path) -> None:
    home = Home(tmp_path)
    child = "import time; time.sleep(60)"
    script = f"""
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(subprocess.Popen([sys.executable, '-c', {child!r}]).pid, flush=True)
time.sleep(60)
"""
    item = container(home, script)
    log = LogFile(tmp_path / "logs", "c")

    async def run() -> int:
        task = asyncio.create_task(item.run())
        await until(lambda: tail(log).isdigit())
        await item.stop(0.3)
        await task
        pid = int(tail(log))
        await until(lambda: start_time(pid) == "")  # a killed process takes an instant to go
        return pid

    asyncio.run(run())
    assert item.state["terminated"]["exitCode"] == 128 + signal.SIGKILL
    assert not list((tmp_path / "processes").iterdir())


def test_processes_die_with_a_killed_runner_and_leave_no_orphans(tmp_path: Path) -> None:
    script = f"""
import asyncio, os, pathlib, sys
from playground.workloads.runner.processes import Processes
async def run():
    command = [sys.executable, '-c', 'import time; time.sleep(60)']
    process = await Processes(pathlib.Path({str(tmp_path)!r})).start(command, pathlib.Path('/'), dict(os.environ))
    print(process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(run())
"""

    async def run() -> int:
        runner = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).resolve().parents[4]
        )
        assert runner.stdout is not None
        pid = int(await runner.stdout.readline())
        assert start_time(pid)
        runner.kill()
        await runner.wait()
        await until(lambda: not start_time(pid))
        return pid

    pid = asyncio.run(run())
    assert (tmp_path / str(pid)).is_file()
    assert Processes(tmp_path).end_orphans() == 0, "it was dead already"
    assert not list(tmp_path.iterdir())


def test_an_orphan_is_ended_but_never_a_stranger_with_its_pid(tmp_path: Path) -> None:
    async def run() -> None:
        stranger = await asyncio.create_subprocess_exec("sleep", "60", start_new_session=True)
        orphan = await asyncio.create_subprocess_exec("sleep", "60", start_new_session=True)
        (tmp_path / str(stranger.pid)).write_text("1")
        (tmp_path / str(orphan.pid)).write_text(start_time(orphan.pid))
        assert Processes(tmp_path).end_orphans() == 1
        assert await orphan.wait() == -signal.SIGKILL
        assert stranger.returncode is None
        stranger.kill()
        await stranger.wait()

    asyncio.run(run())


def target(tmp_path: Path, http: httpx.AsyncClient) -> Target:
    return Target(
        "127.0.0.1",
        "240.1.0.1",
        {"web": 1},
        Processes(tmp_path / "p"),
        lambda argv: argv,
        tmp_path,
        dict(os.environ),
        http,
    )


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        ({"exec": {"command": ["true"]}}, ""),
        ({"exec": {"command": ["sh", "-c", "echo why; exit 1"]}}, "why"),
        ({"exec": {"command": ["sleep", "5"]}, "timeoutSeconds": 0.1}, 'command "sleep 5" timed out'),
        ({"exec": {"command": ["/no/such"]}}, 'command "/no/such" could not be started: No such file or directory'),
        ({"tcpSocket": {"port": "web"}}, "dial tcp 240.1.0.1:1: connect: connection refused"),
        (
            {"httpGet": {"path": "/ok", "port": 1}},
            'Get "http://240.1.0.1:1/ok": dial tcp 240.1.0.1:1: connect: connection refused',
        ),
    ],
)
def test_probes_report_as_a_kubelet_does(tmp_path: Path, probe: dict[str, Any], message: str) -> None:
    async def run() -> str:
        async with httpx.AsyncClient() as http:
            return await call(probe, target(tmp_path, http))

    assert asyncio.run(run()) == message


@pytest.mark.parametrize(("status", "message"), [(200, ""), (302, ""), (503, "HTTP probe failed with statuscode: 503")])
def test_http_probes_judge_by_status(tmp_path: Path, status: int, message: str) -> None:
    async def run() -> str:
        transport = httpx.MockTransport(lambda _request: httpx.Response(status))
        async with httpx.AsyncClient(transport=transport) as http:
            return await call({"httpGet": {"port": "web"}}, target(tmp_path, http))

    assert asyncio.run(run()) == message


def test_early_failures_are_tried_again_soon_and_not_counted(tmp_path: Path) -> None:
    results: list[tuple[str, str]] = []
    well = tmp_path / "well"
    probe = {"exec": {"command": ["test", "-e", str(well)]}, "periodSeconds": 30, "failureThreshold": 1}

    async def run() -> float:
        async with httpx.AsyncClient() as http:
            prober = Prober(probe, "startup", target(tmp_path, http), lambda *result: results.append(result))
            task = asyncio.create_task(prober.run())
            await asyncio.sleep(0.5)
            well.touch()
            began = time.monotonic()
            await task
            return time.monotonic() - began

    assert asyncio.run(run()) < 30
    assert results == [("ok", "")]


def test_waits_grow_and_calm_down() -> None:
    backoff = BackOff(1.0, 3.0, reset=60.0)
    assert [backoff.wait() for _ in range(5)] == [0.0, 1.0, 2.0, 3.0, 3.0]
    backoff._last -= 61
    assert backoff.wait() == 0.0
