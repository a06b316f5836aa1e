# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, addresses and the load balancer."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from playground.workloads import names
from playground.workloads.names import Hosts, loopback
from playground.workloads.runner.addresses import Addresses
from playground.workloads.runner.balancer import Balancer
from playground.workloads.runner.network import Network
from playground.workloads.transport import ClusterTransport


@pytest.fixture
def hosts(tmp_path: Path) -> Hosts:
    file = tmp_path / "hosts.json"
    file.write_text(
        json.dumps({"redis.a.svc.cluster.local:6379": ["127.128.0.3:6379"], "agents.example.com:80": ["127.0.0.1:1"]})
    )
    return Hosts(file, ["a.svc.cluster.local", "svc.cluster.local", "cluster.local"])


@pytest.mark.parametrize(
    "name", ["redis", "redis.a", "redis.a.svc", "redis.a.svc.cluster.local", "REDIS.a.svc.cluster.local."]
)
def test_a_service_is_found_by_all_its_names(hosts: Hosts, name: str) -> None:
    assert hosts.find(name, 6379) == ("127.128.0.3", 6379)


def test_other_names_and_ports_are_not_the_playgrounds(hosts: Hosts) -> None:
    assert hosts.find("redis.b", 6379) is None
    assert hosts.find("redis", 80) is None
    assert hosts.find("example.org", 443) is None


def test_a_change_of_the_table_is_seen(hosts: Hosts, tmp_path: Path) -> None:
    assert hosts.find("new", 1) is None
    fresh = tmp_path / "fresh"
    fresh.write_text(json.dumps({"new:1": ["127.0.0.9:2"]}))
    os.replace(fresh, tmp_path / "hosts.json")
    assert hosts.find("new", 1) == ("127.0.0.9", 2)


def test_the_resolver_hook_answers_for_the_cluster_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hosts.json"
    file.write_text(json.dumps({"web.a.svc.cluster.local:80": ["127.128.0.4:8000"]}))
    monkeypatch.setenv("PLAYGROUND_HOSTS", str(file))
    monkeypatch.setenv("PLAYGROUND_SEARCH", "a.svc.cluster.local")
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)
    names.install()
    assert socket.getaddrinfo("web", 80, type=socket.SOCK_STREAM)[0][4] == ("127.128.0.4", 8000)
    assert socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)[0][4] == ("127.0.0.1", 80)


def test_without_a_table_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLAYGROUND_HOSTS", raising=False)
    before = socket.getaddrinfo
    names.install()
    assert socket.getaddrinfo is before
    assert names.reachable("240.128.0.5") == "240.128.0.5"


def test_pods_addresses_are_shown_and_bound_differently() -> None:
    assert loopback("240.128.0.5") == "127.128.0.5"
    assert loopback("10.0.0.5") == "10.0.0.5"


def test_http_keeps_the_name_and_goes_to_the_address(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        host = next(line for line in head.splitlines() if line.lower().startswith("host:"))
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(host)}\r\nConnection: close\r\n\r\n{host}".encode())
        await writer.drain()
        writer.close()

    async def run() -> str:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        (tmp_path / "hosts.json").write_text(json.dumps({"agents.example.com:80": [f"127.0.0.1:{port}"]}))
        transport = ClusterTransport(Hosts(tmp_path / "hosts.json", []), verify=True)
        async with server, httpx.AsyncClient(transport=transport) as client:
            return (await client.get("http://agents.example.com/ok")).text

    assert asyncio.run(run()) == "Host: agents.example.com"


def test_two_runners_share_no_address(tmp_path: Path) -> None:
    first = Addresses(tmp_path / "x")
    second = Addresses(tmp_path / "x")
    assert first.network != second.network
    shown, bind = first.take()
    assert bind == loopback(shown)
    assert first.take(shown)[0] != shown, "an address that is in use is not given twice"
    first.give_back(shown)
    assert first.take(shown)[0] == shown, "a pod keeps its address over a restart of the runner"
    assert not second.take(shown)[0].startswith(shown.rsplit(".", 2)[0])


