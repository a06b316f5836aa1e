# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to run the main playbook as a user does, and to look at what came of it."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import yaml

import playground as playgrounds
from playground import kubeapi
from playground.audit import AuditLog, Write

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "examples" / "langgraph-dataplane-values.yaml"
PLAYBOOK = "langgraph.selfhosted.site"
HOST = "agents.example.com"
AGENT_SECRET = "s3cr3t-of-an-agent"
MERGE = {"Content-Type": "application/merge-patch+json"}

NAMESPACE = "/api/v1/namespaces/langgraph"
LISTENER = "/apis/apps/v1/namespaces/langgraph/deployments/langgraph-dataplane-listener"
KEDA_OPERATOR = "/apis/apps/v1/namespaces/keda/deployments/keda-operator"
OPERATOR_SERVICE = f"{NAMESPACE}/services/langgraph-dataplane-operator"
LISTENER_ROLE = "/apis/rbac.authorization.k8s.io/v1/namespaces/agents/roles/langgraph-dataplane-listener"
API_KEY_SECRET = f"{NAMESPACE}/secrets/langgraph-api-key"
REDIS_SECRET = f"{NAMESPACE}/secrets/langgraph-redis"
SHARED_INGRESS = "/apis/networking.k8s.io/v1/namespaces/agents/ingresses/langgraph-dataplane-ingress"
CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/lgps.apps.langchain.ai"

_RECAP = re.compile(r"ok=(?P<ok>\d+)\s+changed=(?P<changed>\d+)\s+unreachable=\d+\s+failed=(?P<failed>\d+)")
_FAILURE = re.compile(
    r"^(?:fatal|failed): \[(?P<host>[^\]]+)\](?:: FAILED!| \(item=.*?\)) => (?P<result>\{.*\})$", re.MULTILINE
)
_LONGEST_RUN = 900


@dataclass(frozen=True)
class Run:
    """How a run of ansible-playbook ended."""

    code: int
    output: str
    seconds: float = 0.0

    @property
    def changed(self) -> int:
        """Number of changed tasks in the recap."""
        recap = _RECAP.search(self.output)
        assert recap, self.output
        return int(recap["changed"])

    @property
    def failures(self) -> dict[str, str]:
        """What each host that failed was told, white space folded."""
        found = {}
        for match in _FAILURE.finditer(self.output):
            result = json.loads(match["result"])
            found[match["host"]] = " ".join(str(result.get("msg", "")).split())
        return found

    @property
    def failure(self) -> str:
        """What the only host was told."""
        assert len(self.failures) == 1, self.output
        return next(iter(self.failures.values()))

    def succeeded(self) -> Run:
        """Return this run; fail with its output unless all went well."""
        assert self.code == 0, self.output
        return self


