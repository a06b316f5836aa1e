# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Up, again, healed, down: also when killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import playground as world
from playground import kubeapi, ports, processes
from playground.home import REPOSITORY, Paths, binary_cache

UP = ["up", "--control-plane-port", "0", "--ingress-port", "0", "--no-workloads"]


@pytest.fixture
def environment(playground_home: Path) -> dict[str, str]:
    return os.environ | {
        "LANGGRAPH_PLAYGROUND_HOME": str(playground_home),
        "LANGGRAPH_PLAYGROUND_BIN": str(binary_cache()),
        "PYTHONPATH": str(REPOSITORY),
    }


@pytest.fixture
def paths(playground_home: Path, request: pytest.FixtureRequest) -> Iterator[Paths]:
    name = f"t{abs(hash(request.node.name)) % 10**8}"
    yield Paths.of(name, playground_home)
    world.down(name, home=playground_home)


def command(paths: Paths, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "playground", *arguments, "--name", paths.name]


@pytest.fixture
def run(paths: Paths, environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(paths, *arguments), env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def files(paths: Paths) -> list[str]:
    return [file.name for file in paths.root.parent.glob(f"*{paths.name}*")]


def marked(paths: Paths) -> list[str]:
    return [process.name() for process in processes._of(paths.root)]


def components(paths: Paths) -> set[int]:
    return {int(file.read_text()) for file in (paths.cluster / "pids").iterdir()}


def namespaces(paths: Paths) -> set[str]:
    with kubeapi.connect(paths.kubeconfig) as api:
        return {item["metadata"]["name"] for item in api.get("/api/v1/namespaces").json()["items"]}


@pytest.mark.slow
def test_up_again_changes_nothing_and_down_leaves_nothing(paths: Paths, run: Any) -> None:
    first = run(*UP)
    assert first.returncode == 0, first.stderr
    before = (paths.description.read_text(), components(paths))

    second = run("up")

    assert second.returncode == 0
    assert "already up: nothing to do" in second.stderr
    assert (paths.description.read_text(), components(paths)) == before
    assert json.loads(run("status").stdout)["up"] is True

    become_ready(paths, "registry.example.com/agents/hello:1")
    volume = provision(paths)
    assert volume.is_dir()
    down = run("down")

    assert (down.returncode, marked(paths), files(paths)) == (0, [], [])
    assert not volume.exists()
    assert "nothing to do" in run("down").stderr


def become_ready(paths: Paths, image: str) -> None:
    """Without workloads kwok plays every pod."""
    pods = "/api/v1/namespaces/default/pods"
    manifest = {"metadata": {"name": "one"}, "spec": {"containers": [{"name": "main", "image": image}]}}
    with kubeapi.connect(paths.kubeconfig) as api:
        api.post(pods, json=manifest).raise_for_status()
        deadline = time.monotonic() + 20
        while api.get(f"{pods}/one").json()["status"]["phase"] != "Running":
            assert time.monotonic() < deadline
            time.sleep(0.05)


def provision(paths: Paths) -> Path:
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    with kubeapi.connect(paths.kubeconfig) as api:
        api.post("/api/v1/namespaces/default/persistentvolumeclaims", json=claim).raise_for_status()
        deadline = time.monotonic() + 20
        while not (volumes := api.get("/api/v1/persistentvolumes").json()["items"]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    return Path(volumes[0]["spec"]["hostPath"]["path"])


@pytest.mark.slow
def test_up_heals_what_died_and_keeps_what_was_there(paths: Paths, run: Any) -> None:
    assert run(*UP).returncode == 0
    described = paths.description.read_text()
    with kubeapi.connect(paths.kubeconfig) as api:
        api.post("/api/v1/namespaces", json={"metadata": {"name": "kept"}}).raise_for_status()

    for victim in ("kube-apiserver", "kwok-controller"):
        os.kill(int((paths.cluster / "pids" / f"{victim}.pid").read_text()), signal.SIGKILL)
    assert run("status").returncode == 1
    healed = run("up")
    assert healed.returncode == 0, healed.stderr
    assert "kept" in namespaces(paths)

    processes.kill_all(paths.root)  # as a reboot does
    healed = run("up")
    assert healed.returncode == 0, healed.stderr
    assert "kept" in namespaces(paths)
    assert json.loads(run("status").stdout)["up"] is True
    assert paths.description.read_text() == described


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.4, 1.2, 2.4, 5.0])
def test_killed_at_any_moment_down_leaves_nothing(
    paths: Paths, environment: dict[str, str], run: Any, seconds: float
) -> None:
    process = subprocess.Popen(command(paths, *UP), env=environment, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    process.kill()
    process.wait()

    assert run("down").returncode == 0
    assert (marked(paths), files(paths)) == ([], [])


@pytest.mark.slow
def test_killed_half_way_up_makes_it_whole(paths: Paths, environment: dict[str, str], run: Any) -> None:
    process = subprocess.Popen(command(paths, *UP), env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not (paths.cluster / "pids" / "kube-apiserver.pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill()
    process.wait()

    done = run(*UP)

    assert done.returncode == 0, done.stderr
    assert json.loads(run("status").stdout)["up"] is True
    assert marked(paths).count("kube-apiserver") == 1


@pytest.mark.slow
def test_two_at_once_make_one(paths: Paths, environment: dict[str, str], run: Any) -> None:
    both = [subprocess.Popen(command(paths, *UP), env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    words = b"".join(process.communicate(timeout=120)[1] for process in both).decode()

    assert [process.returncode for process in both] == [0, 0], words
    assert words.count("already up: nothing to do") == 1
    assert marked(paths).count("etcd") == 1


def test_a_taken_port_is_explained_and_nothing_is_started(paths: Paths, run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("up", "--control-plane-port", str(port), "--ingress-port", "0")

    assert done.returncode == 1
    assert f"Port {port} cannot be used: Address already in use (by process {os.getpid()}, " in done.stderr
    assert "choose another port with --control-plane-port" in done.stderr
    assert marked(paths) == []


@pytest.mark.slow
def test_a_port_that_was_taken_in_the_meantime_is_replaced(
    paths: Paths, playground_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unused = ports.unused
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answers = iter([[taken.getsockname()[1], *unused(5)], unused(6)])
        monkeypatch.setattr(ports, "unused", lambda _: next(answers))
        world.up(paths.name, home=playground_home, control_plane_port=0, ingress_port=0, workloads=False)

    assert "a port was taken in the meantime" in capsys.readouterr().err
    assert all(world.load(paths.name, playground_home).parts().values())


@pytest.mark.slow
def test_everything_listens_on_loopback_only(playground: world.Playground) -> None:
    root = Path(playground.home)
    pids = {process.pid for process in processes._of(root)}
    bound = {
        connection.laddr[0]
        for connection in psutil.net_connections("inet")
        if connection.pid in pids and connection.status == psutil.CONN_LISTEN and connection.laddr
    }

    assert bound
    assert all(address.startswith("127.") for address in bound)
