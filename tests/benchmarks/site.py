# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main playbook against the guide's three helm commands: the first time, and again with nothing to change."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

import playground
from playground.audit import AuditLog
from tests.guide import helm_commands, register_listener

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GUIDE = "guide: three times `helm upgrade -i … --wait`"
SITE = "ansible-playbook langgraph.selfhosted.site"
# What the tasks took, as the callback task_seconds writes it.
TASKS = "tasks.jsonl"
# Roles that others include: their time is the including role's.
SHARED_ROLES = {"_common", "_release"}


@dataclass(frozen=True)
class Measured:
    """Seconds of one kind of run, what the last one wrote to the cluster, and seconds of its parts where known."""

    what: str
    seconds: Sequence[float]
    writes: int
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The middle one of the seconds."""
        return statistics.median(self.seconds)

    def row(self) -> str:
        """The measurement as a table's row."""
        runs = f"{min(self.seconds):.1f}-{max(self.seconds):.1f}" if len(self.seconds) > 1 else ""
        return f"| {self.what} | {self.median:.2f} | {runs} | {self.writes} |"


def main(charts: Path | None, repeats: int) -> None:
    """Measure and print.

    Args:
        charts: Folder with the charts, None for the playground's.
        repeats: How often to run with nothing to change.
    """
    with tempfile.TemporaryDirectory() as folder:
        guide_first, guide_again = _on_a_playground("bench-guide", _guide, charts, repeats, Path(folder))
        site_first, site_again = _on_a_playground("bench-site", _site, charts, repeats, Path(folder))
    print("\n| Run | Median s | Range | Writes |\n| --- | --- | --- | --- |")
    for measured in (guide_first, site_first, guide_again, site_again):
        print(measured.row())
    print("\n| Ratio, site / guide | Measured | Promise |\n| --- | --- | --- |")
    print(f"| first | {site_first.median / guide_first.median:.2f} | <= 1.3 |")
    print(f"| again, nothing to change | {site_again.median / guide_again.median:.2f} | <= 0.6 |")
    print(f"\n| Part of {SITE}, first | Seconds |\n| --- | --- |")
    for role, seconds in site_first.parts.items():
        print(f"| {role} | {seconds:.1f} |")


Runner = Callable[[playground.Playground, Path, Path], Callable[[], None]]


def _on_a_playground(
    name: str, prepare: Runner, charts: Path | None, repeats: int, folder: Path
) -> tuple[Measured, Measured]:
    """Measure a first run and repeats on a playground of its own."""
    world = playground.up(name, control_plane_port=0, ingress_port=0)
    try:
        run = prepare(world, (charts or Path(world.charts)).resolve(), folder)
        audit = AuditLog(Path(world.audit_log), Path(world.kubeconfig))
        title = SITE if prepare is _site else GUIDE
        began = time.time()
        first = _measure(f"{title}, first", run, 1, audit)
        first = replace(first, parts=_parts(folder / TASKS, began))
        run()  # settles what the first run left to settle
        return first, _measure(f"{title}, again", run, repeats, audit)
    finally:
        world.down()


def _parts(tasks: Path, began: float) -> dict[str, float]:
    """Return the seconds of a playbook's roles; Ansible's own start counts for the first."""
    parts: dict[str, float] = {}
    role, last = "", began
    for line in tasks.read_text(encoding="utf-8").splitlines() if tasks.exists() else ():
        task = json.loads(line)
        named = task["task"].rpartition(" : ")[0].rpartition(".")[2]
        role = named if named and named not in SHARED_ROLES else role or "preflight"
        parts[role] = parts.get(role, 0.0) + task["ended"] - last
        last = task["ended"]
    return parts


def _measure(what: str, run: Callable[[], None], times: int, audit: AuditLog) -> Measured:
    seconds = []
    for _ in range(times):
        audit.mark()
        start = time.monotonic()
        run()
        seconds.append(time.monotonic() - start)
    return Measured(what, seconds, len(audit.writes()))


def _guide(world: playground.Playground, charts: Path, folder: Path) -> Callable[[], None]:
    """Return the guide's commands, for a listener that was made by hand beforehand."""
    values = folder / "guide.yaml"
    values.write_text(
        yaml.safe_dump(
            {
                "config": {
                    "langsmithApiKey": world.api_key,
                    "langsmithWorkspaceId": world.workspace_id,
                    "hostBackendUrl": world.control_plane_url,
                    "smithBackendUrl": world.control_plane_url,
                    "langgraphListenerId": register_listener(world, "bench"),
                    "watchNamespaces": "langgraph",
                },
                "ingress": {"hostname": "agents.example.com", "tlsEnabled": False, "ingressClassName": "traefik"},
            }
        )
    )
    commands = helm_commands(world, charts, values)

    def run() -> None:
        for command in commands:
            _call(command, world)

    return run


def _site(world: playground.Playground, charts: Path, folder: Path) -> Callable[[], None]:
    """Return the main playbook with preflight, all roles, gates, and one agent that it deploys and calls."""
    inventory = folder / "inventory.yml"
    cluster = {
        "langgraph_chart_source": str(charts),
        "listener_compute_id": "bench",
        "ingress_hostname": "agents.example.com",
        "ingress_tls_enabled": False,
        "ingress_address": world.ingress_address,
        "agents_deployments": [{"name": "hello", "image": "registry.example.com/agents/hello:1.0.0"}],
    }
    inventory.write_text(yaml.safe_dump({"langgraph": {"hosts": {"bench": cluster}}}))
    playbook = str(Path(sys.executable).with_name("ansible-playbook"))
    measuring = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "task_seconds",
        "TASK_SECONDS": str(folder / TASKS),
    }
    return lambda: _call([playbook, "langgraph.selfhosted.site", "-i", str(inventory)], world, measuring)


def _call(command: Sequence[str], world: playground.Playground, settings: Mapping[str, str] | None = None) -> None:
    environment = {**os.environ, **world.environment(), **(settings or {})}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])} failed:\n{done.stdout}{done.stderr}")
