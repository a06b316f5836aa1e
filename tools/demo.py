# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: a playground, the main playbook against it, and a run of the agent that it deployed.

Exit code 0 only when the agent answered. Run again, it says whether anything had to change.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

ROOT = Path(__file__).resolve().parent.parent
NAME = "demo"
QUESTION = "Hello! Who are you, and where do you run?"
RECAP = re.compile(r"\bok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; its exit code."""
    parser = argparse.ArgumentParser(description="Run the demo.")
    parser.add_argument("--charts", help="`upstream` for the official charts, or any langgraph_chart_source")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        environment = start_playground(NAME)
        changed = run_playbook(environment, "site", "examples/inventory.yml", options.charts)
        agents = list(call_agents(environment))
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print_what_runs(environment, agents)
    seconds = time.monotonic() - started
    outcome = f"{changed} tasks changed something" if changed else "nothing had to change (changed=0)"
    print(f"\nThe agent answered; {outcome}; {seconds:.0f} s in all.")
    print_what_next(changed)
    return 0


def start_playground(name: str, *options: str) -> dict[str, str]:
    """Start a playground, or find it running; the environment for Ansible in it."""
    command = [sys.executable, "-m", "playground"]
    if subprocess.run([*command, "up", "--name", name, *options], check=False, cwd=ROOT).returncode:
        raise DemoError("The playground did not start; what it needs stands above.")
    exports = subprocess.run([*command, "env", "--name", name], check=True, cwd=ROOT, capture_output=True, text=True)
    return {**os.environ, **dict(parse_exports(exports.stdout))}


def parse_exports(text: str) -> Iterator[tuple[str, str]]:
    """Name and value of each `export NAME=value` line; `$PATH` in a value is the PATH of now."""
    for line in text.splitlines():
        if line.startswith("export "):
            name, _, value = shlex.split(line, comments=False)[1].partition("=")
            yield name, value.replace("${PATH}", os.environ["PATH"]).replace("$PATH", os.environ["PATH"])


def run_playbook(environment: Mapping[str, str], playbook: str, inventory: str, charts: str | None) -> int:
    """Run a playbook of the collection with its output shown; how many tasks changed something."""
    command = ["ansible-playbook", f"langgraph.selfhosted.{playbook}", "-i", inventory]
    if charts:
        command += ["-e", f"langgraph_chart_source={'official' if charts == 'upstream' else charts}"]
    print(f"\n$ {shlex.join(command)}", flush=True)
    environment = dict(environment) | {"PYTHONUNBUFFERED": "1"}
    if sys.stdout.isatty():
        environment["ANSIBLE_FORCE_COLOR"] = "1"
    recap = None
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - tells the type checker what PIPE means
        for line in process.stdout:
            print(line, end="", flush=True)
            recap = RECAP.search(COLOUR.sub("", line)) or recap
    if process.returncode or recap is None:
        raise DemoError("The playbook failed; the reason and the remedy stand above. Then run it again.")
    return int(recap[2])


def call_agents(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Ask each deployed agent the question through the ingress; (name, URL) of each that answered."""
    deployments = control_plane(environment, "/v2/deployments")
    ready = [item for item in deployments if deployment_url(item)]
    if not ready:
        raise DemoError(
            "The control plane knows no deployment with a URL: look at its page and at `make demo`'s output."
        )
    for item in ready:
        name, url = item["name"], deployment_url(item)
        print(f"\n$ curl {url}/runs/wait   # the agent {name}\n  {QUESTION}")
        print(f"  {ask(url, environment['LANGGRAPH_INGRESS_ADDRESS'])}")
        yield name, url


def control_plane(environment: Mapping[str, str], path: str) -> list[dict[str, Any]]:
    """Read a list from the control plane."""
    headers = {
        "X-Api-Key": environment["LANGSMITH_API_KEY"],
        "X-Tenant-Id": environment["LANGSMITH_WORKSPACE_ID"],
    }
    answer = httpx.get(environment["LANGSMITH_HOST_URL"] + path, headers=headers, timeout=10)
    answer.raise_for_status()
    resources: list[dict[str, Any]] = answer.json()["resources"]
    return resources


def deployment_url(deployment: Mapping[str, Any]) -> str:
    """Where the deployment answers; empty while it has no URL. Older control planes say it in its source_config."""
    return str(deployment.get("url") or (deployment.get("source_config") or {}).get("custom_url") or "").rstrip("/")


def ask(url: str, address: str) -> str:
    """Run the agent once and return its last message. The ingress is called at `address`, whatever DNS says."""
    parts = urlsplit(url)
    body = {"assistant_id": "agent", "input": {"messages": [{"role": "user", "content": QUESTION}]}}
    where = f"http://{address}{parts.path}/runs/wait"
    try:
        answer = httpx.post(where, json=body, headers={"Host": parts.netloc}, timeout=60)
    except httpx.HTTPError as error:
        raise DemoError(f"The agent did not answer at {url} (through {address}): {error}.") from error
    if answer.status_code != httpx.codes.OK:
        raise DemoError(f"The agent at {url} answered {answer.status_code}: {answer.text[:500]}")
    return last_message(answer.json())


def last_message(state: Any) -> str:
    """The text of the last message of a graph's final state, or the state itself when it has no messages."""
    try:
        return str(state["messages"][-1]["content"])
    except (KeyError, IndexError, TypeError):
        return json.dumps(state)


def print_what_runs(environment: Mapping[str, str], agents: Sequence[tuple[str, str]]) -> None:
    """Print a short table of what now runs where."""
    rows = [(what, where) for what, where in workloads(environment["KUBECONFIG"])]
    rows.append(("Control plane (page and API)", environment["LANGSMITH_HOST_URL"]))
    rows.append(("Ingress", f"http://{environment['LANGGRAPH_INGRESS_ADDRESS']}"))
    rows.extend((f"Agent {name}", url) for name, url in agents)
    width = max(len(what) for what, _ in rows)
    print(f"\n{'What':<{width}}  Where")
    for what, where in rows:
        print(f"{what:<{width}}  {where}")


def workloads(kubeconfig: str) -> Iterator[tuple[str, str]]:
    """Each Deployment and StatefulSet as ("Deployment keda-operator", "keda, 1 of 1 ready")."""
    from kubernetes import config, dynamic

    cluster: Any = dynamic.DynamicClient(config.new_client_from_config(kubeconfig))
    for kind in ("Deployment", "StatefulSet"):
        for item in cluster.resources.get(api_version="apps/v1", kind=kind).get().items:
            ready = f"{item.status.readyReplicas or 0} of {item.spec.replicas} ready"
            yield f"{kind} {item.metadata.name}", f"namespace {item.metadata.namespace}, {ready}"


def print_what_next(changed: int) -> None:
    """Print what a newcomer may try."""
    print('\nTry next:\n  eval "$(.venv/bin/python -m playground env)"   # kubeconfig, keys and helm for this shell')
    if changed:
        print("  make demo                                      # again: nothing changes")
    print(
        "  .venv/bin/ansible-playbook langgraph.selfhosted.site -i examples/inventory.yml --check --diff\n"
        "  edit examples/fleet.yml and run `make demo`    # agents as code\n"
        "  make demo-down                                 # removes all of it"
    )


if __name__ == "__main__":
    sys.exit(main())
