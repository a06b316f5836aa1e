# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official client does its work against the simulator as against the real service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import IMAGE, KEY, Server, Start, deployment, listener

pytest.importorskip("langgraph_cli", reason="the official client is not installed")
Client = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server(start: Start) -> Server:
    return start("--auto-deploy", "--deploy-seconds", "0.5")


@pytest.fixture
def langgraph(server: Server, tmp_path: Path) -> Client:
    """Runs `langgraph deploy ...`; fails the test when the client fails and should not, or the other way round."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "langgraph.json").write_text('{"dependencies": ["."], "graphs": {"agent": "./agent.py:graph"}}', "utf-8")
    (folder / "agent.py").write_text("graph = None\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "CI"))}
    environment |= {"LANGGRAPH_HOST_API_KEY": KEY, "HOME": str(folder), "NO_COLOR": "1", "COLUMNS": "300"}

    def run(*arguments: str, url: str = server.url, fails: bool = False) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "langgraph_cli", "deploy", *arguments, "--host-url", url]
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode != 0) is fails, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def _deploy(langgraph: Client, name: str, image: str = IMAGE, *more: str, **how: Any) -> list[dict[str, Any]]:
    """The events that the client printed, one JSON document a line."""
    done = langgraph("--image-uri", image, "--name", name, "--json", "--no-input", *more, **how)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_deploy_and_deploy_again(server: Server, langgraph: Client) -> None:
    events = _deploy(langgraph, "hello")
    result = events[-1]
    assert result["status"] == "succeeded"
    with server.client() as client:
        found = client.get(f"/v2/deployments/{result['deployment_id']}").json()
        assert found["name"] == "hello"
        assert found["source_revision_config"]["image_uri"] == IMAGE
        assert found["active_revision_id"] == found["latest_revision_id"]
        assert result["url"] == found["url"]
        newer = IMAGE.replace("abab", "cdcd")
        again = _deploy(langgraph, "hello", newer)[-1]
        assert (again["status"], again["deployment_id"]) == ("succeeded", result["deployment_id"])
        revisions = client.get(f"/v2/deployments/{result['deployment_id']}/revisions").json()["resources"]
        assert [item["status"] for item in revisions] == ["DEPLOYED", "DEPLOYED"]
        assert revisions[0]["source_revision_config"]["image_uri"] == newer


def test_deploy_to_a_listener(server: Server, langgraph: Client) -> None:
    with server.client() as client:
        identifier = listener(client, namespaces=("agents", "more"))
        refused = langgraph("--image-uri", IMAGE, "--name", "hello", "--json", "--no-input", fails=True)
        # The client knows the simulator's refusal by its text.
        assert "This workspace deploys through a listener" in refused.stderr
        assert identifier in refused.stderr
        options = ("--listener-id", identifier, "--k8s-namespace", "more", "--image-pull-secret", "registry")
        result = _deploy(langgraph, "hello", IMAGE, *options)[-1]
        config = client.get(f"/v2/deployments/{result['deployment_id']}").json()["source_config"]
        assert (config["listener_id"], config["listener_config"]) == (identifier, {"k8s_namespace": "more"})
        assert config["resource_spec"]["image_pull_secrets"] == [{"name": "registry"}]
        unknown = "e3e70682-c209-4cac-a29f-6fbed82c07cd"
        refused_options = ("--listener-id", unknown, "--k8s-namespace", "more")
        langgraph("--image-uri", IMAGE, "--name", "other", "--json", "--no-input", *refused_options, fails=True)


def test_a_failing_image_fails_the_client(server: Server, langgraph: Client) -> None:
    with server.client() as client:
        client.patch("/playground/settings", json={"failing_images": ["abab"]})
    events = [
        json.loads(line)
        for line in langgraph(
            "--image-uri", IMAGE, "--name", "hello", "--json", "--no-input", fails=True
        ).stdout.splitlines()
        if line.startswith("{")
    ]
    assert events[-1]["status"] == "failed"


def test_lists_logs_and_delete(server: Server, langgraph: Client) -> None:
    with server.client() as client:
        for number in range(101):  # more than a page
            client.post("/v2/deployments", json=deployment(f"agent-{number}"))
        identifier = listener(client, "production-eu-01", ("agents", "more"))
        assert len(json.loads(langgraph("list", "--json").stdout)) == 101
        assert "agent-100" in langgraph("list", "--name-contains", "agent-100").stdout
        table = langgraph("listeners", "list").stdout
        assert "production-eu-01" in table
        assert identifier in table
        assert json.loads(langgraph("listeners", "list", "--json").stdout)[0]["id"] == identifier
        chosen = client.get("/v2/deployments", params={"name": "agent-7"}).json()["resources"][0]
        revisions = langgraph("revisions", "list", chosen["id"]).stdout
        assert chosen["latest_revision_id"] in revisions
        client.post(f"/v2/deployments/{chosen['id']}/revisions", json={})
        _until_deployed(client, chosen["id"])
        for options in ((), ("--revision-id", chosen["latest_revision_id"]), ("--query", "startup", "--level", "info")):
            logs = langgraph("logs", "--deployment-id", chosen["id"], *options).stdout
            assert "Application startup complete." in logs
        assert "Application startup complete." in langgraph("logs", "--name", "agent-7").stdout
        assert "No log entries found" in langgraph("logs", "--name", "agent-7", "--type", "build").stdout
        assert "Deleted deployment" in langgraph("delete", "--force", chosen["id"]).stdout
        assert client.get(f"/v2/deployments/{chosen['id']}").json()["status"] == "AWAITING_DELETE"


def _until_deployed(client: Any, identifier: str) -> None:
    import time

    for _ in range(100):
        found = client.get(f"/v2/deployments/{identifier}").json()
        if found["active_revision_id"] == found["latest_revision_id"]:
            return
        time.sleep(0.05)
    raise AssertionError("not deployed within 5 s")


def test_under_a_self_hosted_base_path(server: Server, langgraph: Client) -> None:
    url = f"{server.url}/base/api-host"
    result = _deploy(langgraph, "hello", url=url)[-1]
    assert result["status"] == "succeeded"
    assert result["deployment_id"] in langgraph("list", url=url).stdout


def test_a_wrong_key(langgraph: Client) -> None:
    refused = langgraph("list", "--api-key", "lsv2_sk_wrong", fails=True)
    assert "Invalid API key" in refused.stdout + refused.stderr
