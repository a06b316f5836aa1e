# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner as a kubelet: what is wrong shows as it does on a real node, and nothing outlives it."""

from __future__ import annotations

import copy
import json
import os
import signal
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

import playground as world
from playground.home import Paths
from tests.integration.workloads.dataplane import NAMESPACE, DataPlane, until

LISTENER = "langgraph-dataplane-listener"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


def container(plane: DataPlane, prefix: str) -> dict[str, Any]:
    """Return the status of the newest matching pod's container."""
    pods = plane.pods(prefix)
    newest = max(pods, key=lambda pod: pod["metadata"]["creationTimestamp"])
    statuses = newest["status"].get("containerStatuses") or [{"state": {}, "lastState": {}}]
    return {**statuses[0], "pod": newest["metadata"]["name"]}


def reason(plane: DataPlane, prefix: str) -> str:
    return str(container(plane, prefix)["state"].get("waiting", {}).get("reason"))


def events(plane: DataPlane, pod: str) -> list[str]:
    items = plane.get(f"/api/v1/namespaces/{NAMESPACE}/events")["items"]
    return [f"{item['reason']}: {item['message']}" for item in items if item["involvedObject"]["name"] == pod]


@pytest.fixture
def restored(plane: DataPlane, tmp_path: Path) -> Any:
    """Put the release back to what works after a test."""
    yield
    plane.install(tmp_path, plane.values)


def changed(plane: DataPlane, **config: Any) -> dict[str, Any]:
    values = copy.deepcopy(plane.values)
    values["config"] |= config
    return values


@pytest.mark.usefixtures("restored")
def test_a_wrong_key_crashes_the_listener_and_the_log_says_why(plane: DataPlane, tmp_path: Path) -> None:
    plane.put_secret("wrong-key", langsmith_api_key="lsv2_sk_wrong")
    plane.install(tmp_path, changed(plane, existingSecretName="wrong-key"), wait=False)
    until(lambda: reason(plane, LISTENER) == "CrashLoopBackOff")
    status = container(plane, LISTENER)
    assert status["restartCount"] >= 1
    assert status["lastState"]["terminated"]["exitCode"] == 1
    log = plane.log(status["pod"], previous="true")
    assert "401 from" in log
    assert "lsv2_sk_wrong" not in log
    assert any(
        line.startswith("BackOff: Back-off restarting failed container listener")
        for line in events(plane, status["pod"])
    )


@pytest.mark.usefixtures("restored")
def test_a_missing_secret_shows_and_heals_when_it_is_made(plane: DataPlane, tmp_path: Path) -> None:
    plane.install(tmp_path, changed(plane, existingSecretName="later"), wait=False)
    until(lambda: reason(plane, LISTENER) == "CreateContainerConfigError")
    status = container(plane, LISTENER)
    assert status["state"]["waiting"]["message"] == 'secret "later" not found'
    until(lambda: 'Failed: Error: secret "later" not found' in events(plane, status["pod"]))
    plane.put_secret("later", langsmith_api_key=plane.world.api_key)
    until(lambda: container(plane, LISTENER)["ready"])


@pytest.mark.usefixtures("restored")
def test_a_control_plane_that_is_not_there_keeps_the_listener_unready(plane: DataPlane, tmp_path: Path) -> None:
    plane.install(tmp_path, changed(plane, hostBackendUrl="http://127.0.0.1:9"), wait=False)
    newest = until(lambda: next((pod for pod in plane.pods(LISTENER) if _url(pod) == "http://127.0.0.1:9"), None))
    name = newest["metadata"]["name"]
    until(lambda: "no answer from http://127.0.0.1:9" in _log(plane, name))
    assert plane.get(f"{PODS}/{name}")["status"]["containerStatuses"][0]["ready"] is False


def _url(pod: dict[str, Any]) -> str:
    env = pod["spec"]["containers"][0]["env"]
    return str(next(item["value"] for item in env if item["name"] == "HOST_BACKEND_ENDPOINT"))


def _log(plane: DataPlane, pod: str) -> str:
    answer = plane.kube.get(f"{PODS}/{pod}/log")
    return answer.text if answer.is_success else ""


def bare_pod(name: str, image: str, **spec: Any) -> dict[str, Any]:
    container = {"name": "c", "image": image, **spec.pop("container", {})}
    return {"metadata": {"name": name, "labels": {"test": name}}, "spec": {"containers": [container], **spec}}


def make(plane: DataPlane, body: dict[str, Any]) -> str:
    plane.kube.post(PODS, json=body).raise_for_status()
    return str(body["metadata"]["name"])


def status(plane: DataPlane, pod: str) -> dict[str, Any]:
    found: dict[str, Any] = plane.get(f"{PODS}/{pod}")["status"]
    return found


def test_a_pod_is_ready_soon_ends_in_order_and_leaves_nothing(plane: DataPlane) -> None:
    name = make(plane, bare_pod("quick", "redis:7", terminationGracePeriodSeconds=5))
    until(lambda: is_ready(plane, name))
    pid = int(status(plane, name)["containerStatuses"][0]["containerID"].split("//")[1].split("-")[0])
    assert psutil.pid_exists(pid)
    plane.kube.delete(f"{PODS}/{name}").raise_for_status()
    until(lambda: plane.get(f"{PODS}/{name}") is None, 15)
    until(lambda: not psutil.pid_exists(pid), 10)


