# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users get wrong: each fails with a message that names cause and remedy, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.site.helpers import AGENT_SECRET, CRD, MERGE, Site, encoded

DEFAULT_CLASS = "/apis/storage.k8s.io/v1/storageclasses/standard"
IS_DEFAULT = "storageclass.kubernetes.io/is-default-class"
IMAGE = "registry.example.com/agents/hello:1.0.0"

Variables = Mapping[str, Any]
World = Callable[[Site], AbstractContextManager[Variables]]


@contextmanager
def as_it_is(_site: Site) -> Iterator[Variables]:
    """Leave the cluster as it is."""
    yield {}


@dataclass(frozen=True)
class Mistake:
    """A mistake, and words that the message has to have."""

    name: str
    says: tuple[str, ...]
    variables: Variables = field(default_factory=dict)
    values: Variables = field(default_factory=dict)
    world: World = as_it_is


def agent(**options: Any) -> Variables:
    """Return variables with one agent."""
    return {"agents_deployments": [{"name": "hello", "image": IMAGE, **options}]}


def patched(path: str, patch: Variables, undo: Variables) -> World:
    """Return a change of one object for the time of a test."""

    @contextmanager
    def change(site: Site) -> Iterator[Variables]:
        site.api.patch(path, json=patch, headers=MERGE).raise_for_status()
        yield {}
        site.api.patch(path, json=undo, headers=MERGE).raise_for_status()

    return change


def created(*objects: tuple[str, Variables]) -> World:
    """Return objects, each given with its collection's path, that are there for the time of a test."""

    @contextmanager
    def change(site: Site) -> Iterator[Variables]:
        for collection, manifest in objects:
            site.api.post(collection, json=manifest).raise_for_status()
        yield {}
        for collection, manifest in reversed(objects):
            site.api.delete(f"{collection}/{manifest['metadata']['name']}").raise_for_status()

    return change


@contextmanager
def reading_only(site: Site) -> Iterator[Variables]:
    """Be somebody who may read everything and write nothing."""
    rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}]
    name, rbac = {"name": "reader"}, "/apis/rbac.authorization.k8s.io/v1"
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", **name}
    subject = {"kind": "ServiceAccount", "namespace": "default", **name}
    objects = (
        ("/api/v1/namespaces/default/serviceaccounts", {"metadata": name}),
        (f"{rbac}/clusterroles", {"metadata": name, "rules": rules}),
        (f"{rbac}/clusterrolebindings", {"metadata": name, "roleRef": role, "subjects": [subject]}),
    )
    with created(*objects)(site):
        token = site.api.post("/api/v1/namespaces/default/serviceaccounts/reader/token", json={"spec": {}}).json()
        config = yaml.safe_load(Path(site.world.kubeconfig).read_text())
        config["users"][0]["user"] = {"token": token["status"]["token"]}
        kubeconfig = site.folder / "reader.yaml"
        kubeconfig.write_text(yaml.safe_dump(config))
        yield {"langgraph_kubeconfig": str(kubeconfig)}


@contextmanager
def compute_id_taken(site: Site) -> Iterator[Variables]:
    """Have a listener of another installation in the control plane."""
    body = {"compute_type": "k8s", "compute_id": "taken", "compute_config": {"k8s_namespaces": ["elsewhere"]}}
    made = site.plane.post("/v2/listeners", json=body).raise_for_status().json()
    yield {"listener_compute_id": "taken"}
    site.plane.delete(f"/v2/listeners/{made['id']}").raise_for_status()


@contextmanager
def wrong_path(site: Site) -> Iterator[Variables]:
    """Give an address at which something else answers."""
    yield {"langgraph_control_plane_url": f"{site.world.control_plane_url}/nowhere"}


def definition_of(release: str, namespace: str) -> Variables:
    """Return the CRD as another Helm release owns it."""
    version = {
        "name": "v1alpha1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    annotations = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "lgps.apps.langchain.ai",
            "annotations": annotations,
            "labels": {"app.kubernetes.io/managed-by": "Helm"},
        },
        "spec": {
            "group": "apps.langchain.ai",
            "scope": "Namespaced",
            "names": {"plural": "lgps", "singular": "lgp", "kind": "LGP", "listKind": "LGPList"},
            "versions": [version],
        },
    }


