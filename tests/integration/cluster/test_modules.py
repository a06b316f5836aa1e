# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules as users call them: from playbooks, check mode and diff included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import playground as playgrounds
from playground.audit import Write
from tests.integration.cluster.conftest import MERGE, OBJECTS, Release

ROOT = Path(__file__).resolve().parents[3]
Play = Callable[..., list[dict[str, Any]]]
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/{}/ingresses"


@pytest.fixture
def play(playground: playgrounds.Playground, tmp_path: Path) -> Play:
    """Return a function that runs tasks in one play and returns the result of each, failed ones included."""

    def run(*tasks: dict[str, Any], arguments: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        written = tmp_path / "results.json"
        content = "{{ [" + ", ".join(f"r{number}" for number in range(len(tasks))) + "] | to_json }}"
        steps = [
            {f"langgraph.selfhosted.{name}": options, "register": f"r{number}", "ignore_errors": True}
            for number, task in enumerate(tasks)
            for name, options in task.items()
        ]
        steps.append(
            {"ansible.builtin.copy": {"content": content, "dest": str(written)}, "check_mode": False, "diff": False}
        )
        book = tmp_path / "book.yml"
        book.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": steps}]))
        command = [str(Path(sys.executable).with_name("ansible-playbook")), str(book), *arguments]
        environment = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", **playground.environment()}
        ended = subprocess.run(
            [*command, "-i", "localhost,", "-c", "local", "-e", f"ansible_python_interpreter={sys.executable}"],
            cwd=tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert written.exists(), ended.stdout + ended.stderr
        return list(json.loads(written.read_text()))

    return run


def definition(namespace: str, **spec: Any) -> dict[str, Any]:
    path = {"path": "/metrics", "pathType": "Prefix", "backend": {"service": {"name": "o", "port": {"number": 8081}}}}
    rules = [{"host": "agents.example.com", "http": {"paths": [path]}}]
    return {
        "metadata": {"name": "shared", "namespace": namespace},
        "spec": {"ingressClassName": "traefik", "rules": rules, **spec},
    }


def test_shared_ingress_ladder(
    play: Play, namespace: str, api: httpx.Client, audit_writes: Callable[[], list[Write]]
) -> None:
    wanted = {"shared_ingress": {"definition": definition(namespace)}}
    (predicted,) = play(wanted, arguments=("--check", "--diff"))
    assert predicted["changed"]
    assert predicted["diff"]["after"]["spec"]["ingressClassName"] == "traefik"
    assert not [write for write in audit_writes() if namespace in write.uri]

    created, again = play(wanted, wanted, arguments=("--diff",))
    assert (created["changed"], again["changed"]) == (True, False)

    live = f"{INGRESSES.format(namespace)}/shared"
    agent = {"path": "/lgp/a", "pathType": "Prefix", "backend": {"service": {"name": "a", "port": {"number": 8000}}}}
    patch = [{"op": "add", "path": "/spec/rules/0/http/paths/0", "value": agent}]
    api.patch(live, json=patch, headers={"Content-Type": "application/json-patch+json"}).raise_for_status()
    other = {"shared_ingress": {"definition": definition(namespace, ingressClassName="nginx")}}
    kept, changed, settled = play(wanted, other, other)
    assert [result["changed"] for result in (kept, changed, settled)] == [False, True, False]
    assert settled["ingress"]["other_paths"] == ["/lgp/a"]
    assert api.get(live).json()["spec"]["ingressClassName"] == "nginx"


def test_a_release_that_no_longer_has_the_ingress_lets_it_be(play: Play, release: Release, api: httpx.Client) -> None:
    """What was taken over from Helm survives an upgrade of the release that leaves it out."""
    space = release.namespace
    taken = {"shared_ingress": {"definition": {**definition(space), "metadata": {"name": "small", "namespace": space}}}}
    (result,) = play(taken)
    assert result["changed"]
    templates = release.chart / "templates" / "all.yaml"
    whole = templates.read_text()
    templates.write_text(yaml.safe_dump_all([thing for thing in OBJECTS if thing["kind"] != "Ingress"]))
    try:
        release.install()
    finally:
        templates.write_text(whole)
    assert api.get(f"{INGRESSES.format(space)}/small").status_code == 200


def test_a_bad_definition_is_told_at_once(play: Play) -> None:
    (result,) = play({"shared_ingress": {"definition": {"metadata": {"name": "x"}}, "host": "https://127.0.0.1:1"}})
    assert result["failed"]
    assert "definition.metadata.namespace" in result["msg"]


def test_release_info(play: Play, release: Release) -> None:
    options = {"name": release.name, "namespace": release.namespace}
    found, with_values, missing = play(
        {"release_info": options},
        {"release_info": {**options, "values": True, "objects": False}},
        {"release_info": {**options, "name": "other"}},
    )
    assert (found["exists"], found["release"]["status"], found["release"]["chart_version"]) == (
        True,
        "deployed",
        "1.0.0",
    )
    assert {thing["kind"] for thing in found["release"]["objects"]} == {thing["kind"] for thing in OBJECTS}
    assert found["history"] == [{"revision": 1, "status": "deployed"}]
    assert "release_values" not in found["release"]
    assert with_values["release"]["release_values"]["image"] == "example.org/small:1"
    assert (missing["exists"], missing["release"], missing["history"]) == (False, None, [])


def test_workloads_ready(play: Play, release: Release) -> None:
    of_release = {"release": {"name": release.name, "namespace": release.namespace}, "timeout": 60}
    named = {"workloads": [{"kind": "Deployment", "namespace": release.namespace, "name": "small"}], "timeout": 60}
    gone = {"release": {"name": "other", "namespace": release.namespace}}
    first, second, missing = play(
        {"workloads_ready": of_release}, {"workloads_ready": named}, {"workloads_ready": gone}
    )
    assert first["ready"]
    assert second["workloads"] == [
        {
            "kind": "Deployment",
            "namespace": release.namespace,
            "name": "small",
            "ready": True,
            "have": 1,
            "want": 1,
            "why": "",
        }
    ]
    assert missing["failed"]
    assert "There is no Helm release other" in missing["msg"]
    (checked,) = play({"workloads_ready": gone}, arguments=("--check",))
    assert (checked["ready"], checked.get("failed", False)) == (False, False)


def test_a_quota_that_is_exceeded_is_explained(play: Play, release: Release, api: httpx.Client) -> None:
    space = release.namespace
    quota = {"metadata": {"name": "tiny"}, "spec": {"hard": {"requests.cpu": "1500m"}}}
    api.post(f"/api/v1/namespaces/{space}/resourcequotas", json=quota).raise_for_status()
    scale = {"spec": {"replicas": 3}}
    api.patch(f"/apis/apps/v1/namespaces/{space}/deployments/small", json=scale, headers=MERGE).raise_for_status()
    (result,) = play({"workloads_ready": {"release": {"name": "small", "namespace": space}, "timeout": 8}})
    assert result["failed"]
    assert "ResourceQuota tiny does not leave enough" in result["cause"]
    assert "its pods cannot be made" in result["msg"]
    assert "Likely cause:" in result["msg"]
    assert "Remedy:" in result["msg"]


def test_a_volume_that_no_class_provides_is_explained(play: Play, namespace: str, api: httpx.Client) -> None:
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast-ssd",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    container = {"name": "main", "image": "example.org/x:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    redis = {
        "metadata": {"name": "redis"},
        "spec": {
            "serviceName": "redis",
            "selector": {"matchLabels": {"app": "redis"}},
            "template": {"metadata": {"labels": {"app": "redis"}}, "spec": {"containers": [container]}},
            "volumeClaimTemplates": [claim],
        },
    }
    api.post(f"/apis/apps/v1/namespaces/{namespace}/statefulsets", json=redis).raise_for_status()
    workloads = [{"kind": "StatefulSet", "namespace": namespace, "name": "redis"}]
    (result,) = play({"workloads_ready": {"workloads": workloads, "timeout": 8}})
    assert result["failed"]
    assert "PersistentVolumeClaim" in result["msg"]
    assert "There is no StorageClass fast-ssd." in result["cause"]


def test_observe_cluster_is_an_action_with_checked_options(play: Play, release: Release) -> None:
    good, bad = play(
        {"observe_cluster": {"components": [release.wanted()], "checks": {"enabled": False}}},
        {"observe_cluster": {"components": [{"release": {"name": "x"}}]}},
    )
    assert good["components"]["small"]["state"] in ("converged", "unready")
    assert good["changed"] is False
    assert bad["failed"]
    assert "name" in bad["msg"]
