# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""No acknowledged write is lost, however the process ends."""

from __future__ import annotations

import threading
import time

import httpx

from .conftest import Server, Start, deployment, listener


def _write(server: Server, writer: int, acknowledged: list[str]) -> None:
    """Create deployments until the server is gone; note those that were acknowledged."""
    with server.client() as client:
        for number in range(10_000):
            name = f"agent-{writer}-{number}"
            try:
                answer = client.post("/v2/deployments", json=deployment(name))
            except httpx.TransportError:
                return
            assert answer.status_code == 201, answer.text
            acknowledged.append(answer.json()["id"])


def _all(client: httpx.Client) -> list[str]:
    found: list[str] = []
    while True:
        page = client.get("/v2/deployments", params={"limit": 100, "offset": len(found)}).json()["resources"]
        found += [item["id"] for item in page]
        if len(page) < 100:
            return found


def test_killed_while_writing(start: Start) -> None:
    acknowledged: list[str] = []
    for life in range(5):
        server = start()
        writers = [threading.Thread(target=_write, args=(server, 10 * life + n, acknowledged)) for n in range(4)]
        for writer in writers:
            writer.start()
        time.sleep(0.4 + 0.13 * life)
        server.kill()
        for writer in writers:
            writer.join(10)
            assert not writer.is_alive()
    with start().client() as client:
        found = _all(client)
        assert len(acknowledged) > 50
        assert set(acknowledged) <= set(found)
        # At most the requests that were in flight when it died are there without an acknowledgement.
        assert len(found) - len(acknowledged) <= 4 * 5
        for identifier in found:
            item = client.get(f"/v2/deployments/{identifier}").json()
            revisions = client.get(f"/v2/deployments/{identifier}/revisions").json()["resources"]
            assert [revision["id"] for revision in revisions] == [item["latest_revision_id"]]


def test_stopped_and_started_again(start: Start) -> None:
    server = start("--auto-deploy")
    with server.client() as client:
        identifier = listener(client)
        created = client.post("/v2/deployments", json=deployment("agent", listener_id=identifier)).json()
        client.patch("/playground/settings", json={"latency_ms": 1})
        before = client.get(f"/v2/deployments/{created['id']}").json()
    server.stop()
    with start("--auto-deploy").client() as client:
        assert client.get(f"/v2/deployments/{created['id']}").json() == before
        assert client.get("/playground/settings").json()["latency_ms"] == 1
        assert client.post("/v2/listeners", json={}).status_code == 422