def test_many_addresses_differ_and_none_ends_in_0_or_255(tmp_path: Path) -> None:
    pool = Addresses(tmp_path / "many")
    taken = [pool.take()[0] for _ in range(600)]
    assert len(set(taken)) == 600
    assert not {item.rpartition(".")[2] for item in taken} & {"0", "255"}


def endpoint_slice(
    service: str, *addresses: str, ready: bool = True, port: int = 8000, host: str | None = None
) -> dict[str, Any]:
    endpoints = [
        {"addresses": [item], "conditions": {"ready": ready}} | ({"hostname": host} if host else {})
        for item in addresses
    ]
    labels = {"kubernetes.io/service-name": service}
    return {
        "metadata": {"namespace": "a", "name": f"{service}-1", "labels": labels},
        "ports": [{"name": "web", "port": port}],
        "endpoints": endpoints,
    }


def service(name: str, kind: str = "ClusterIP", ip: str = "127.100.0.9", port: int = 80) -> dict[str, Any]:
    ports = [{"name": "web", "port": port, "targetPort": "web"}]
    return {"metadata": {"namespace": "a", "name": name}, "spec": {"type": kind, "clusterIP": ip, "ports": ports}}


class FakeMirror(list[Any]):
    """A collection that is already read."""


def network(tmp_path: Path, services: list[Any], slices: list[Any], ingresses: list[Any] = []) -> tuple[Network, Any]:  # noqa: B006
    made = Network(None, tmp_path / "hosts.json")  # type: ignore[arg-type]
    made._services, made._slices = FakeMirror(services), FakeMirror(slices)  # type: ignore[assignment]
    made._ingresses, made._routes = FakeMirror(ingresses), FakeMirror()  # type: ignore[assignment]
    return made, made._table()


def test_a_service_leads_to_its_ready_pods_ports(tmp_path: Path) -> None:
    slices = [endpoint_slice("s", "240.128.0.1"), endpoint_slice("s", "240.128.0.2", ready=False)]
    _, table = network(tmp_path, [service("s")], slices)
    assert table == {"s.a.svc:80": ["127.128.0.1:8000"], "s.a.svc.cluster.local:80": ["127.128.0.1:8000"]}


def test_a_service_without_pods_is_refused_at_once(tmp_path: Path) -> None:
    _, table = network(tmp_path, [service("s")], [])
    assert table["s.a.svc:80"] == ["127.100.0.9:80"]


def test_pods_of_a_headless_service_have_names(tmp_path: Path) -> None:
    _, table = network(tmp_path, [service("s", ip="None", port=8000)], [endpoint_slice("s", "240.128.0.1", host="s-0")])
    assert table["s-0.s.a.svc.cluster.local:8000"] == ["127.128.0.1:8000"]
    assert table["s.a.svc:8000"] == ["127.128.0.1:8000"]


def test_hosts_of_ingresses_lead_to_the_load_balancer(tmp_path: Path) -> None:
    ingress = {"spec": {"rules": [{"host": "Agents.example.com"}, {}]}}
    made, table = network(tmp_path, [service("lb", "LoadBalancer")], [endpoint_slice("lb", "240.128.0.1")], [ingress])
    assert table["agents.example.com:80"] == ["127.128.0.1:8000"]
    assert made.targets(80) == ["127.128.0.1:8000"]
    assert made.targets(443) == []


def test_the_balancer_forwards_to_who_is_there_at_the_moment() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"<" + await reader.read() + b">")
        await writer.drain()
        writer.close()

    async def ask(port: int, text: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(text)
        writer.write_eof()
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    async def run() -> None:
        targets: dict[int, list[str]] = {80: [], 443: []}
        balancer = Balancer(lambda wanted: list(targets[wanted]))
        port = await balancer.start(0)
        assert await ask(port, b"hello") == b"", "nobody there: closed, not hanging"
        async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
            targets[80] = ["127.0.0.1:1", f"127.0.0.1:{server.sockets[0].getsockname()[1]}"]
            for _ in range(5):
                assert await ask(port, b"hello") == b"<hello>", "a dead target is passed over"
            assert await ask(port, b"\x16\x03\x01") == b"", "a TLS handshake is not for the plain port"
            targets[443] = targets[80]
            assert await ask(port, b"\x16\x03\x01") == b"<\x16\x03\x01>"
        balancer.stop()

    asyncio.run(run())
