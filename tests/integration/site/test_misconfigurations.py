# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users get wrong: each fails with a message that names cause and remedy, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from playground.audit import AuditLog
from tests.integration.site.conftest import Site

DEFAULT_CLASS = "/apis/storage.k8s.io/v1/storageclasses/standard"
CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/lgps.apps.langchain.ai"
MERGE = {"Content-Type": "application/merge-patch+json"}


@contextmanager
def nothing(_site: Site, _api: httpx.Client) -> Iterator[dict[str, Any]]:
    """Change nothing in the cluster."""
    yield {}


@dataclass(frozen=True)
class Mistake:
    """A mistake, and what the message has to say of it."""

    name: str
    says: tuple[str, ...]
    variables: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    world: Callable[[Site, httpx.Client], Any] = nothing


def patched(path: str, patch: dict[str, Any], undo: dict[str, Any]) -> Callable[[Site, httpx.Client], Any]:
    """Return a change of one object for the time of a test."""

    @contextmanager
    def change(_site: Site, api: httpx.Client) -> Iterator[dict[str, Any]]:
        api.patch(path, json=patch, headers=MERGE).raise_for_status()
        try:
            yield {}
        finally:
            api.patch(path, json=undo, headers=MERGE).raise_for_status()

    return change


def created(collection: str, manifest: dict[str, Any]) -> Callable[[Site, httpx.Client], Any]:
    """Return an object that is there for the time of a test."""

    @contextmanager
    def change(_site: Site, api: httpx.Client) -> Iterator[dict[str, Any]]:
        api.post(collection, json=manifest).raise_for_status()
        try:
            yield {}
        finally:
            api.delete(f"{collection}/{manifest['metadata']['name']}").raise_for_status()

    return change


@contextmanager
def reader_only(site: Site, api: httpx.Client) -> Iterator[dict[str, Any]]:
    """Be somebody who may read everything and write nothing."""
    account = {"metadata": {"name": "reader", "namespace": "default"}}
    binding = {
        "metadata": {"name": "tests-reader"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "tests-reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": "default"}],
    }
    role = {
        "metadata": {"name": "tests-reader"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}],
    }
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    api.post("/api/v1/namespaces/default/serviceaccounts", json=account)
    api.post(f"{rbac}/clusterroles", json=role)
    api.post(f"{rbac}/clusterrolebindings", json=binding)
    token = api.post("/api/v1/namespaces/default/serviceaccounts/reader/token", json={"spec": {}}).json()
    config = yaml.safe_load(Path(site.world.kubeconfig).read_text())
    config["users"][0]["user"] = {"token": token["status"]["token"]}
    kubeconfig = site.folder / "reader"
    kubeconfig.write_text(yaml.safe_dump(config))
    yield {"langgraph_kubeconfig": str(kubeconfig)}
    api.delete(f"{rbac}/clusterrolebindings/tests-reader")


MISTAKES = (
    Mistake("wrong key", ("key", "Remedy"), environment={"LANGSMITH_API_KEY": "lsv2_sk_wrong"}),
    Mistake("no key", ("LANGSMITH_API_KEY",), environment={"LANGSMITH_API_KEY": ""}),
    Mistake(
        "wrong workspace", ("workspace",), variables={"langgraph_workspace_id": "11111111-2222-4333-8444-555555555555"}
    ),
    Mistake(
        "control plane down",
        ("127.0.0.1:1", "Remedy"),
        variables={"langgraph_control_plane_url": "http://127.0.0.1:1"},
    ),
    Mistake(
        "compute id taken with other namespaces",
        ("site", "namespaces"),
        variables={"listener_compute_id": "taken"},
    ),
    Mistake("no right to write", ("may not", "Remedy"), world=reader_only),
    Mistake(
        "cluster down", ("Kubernetes API", "Remedy"), variables={"langgraph_kubeconfig": "{{ playbook_dir }}/none"}
    ),
    Mistake("context misspelt", ("kwok", "context"), variables={"langgraph_context": "prod-eu"}),
    Mistake("old Kubernetes", ("1.99", "Remedy"), variables={"preflight_kubernetes_minimum": "1.99"}),
    Mistake(
        "no default StorageClass",
        ("StorageClass", "redis_storage_class"),
        world=patched(
            DEFAULT_CLASS,
            {"metadata": {"annotations": {"storageclass.kubernetes.io/is-default-class": None}}},
            {"metadata": {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}},
        ),
    ),
    Mistake("StorageClass missing", ("fast-ssd", "Remedy"), variables={"redis_storage_class": "fast-ssd"}),
    Mistake("no room", ("cpu", "Remedy"), variables={"preflight_requests": {"cpu": "10000", "memory": "1Gi"}}),
    Mistake("KEDA missing", ("KEDA", "Remedy"), variables={"keda_mode": "existing"}),
    Mistake(
        "ingress class missing",
        ("nginx-internal", "Remedy"),
        variables={"ingress_mode": "existing", "ingress_class": "nginx-internal"},
    ),
    Mistake(
        "typo in values",
        ("langsmithWorkspaceID", "langsmithWorkspaceId"),
        variables={"_values": {"config": {"langsmithWorkspaceID": "x"}}},
    ),
    Mistake(
        "key of an old guide",
        ("langgraphPlatformLicenseKey", "Remedy"),
        variables={"_values": {"config": {"langgraphPlatformLicenseKey": "x"}}},
    ),
    Mistake(
        "several namespaces behind a plain Ingress",
        ("Gateway", "namespaces"),
        variables={"listener_namespaces": ["agents", "more-agents"]},
    ),
    Mistake(
        "reserved name of a secret",
        ("DATABASE_URI", "reserved"),
        variables={
            "agents_deployments": [
                {
                    "name": "hello",
                    "image": "registry.example.com/agents/hello:1.0.0",
                    "secrets": {"DATABASE_URI": "postgres://somewhere"},
                }
            ]
        },
    ),
    Mistake(
        "resources misspelt",
        ("memory_mib", "memory_mb"),
        variables={
            "agents_deployments": [
                {
                    "name": "hello",
                    "image": "registry.example.com/agents/hello:1.0.0",
                    "resource_spec": {"memory_mib": 512},
                }
            ]
        },
    ),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name.replace(" ", "-"))
def test_is_found_before_anything_is_written(
    mistake: Mistake, site: Site, api: httpx.Client, plane: httpx.Client, audit_log: AuditLog
) -> None:
    """The run fails, says why and what to do, and has written nothing to the cluster or the control plane."""
    _take(plane)
    variables = dict(mistake.variables)
    if "_values" in variables:
        values = site.folder / "values.yaml"
        values.write_text(yaml.safe_dump(variables.pop("_values")))
        variables["langgraph_values_files"] = [str(values)]
    with mistake.world(site, api) as further:
        audit_log.mark()
        plane.delete("/playground/requests")
        run = site.run(environment=mistake.environment, **{**variables, **further})
    assert run.code == 2, run.output
    for words in mistake.says:
        assert words in run.text, run.output
    assert not audit_log.writes()
    assert not [entry for entry in plane.get("/playground/requests").json()["requests"] if entry["method"] != "GET"]


def _take(plane: httpx.Client) -> None:
    """Have a listener of another installation in the control plane."""
    plane.post(
        "/v2/listeners",
        json={"compute_type": "k8s", "compute_id": "taken", "compute_config": {"k8s_namespaces": ["elsewhere"]}},
    )
