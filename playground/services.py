# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playground's own processes beside the cluster: the control plane simulator and the runner of living pods."""

from __future__ import annotations

import json
import os
import secrets
import sys
from itertools import count
from pathlib import Path

import httpx

from playground import ports, processes
from playground.home import REPOSITORY, Paths

WORKSPACE_ID = "3f9b2c64-5d0e-4a51-9c1b-6a2f4e8d7c10"
CONTROL_PLANE = "control-plane"
WORKLOADS = "workloads"
_READY_SECONDS = 30
# What the playground's registry serves: an image's repository, and the folder that stands for its contents.
_IMAGES = {"registry.example.com/agents/hello": REPOSITORY / "examples" / "agent"}


def api_key(paths: Paths) -> str:
    """Return this playground's API key, made at random on the first call."""
    file = _key_file(paths)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(f"lsv2_sk_{secrets.token_hex(16)}_{secrets.token_hex(5)}\n")
        part.replace(file)
    return file.read_text().strip()


def control_plane_up(paths: Paths, url: str) -> bool:
    """Tell whether the simulator runs and answers."""
    return processes.running(paths.root, CONTROL_PLANE) is not None and _answers(url)


def start_control_plane(paths: Paths, port: int, deploy_seconds: float) -> None:
    """Start the simulator on `port` and wait until it answers; raise PlaygroundError when it does not."""
    url = f"http://{ports.HOST}:{port}"
    api_key(paths)
    processes.stop(paths.root, CONTROL_PLANE)
    data = paths.control_plane / "data"
    data.mkdir(parents=True, exist_ok=True)
    options = ["--host", ports.HOST, "--port", str(port), "--data", str(data)]
    options += ["--workspace", WORKSPACE_ID, "--api-key-file", str(_key_file(paths))]
    pid = _start(paths, CONTROL_PLANE, "playground.control_plane", options)
    processes.wait_until_up(CONTROL_PLANE, paths.root, pid, (_answers(url) for _ in count()), _READY_SECONDS)
    if deploy_seconds:
        settings = {"deploy_seconds": deploy_seconds}
        httpx.patch(f"{url}/playground/settings", json=settings, trust_env=False).raise_for_status()


def workloads_up(paths: Paths) -> bool:
    """Tell whether the runner of living pods runs."""
    return processes.running(paths.root, WORKLOADS) is not None


def start_workloads(paths: Paths, ingress_port: int) -> None:
    """Start the runner of living pods and wait until it serves the ingress port."""
    processes.stop(paths.root, WORKLOADS)
    state = paths.workloads / "state"
    state.mkdir(parents=True, exist_ok=True)
    ready = state / "runner.json"
    ready.unlink(missing_ok=True)
    images = paths.workloads / "images.json"
    images.write_text(json.dumps({image: str(folder) for image, folder in _IMAGES.items()}, indent=2))
    options = ["--kubeconfig", str(paths.kubeconfig), "--state", str(state)]
    options += ["--ingress-port", str(ingress_port), "--images", str(images)]
    pid = _start(paths, WORKLOADS, "playground.workloads", options)
    polls = (ready.exists() for _ in count())
    processes.wait_until_up(WORKLOADS, paths.root, pid, polls, _READY_SECONDS)


def _start(paths: Paths, name: str, module: str, options: list[str]) -> int:
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", module, *options]
    return processes.start(command, name=name, root=paths.root, extra={"PYTHONPATH": path})


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ok", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _key_file(paths: Paths) -> Path:
    return paths.control_plane / "api-key"