FOREIGN_METRICS: Variables = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1beta1.external.metrics.k8s.io"},
    "spec": {
        "group": "external.metrics.k8s.io",
        "version": "v1beta1",
        "groupPriorityMinimum": 100,
        "versionPriority": 100,
        "insecureSkipTLSVerify": True,
        "service": {"name": "datadog-cluster-agent-metrics-api", "namespace": "datadog"},
    },
}
PLATFORM: Variables = {
    "metadata": {
        "name": "sh.helm.release.v1.platform.v1",
        "labels": {"owner": "helm", "name": "platform", "status": "deployed", "version": "1"},
    },
    "type": "helm.sh/release.v1",
    "data": {
        "release": encoded(
            {
                "name": "platform",
                "namespace": "langsmith",
                "version": 1,
                "info": {"status": "deployed"},
                "chart": {"metadata": {"name": "langsmith", "version": "0.16.1"}},
                "config": {},
                "manifest": "",
            }
        )
    },
}
QUOTA: Variables = {"metadata": {"name": "small"}, "spec": {"hard": {"requests.cpu": "100m"}}}

MISTAKES = (
    Mistake("wrong key", ("key", "Remedy"), {"langgraph_api_key": "lsv2_sk_wrong"}),
    Mistake("no key", ("LANGSMITH_API_KEY", "Remedy"), values={"langsmithApiKey": ""}),
    Mistake(
        "wrong workspace", ("workspace", "Remedy"), {"langgraph_workspace_id": "11111111-2222-4333-8444-555555555555"}
    ),
    Mistake("control plane down", ("127.0.0.1:1", "Remedy"), {"langgraph_control_plane_url": "http://127.0.0.1:1"}),
    Mistake("wrong URL", ("/nowhere", "Remedy"), world=wrong_path),
    Mistake("LangSmith down", ("127.0.0.1:1", "Remedy"), {"langgraph_langsmith_url": "http://127.0.0.1:1"}),
    Mistake("compute id taken with other namespaces", ("taken", "elsewhere", "Remedy"), world=compute_id_taken),
    Mistake("no right to write", ("may not", "Remedy"), world=reading_only),
    Mistake("kubeconfig missing", ("/nowhere/config", "Remedy"), {"langgraph_kubeconfig": "/nowhere/config"}),
    Mistake("context misspelt", ("prod-eu", "context", "Remedy"), {"langgraph_context": "prod-eu"}),
    Mistake("old Kubernetes", ("1.99", "Remedy"), {"preflight_kubernetes_minimum": "1.99"}),
    Mistake(
        "no default StorageClass",
        ("StorageClass", "(redis_storage_class, agents_storage_class)"),
        world=patched(
            DEFAULT_CLASS,
            {"metadata": {"annotations": {IS_DEFAULT: None}}},
            {"metadata": {"annotations": {IS_DEFAULT: "true"}}},
        ),
    ),
    Mistake(
        "no default StorageClass for the agents",
        ("no default StorageClass", "(agents_storage_class)"),
        {"redis_storage_class": "standard"},
        world=patched(
            DEFAULT_CLASS,
            {"metadata": {"annotations": {IS_DEFAULT: None}}},
            {"metadata": {"annotations": {IS_DEFAULT: "true"}}},
        ),
    ),
    Mistake("StorageClass missing", ("fast-ssd", "Remedy"), {"redis_storage_class": "fast-ssd"}),
    Mistake(
        "pull secrets missing",
        ("Namespace keda lacks", "Namespace traefik lacks", "Namespace langgraph lacks", "Namespace agents lacks"),
        {"langgraph_image_pull_secrets": ["mirror-login"]},
    ),
    Mistake("no room", ("cpu", "Remedy"), {"preflight_requests": {"cpu": "10000", "memory": "1Gi"}}),
    Mistake(
        "quota exceeded",
        ("quota", "requests.cpu", "Remedy"),
        world=created(
            ("/api/v1/namespaces", {"metadata": {"name": "langgraph"}}),
            ("/api/v1/namespaces/langgraph/resourcequotas", QUOTA),
        ),
    ),
    Mistake("KEDA missing", ("KEDA", "Remedy"), {"keda_mode": "existing"}),
    Mistake(
        "metrics of somebody else",
        ("external.metrics.k8s.io", "datadog", "Remedy"),
        world=created(("/apis/apiregistration.k8s.io/v1/apiservices", FOREIGN_METRICS)),
    ),
    Mistake(
        "CRD of another release",
        ("lgps.apps.langchain.ai", "release platform in namespace langsmith", "Remedy"),
        world=created(
            ("/api/v1/namespaces", {"metadata": {"name": "langsmith"}}),
            ("/api/v1/namespaces/langsmith/secrets", PLATFORM),
            (CRD.rpartition("/")[0], definition_of("platform", "langsmith")),
        ),
    ),
    Mistake(
        "ingress class missing",
        ("nginx-internal", "Remedy"),
        {"ingress_mode": "existing", "ingress_class": "nginx-internal"},
    ),
    Mistake(
        "Gateway API missing",
        ("HTTPRoute of gateway.networking.k8s.io", "Remedy"),
        {"ingress_mode": "gateway", "ingress_gateway_name": "public", "ingress_gateway_namespace": "gateways"},
    ),
    Mistake(
        "Istio missing",
        ("VirtualService of networking.istio.io", "Remedy"),
        {"ingress_mode": "istio", "ingress_gateway_name": "public", "ingress_gateway_namespace": "gateways"},
    ),
    Mistake(
        "no OpenShift", ("Route of route.openshift.io", "openshift-default", "Remedy"), {"ingress_mode": "openshift"}
    ),
    Mistake("helm missing", ("helm", "Remedy"), {"langgraph_helm_binary": "/nowhere/helm"}),
    Mistake("charts missing", ("/nowhere/charts", "Remedy"), {"langgraph_chart_source": "/nowhere/charts"}),
    Mistake("values file missing", ("/nowhere/values.yaml",), {"langgraph_values_files": ["/nowhere/values.yaml"]}),
    Mistake("typo in values", ("langsmithWorkspaceID", "langsmithWorkspaceId"), values={"langsmithWorkspaceID": "x"}),
    Mistake(
        "key of an old guide", ("langgraphPlatformLicenseKey", "Remedy"), values={"langgraphPlatformLicenseKey": "x"}
    ),
    Mistake("namespaces behind a plain Ingress", ("Gateway", "Remedy"), {"listener_namespaces": ["agents", "more"]}),
    Mistake("reserved name of a secret", ("DATABASE_URI", "reserved"), agent(secrets={"DATABASE_URI": "postgres://x"})),
    Mistake("resources misspelt", ("memory_mib", "memory_mb"), agent(resource_spec={"memory_mib": 512})),
    Mistake("image is no image", ("image", "Remedy"), agent(image="Not An Image")),
)


