# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ingress controller's table, its options, and the proxy."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from playground.workloads.images.traefik.proxy import Proxy
from playground.workloads.images.traefik.settings import read
from playground.workloads.images.traefik.table import (
    Backend,
    Route,
    Table,
    gateway_routes,
    ingress_routes,
    is_mine,
)

HOST = "agents.example.com"


def ingress(*paths: str, host: str = HOST, kind: str = "Prefix", **metadata: Any) -> dict[str, Any]:
    backend = {"service": {"name": "s", "port": {"number": 8000}}}
    rules = [
        {"host": host, "http": {"paths": [{"path": path, "pathType": kind, "backend": backend} for path in paths]}}
    ]
    return {"metadata": {"namespace": "a", "name": "i", **metadata}, "spec": {"rules": rules}}


def route(host: str, path: str, exact: bool = False) -> Route:
    return Route(host, path, exact, ())


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        (HOST, "/lgp/a/ok", "/lgp/a"),
        (HOST, "/lgp/a", "/lgp/a"),
        (HOST, "/lgp/ab/ok", "/"),
        (HOST, "/lgp/a/deep/x", "/lgp/a/deep"),
        (HOST, "/exact", "/exact"),
        (HOST, "/exact/more", "/"),
        ("other.example.com", "/lgp/a", "/wild"),
        ("deep.other.example.com", "/x", "/any"),
    ],
)
def test_the_longest_prefix_of_the_closest_host_wins(host: str, path: str, expected: str) -> None:
    wild, anything = route("*.example.com", "/"), route("", "/")
    table = Table(
        [
            anything,
            wild,
            route(HOST, "/"),
            route(HOST, "/lgp/a"),
            route(HOST, "/lgp/a/deep"),
            route(HOST, "/exact", True),
        ]
    )
    names = {id(wild): "/wild", id(anything): "/any"}
    found = table.find(host, path)
    assert found is not None
    assert names.get(id(found), found.path) == expected


def test_an_unknown_host_has_no_route() -> None:
    assert Table([route(HOST, "/")]).find("elsewhere.example.org", "/") is None


def test_an_ingress_leads_to_services_of_its_own_namespace() -> None:
    assert list(ingress_routes(ingress("/lgp/x"))) == [Route(HOST, "/lgp/x", False, (Backend("a", "s", 8000),))]


CLASSES = [
    {"metadata": {"name": "own"}, "spec": {"controller": "traefik.io/ingress-controller"}},
    {"metadata": {"name": "nginx"}, "spec": {"controller": "k8s.io/ingress-nginx"}},
]


@pytest.mark.parametrize(
    ("class_name", "annotation", "wanted", "mine"),
    [
        ("own", None, "", True),
        ("nginx", None, "", False),
        ("missing", None, "", False),
        ("own", None, "other", False),
        (None, None, "", True),
        (None, "traefik", "", True),
        (None, "nginx", "", False),
        (None, None, "own", False),
    ],
)
def test_the_class_decides_whose_an_ingress_is(
    class_name: str | None, annotation: str | None, wanted: str, mine: bool
) -> None:
    item = ingress("/")
    if class_name is not None:
        item["spec"]["ingressClassName"] = class_name
    if annotation is not None:
        item["metadata"]["annotations"] = {"kubernetes.io/ingress.class": annotation}
    assert is_mine(item, CLASSES, wanted) is mine


def test_an_http_route_needs_a_gateway_that_takes_it() -> None:
    spec = {
        "parentRefs": [{"name": "g"}],
        "hostnames": [HOST],
        "rules": [
            {"matches": [{"path": {"type": "PathPrefix", "value": "/x"}}], "backendRefs": [{"name": "s", "port": 8000}]}
        ],
    }
    item = {"metadata": {"namespace": "a", "name": "r"}, "spec": spec}
    assert list(gateway_routes(item, lambda _parent, _route: False)) == []
    assert list(gateway_routes(item, lambda parent, _route: parent["name"] == "g")) == [
        Route(HOST, "/x", False, (Backend("a", "s", 8000),))
    ]


def test_options_are_read_as_traefik_reads_them() -> None:
    settings = read(
        [
            "--entryPoints.web.address=:8000/tcp",
            "--entryPoints.websecure.address=:8443/tcp",
            "--entryPoints.websecure.http.tls=true",
            "--providers.kubernetesingress",
            "--providers.kubernetesingress.ingressendpoint.publishedservice=traefik/traefik",
            "--log.level=INFO",
        ]
    )
    assert settings.entry_points == {"web": 8000, "websecure": 8443}
    assert settings.tls == {"websecure"}
    assert settings.ingress
    assert not settings.gateway
    assert settings.published_service == ("traefik", "traefik")


class FakeCluster:
    """A table and endpoints."""

    def __init__(self, *targets: str) -> None:
        self.table = Table([Route(HOST, "/lgp/x", False, (Backend("a", "s", 8000),))])
        self.targets = targets

    def endpoints(self, _backend: Backend) -> list[str]:
        return list(self.targets)


def ask(cluster: FakeCluster, handler: Any, path: str = "/lgp/x/ok", **options: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as inner:
            proxy = Proxy(cluster, inner, 8000, tls=False)  # type: ignore[arg-type]
            transport = httpx.ASGITransport(app=proxy)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as outer:
                return await outer.request(options.pop("method", "GET"), path, **options)

    return asyncio.run(run())


def test_a_request_is_passed_on_whole() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, stream=httpx.ByteStream(b"made"), headers={"x-own": "1", "connection": "close"})

    headers = {"X-Forwarded-For": "10.0.0.1", "Connection": "x-hop", "X-Hop": "1", "X-Forwarded-Proto": "https"}
    answer = ask(
        FakeCluster("127.1.2.3:8000"), handler, "/lgp/x/a%2Fb?q=1", method="POST", content=b"body", headers=headers
    )
    assert (answer.status_code, answer.content, answer.headers["x-own"]) == (201, b"made", "1")
    assert "connection" not in answer.headers
    request = seen[0]
    assert str(request.url) == "http://127.1.2.3:8000/lgp/x/a%2Fb?q=1"
    assert request.content == b"body"
    assert request.headers["host"] == HOST
    assert request.headers["x-forwarded-for"].startswith("10.0.0.1, ")
    assert request.headers["x-forwarded-proto"] == "http"
    assert request.headers["x-forwarded-host"] == HOST
    assert "x-hop" not in request.headers


def test_a_dead_pod_is_passed_over() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.host == "127.0.0.2":
            raise httpx.ConnectError("refused")
        return httpx.Response(200, stream=httpx.ByteStream(b"alive"))

    assert ask(FakeCluster("127.0.0.2:1", "127.0.0.3:1"), handler).text == "alive"
    assert ask(FakeCluster("127.0.0.2:1"), handler).status_code == 502


def test_no_route_and_no_endpoint_are_told_apart() -> None:
    def never(_request: httpx.Request) -> httpx.Response:
        raise AssertionError

    assert ask(FakeCluster(), never).status_code == 503
    assert ask(FakeCluster("127.0.0.2:1"), never, "/other").status_code == 404
