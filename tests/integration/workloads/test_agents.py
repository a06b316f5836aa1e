# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the control plane to an answering agent, and back to nothing."""

from __future__ import annotations

import copy
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.workloads.dataplane import NAMESPACE, DataPlane, until

LGPS = f"/apis/apps.langchain.ai/v1alpha1/namespaces/{NAMESPACE}/lgps"
INGRESS = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/ingresses/langgraph-dataplane-ingress"


@pytest.fixture(scope="package")
def hello(plane: DataPlane) -> tuple[dict[str, Any], str]:
    """Return a deployment that is live, and its URL."""
    made = plane.deploy("hello", secrets=[{"name": "GREETING", "value": "Salut"}])
    return made, plane.deployed(made)


def test_an_agent_answers_with_its_secrets(plane: DataPlane, hello: tuple[dict[str, Any], str]) -> None:
    assert plane.ask(hello[1], "how are you") == "Salut! You wrote 3 words: how are you"
    assert "GREETING" in plane.ask(hello[1], "settings")
    with plane.agent(hello[1]) as client:
        assert client.get("/ok").json()["ok"] is True


def test_the_lgp_tells_how_it_is(plane: DataPlane, hello: tuple[dict[str, Any], str]) -> None:
    name = httpx.URL(hello[1]).path.rpartition("/")[2]
    status = plane.get(f"{LGPS}/{name}")["status"]
    conditions = {item["type"]: item["status"] for item in status["conditions"]}
    assert conditions == {
        "Ready": "True",
        "Configured": "True",
        "RouteReady": "True",
        "DeploymentAvailable": "True",
        "Degraded": "False",
    }
    assert status["endpoint"] == hello[1]
    assert status["deploymentStatus"]["readyReplicas"] == 1


def test_an_agent_has_its_own_stores_and_queue(plane: DataPlane, hello: tuple[dict[str, Any], str]) -> None:
    name = httpx.URL(hello[1]).path.rpartition("/")[2]
    assert len(plane.pods(name)) == 3, "server, queue, Redis"
    assert len(plane.pods("lg-")) == 1, "Postgres"


def test_a_path_that_was_wiped_comes_back(plane: DataPlane, hello: tuple[dict[str, Any], str]) -> None:
    body = {"spec": {"rules": plane.get(INGRESS)["spec"]["rules"][:1]}}
    body["spec"]["rules"][0]["http"]["paths"] = body["spec"]["rules"][0]["http"]["paths"][:1]
    headers = {"Content-Type": "application/merge-patch+json"}
    plane.kube.patch(INGRESS, json=body, headers=headers).raise_for_status()
    with plane.agent(hello[1]) as client:
        until(lambda: client.get("/ok").is_success, 10)
    assert len(plane.get(INGRESS)["spec"]["rules"][0]["http"]["paths"]) == 2


def test_what_is_deleted_behind_the_operator_comes_back(plane: DataPlane, hello: tuple[dict[str, Any], str]) -> None:
    name = httpx.URL(hello[1]).path.rpartition("/")[2]
    where = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{name}-queue"
    uid = plane.get(where)["metadata"]["uid"]
    plane.kube.request("DELETE", where, json={"propagationPolicy": "Background"}).raise_for_status()
    until(lambda: (plane.get(where) or {"metadata": {"uid": uid}})["metadata"]["uid"] != uid, 15)


def test_agents_answer_while_everything_around_them_changes(
    plane: DataPlane, hello: tuple[dict[str, Any], str], tmp_path: Path
) -> None:
    """Upgrade the release twice (with stable paths), restart the ingress controller, and lose no request."""
    failures: list[str] = []
    count = 0
    stop = threading.Event()

    def poll() -> None:
        nonlocal count
        while not stop.is_set():
            with plane.agent(hello[1]) as client:
                try:
                    answer = client.get("/ok")
                    count += 1
                    if not answer.is_success:
                        failures.append(f"{answer.status_code} {answer.text}")
                except httpx.HTTPError as error:
                    failures.append(repr(error))
            time.sleep(0.02)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        values = copy.deepcopy(plane.values)
        values["ingress"]["create"] = False
        plane.kube.patch(
            INGRESS,
            json={"metadata": {"annotations": {"helm.sh/resource-policy": "keep"}}},
            headers={"Content-Type": "application/merge-patch+json"},
        ).raise_for_status()
        values["operator"]["deployment"]["annotations"] = {"round": "2"}
        values["listener"]["deployment"]["extraEnv"] = [{"name": "ROUND", "value": "2"}]
        plane.install(tmp_path, values)
        before = {pod["metadata"]["uid"] for pod in plane.pods("traefik", "traefik")}
        restart = {"spec": {"template": {"metadata": {"annotations": {"restarted": "now"}}}}}
        plane.kube.patch(
            "/apis/apps/v1/namespaces/traefik/deployments/traefik",
            json=restart,
            headers={"Content-Type": "application/merge-patch+json"},
        ).raise_for_status()
        until(lambda: not before & {pod["metadata"]["uid"] for pod in plane.pods("traefik", "traefik")})
        time.sleep(1)
    finally:
        stop.set()
        thread.join()
    assert failures == []
    assert count > 50


