# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""observe_cluster against a real API server and real Helm releases: what is drift, what is not, what it costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    Connection,
    connected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.gate import Gate, Rules, release_workloads
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.repair import repair_release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline, wait_until

import playground as playgrounds
from playground.audit import Write
from tests.integration.cluster.conftest import MERGE, Release

Look = Callable[..., dict[str, Any]]

CORE, APPS = "/api/v1/namespaces/{}", "/apis/apps/v1/namespaces/{}"
NETWORKING, RBAC = "/apis/networking.k8s.io/v1/namespaces/{}", "/apis/rbac.authorization.k8s.io/v1/namespaces/{}"


@pytest.fixture
def ready(release: Release, server: ApiServer) -> Release:
    """Return the small release once its workload is ready."""
    Gate(server, release_workloads(server, release.namespace, release.name), Rules(timeout=60)).wait()
    return release


def test_as_helm_left_it_is_converged(ready: Release, look: Look, audit_writes: Callable[[], list[Write]]) -> None:
    found = look(ready.wanted())["components"]["small"]
    assert found == {
        "state": "converged",
        "reasons": [],
        "revision": 1,
        "chart_version": "1.0.0",
        "ready": True,
        "drifted": False,
        "unseen": [],
    }
    mine = [write for write in audit_writes() if "langgraph.selfhosted" in write.user_agent]
    assert mine == []


DRIFT: tuple[tuple[str, str, Any, str], ...] = (
    ("delete", f"{APPS}/deployments/small", None, "Deployment {}/small is missing"),
    ("delete", f"{CORE}/services/small", None, "Service {}/small is missing"),
    ("delete", f"{CORE}/secrets/small", None, "Secret {}/small is missing"),
    ("delete", f"{CORE}/serviceaccounts/small", None, "ServiceAccount {}/small is missing"),
    ("delete", f"{RBAC}/roles/small", None, "Role {}/small is missing"),
    ("delete", f"{RBAC}/rolebindings/small", None, "RoleBinding {}/small is missing"),
    ("delete", f"{NETWORKING}/ingresses/small", None, "Ingress {}/small is missing"),
    ("patch", f"{APPS}/deployments/small", {"spec": {"replicas": 3}}, "spec.replicas is 3, wanted 1"),
    ("patch", f"{CORE}/configmaps/small", {"data": {"a": "2"}}, "ConfigMap {}/small: data.a is 2, wanted 1"),
    ("patch", f"{CORE}/configmaps/small", {"data": {"b": "2"}}, "ConfigMap {}/small: data.b"),
    ("patch", f"{CORE}/secrets/small", {"stringData": {"password": "x"}}, "Secret {}/small: data.password differs"),
    ("patch", f"{RBAC}/roles/small", {"rules": []}, "Role {}/small: rules differs"),
    ("patch", f"{CORE}/services/small", {"spec": {"selector": {"app": "x"}}}, "spec.selector.app is x, wanted small"),
    ("patch", f"{NETWORKING}/ingresses/small", {"spec": {"ingressClassName": "x"}}, "spec.ingressClassName is x"),
)


@pytest.mark.parametrize(
    ("verb", "path", "body", "reason"), DRIFT, ids=[f"{verb}-{path.rsplit('/', 2)[1]}" for verb, path, *_ in DRIFT]
)
def test_drift_is_found_named_and_repaired(
    verb: str,
    path: str,
    body: Any,
    reason: str,
    ready: Release,
    look: Look,
    api: httpx.Client,
    server: ApiServer,
) -> None:
    target = path.format(ready.namespace)
    edit = api.delete(target) if verb == "delete" else api.patch(target, json=body, headers=MERGE)
    edit.raise_for_status()
    found = look(ready.wanted())["components"]["small"]
    assert found["state"] == "drifted"
    assert any(reason.format(ready.namespace) in told for told in found["reasons"]), found
    if "ingresses" in path:
        return  # shared Ingresses are put back by their own module
    assert repair_release(server, ready.name, ready.namespace, check=False).changed
    assert look(ready.wanted())["components"]["small"]["state"] in ("converged", "unready")


def test_what_operators_and_people_may_do_is_no_drift(ready: Release, look: Look, api: httpx.Client) -> None:
    space = ready.namespace
    ingress = NETWORKING.format(space) + "/ingresses/small"
    agent = {"path": "/lgp/a", "pathType": "Prefix", "backend": {"service": {"name": "a", "port": {"number": 8000}}}}
    patch = [{"op": "add", "path": "/spec/rules/0/http/paths/0", "value": agent}]
    api.patch(ingress, json=patch, headers={"Content-Type": "application/json-patch+json"}).raise_for_status()
    notes = {"metadata": {"annotations": {"mine": "1"}, "labels": {"mine": "1"}}}
    api.patch(APPS.format(space) + "/deployments/small", json=notes, headers=MERGE).raise_for_status()
    assert look(ready.wanted())["components"]["small"]["state"] == "converged"