@dataclass
class Site:
    """The main playbook on a playground, with an inventory of its own."""

    world: playgrounds.Playground
    folder: Path
    variables: dict[str, Any] = field(default_factory=dict)
    playbook: str = PLAYBOOK

    def run(self, *arguments: str, **variables: Any) -> Run:
        """Run the main playbook; ``variables`` are laid over those of a working installation."""
        return self.run_hosts({"here": {**self.working(), **variables}}, *arguments)

    def run_hosts(self, hosts: Mapping[str, Mapping[str, Any]], *arguments: str) -> Run:
        """Run the main playbook for several hosts, each with variables of its own."""
        return self.play(self.playbook, "-i", str(self.inventory(hosts)), *arguments)

    def inventory(self, hosts: Mapping[str, Mapping[str, Any]] | None = None) -> Path:
        """Write an inventory; without ``hosts`` that of a working installation."""
        file = self.folder / "inventory.yml"
        file.touch(mode=0o600)
        file.write_text(json.dumps({"langgraph": {"hosts": dict(hosts or {"here": self.working()})}}))
        return file

    def play(self, *arguments: str) -> Run:
        """Run ansible-playbook to its end."""
        start = time.monotonic()
        with self.start(*arguments) as process:
            output, _ = process.communicate(timeout=_LONGEST_RUN)
        return Run(process.returncode, output, time.monotonic() - start)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start ansible-playbook as the leader of a process group of its own."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("ansible-playbook")), *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of runs: no key and no URL in it, since the values file has them."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LANGSMITH_", "LANGGRAPH_"))}
        temp = self.folder / "temp"
        temp.mkdir(exist_ok=True)
        return {
            **kept,
            "KUBECONFIG": self.world.kubeconfig,
            "PATH": self.world.environment()["PATH"],
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_LOCAL_TEMP": str(temp / "local"),
            "ANSIBLE_REMOTE_TEMP": str(temp / "remote"),
            "TMPDIR": str(temp),
        }

    def working(self) -> dict[str, Any]:
        """Return the variables of an installation that works: the guide's values file, filled in, and an agent."""
        return {
            "langgraph_values_files": [str(self.values_file())],
            "langgraph_chart_source": self.world.charts,
            "langgraph_timeout": 120,
            "listener_compute_id": "site",
            "ingress_address": self.world.ingress_address,
            "agents_deployments": [
                {
                    "name": "hello",
                    "image": "registry.example.com/agents/hello:1.0.0",
                    "resource_spec": {"cpu": 0.5},
                    "secrets": {"TOKEN": AGENT_SECRET},
                }
            ],
            **self.variables,
        }

    def values_file(self, **config: Any) -> Path:
        """Write the guide's values file as a user fills it in, the API key included."""
        values = yaml.safe_load(GUIDE.read_text())
        filled_in = {
            "hostBackendUrl": self.world.control_plane_url,
            "smithBackendUrl": self.world.control_plane_url,
            "langsmithApiKey": self.world.api_key,
        }
        values["config"] = {**values["config"], **filled_in, **config}
        file = self.folder / "langgraph-dataplane-values.yaml"
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(values))
        return file

    @cached_property
    def api(self) -> httpx.Client:
        """A client of the cluster's API, as its administrator; the audit log leaves it out."""
        return kubeapi.connect(Path(self.world.kubeconfig), timeout=30)

    @cached_property
    def plane(self) -> httpx.Client:
        """A client of the control plane."""
        headers = {"X-Api-Key": self.world.api_key, "X-Tenant-Id": self.world.workspace_id}
        return httpx.Client(base_url=self.world.control_plane_url, headers=headers, timeout=30, trust_env=False)

    @cached_property
    def audit(self) -> AuditLog:
        """The cluster's audit log."""
        return AuditLog(Path(self.world.audit_log), Path(self.world.kubeconfig))

    def mark(self) -> None:
        """Forget what was written until now, to either API."""
        self.audit.mark()
        self.plane.delete("/playground/requests").raise_for_status()

    def writes(self) -> list[Write | str]:
        """Return what was written since the mark: to the cluster, and to the control plane without its listener's."""
        asked = self.plane.get("/playground/requests").json()
        sent = [f"{one['method']} {one['path']}" for one in asked if one["method"] != "GET"]
        return [*self.audit.writes(), *(line for line in sent if "/internal/" not in line)]

    def records(self, collection: str) -> list[dict[str, Any]]:
        """Return the control plane's listeners or deployments."""
        found: list[dict[str, Any]] = self.plane.get(f"/v2/{collection}").raise_for_status().json()["resources"]
        return found

    def agent_path(self) -> str:
        """Return the path on which the shared Ingress reaches the agent."""
        rules = self.api.get(SHARED_INGRESS).raise_for_status().json()["spec"]["rules"]
        found: list[str] = [path["path"] for rule in rules for path in rule["http"]["paths"]]
        return next(path for path in found if path.startswith("/lgp/"))

    def ask(self, path: str) -> httpx.Response:
        """Call the agent's health through the ingress controller."""
        return httpx.get(f"http://{self.world.ingress_address}{path}/ok", headers={"Host": HOST}, timeout=20)

    @contextmanager
    def asked_throughout(self) -> Iterator[list[int]]:
        """Call the agent again and again meanwhile; the list has each call's status, 0 where nothing answered."""
        path, answers = self.agent_path(), list[int]()

        def poll() -> None:
            try:
                answers.append(self.ask(path).status_code)
            except httpx.HTTPError:
                answers.append(0)

        with again_and_again(poll, 0.05):
            yield answers
        assert self.agent_path() == path

    def helm_records(self) -> Iterator[dict[str, Any]]:
        """Return every revision of every Helm release, decoded: values, manifest, hooks and all."""
        for secret in self.api.get("/api/v1/secrets").json()["items"]:
            if secret["type"] == "helm.sh/release.v1":
                yield decoded(secret)


@contextmanager
def again_and_again(action: Callable[[], None], pause: float) -> Iterator[None]:
    """Do something again and again meanwhile, with pauses of so many seconds."""
    over = threading.Event()

    def act() -> None:
        while not over.wait(pause):
            action()

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def command_lines() -> Iterator[set[bytes]]:
    """Collect the command lines of all processes that are seen meanwhile."""
    seen = set[bytes]()

    def look() -> None:
        for folder in os.scandir("/proc"):
            if folder.name.isdigit():
                try:
                    seen.add(Path(folder.path, "cmdline").read_bytes())
                except OSError:
                    continue  # it ended meanwhile

    with again_and_again(look, 0.03):
        yield seen


def decoded(secret: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a Helm release that a Secret holds."""
    packed = base64.b64decode(base64.b64decode(secret["data"]["release"]))
    record: dict[str, Any] = json.loads(gzip.decompress(packed))
    return record


def encoded(record: Mapping[str, Any]) -> str:
    """Return a Helm release's record as the data of its Secret."""
    packed = gzip.compress(json.dumps(record).encode())
    return base64.b64encode(base64.b64encode(packed)).decode()


@dataclass(frozen=True)
class Observed:
    """A run, and what else was seen of it."""

    run: Run
    writes: list[Write | str]
    argv: frozenset[bytes]


def observed(site: Site, *arguments: str) -> Observed:
    """Run the site's playbook and watch what it writes and which processes it starts."""
    site.mark()
    with command_lines() as argv:
        run = site.run(*arguments)
    return Observed(run, site.writes(), frozenset(argv))


def assert_runs_its_graph(site: Site, host: str) -> None:
    """The agent answers a run behind the ingress."""
    answer = httpx.post(
        f"http://{site.world.ingress_address}{site.agent_path()}/runs/wait",
        headers={"Host": host},
        json={"assistant_id": "agent", "input": {"messages": [{"role": "user", "content": "hello"}]}},
        timeout=60,
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.json()["messages"][-1]["content"]


def assert_left_alone(site: Site) -> None:
    """A second run changes nothing, sends no mutating request to either API, and needs no helm."""
    trap = site.folder / "bin" / "helm"
    trap.parent.mkdir()
    trap.write_text(f"#!/bin/sh\ntouch {trap.parent}/started\nexit 1\n")
    trap.chmod(0o755)
    site.mark()
    run = site.run(langgraph_helm_binary=str(trap)).succeeded()
    assert run.changed == 0, run.output
    assert not site.writes()
    assert not (trap.parent / "started").exists()