def test_an_image_in_a_private_registry_needs_its_login(plane: DataPlane) -> None:
    image = "registry.example.com/private/redis:7"
    refused = make(plane, bare_pod("refused", image))
    until(lambda: _waiting(plane, refused) == "ImagePullBackOff")
    assert "may require authorization" in status(plane, refused)["containerStatuses"][0]["state"]["waiting"]["message"]
    plane.put_secret(
        "login", **{".dockerconfigjson": json.dumps({"auths": {"registry.example.com": {"auth": "eDp5"}}})}
    )
    allowed = make(plane, bare_pod("allowed", image, imagePullSecrets=[{"name": "login"}]))
    until(lambda: is_ready(plane, allowed))
    for name in (refused, allowed):
        plane.kube.delete(f"{PODS}/{name}", params={"gracePeriodSeconds": "0"}).raise_for_status()


def is_ready(plane: DataPlane, pod: str) -> bool:
    conditions = status(plane, pod).get("conditions") or []
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


def _waiting(plane: DataPlane, pod: str) -> str:
    statuses = status(plane, pod).get("containerStatuses") or [{"state": {}}]
    return str(statuses[0]["state"].get("waiting", {}).get("reason"))


def test_a_container_has_the_rights_of_its_service_account_only(plane: DataPlane) -> None:
    script = (
        "import os, ssl, urllib.request as u;"
        "r = os.environ['PLAYGROUND_ROOT'] + '/var/run/secrets/kubernetes.io/serviceaccount/';"
        "c = ssl.create_default_context(cafile=r + 'ca.crt');"
        "q = u.Request('https://%(KUBERNETES_SERVICE_HOST)s:%(KUBERNETES_SERVICE_PORT)s/api/v1/secrets' % os.environ,"
        " headers={'Authorization': 'Bearer ' + open(r + 'token').read()});\n"
        "try: u.urlopen(q, context=c)\n"
        "except u.HTTPError as e: print(e.code, e.read().decode())"
    )
    body = bare_pod("rights", "redis:7", restartPolicy="Never", container={"command": ["python3", "-c", script]})
    name = make(plane, body)
    until(lambda: status(plane, name)["phase"] == "Succeeded")
    log = plane.log(name)
    assert log.startswith("403")
    assert f"system:serviceaccount:{NAMESPACE}:default" in log
    plane.kube.delete(f"{PODS}/{name}").raise_for_status()


def test_a_deleted_token_free_pod_gets_no_token(plane: DataPlane) -> None:
    script = "import os; print(os.path.exists(os.environ['PLAYGROUND_ROOT'] + '/var/run/secrets/kubernetes.io'))"
    body = bare_pod(
        "tokenless",
        "redis:7",
        restartPolicy="Never",
        automountServiceAccountToken=False,
        container={"command": ["python3", "-c", script]},
    )
    name = make(plane, body)
    until(lambda: status(plane, name)["phase"] == "Succeeded")
    assert plane.log(name).strip() == "False"
    plane.kube.delete(f"{PODS}/{name}").raise_for_status()


def test_init_containers_run_first_and_volumes_are_shared(plane: DataPlane) -> None:
    mount = {"volumeMounts": [{"name": "v", "mountPath": "/shared"}]}
    write = {
        "name": "init",
        "image": "redis:7",
        "command": ["sh", "-c", "echo made > $PLAYGROUND_ROOT/shared/file"],
        **mount,
    }
    read = {"command": ["sh", "-c", "cat $PLAYGROUND_ROOT/shared/file"], **mount}
    body = bare_pod(
        "volumes",
        "redis:7",
        restartPolicy="Never",
        initContainers=[write],
        volumes=[{"name": "v", "emptyDir": {}}],
        container=read,
    )
    name = make(plane, body)
    until(lambda: status(plane, name)["phase"] == "Succeeded")
    assert plane.log(name).strip() == "made"
    plane.kube.delete(f"{PODS}/{name}").raise_for_status()


def test_a_killed_runner_takes_its_processes_along_and_its_successor_takes_over(plane: DataPlane) -> None:
    state = Paths.of(plane.world.name, Path(plane.world.home).parents[1]).workloads / "state"
    pid = json.loads((state / "runner.json").read_text())["pid"]
    children = psutil.Process(pid).children(recursive=True)
    assert children
    os.kill(pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
    world.up(plane.world.name, home=Path(plane.world.home).parents[1])
    until(lambda: container(plane, LISTENER)["restartCount"] >= 1)
    until(lambda: container(plane, LISTENER)["ready"])
    assert container(plane, LISTENER)["lastState"]["terminated"]["exitCode"] == 255
    fresh = json.loads((state / "runner.json").read_text())["pid"]
    commands = [" ".join(item.cmdline()) for item in psutil.Process(fresh).children(recursive=True)]
    assert len([item for item in commands if "images.listener" in item]) == 1, commands


def test_requests_without_a_route_are_refused_by_the_ingress_controller(plane: DataPlane) -> None:
    answer = httpx.get(
        f"http://{plane.world.ingress_address}/", headers={"Host": "unknown.example.com"}, trust_env=False
    )
    assert (answer.status_code, answer.text) == (404, "404 page not found\n")


def test_the_ingress_controller_speaks_tls_on_the_same_port_with_a_certificate_of_its_own(plane: DataPlane) -> None:
    answer = httpx.get(f"https://{plane.world.ingress_address}/", verify=False, trust_env=False)  # noqa: S501 - its own
    assert (answer.status_code, answer.text) == (404, "404 page not found\n")