def test_replicas_set_by_an_autoscaler_are_no_drift(ready: Release, look: Look, api: httpx.Client) -> None:
    space = ready.namespace
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "small"}
    scaler = {"metadata": {"name": "small"}, "spec": {"maxReplicas": 3, "minReplicas": 2, "scaleTargetRef": target}}
    api.post(f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers", json=scaler).raise_for_status()
    patch = {"spec": {"replicas": 2}}
    api.patch(APPS.format(space) + "/deployments/small", json=patch, headers=MERGE).raise_for_status()
    assert look(ready.wanted())["components"]["small"]["state"] in ("converged", "unready")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": "1.0.1"}, "chart version is 1.0.0, wanted 1.0.1"),
        ({"values": {"image": "example.org/small:2", "password": "other"}}, "values: image is example.org/small:1"),
        ({"values": {"image": "example.org/small:1", "password": "other"}}, "values: password differs"),
    ],
)
def test_another_wish_is_changed(changes: Any, reason: str, ready: Release, look: Look) -> None:
    found = look(ready.wanted(**changes))["components"]["small"]
    assert found["state"] == "changed"
    assert any(reason in told for told in found["reasons"])
    assert "hunter22" not in str(found)


def test_the_newest_of_several_revisions_counts(ready: Release, look: Look) -> None:
    ready.install(image="example.org/small:2")
    found = look(ready.wanted(values={"image": "example.org/small:2", "password": "hunter22"}))["components"]["small"]
    assert found["revision"] == 2
    assert found["state"] in ("converged", "unready")


def test_a_release_that_is_not_there_is_absent(namespace: str, look: Look) -> None:
    wanted = {"name": "x", "release": {"name": "x", "namespace": namespace, "chart": "x"}}
    assert look(wanted)["components"]["x"]["state"] == "absent"


def test_a_release_that_helm_left_pending_is_stuck(ready: Release, look: Look, api: httpx.Client) -> None:
    secret = CORE.format(ready.namespace) + "/secrets/sh.helm.release.v1.small.v1"
    patch = {"metadata": {"labels": {"status": "pending-upgrade"}}}
    api.patch(secret, json=patch, headers=MERGE).raise_for_status()
    seen = look(ready.wanted(), enabled=True)
    assert seen["components"]["small"]["state"] == "stuck"
    assert any(finding["check"] == "release_stuck" for finding in seen["findings"])


def limited(
    playground: playgrounds.Playground,
    api: httpx.Client,
    namespace: str,
    folder: Path,
    resources: tuple[str, ...] = ("*",),
) -> str:
    """Return the kubeconfig of somebody who may read one namespace, or some resources in it, and nothing else."""
    space = CORE.format(namespace)
    rbac = RBAC.format(namespace)
    api.post(f"{space}/serviceaccounts", json={"metadata": {"name": "limited"}}).raise_for_status()
    rules = [{"apiGroups": ["*"], "resources": list(resources), "verbs": ["get", "list"]}]
    api.post(f"{rbac}/roles", json={"metadata": {"name": "limited"}, "rules": rules}).raise_for_status()
    binding = {
        "metadata": {"name": "limited"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "limited"},
        "subjects": [{"kind": "ServiceAccount", "name": "limited", "namespace": namespace}],
    }
    api.post(f"{rbac}/rolebindings", json=binding).raise_for_status()
    token = api.post(f"{space}/serviceaccounts/limited/token", json={"spec": {}}).json()["status"]["token"]
    config = yaml.safe_load(Path(playground.kubeconfig).read_text())
    config["users"][0]["user"] = {"token": token}
    path = folder / "limited"
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_without_cluster_wide_rights_it_looks_in_the_namespaces(
    ready: Release, look: Look, playground: playgrounds.Playground, api: httpx.Client, tmp_path: Path
) -> None:
    kubeconfig = limited(playground, api, ready.namespace, tmp_path)
    assert look(ready.wanted(), kubeconfig=kubeconfig)["components"]["small"]["state"] == "converged"
    other = {"name": "o", "release": {"name": "o", "namespace": "kube-system"}}
    both = look(ready.wanted(), other, kubeconfig=kubeconfig)["components"]
    assert both["o"]["state"] == "unknown"
    assert "secrets is forbidden" in both["o"]["reasons"][0]
    findings = look(ready.wanted(), other, kubeconfig=kubeconfig, enabled=True)["findings"]
    (refusal,) = [finding for finding in findings if finding["check"] == "not_readable"]
    assert (refusal["severity"], "secrets is forbidden" in refusal["why"]) == ("error", True)


# All that the small release has but ConfigMaps; autoscalers are not among it either.
SOME = ("deployments", "ingresses", "rolebindings", "roles", "secrets", "serviceaccounts", "services")


