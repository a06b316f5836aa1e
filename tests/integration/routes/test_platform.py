# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane behind Istio and on OpenShift: LangSmith's route and its agents' are what they must be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.platform.helpers import HOST, Platform
from tests.integration.routes import openshift
from tests.integration.routes.helpers import INGRESSES, ISTIO, namespace, post
from tests.integration.site.helpers import Site, assert_left_alone

LGPS = "/apis/apps.langchain.ai/v1alpha1/namespaces/langsmith/lgps"
# Nobody serves these ways in on a playground. This leads the run to the control plane, in their place, and to no agent.
IN_PLACE = {
    "metadata": {"name": "in-place-of-istio"},
    "spec": {
        "ingressClassName": "edge",
        "rules": [
            {
                "host": HOST,
                "http": {
                    "paths": [
                        {
                            "path": "/",
                            "pathType": "Prefix",
                            "backend": {"service": {"name": "langsmith-frontend", "port": {"number": 80}}},
                        }
                    ]
                },
            }
        ],
    },
}
MESH = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "Gateway",
    "metadata": {"name": "platform", "namespace": "istio-system"},
    "spec": {
        "selector": {"istio": "ingressgateway"},
        "servers": [{"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": [f"*/{HOST}"]}],
    },
}
BEHIND_ISTIO: dict[str, Any] = {
    "ingress_mode": "istio",
    "ingress_gateway_name": "platform",
    "ingress_gateway_namespace": "istio-system",
    "control_plane_health_check": False,
    "agents_prove": False,
}


@pytest.fixture(scope="module")
def platform(cluster: Site, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """Return the control plane's playbook on the cluster with every way in."""
    folder: Path = tmp_path_factory.mktemp("platform")
    post(cluster.api, f"{ISTIO}/namespaces/istio-system/gateways", MESH)
    namespace(cluster.api, "langsmith")
    post(cluster.api, INGRESSES.format("langsmith"), IN_PLACE)
    return Platform(cluster.world, folder, dict(BEHIND_ISTIO))


def test_istio(platform: Platform) -> None:
    """LangSmith and each agent have a VirtualService of their own; the next run leaves them alone."""
    platform.run().succeeded()
    services = {
        item["metadata"]["name"]: item["spec"]
        for item in openshift.items(platform.api, f"{ISTIO}/namespaces/langsmith/virtualservices")
    }
    (agent,) = (item["metadata"]["name"] for item in openshift.items(platform.api, LGPS))
    for name, prefix, service, port in (
        ("langsmith", "/", "langsmith-frontend", 80),
        (agent, f"/lgp/{agent}", agent, 8000),
    ):
        destination = {"host": f"{service}.langsmith.svc.cluster.local", "port": {"number": port}}
        assert services.pop(name) == {
            "hosts": [HOST],
            "gateways": ["istio-system/platform"],
            "http": [{"match": [{"uri": {"prefix": prefix}}], "route": [{"destination": destination}]}],
        }
    assert not services
    assert_left_alone(platform)


def test_moved_to_openshift(platform: Platform) -> None:
    """The same platform on OpenShift: Routes to LangSmith and to the agent, where there were VirtualServices."""
    moved = Platform(platform.world, platform.folder / "moved", {**BEHIND_ISTIO, "ingress_mode": "openshift"})
    moved.folder.mkdir()
    with openshift.at_work(platform.api):
        moved.run().succeeded()
        (agent,) = (item["metadata"]["name"] for item in openshift.items(platform.api, LGPS))
        routes = openshift.items(platform.api, f"{openshift.ROUTES}/namespaces/langsmith/routes")
        leads = {route["spec"]["path"]: route["spec"]["to"]["name"] for route in routes}
        assert leads == {"/": "langsmith-frontend", f"/lgp/{agent}": agent}
        assert {route["spec"]["host"] for route in routes} == {HOST}
        assert_left_alone(moved)
