# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main playbook against the vendor's guide (three `helm upgrade -i … --wait`), on the same kind of cluster.

`make bench` prints the medians and their ratios, and fails when a ratio is above its target.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import playground as playgrounds

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 5
AGAIN_TARGET = 0.6
FIRST_TARGET = 1.3

# Release, its namespace; the charts are called like the releases.
RELEASES = (("keda", "keda"), ("traefik", "traefik"), ("langgraph-dataplane", "langgraph"))
pytestmark = pytest.mark.timeout(1800)


@contextmanager
def world() -> Iterator[playgrounds.Playground]:
    """A fresh playground, removed at the end."""
    up = playgrounds.up(name=f"bench-{os.getpid()}", control_plane_port=0, ingress_port=0)
    try:
        yield up
    finally:
        up.down()


def seconds(action: Callable[[], object]) -> float:
    """How long the action takes."""
    started = time.monotonic()
    action()
    return time.monotonic() - started


def run(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a command to success; what it printed."""
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def site(up: playgrounds.Playground) -> str:
    """The main playbook with the examples' inventory."""
    environment = os.environ | up.environment() | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    playbook = Path(sys.executable).with_name("ansible-playbook")
    return run([str(playbook), "langgraph.selfhosted.site", "-i", "examples/inventory.yml"], environment)


def guide(up: playgrounds.Playground, values: Mapping[str, Path]) -> None:
    """The guide's three commands, with the values files given."""
    for release, namespace in RELEASES:
        command = [up.helm, "upgrade", "-i", release, str(Path(up.charts) / release), "-n", namespace]
        run([*command, "--create-namespace", "--wait", "-f", str(values[release])], os.environ | up.environment())


def values_in_use(up: playgrounds.Playground, folder: Path) -> dict[str, Path]:
    """The values of the installed releases, so that the guide's commands have nothing to change either."""
    files = {}
    for release, namespace in RELEASES:
        files[release] = folder / f"{release}.yml"
        command = [up.helm, "get", "values", release, "-n", namespace, "-o", "yaml"]
        files[release].write_text(run(command, os.environ | up.environment()))
    return files


def values_of_the_guide(up: playgrounds.Playground, folder: Path) -> dict[str, Path]:
    """What a person following the guide writes, with the listener already registered in the control plane."""
    headers = {"X-Api-Key": up.api_key, "X-Tenant-Id": up.workspace_id}
    body = {"compute_type": "k8s", "compute_id": "bench", "compute_config": {"k8s_namespaces": ["langgraph"]}}
    answer = httpx.post(f"{up.control_plane_url}/v2/listeners", json=body, headers=headers)
    answer.raise_for_status()
    values: dict[str, Any] = yaml.safe_load((ROOT / "examples" / "langgraph-dataplane-values.yaml").read_text())
    values["config"] |= {
        "langsmithApiKey": up.api_key,
        "langsmithWorkspaceId": up.workspace_id,
        "hostBackendUrl": up.control_plane_url,
        "smithBackendUrl": up.control_plane_url,
        "langgraphListenerId": answer.json()["id"],
        "watchNamespaces": "langgraph",
    }
    files = {release: folder / f"{release}.yml" for release, _ in RELEASES}
    for release, path in files.items():
        path.write_text(yaml.safe_dump(values if release == "langgraph-dataplane" else {}))
    return files


def report(what: str, ours: Sequence[float], theirs: Sequence[float], target: float) -> float:
    """Print one row; the ratio of the medians."""
    mine, guides = statistics.median(ours), statistics.median(theirs)
    ratio = mine / guides
    spread = f"site {min(ours):.2f} to {max(ours):.2f}, guide {min(theirs):.2f} to {max(theirs):.2f}"
    print(f"\n{what}: site {mine:.2f} s, guide {guides:.2f} s, ratio {ratio:.2f} (target {target}; {spread})")
    return ratio


def test_again_with_nothing_to_change(tmp_path: Path) -> None:
    with world() as up:
        site(up)
        values = values_in_use(up, tmp_path)
        guide(up, values)
        outputs: list[str] = []
        ours, theirs = [], []
        for _ in range(REPEATS):  # in turns, so that a busy moment of the machine hits both
            ours.append(seconds(lambda: outputs.append(site(up))))
            theirs.append(seconds(lambda: guide(up, values)))
    assert all(" changed=0 " in output for output in outputs), outputs[-1]
    assert report("Again, nothing to change", ours, theirs, AGAIN_TARGET) <= AGAIN_TARGET


def test_the_first_time(tmp_path: Path) -> None:
    with world() as up:
        ours = seconds(lambda: site(up))
    with world() as up:
        values = values_of_the_guide(up, tmp_path)
        theirs = seconds(lambda: guide(up, values))
    assert report("The first time (site: with agents, gates and proof)", [ours], [theirs], FIRST_TARGET) <= FIRST_TARGET
