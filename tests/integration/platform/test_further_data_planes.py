# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second data plane against the platform's own control plane: same cluster, namespaces and a listener of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.platform.helpers import ACCESS, HOST, Platform
from tests.integration.routes.helpers import GATEWAY_API, bring, helm, namespace
from tests.integration.site.helpers import CRD, PLAYBOOK, assert_left_alone

GATEWAY = {
    "ingress_mode": "gateway",
    "ingress_gateway_name": "public",
    "ingress_gateway_namespace": "edge",
    "ingress_tls_enabled": False,
}
TRAEFIK = {
    "providers": {"kubernetesGateway": {"enabled": True}},
    "gateway": {
        "name": "public",
        "listeners": {"web": {"port": 8000, "protocol": "HTTP", "namespacePolicy": {"from": "All"}}},
    },
}
AGENTS = "agents.example.com"
TEAMS = ("team-a", "team-b")
IMAGE = "registry.example.com/agents/hello:1.0.0"
HOST_BACKEND = "system:serviceaccount:langsmith:langsmith-host-backend"


@dataclass
class Second(Platform):
    """The data plane's playbook, with what its operator is given by those who run the platform."""

    playbook: str = PLAYBOOK

    def working(self) -> dict[str, Any]:
        """Return the variables of the data plane: two namespaces, and an agent in each."""
        access = self.secret(ACCESS)
        return {
            **GATEWAY,
            "langgraph_control_plane_url": f"http://{HOST}/api-host",
            "langgraph_langsmith_url": f"http://{HOST}",
            "langgraph_control_plane_address": self.world.ingress_address,
            "langgraph_workspace_id": access["workspace_id"],
            "langgraph_api_key": access["langsmith_api_key"],
            "langgraph_chart_source": self.world.charts,
            "langgraph_timeout": 120,
            "langgraph_namespace": "second",
            "ingress_hostname": AGENTS,
            "ingress_address": self.world.ingress_address,
            "listener_compute_id": "second",
            "listener_namespaces": list(TEAMS),
            "listener_log_reader": {"namespace": "langsmith", "name": "langsmith-host-backend"},
            "agents_deployments": [
                {"name": f"of-{team}", "image": IMAGE, "namespace": team, "resource_spec": {"cpu": 0.5}}
                for team in TEAMS
            ],
            **self.variables,
        }

    def ways(self, team: str) -> list[str]:
        """Return the paths of the agents in a namespace, by their HTTPRoutes."""
        routes = self.api.get(f"{GATEWAY_API}/namespaces/{team}/httproutes").raise_for_status().json()["items"]
        matches = [match for route in routes for rule in route["spec"]["rules"] for match in rule["matches"]]
        return [match["path"]["value"] for match in matches if "/lgp/" in match["path"]["value"]]


@pytest.fixture(scope="module")
def platform(new_platform: Callable[[str], Platform]) -> Iterator[Platform]:
    """Return a platform behind the Gateway of a Traefik that somebody else has installed."""
    made = new_platform("further")
    made.variables |= GATEWAY
    bring(made.api, "gateway-api")
    chart = str(Path(made.world.charts) / "traefik")
    helm(
        made.world, made.folder, "install", "edge", chart, "-n", "edge", "--create-namespace", "--wait", values=TRAEFIK
    )
    made.run().succeeded()
    yield made
    made.world.down()


@pytest.fixture(scope="module")
def second(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Second:
    """Return the second data plane, before it is installed."""
    return Second(platform.world, tmp_path_factory.mktemp("second"))


@pytest.fixture(scope="module")
def installed(second: Second) -> Second:
    """Return it as wanted."""
    second.run().succeeded()
    return second


def redis_of(platform: Platform) -> str:
    """Return the URL of the platform's Redis."""
    return platform.secret("/api/v1/namespaces/langsmith/secrets/langsmith-redis")["connection_url"]


@pytest.mark.parametrize("case", ["namespace", "queue", "hostname", "reader"])
def test_what_would_disturb_the_platform_is_found_first(second: Second, platform: Platform, case: str) -> None:
    """Shared namespaces, a shared queue, the hostname without a Gateway, logs for nobody: told, and nothing written."""
    cases: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
        "namespace": (
            {"listener_namespaces": ["langsmith"]},
            ("langsmith/langsmith-operator watches langsmith already", "listener_namespaces"),
        ),
        "queue": (
            {"redis_mode": "external", "redis_url": redis_of(platform), "listener_queue": "host"},
            ("langsmith/langsmith-listener works the queue host", "listener_queue"),
        ),
        "hostname": (
            {"ingress_mode": "existing", "ingress_class": "edge", "ingress_hostname": HOST},
            ("several namespaces", "ingress_mode=gateway"),
        ),
        "reader": (
            {"listener_log_reader": {"name": "host-backend"}},
            ("no ServiceAccount langsmith/host-backend", "kubectl get serviceaccounts -n langsmith"),
        ),
    }
    variables, words = cases[case]
    second.mark()
    run = second.run(**variables)
    assert run.code == 2, run.output
    for word in words:
        assert word in run.failure, run.output
    assert not second.writes()


