# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each way in, on a real API server: the agent's route is what it must be, and the next run leaves it alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.routes import openshift
from tests.integration.routes.helpers import GATEWAY_API, INGRESSES, ISTIO, Object, Plane
from tests.integration.site.helpers import assert_left_alone

SETS = "/apis/apps/v1/namespaces/{}/statefulsets"
Planes = Callable[..., Plane]
# Nobody serves these ways in on a playground, so nobody is to call the agent.
NO_PROXY = {"listener_health_check": False, "agents_prove": False}


def test_gateway_api(plane: Planes) -> None:
    """An HTTPRoute an agent on a Gateway of another namespace, below a base path."""
    one = plane(
        "gateway",
        ingress_mode="gateway",
        ingress_gateway_name="public",
        ingress_gateway_namespace="gateways",
        ingress_base_path="ai",
    )
    one.run().succeeded()
    name = one.agent()
    route = one.only(f"{GATEWAY_API}/namespaces/{one.agents}/httproutes")
    assert route["metadata"]["name"] == name
    assert route["spec"] == {
        "parentRefs": [
            {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "public", "namespace": "gateways"}
        ],
        "hostnames": [one.host],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": f"/ai/lgp/{name}"}}],
                "backendRefs": [{"group": "", "kind": "Service", "name": name, "port": 8000, "weight": 1}],
            }
        ],
    }
    assert one.api.get(INGRESSES.format(one.agents)).json()["items"] == []
    assert one.answers(f"/ai/lgp/{name}")
    assert_left_alone(one)


def test_istio(plane: Planes) -> None:
    """A VirtualService an agent on an Istio Gateway of another namespace."""
    one = plane(
        "istio",
        ingress_mode="istio",
        ingress_gateway_name="mesh",
        ingress_gateway_namespace="istio-system",
        **NO_PROXY,
    )
    one.run().succeeded()
    name = one.agent()
    service = one.only(f"{ISTIO}/namespaces/{one.agents}/virtualservices")
    assert service["metadata"]["name"] == name
    assert service["spec"] == {
        "hosts": [one.host],
        "gateways": ["istio-system/mesh"],
        "http": [
            {
                "match": [{"uri": {"prefix": f"/lgp/{name}"}}],
                "route": [
                    {"destination": {"host": f"{name}.{one.agents}.svc.cluster.local", "port": {"number": 8000}}}
                ],
            }
        ],
    }
    assert one.api.get(INGRESSES.format(one.agents)).json()["items"] == []
    assert_left_alone(one)


def test_an_ingress_class_that_is_there(plane: Planes) -> None:
    """The agent's path on the shared Ingress of a class that somebody else serves."""
    one = plane("existing", ingress_mode="existing", ingress_class="edge")
    one.run().succeeded()
    ingress = assert_shared_ingress(one, "edge")
    assert "tls" not in ingress["spec"]
    assert one.answers(f"/lgp/{one.agent()}")
    assert_left_alone(one)


