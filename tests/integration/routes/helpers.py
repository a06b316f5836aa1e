# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""One cluster with every way in, and a data plane for each of them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import yaml

from playground import Playground
from tests.integration.site.helpers import ROOT, Site

CRDS = ROOT / "playground" / "crds"
GATEWAY_API = "/apis/gateway.networking.k8s.io/v1"
ISTIO = "/apis/networking.istio.io/v1"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/{}/ingresses"
LONGEST = 60.0
Object = dict[str, Any]

# A Traefik that somebody else has installed, with a Gateway that takes routes from where its owner lets them come.
TRAEFIK = {
    "providers": {"kubernetesGateway": {"enabled": True}},
    "gateway": {
        "name": "public",
        "namespace": "gateways",
        "listeners": {
            "web": {
                "port": 8000,
                "protocol": "HTTP",
                "hostname": "*.example.com",
                "namespacePolicy": {
                    "from": "Selector",
                    "selector": {
                        "matchExpressions": [
                            {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["agents-shut"]}
                        ]
                    },
                },
            }
        },
    },
}
HAPROXY = {"metadata": {"name": "haproxy"}, "spec": {"controller": "haproxy.org/ingress-controller/haproxy"}}
MESH = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "Gateway",
    "metadata": {"name": "mesh", "namespace": "istio-system"},
    "spec": {
        "selector": {"istio": "ingressgateway"},
        "servers": [
            {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["agents-istio/*.example.com"]}
        ],
    },
}


def bring(api: httpx.Client, name: str) -> None:
    """Give a cluster the kinds of one file of the playground's, and wait until they are served."""
    for thing in yaml.safe_load_all((CRDS / f"{name}.yaml").read_text()):
        if thing["kind"] == "IngressClass":
            post(api, "/apis/networking.k8s.io/v1/ingressclasses", thing)
            continue
        post(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", thing)
        spec = thing["spec"]
        path = f"/apis/{spec['group']}/v1/{spec['names']['plural']}"
        until(partial(_is_served, api, path))


def _is_served(api: httpx.Client, path: str) -> bool:
    return api.get(path).is_success


def post(api: httpx.Client, collection: str, thing: Object) -> None:
    """Make an object."""
    api.post(collection, json=thing).raise_for_status()


def namespace(api: httpx.Client, name: str) -> None:
    """Make a namespace."""
    post(api, "/api/v1/namespaces", {"metadata": {"name": name}})


def helm(world: Playground, folder: Path, *arguments: str, values: Object) -> None:
    """Run helm as somebody at a shell does."""
    file = folder / "values-of-somebody.yaml"
    file.write_text(yaml.safe_dump(values))
    environment = os.environ | {"KUBECONFIG": world.kubeconfig}
    done = subprocess.run(
        [world.helm, *arguments, "--values", str(file)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def with_every_way_in(site: Site) -> None:
    """Bring all kinds, a Traefik of somebody else with a Gateway, classes and an Istio Gateway."""
    for name in ("gateway-api", "istio", "openshift"):
        bring(site.api, name)
    for name in ("gateways", "istio-system"):
        namespace(site.api, name)
    chart = str(Path(site.world.charts) / "traefik")
    helm(
        site.world,
        site.folder,
        "install",
        "edge",
        chart,
        "-n",
        "edge",
        "--create-namespace",
        "--wait",
        values={**TRAEFIK, "ingressClass": {"name": "edge"}},
    )
    post(site.api, "/apis/networking.k8s.io/v1/ingressclasses", HAPROXY)
    post(site.api, f"{ISTIO}/namespaces/istio-system/gateways", MESH)


def until(look: Callable[[], Any]) -> Any:
    """Wait until a look brings something true, and return that."""
    latest = time.monotonic() + LONGEST
    while not (found := look()):
        assert time.monotonic() < latest, "not in time"
        time.sleep(0.1)
    return found


@dataclass
class Plane(Site):
    """A data plane of its own in the cluster: release, namespace of agents, hostname and listener named after it."""

    name: str = ""

    @property
    def agents(self) -> str:
        """Namespace of its agents."""
        return f"agents-{self.name}"

    @property
    def host(self) -> str:
        """Hostname of its agents."""
        return f"{self.name}.example.com"

    def working(self) -> Object:
        """Return the variables of the data plane, with an agent."""
        return {
            "langgraph_control_plane_url": self.world.control_plane_url,
            "langgraph_langsmith_url": self.world.control_plane_url,
            "langgraph_workspace_id": self.world.workspace_id,
            "langgraph_api_key": self.world.api_key,
            "langgraph_chart_source": self.world.charts,
            "langgraph_timeout": 120,
            "langgraph_namespace": f"plane-{self.name}",
            "listener_compute_id": self.name,
            "listener_namespaces": [self.agents],
            "ingress_hostname": self.host,
            "ingress_tls_enabled": False,
            "ingress_address": self.world.ingress_address,
            "agents_deployments": [
                {"name": self.name, "image": "registry.example.com/agents/hello:1.0.0", "resource_spec": {"cpu": 0.5}}
            ],
            **self.variables,
        }

    def only(self, collection: str) -> Object:
        """Return the only object of a collection."""
        (found,) = self.api.get(collection).raise_for_status().json()["items"]
        return dict(found)

    def agent(self) -> str:
        """Return the name of the agent's objects."""
        name: str = self.only(f"/apis/apps.langchain.ai/v1alpha1/namespaces/{self.agents}/lgps")["metadata"]["name"]
        return name

    def answers(self, path: str) -> bool:
        """Whether the agent answers at a path of the hostname, through the load balancer."""
        url = f"http://{self.world.ingress_address}{path}/ok"
        return httpx.get(url, headers={"Host": self.host}, timeout=20).is_success