def test_its_agents_answer_through_it(installed: Second) -> None:
    """An agent in each of its namespaces was deployed through the platform's control plane, and runs its graph."""
    (listener,) = installed.records("listeners")
    assert (listener["compute_id"], listener["compute_config"]) == ("second", {"k8s_namespaces": list(TEAMS)})
    for team in TEAMS:
        (path,) = installed.ways(team)
        answer = httpx.post(
            f"http://{installed.world.ingress_address}{path}/runs/wait",
            headers={"Host": AGENTS},
            json={"assistant_id": "agent", "input": {"messages": [{"role": "user", "content": "hello"}]}},
            timeout=60,
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        assert answer.json()["messages"][-1]["content"]


@pytest.mark.usefixtures("installed")
def test_the_platform_s_own_agent_is_still_its_own(platform: Platform) -> None:
    """The one in the platform's namespace answers as before, and neither listener has touched the other's."""
    (path,) = Second(platform.world, platform.folder).ways("langsmith")
    assert httpx.get(f"http://{platform.world.ingress_address}{path}/ok", headers={"Host": HOST}, timeout=20).is_success
    named = {record["name"]: record["source_config"].get("listener_id") for record in platform.records("deployments")}
    (listener,) = platform.records("listeners")
    assert named == {"hello": None, "of-team-a": listener["id"], "of-team-b": listener["id"]}


def test_both_are_left_alone_the_next_time(installed: Second, platform: Platform) -> None:
    """Neither playbook changes anything of its own or of the other's; the definition that they share stays."""
    mark = installed.api.get(CRD).json()["metadata"]["annotations"]["langgraph.selfhosted/chart"]
    assert mark == "langsmith-0.16.11"
    assert_left_alone(installed)
    assert_left_alone(platform)


def test_the_control_plane_may_read_logs_there_and_nothing_else(installed: Second) -> None:
    """host-backend reads what pods of the other namespaces say, and gets no further."""
    namespace(installed.api, "team-c")
    as_host_backend = {"Impersonate-User": HOST_BACKEND}
    for team in TEAMS:
        pods = installed.api.get(f"/api/v1/namespaces/{team}/pods", headers=as_host_backend).raise_for_status().json()
        pod = next(pod for pod in pods["items"] if pod["metadata"]["name"].startswith("of-team"))
        log = f"/api/v1/namespaces/{team}/pods/{pod['metadata']['name']}/log"
        assert installed.api.get(log, headers=as_host_backend).raise_for_status().text
        secrets = installed.api.get(f"/api/v1/namespaces/{team}/secrets", headers=as_host_backend)
        assert secrets.status_code == httpx.codes.FORBIDDEN
    elsewhere = installed.api.get("/api/v1/namespaces/team-c/pods", headers=as_host_backend)
    assert elsewhere.status_code == httpx.codes.FORBIDDEN


def test_a_shared_redis_gets_a_queue_of_its_own(installed: Second, platform: Platform) -> None:
    """On a Redis that is not its own the listener works a queue under its own name, without being told."""
    shared = {"redis_mode": "external", "redis_url": redis_of(platform), "redis_secret_name": "shared-redis"}
    installed.run(**shared).succeeded()
    listener = installed.api.get("/apis/apps/v1/namespaces/second/deployments/langgraph-dataplane-listener").json()
    variables = {
        entry["name"]: entry.get("value") for entry in listener["spec"]["template"]["spec"]["containers"][0]["env"]
    }
    assert variables["HOST_QUEUE"] == "host-second"
    assert installed.run(**shared).succeeded().changed == 0