def test_a_new_image_is_a_new_revision_that_really_rolls_out(plane: DataPlane) -> None:
    made = plane.deploy("rolling", image="registry.example.com/agents/hello:1")
    url = plane.deployed(made)
    body = {"source_revision_config": {"image_uri": "registry.example.com/agents/hello:2"}}
    plane.simulator.patch(f"/v2/deployments/{made['id']}", json=body).raise_for_status()
    assert plane.deployed(made) == url
    name = httpx.URL(url).path.rpartition("/")[2]
    images = {
        pod["spec"]["containers"][0]["image"] for pod in plane.pods(name) if "-redis-" not in pod["metadata"]["name"]
    }
    assert images == {"registry.example.com/agents/hello:2"}
    plane.simulator.delete(f"/v2/deployments/{made['id']}").raise_for_status()
    until(lambda: plane.simulator.get(f"/v2/deployments/{made['id']}").status_code == 404)
    until(lambda: not plane.pods(name))
    assert plane.get(f"{LGPS}/{name}") is None
    assert plane.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/{name}-secrets") is None
    paths = [item["path"] for item in plane.get(INGRESS)["spec"]["rules"][0]["http"]["paths"]]
    assert f"/lgp/{name}" not in paths


def test_an_agent_that_may_grow_has_autoscalers(plane: DataPlane, hello: tuple[dict[str, Any], str]) -> None:
    name = httpx.URL(hello[1]).path.rpartition("/")[2]
    scaler = f"/apis/autoscaling/v2/namespaces/{NAMESPACE}/horizontalpodautoscalers/{name}"
    assert plane.get(scaler) is None
    for most, there in ((3, True), (1, False)):
        body = {"source_config": {"resource_spec": {"min_scale": 1, "max_scale": most}}}
        plane.simulator.patch(f"/v2/deployments/{hello[0]['id']}", json=body).raise_for_status()
        plane.deployed(hello[0])
        until(partial(_is_there, plane, scaler, there=there), 10)
    assert plane.get(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{name}")["spec"]["replicas"] == 1


def test_an_image_that_cannot_be_pulled_fails_the_revision_with_the_reason(plane: DataPlane) -> None:
    made = plane.deploy("broken", image="registry.example.com/agents/none:1")
    until(lambda: plane.revision(made)["status"] == "DEPLOY_FAILED")
    lines = plane.simulator.get(
        f"/v2/deployments/{made['id']}/revisions/{plane.revision(made)['id']}/logs", params={"type": "deploy"}
    ).json()["logs"]
    assert any("ImagePullBackOff" in line["message"] and "not found" in line["message"] for line in lines), lines
    pod = plane.pods("broken")[0]
    assert pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] in ("ImagePullBackOff", "ErrImagePull")
    body = {"source_revision_config": {"image_uri": "registry.example.com/agents/hello:1"}}
    plane.simulator.patch(f"/v2/deployments/{made['id']}", json=body).raise_for_status()
    assert plane.ask(plane.deployed(made), "back again").startswith("Hello!")
    plane.simulator.delete(f"/v2/deployments/{made['id']}").raise_for_status()


def test_a_namespace_without_rights_fails_the_revision(plane: DataPlane) -> None:
    made = plane.deploy("elsewhere", source_config={"listener_config": {"k8s_namespace": "forbidden"}})
    until(lambda: plane.revision(made)["status"] == "DEPLOY_FAILED")
    logs = plane.simulator.get(
        f"/v2/deployments/{made['id']}/revisions/{plane.revision(made)['id']}/logs", params={"type": "deploy"}
    ).json()["logs"]
    assert any("namespace forbidden cannot be served" in line["message"] for line in logs), logs


def _is_there(plane: DataPlane, path: str, *, there: bool) -> bool:
    return (plane.get(path) is not None) is there