def test_haproxy(plane: Planes) -> None:
    """The same for HAProxy's class, with a certificate and its controller's own annotation."""
    tls = [{"hosts": ["haproxy.example.com"], "secretName": "agents-tls"}]
    timeout = {"haproxy.org/timeout-server": "10m"}
    one = plane(
        "haproxy",
        ingress_mode="existing",
        ingress_class="haproxy",
        ingress_tls_enabled=True,
        ingress_tls=tls,
        ingress_annotations=timeout,
        agents_storage_class="standard",
        **NO_PROXY,
    )
    one.run().succeeded()
    # The class is written in the StatefulSet, and not only in the claims, which the API server gives the default one.
    (claim,) = one.only(SETS.format(one.agents))["spec"]["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "standard"
    assert redis_pod(one)["securityContext"].items() >= {("runAsUser", 999), ("runAsGroup", 999), ("fsGroup", 999)}
    ingress = assert_shared_ingress(one, "haproxy")
    assert ingress["spec"]["tls"] == tls
    assert ingress["metadata"]["annotations"].items() >= timeout.items()
    assert one.records("deployments")[0]["url"] == f"https://{one.host}/lgp/{one.agent()}"
    assert_left_alone(one)


def test_openshift(plane: Planes) -> None:
    """OpenShift makes a Route of each path; the run waits until the router takes the hostname."""
    one = plane("openshift", ingress_mode="openshift", ingress_tls_enabled=True, **NO_PROXY)
    with openshift.at_work(one.api):
        one.run().succeeded()
        name = one.agent()
        ingress = assert_shared_ingress(one, "openshift-default")
        assert ingress["spec"]["tls"] == [{}]
        # Ids are OpenShift's to give: SCC restricted-v2 admits no pod that names others.
        assert redis_pod(one)["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        routes = {
            route["spec"]["path"]: route
            for route in openshift.items(one.api, f"{openshift.ROUTES}/namespaces/{one.agents}/routes")
        }
        assert sorted(routes) == [f"/lgp/{name}", "/metrics"]
        for path, service in ((f"/lgp/{name}", name), ("/metrics", "langgraph-dataplane-operator")):
            spec = routes[path]["spec"]
            assert (spec["host"], spec["to"]["name"]) == (one.host, service)
            assert spec["tls"]["termination"] == "edge"
            assert routes[path]["metadata"]["annotations"]["haproxy.router.openshift.io/timeout"] == "10m"
        assert_left_alone(one)


def test_openshift_s_router_says_why_it_refuses_a_hostname(plane: Planes) -> None:
    """A Route that is not admitted fails the run with the router's reason; once it is, the run goes on."""
    one = plane("claimed", ingress_mode="openshift", preflight_ignore=["route_taken"], **NO_PROXY)
    claim = {
        "metadata": {"name": "claim"},
        "spec": {"host": one.host, "to": {"kind": "Service", "name": "web", "weight": 100}},
    }
    claims = f"{openshift.ROUTES}/namespaces/gateways/routes"
    one.api.post(claims, json={"apiVersion": "route.openshift.io/v1", "kind": "Route", **claim}).raise_for_status()
    with openshift.at_work(one.api):
        run = one.run()
        assert "HostAlreadyClaimed: a route in another namespace holds claimed.example.com" in run.failure
        assert "take another hostname" in run.failure
        one.api.delete(f"{claims}/claim").raise_for_status()
        for route in openshift.items(one.api, f"{openshift.ROUTES}/namespaces/{one.agents}/routes"):
            path = f"{openshift.ROUTES}/namespaces/{one.agents}/routes/{route['metadata']['name']}"
            one.api.delete(path).raise_for_status()
        one.run().succeeded()
        assert one.run().succeeded().changed == 0


def redis_pod(one: Plane) -> Object:
    """Return the pod of a data plane's Redis, as its StatefulSet has it."""
    pod: Object = one.only(SETS.format(one.working()["langgraph_namespace"]))["spec"]["template"]["spec"]
    return pod


def assert_shared_ingress(one: Plane, ingress_class: str) -> Object:
    """The agents' Ingress leads the agent's path to its Service; return it."""
    ingress = one.only(INGRESSES.format(one.agents))
    name = one.agent()
    assert ingress["spec"]["ingressClassName"] == ingress_class
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == one.host
    backend = {"service": {"name": name, "port": {"number": 8000}}}
    assert {"path": f"/lgp/{name}", "pathType": "Prefix", "backend": backend} in rule["http"]["paths"]
    return ingress


def behind(mode: str, gateway: str, **more: str) -> Object:
    """Return variables for a Gateway, given as namespace and name."""
    namespace, _slash, name = gateway.partition("/")
    return {"ingress_mode": mode, "ingress_gateway_namespace": namespace, "ingress_gateway_name": name, **more}


def by_class(ingress_class: str, **more: object) -> Object:
    """Return variables for an ingress class that is there."""
    return {"ingress_mode": "existing", "ingress_class": ingress_class, **more}


OPENSHIFT = {"ingress_mode": "openshift", "ingress_hostname": "held.example.com"}
MISSING = {
    "no Gateway": (behind("gateway", "gateways/nobody"), ("no Gateway gateways/nobody of gateway.networking",)),
    "no name": (behind("gateway", ""), ("which Gateway", "ingress_gateway_name")),
    "shut Gateway": (behind("gateway", "gateways/public"), ("no routes from namespace agents-shut", "allowedRoutes")),
    "hostname of nobody": (
        behind("gateway", "gateways/public", ingress_hostname="agents.example.org"),
        ("takes no requests for agents.example.org",),
    ),
    "no Istio Gateway": (
        behind("istio", "istio-system/nobody"),
        ("no Gateway istio-system/nobody of networking.istio",),
    ),
    "shut Istio Gateway": (
        behind("istio", "istio-system/mesh"),
        ("no routes from namespace agents-shut", "*/shut.example.com"),
    ),
    "no class": (by_class("haproxy-internal"), ("no IngressClass haproxy-internal", "haproxy")),
    "two namespaces": (by_class("haproxy", listener_namespaces=["a", "b"]), ("ingress_mode=gateway, or istio",)),
    "led hostname": (
        by_class("edge", ingress_hostname="led.example.com"),
        ("led to namespace edge already, by Ingress edge/led", "ingress_mode: gateway"),
    ),
    "held hostname": (OPENSHIFT, ("belongs to Route edge/held", "HostAlreadyClaimed")),
}


@pytest.mark.parametrize(("variables", "words"), MISSING.values(), ids=[name.replace(" ", "-") for name in MISSING])
@pytest.mark.usefixtures("held")
def test_what_is_missing_is_named_before_anything_is_written(
    plane: Planes, variables: Object, words: tuple[str, ...]
) -> None:
    one = plane("shut", **variables)
    one.mark()
    run = one.run()
    assert run.code == 2, run.output
    assert "Nothing was written" in run.failure
    assert "Remedy:" in run.failure
    for word in words:
        assert word in run.failure, run.output
    assert not one.writes()


@pytest.fixture
def held(plane: Planes) -> None:
    """Have hostnames that others hold."""
    api = plane("shut").api
    shared = {"annotations": {"lgp-operator.io/shared-ingress": "true"}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "x", "port": {"number": 80}}}}]
    ingress = {
        "metadata": {"name": "led", **shared},
        "spec": {"rules": [{"host": "led.example.com", "http": {"paths": paths}}]},
    }
    route = {
        "apiVersion": "route.openshift.io/v1",
        "kind": "Route",
        "metadata": {"name": "held"},
        "spec": {"host": "held.example.com", "to": {"kind": "Service", "name": "x"}},
    }
    for collection, thing in (
        (INGRESSES.format("edge"), ingress),
        (f"{openshift.ROUTES}/namespaces/edge/routes", route),
    ):
        assert api.post(collection, json=thing).status_code in (201, 409)
