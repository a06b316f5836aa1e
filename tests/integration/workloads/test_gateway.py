# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents behind a Gateway: a route of its own for each, also across namespaces."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.integration.workloads.dataplane import HOST, NAMESPACE, DataPlane, until

GROUP = "gateway.networking.k8s.io"
KINDS = {"gatewayclasses": "GatewayClass", "gateways": "Gateway", "httproutes": "HTTPRoute", "grpcroutes": "GRPCRoute"}
CLUSTER_WIDE = ("gatewayclasses",)


def definition(plural: str, kind: str) -> dict[str, object]:
    """Return a definition of one of the Gateway API's kinds, without its rules."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    scope = "Cluster" if plural in CLUSTER_WIDE else "Namespaced"
    annotations = {"api-approved.kubernetes.io": "unapproved, test only"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}", "annotations": annotations},
        "spec": {
            "group": GROUP,
            "names": names,
            "scope": scope,
            "versions": [version | {"subresources": {"status": {}}}],
        },
    }


@pytest.fixture
def gateway(plane: DataPlane, tmp_path: Path) -> Iterator[None]:
    """Switch Traefik and the data plane to the Gateway API, and back."""
    for plural, kind in KINDS.items():
        made = plane.kube.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=definition(plural, kind))
        made.raise_for_status()
    for plural in KINDS:
        until(partial(_is_served, plane, f"/apis/{GROUP}/v1/{plural}"))
    traefik = str(Path(plane.world.charts) / "traefik")
    options = ["providers.kubernetesGateway.enabled=true", "gateway.listeners.web.namespacePolicy.from=All"]
    settings = [word for option in options for word in ("--set", option)]
    command = ["upgrade", "traefik", traefik, "-n", "traefik", "--wait", "--timeout", "90s"]
    done = plane.helm(*command, *settings)
    assert done.returncode == 0, done.stderr
    name = plane.get(f"/apis/{GROUP}/v1/namespaces/traefik/gateways")["items"][0]["metadata"]["name"]
    values = copy.deepcopy(plane.values)
    values["ingress"] = {"enabled": False}
    values["gateway"] = {"enabled": True, "name": name, "namespace": "traefik", "hostname": HOST}
    values["config"]["watchNamespaces"] = f"{NAMESPACE},forbidden"
    plane.install(tmp_path, values)
    yield
    assert plane.helm(*command).returncode == 0
    plane.install(tmp_path, plane.values)


@pytest.mark.usefixtures("gateway")
def test_agents_of_two_namespaces_answer_behind_one_gateway(plane: DataPlane) -> None:
    agents = {
        space: plane.deploy(f"gw-{space}", source_config={"listener_config": {"k8s_namespace": space}})
        for space in (NAMESPACE, "forbidden")
    }
    for space, made in agents.items():
        name = httpx.URL(plane.get_lgp_endpoint(space, "gw-")).path.rpartition("/")[2]
        path = f"/apis/{GROUP}/v1/namespaces/{space}/httproutes/{name}"
        route = until(partial(plane.get, path))
        assert route["metadata"]["ownerReferences"][0]["kind"] == "LGP"
        with plane.agent(f"https://{HOST}/lgp/{name}") as client:
            until(partial(_answers, client))
        plane.simulator.delete(f"/v2/deployments/{made['id']}").raise_for_status()
        until(partial(_is_gone, plane, path))


def _answers(client: httpx.Client) -> bool:
    return client.get("/ok").is_success


def _is_served(plane: DataPlane, path: str) -> bool:
    # For a moment after its definition was made a kind is answered with 404, then with 429.
    return plane.kube.get(path).status_code == httpx.codes.OK


def _is_gone(plane: DataPlane, path: str) -> bool:
    return plane.get(path) is None
