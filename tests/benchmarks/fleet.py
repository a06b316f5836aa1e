# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet against what people use otherwise: a loop of tasks, the official command line, a script of one's own.

All against one control plane (the playground's) with 20 ms added to every request. Loops are measured on a few
deployments and scaled; the tables say on how many.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests import plane

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
KEY = "lsv2_sk_bench"
WORKSPACE = "3f9b2c64-5d0e-4a51-9c1b-6a2f4e8d7c10"
IMAGE = "registry.example.com/agents/hello@sha256:" + "ab" * 32
LATENCY_MS = 20

NO_OP, LOOPED, CREATED, BY_HAND, WAITED = 1000, 50, 200, 10, 3
DEPLOY_SECONDS = (0, 1, 10)
GROWTH = (100, 1000, 10_000)


def main(repeats: int) -> None:
    """Measure and print."""
    print(f"\n## Fleet (every request takes {LATENCY_MS} ms more)\n")
    no_op(repeats)
    create()
    growth()
    wait_lag(repeats)
    fixed_cost()


@dataclass(frozen=True)
class Bench:
    """A control plane, and ways to run things against it.

    Attributes:
        http: A client of the control plane.
        folder: For playbooks and what they write.
        environment: What every program is told.
    """

    http: httpx.Client
    folder: Path
    environment: dict[str, str]

    def settings(self, **changes: Any) -> None:
        """Change how the control plane behaves."""
        self.http.patch("/playground/settings", json=changes).raise_for_status()

    def tasks(self, *tasks: dict[str, Any]) -> list[dict[str, Any]]:
        """Run tasks in one play; return the seconds of each and when it ended."""
        playbook, seconds = self.folder / "play.yml", self.folder / "seconds"
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": sys.executable},
            "tasks": list(tasks),
        }
        playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
        seconds.unlink(missing_ok=True)
        self.program(str(Path(sys.executable).with_name("ansible-playbook")), str(playbook), TASK_SECONDS=str(seconds))
        return [json.loads(line) for line in seconds.read_text(encoding="utf-8").splitlines()]

    def program(self, *command: str, **environment: str) -> float:
        """Run a program; return its seconds."""
        start = time.perf_counter()
        done = subprocess.run(
            command,
            env={**self.environment, **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.exit(f"{' '.join(command[:4])} failed:\n{done.stdout}{done.stderr}")
        return seconds

    def requests(self, run: Callable[[], object]) -> list[dict[str, Any]]:
        """Return the requests that came while something ran."""
        self.http.delete("/playground/requests").raise_for_status()
        run()
        answer = self.http.get("/playground/requests").json()
        found: list[dict[str, Any]] = answer["requests"] if isinstance(answer, dict) else answer
        return [one for one in found if not one["path"].startswith("/playground")]


@contextmanager
def _bench() -> Iterator[Bench]:
    """Yield a control plane of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with plane.running(folder, [WORKSPACE], KEY) as url:
            environment = {
                **{name: value for name, value in os.environ.items() if not name.startswith(("LANG", "CI"))},
                "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
                "ANSIBLE_LIBRARY": str(HERE / "library"),
                "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
                "ANSIBLE_CALLBACKS_ENABLED": "task_seconds",
                "LANGSMITH_API_KEY": KEY,
                "LANGGRAPH_HOST_API_KEY": KEY,
                "LANGSMITH_WORKSPACE_ID": WORKSPACE,
                "LANGSMITH_TENANT_ID": WORKSPACE,
                "LANGSMITH_HOST_URL": url,
            }
            headers = {"X-Api-Key": KEY, "X-Tenant-Id": WORKSPACE}
            with httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as http:
                bench = Bench(http, folder, environment)
                bench.settings(latency_ms=LATENCY_MS)
                yield bench


def no_op(repeats: int) -> None:
    """Nothing to change in 1,000 deployments."""
    with _bench() as bench:
        task = _fleet("agent", NO_OP)
        bench.tasks(task)
        floor = _median(lambda: bench.program(sys.executable, str(HERE / "floor" / "list_all.py")), repeats)
        ours = _median(lambda: bench.tasks(task)[-1]["seconds"], repeats)
        loop = bench.tasks({**_one("agent-{{ item }}"), "loop": list(range(LOOPED))})[-1]["seconds"] * NO_OP / LOOPED
        uri = bench.tasks(_uri_reads(bench))[-1]["seconds"] * NO_OP / LOOPED
    _table(
        f"Nothing to change in {NO_OP:,} deployments",
        ["Way", "Seconds", "Fleet is"],
        [
            ["task `fleet`", f"{ours:.2f}", ""],
            ["bare httpx script that only lists them", f"{floor:.2f}", f"{ours / floor:.2f} x (promise <= 1.5)"],
            [f"loop of `deployment` (of {LOOPED})", f"{loop:.0f}", f"{loop / ours:.0f} x faster (promise >= 100)"],
            [f"loop of `ansible.builtin.uri` (of {LOOPED})", f"{uri:.0f}", f"{uri / ours:.0f} x faster"],
        ],
    )


def create() -> None:
    """Create 200 and wait until each is deployed."""
    rows = []
    with _bench() as bench:
        for deploy in DEPLOY_SECONDS:
            bench.settings(deploy_seconds=deploy)
            ours, sent = _create_all(bench, f"fleet{deploy}")
            script = str(HERE / "floor" / "create_all.py")
            floor = bench.program(sys.executable, script, f"floor{deploy}", str(CREATED), IMAGE)
            uri = bench.tasks(_uri_creates(bench, f"uri{deploy}"))[-1]["seconds"] * CREATED / BY_HAND
            cli = _clis(bench, f"cli{deploy}", BY_HAND, "--no-wait")
            waiting = _clis(bench, f"waiting{deploy}", WAITED)
            polls = sum(one["method"] == "GET" for one in sent)
            rows.append(
                [
                    f"{deploy}",
                    f"{ours:.1f}",
                    f"{floor:.1f}",
                    f"{uri:.0f}",
                    f"{cli:.0f} ({cli / ours:.0f} x)",
                    f"{waiting:.0f} ({waiting / ours:.0f} x)",
                    f"{len(sent)} ({polls} reads)",
                ]
            )
    _table(
        f"Create {CREATED} and wait until all are deployed, seconds (promise: >= 20 x the official client)",
        [
            "Deploying takes, s",
            "`fleet`",
            "bare script",
            f"`uri` loop, no wait (of {BY_HAND})",
            f"`langgraph deploy --no-wait` (of {BY_HAND})",
            f"`langgraph deploy` (of {WAITED})",
            "Requests of `fleet`",
        ],
        rows,
    )


def _create_all(bench: Bench, prefix: str) -> tuple[float, list[dict[str, Any]]]:
    """Return the seconds of the fleet's task, and the requests that it sent."""
    seconds: list[float] = []
    sent = bench.requests(lambda: seconds.append(bench.tasks(_fleet(prefix, CREATED))[-1]["seconds"]))
    return seconds[0], sent


def growth() -> None:
    """Time and memory of nothing to change, from 100 to 10,000 deployments."""
    rows = []
    with _bench() as bench:
        for count in GROWTH:
            bench.settings(latency_ms=0)
            bench.tasks(_fleet("agent", count))
            bench.settings(latency_ms=LATENCY_MS)
            done = subprocess.run(
                [sys.executable, str(HERE / "handler_memory.py"), str(count), IMAGE],
                env={**bench.environment, "PYTHONPATH": str(ROOT / ".cache")},
                capture_output=True,
                text=True,
                check=True,
            )
            seconds, megabytes = json.loads(done.stdout)
            floor = bench.program(sys.executable, str(HERE / "floor" / "list_all.py"))
            rows.append([f"{count:,}", f"{seconds:.2f}", f"{floor:.2f}", f"{megabytes:.0f}"])
    _table(
        "Growth, nothing to change (promise: linear, and <= 150 MB at 10,000)",
        ["Deployments", "Seconds", "Bare script that lists them", "MB above the interpreter with httpx"],
        rows,
    )


def wait_lag(repeats: int) -> None:
    """From DEPLOYED to the end of the task."""
    rows = []
    with _bench() as bench:
        for number in range(repeats):
            deploy = 3.0 + number * 1.7
            bench.settings(deploy_seconds=deploy)
            ended, sent = _deploy_one(bench, f"lag-{number}")
            page = bench.http.get("/v2/deployments", params={"name_contains": f"lag-{number}"}).json()["resources"]
            lag = ended - datetime.fromisoformat(page[0]["created_at"]).timestamp() - deploy
            reads = [one["time"] for one in sent if one["method"] == "GET"]
            interval = max(later - earlier for earlier, later in pairwise(reads))  # pauses grow
            rows.append([f"{lag:.2f}", f"{interval:.2f}", "yes" if lag <= interval + 0.2 else "NO"])
    _table(
        "From DEPLOYED to the end of the task (promise: one poll interval + 0.2 s)",
        ["Lag, s", "Poll interval, s", "Kept"],
        rows,
    )


def _deploy_one(bench: Bench, name: str) -> tuple[float, list[dict[str, Any]]]:
    """Return when the task ended, and the requests that it sent."""
    ended: list[float] = []
    sent = bench.requests(lambda: ended.append(bench.tasks(_fleet(name, 1))[-1]["ended"]))
    return ended[0], sent


def fixed_cost() -> None:
    """What a no-op `deployment` task costs over a module that does nothing."""
    with _bench() as bench:
        bench.tasks(_one("agent"))
        pairs = [{"empty": {}}, _one("agent")] * 15
        seconds = [done["seconds"] for done in bench.tasks(*pairs)]
    empty, ours = statistics.median(seconds[0::2]), statistics.median(seconds[1::2])
    _table(
        "One no-op task (median of 15)",
        ["Task", "Seconds"],
        [
            ["module that does nothing", f"{empty:.2f}"],
            ["`deployment`", f"{ours:.2f}"],
            ["difference (promise <= 0.25)", f"{ours - empty:.2f}"],
        ],
    )


def _fleet(prefix: str, count: int) -> dict[str, Any]:
    items = [{"name": f"{prefix}-{number}", "image": IMAGE} for number in range(count)]
    return {"langgraph.selfhosted.fleet": {"deployments": items}}


def _one(name: str) -> dict[str, Any]:
    return {"langgraph.selfhosted.deployment": {"name": name, "image": IMAGE}}


def _uri_reads(bench: Bench) -> dict[str, Any]:
    url = f"{bench.environment['LANGSMITH_HOST_URL']}/v2/deployments?name=agent-{{{{ item }}}}"
    return {"ansible.builtin.uri": {"url": url, "headers": _headers()}, "loop": list(range(LOOPED))}


def _uri_creates(bench: Bench, prefix: str) -> dict[str, Any]:
    body = {
        "name": f"{prefix}-{{{{ item }}}}",
        "source": "external_docker",
        "source_config": {"resource_spec": {}},
        "source_revision_config": {"image_uri": IMAGE},
        "secrets": [],
    }
    url = f"{bench.environment['LANGSMITH_HOST_URL']}/v2/deployments"
    call = {"url": url, "method": "POST", "headers": _headers(), "body_format": "json", "body": body}
    return {"ansible.builtin.uri": {**call, "status_code": 201}, "loop": list(range(BY_HAND))}


def _headers() -> dict[str, str]:
    return {"X-Api-Key": KEY, "X-Tenant-Id": WORKSPACE}


def _clis(bench: Bench, prefix: str, count: int, *options: str) -> float:
    """Return the seconds of a loop over the official client, measured on ``count`` and scaled."""
    return sum(_cli(bench, f"{prefix}-{number}", *options) for number in range(count)) * CREATED / count


def _cli(bench: Bench, name: str, *more: str) -> float:
    """Return the seconds of one call of the official client."""
    (bench.folder / "langgraph.json").write_text('{"dependencies": ["."], "graphs": {"agent": "./agent.py:graph"}}')
    (bench.folder / "agent.py").write_text("graph = None\n")
    options = ("--image-uri", IMAGE, "--name", name, "--json", "--no-input", *more)
    host = ("--host-url", bench.environment["LANGSMITH_HOST_URL"])
    return bench.program(sys.executable, "-m", "langgraph_cli", "deploy", *options, *host, HOME=str(bench.folder))


def _median(run: Callable[[], float], times: int) -> float:
    return statistics.median(run() for _ in range(times))


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"\n{title}\n\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()
