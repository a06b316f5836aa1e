# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster behaves as charts and roles expect of a real one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

import playground as world
from playground import kubeapi
from playground.audit import AuditLog


@pytest.fixture
def api(playground: world.Playground) -> Iterator[httpx.Client]:
    with kubeapi.connect(Path(playground.kubeconfig)) as client:
        client.headers["User-Agent"] = "someone-else"
        yield client


@pytest.fixture
def namespace(api: httpx.Client) -> Iterator[str]:
    name = f"test-{uuid4().hex[:8]}"
    api.post("/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    until(lambda: api.get(f"/api/v1/namespaces/{name}/serviceaccounts/default").is_success)
    yield name
    api.delete(f"/api/v1/namespaces/{name}")


def until(reached: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := reached()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def create(api: httpx.Client, path: str, manifest: dict[str, Any]) -> None:
    response = api.post(path, json=manifest)
    assert response.is_success, response.text


def pod(name: str, image: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "main", "image": image}]}}


def phase(api: httpx.Client, path: str) -> str:
    return str(api.get(path).json()["status"].get("phase"))


def test_the_version_is_the_stamped_one(api: httpx.Client) -> None:
    version = api.get("/version").json()

    assert (version["gitVersion"], version["major"], version["minor"]) == ("v1.34.4", "1", "34")


def test_rbac_is_enforced(api: httpx.Client, namespace: str) -> None:
    account = f"/api/v1/namespaces/{namespace}/serviceaccounts/default/token"
    token = api.post(account, json={"spec": {}}).json()["status"]["token"]
    context = api._transport._pool._ssl_context  # type: ignore[attr-defined]
    assert context is not None

    # The administrator's certificate would win over the token: ask as the ServiceAccount instead.
    headers = {"Impersonate-User": f"system:serviceaccount:{namespace}:default"}
    assert token
    assert api.get(f"/api/v1/namespaces/{namespace}/secrets", headers=headers).status_code == 403


def test_a_load_balancer_gets_an_address(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/services"
    create(api, path, {"metadata": {"name": "web"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}})

    status = until(lambda: api.get(f"{path}/web").json()["status"]["loadBalancer"])
    assert status["ingress"][0]["ip"] == "127.0.0.1"


def test_other_services_get_none(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/services"
    create(api, path, {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    time.sleep(0.5)

    assert api.get(f"{path}/web").json()["status"] == {"loadBalancer": {}}


def test_a_volume_claim_is_bound_by_the_default_class(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    create(api, path, {"metadata": {"name": "data"}, "spec": spec})

    until(lambda: phase(api, f"{path}/data") == "Bound")
    assert api.get(f"{path}/data").json()["spec"]["storageClassName"] == "standard"


def test_pods_that_are_not_living_are_ready_at_once(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    create(api, path, pod("keda", "ghcr.io/kedacore/keda:2.20.2"))

    until(lambda: phase(api, f"{path}/keda") == "Running")
    assert api.get(f"{path}/keda").json()["status"]["podIP"].startswith("240.")


def test_jobs_complete(api: httpx.Client, namespace: str) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "busybox"}]}}
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    create(api, path, {"metadata": {"name": "migrate"}, "spec": {"template": template}})

    until(lambda: api.get(f"{path}/migrate").json()["status"].get("succeeded") == 1)


def test_logs_come_from_a_file(api: httpx.Client, namespace: str, tmp_path: Path) -> None:
    log = tmp_path / "main.log"
    log.write_text("2026-01-02T03:04:05.000000000Z stdout F first\n2026-01-02T03:04:06.000000000Z stderr F second\n")
    pods = f"/api/v1/namespaces/{namespace}/pods"
    create(api, pods, pod("keda", "ghcr.io/kedacore/keda:2.20.2"))
    until(lambda: phase(api, f"{pods}/keda") == "Running")
    logs = {"metadata": {"name": "keda"}, "spec": {"logs": [{"containers": ["main"], "logsFile": str(log)}]}}
    manifest = {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Logs", **logs}
    create(api, f"/apis/kwok.x-k8s.io/v1alpha1/namespaces/{namespace}/logs", manifest)

    until(lambda: api.get(f"{pods}/keda/log").is_success)
    assert api.get(f"{pods}/keda/log").text == "first\nsecond\n"
    assert api.get(f"{pods}/keda/log?tailLines=1").text == "second\n"


def test_a_namespace_goes_away(api: httpx.Client, namespace: str) -> None:
    create(api, f"/api/v1/namespaces/{namespace}/pods", pod("keda", "ghcr.io/kedacore/keda:2.20.2"))
    api.delete(f"/api/v1/namespaces/{namespace}").raise_for_status()

    until(lambda: api.get(f"/api/v1/namespaces/{namespace}").status_code == 404)


def test_reads_are_no_writes(api: httpx.Client, audit: AuditLog) -> None:
    api.get("/api/v1/namespaces").raise_for_status()
    review = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
    create(api, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)

    assert [one for one in audit.writes() if one.user_agent == "someone-else"] == []


def test_writes_are_found_with_who_sent_them(api: httpx.Client, namespace: str, audit: AuditLog) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    create(api, path, {"metadata": {"name": "one"}})
    api.delete(f"{path}/one").raise_for_status()

    written = [one for one in audit.writes() if one.user_agent == "someone-else" and namespace in one.uri]
    assert [(one.verb, one.status) for one in written] == [("create", 201), ("delete", 200)]


def test_the_clients_of_the_fixtures_work(kube: Any, simulator: httpx.Client) -> None:
    names = [item.metadata.name for item in kube.resources.get(api_version="v1", kind="Node").get().items]

    assert names == ["playground-1", "playground-2"]
    assert simulator.get("/v2/deployments").status_code == 200