@pytest.fixture(scope="module")
def empty(new_site: Callable[..., Site]) -> Iterator[Site]:
    """Return a site on which nothing gets installed."""
    site = new_site("mistakes", workloads=False)
    site.variables["langgraph_timeout"] = 5  # what a mistake that is not found would wait for
    yield site
    site.world.down()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name.replace(" ", "-"))
def test_is_found_before_anything_is_written(mistake: Mistake, empty: Site) -> None:
    """The run fails, says why and what to do, and has written nothing to the cluster or the control plane."""
    with mistake.world(empty) as found:
        variables = {**empty.working(), **mistake.variables, **found}
        if mistake.values:
            empty.values_file(**mistake.values)
        empty.mark()
        run = empty.run_hosts({"here": variables})
        written = empty.writes()
    assert run.code == 2, run.output
    for words in mistake.says:
        assert words in run.failure, run.output
    assert not written


def test_all_mistakes_are_told_at_once(empty: Site) -> None:
    """Four mistakes of four kinds take one run to find, not four."""
    run = empty.run(
        langgraph_api_key="lsv2_sk_wrong",
        redis_storage_class="fast-ssd",
        keda_mode="existing",
        ingress_mode="existing",
        ingress_class="nginx-internal",
        ingress_tls_enabled=True,
    )
    assert "no certificate is named" in run.output  # a warning beside them
    for words in ("key", "fast-ssd", "KEDA", "nginx-internal"):
        assert words in run.failure, run.output


def test_a_chart_repository_that_does_not_answer_is_named_and_no_secret_with_it(empty: Site) -> None:
    cache = str(empty.folder / "no-charts")
    run = empty.run("-vvv", langgraph_chart_source="http://127.0.0.1:9", langgraph_chart_cache=cache)
    assert run.code == 2, run.output
    assert "127.0.0.1:9" in run.output
    for secret in (empty.world.api_key, AGENT_SECRET):
        assert secret not in run.output