def test_what_may_not_be_read_is_told_and_neither_drift_nor_put_back(
    ready: Release,
    look: Look,
    playground: playgrounds.Playground,
    api: httpx.Client,
    server: ApiServer,
    tmp_path: Path,
) -> None:
    space = ready.namespace
    scaled = api.patch(APPS.format(space) + "/deployments/small", json={"spec": {"replicas": 2}}, headers=MERGE)
    scaled.raise_for_status()
    Gate(server, release_workloads(server, space, ready.name), Rules(timeout=60)).wait()
    kubeconfig = limited(playground, api, space, tmp_path, SOME)
    seen = look(ready.wanted(), kubeconfig=kubeconfig, enabled=True)
    found = seen["components"]["small"]
    assert (found["state"], found["reasons"], found["drifted"]) == ("converged", [], False)
    (unseen,) = found["unseen"]
    assert unseen.startswith(f"ConfigMap {space}/small cannot be read: configmaps")
    (finding,) = [finding for finding in seen["findings"] if finding["check"] == "not_readable"]
    assert (finding["severity"], unseen in finding["why"]) == ("warning", True)
    assert not [finding for finding in seen["findings"] if finding["severity"] == "error"]
    assert {f"ConfigMap {space}/small", "horizontal pod autoscalers"} <= set(seen["cluster"]["not_readable"])
    with connected(Connection(kubeconfig=kubeconfig)) as restricted:
        outcome = repair_release(restricted, ready.name, space, check=False)
    assert (outcome.changed, list(outcome.warnings)) == (
        False,
        [unseen.replace("read:", "read and was not looked at:")],
    )


def test_a_definition_that_may_not_be_read_is_missing_only_where_nothing_is_served(
    ready: Release, look: Look, playground: playgrounds.Playground, api: httpx.Client, tmp_path: Path
) -> None:
    kubeconfig = limited(playground, api, ready.namespace, tmp_path)
    group = f"{ready.namespace}.example.com"
    wanted = {"name": "c", "namespaces": [ready.namespace], "crds": [{"name": f"things.{group}", "chart": "c-1"}]}
    assert look(wanted, kubeconfig=kubeconfig)["components"]["c"]["state"] == "changed"
    schema = {"openAPIV3Schema": {"type": "object"}}
    definition = {
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "names": {"plural": "things", "kind": "Thing"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    api.post(crds, json=definition).raise_for_status()
    try:
        found = wait_until(
            lambda: look(wanted, kubeconfig=kubeconfig)["components"]["c"],
            lambda component: component["state"] != "changed",
            Deadline(30),
        ).value
    finally:
        api.delete(f"{crds}/things.{group}")
    assert (found["state"], found["reasons"]) == ("converged", [])
    assert "customresourcedefinitions" in found["unseen"][0]


def test_rights_that_are_missing_are_named(
    ready: Release, look: Look, playground: playgrounds.Playground, api: httpx.Client, tmp_path: Path
) -> None:
    kubeconfig = limited(playground, api, ready.namespace, tmp_path)
    seen = look(ready.wanted(version="2.0.0"), kubeconfig=kubeconfig, enabled=True)
    told = [finding["what"] for finding in seen["findings"] if finding["check"] == "permissions"]
    assert any("create/delete/patch secrets in namespace" in what for what in told), told
    admin = look(ready.wanted(version="2.0.0"), enabled=True)
    assert not [finding for finding in admin["findings"] if finding["check"] == "permissions"]


def test_a_cluster_that_is_down_is_a_finding(look: Look, tmp_path: Path, playground: playgrounds.Playground) -> None:
    config = yaml.safe_load(Path(playground.kubeconfig).read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    path = tmp_path / "down"
    path.write_text(yaml.safe_dump(config))
    seen = look({"name": "x"}, kubeconfig=str(path), enabled=True)
    assert not seen["reachable"]
    assert seen["components"]["x"]["state"] == "unknown"
    (finding,) = seen["findings"]
    assert finding["check"] == "api_reachable"
    assert "https://127.0.0.1:1" in finding["what"]
    assert finding["remedy"]


def test_three_releases_with_all_their_objects_are_read_within_a_second(
    playground: playgrounds.Playground, chart: Path, look: Look, api: httpx.Client
) -> None:
    """As many objects as KEDA, Traefik and the data plane have."""
    releases = [Release(playground, chart, f"cluster-speed-{number}") for number in range(7)]
    for each in releases:
        each.install()
    components = [{**each.wanted(), "name": each.namespace} for each in releases]
    taken = []
    for _ in range(5):
        begin = time.perf_counter()
        seen = look(*components, enabled=True)
        taken.append(time.perf_counter() - begin)
    for each in releases:
        api.delete(f"/api/v1/namespaces/{each.namespace}")
    assert {component["state"] for component in seen["components"].values()} <= {"converged", "unready"}
    assert statistics.median(taken) <= 1.0, taken


def test_pull_secrets_are_looked_for_in_the_release_s_namespace(ready: Release, look: Look) -> None:
    seen = look(ready.wanted(version="2.0.0"), enabled=True, pull_secrets=["small", "login"])
    told = [finding["what"] for finding in seen["findings"] if finding["check"] == "pull_secrets"]
    assert told == [f"Namespace {ready.namespace} lacks what langgraph_image_pull_secrets names: login."]
