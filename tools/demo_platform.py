# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo of the full platform: LangSmith and its control plane live in the playground's cluster, and deploy an agent.

Exit code 0 only when the agent answered. Run again, it says whether anything had to change.
"""

from __future__ import annotations

import argparse
import base64
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import yaml

from playground import kubeapi
from tools import demo

NAME = "platform"
INVENTORY = demo.ROOT / "examples" / "platform.yml"
ACCESS = "/api/v1/namespaces/langsmith/secrets/langgraph-platform-access"
HOW_TO_LOG_IN = (
    "kubectl get secret langsmith-config -n langsmith -o jsonpath='{.data.initial_org_admin_password}' | base64 -d"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; its exit code."""
    parser = argparse.ArgumentParser(description="Run the demo of the full platform.")
    parser.add_argument("--charts", help="`upstream` for the official charts, or any langgraph_chart_source")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        environment = without_other_plane(
            demo.start_playground(NAME, "--control-plane-port", "0", "--ingress-port", "0")
        )
        changed = demo.run_playbook(environment, "control_plane", str(INVENTORY.relative_to(demo.ROOT)), options.charts)
        url = deployed_agent(environment)
        print(f"\n$ curl {url}/runs/wait   # the agent\n  {demo.QUESTION}")
        print(f"  {demo.ask(url, environment['LANGGRAPH_INGRESS_ADDRESS'])}")
    except demo.DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print_what_runs(environment, url)
    outcome = f"{changed} tasks changed something" if changed else "nothing had to change (changed=0)"
    print(f"\nThe agent answered; {outcome}; {time.monotonic() - started:.0f} s in all.")
    print(f"\nThe administrator's password:\n  {HOW_TO_LOG_IN}\nRemove all of it: make demo-platform-down")
    return 0


def without_other_plane(environment: Mapping[str, str]) -> dict[str, str]:
    """The playground's environment without its control plane: the platform has one of its own."""
    return {name: value for name, value in environment.items() if not name.startswith("LANGSMITH_")}


def deployed_agent(environment: Mapping[str, str]) -> str:
    """Ask the platform's control plane, with the key that the playbook made, where the agent is."""
    with kubeapi.connect(Path(environment["KUBECONFIG"]), timeout=30) as cluster:
        kept = cluster.get(ACCESS).raise_for_status().json()["data"]
    key, workspace = (base64.b64decode(kept[name]).decode() for name in ("langsmith_api_key", "workspace_id"))
    headers = {"Host": hostname(), "X-Api-Key": key, "X-Tenant-Id": workspace}
    address = f"http://{environment['LANGGRAPH_INGRESS_ADDRESS']}/api-host/v2/deployments"
    answer = httpx.get(address, headers=headers, timeout=10, trust_env=False)
    found = [url for item in answer.raise_for_status().json()["resources"] if (url := demo.deployment_url(item))]
    if not found:
        raise demo.DemoError("The control plane knows no deployment with a URL; look at the output above.")
    return found[0]


def hostname() -> str:
    """Name under which the inventory has the platform."""
    (host,) = yaml.safe_load(INVENTORY.read_text())["langgraph"]["hosts"].values()
    return str(host["control_plane_hostname"])


def print_what_runs(environment: Mapping[str, str], agent: str) -> None:
    """Print a short table of what now runs where."""
    rows = list(demo.workloads(environment["KUBECONFIG"]))
    rows.append(("Ingress", f"http://{environment['LANGGRAPH_INGRESS_ADDRESS']} (Host: {hostname()})"))
    rows.append(("Control plane", f"http://{hostname()}/api-host"))
    rows.append(("Agent", f"{agent} ({urlsplit(agent).path})"))
    width = max(len(what) for what, _ in rows)
    print(f"\n{'What':<{width}}  Where")
    for what, where in rows:
        print(f"{what:<{width}}  {where}")


if __name__ == "__main__":
    sys.exit(main())
