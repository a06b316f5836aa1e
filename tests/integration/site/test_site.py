# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main playbook's promises: predicted, made, left alone, repaired, and no secret anywhere."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from playground.audit import AuditLog
from tests.integration.site.conftest import Site

NAMESPACE = "/api/v1/namespaces/langgraph"
LISTENER = "/apis/apps/v1/namespaces/langgraph/deployments/langgraph-dataplane-listener"
OPERATOR_SERVICE = f"{NAMESPACE}/services/langgraph-dataplane-operator"
LISTENER_ROLE = "/apis/rbac.authorization.k8s.io/v1/namespaces/agents/roles/langgraph-dataplane-listener"
API_KEY_SECRET = f"{NAMESPACE}/secrets/langgraph-api-key"
SHARED_INGRESS = "/apis/networking.k8s.io/v1/namespaces/langgraph/ingresses/langgraph-dataplane-ingress"
MERGE = {"Content-Type": "application/merge-patch+json"}


def agent_path(api: httpx.Client) -> str:
    """Return the path on which the shared Ingress reaches the agent."""
    rules = api.get(SHARED_INGRESS).json()["spec"]["rules"]
    return next(path["path"] for rule in rules for path in rule["http"]["paths"] if path["path"].startswith("/lgp/"))


def ask(site: Site, path: str) -> httpx.Response:
    """Call the agent's health through the ingress."""
    return httpx.get(
        f"http://{site.world.ingress_address}{path}/ok", headers={"Host": "agents.example.com"}, timeout=10
    )


def test_check_on_an_empty_cluster_predicts_and_writes_nothing(
    fresh_site: Site, plane_of_fresh: httpx.Client, fresh_audit_log: AuditLog
) -> None:
    """--check runs to its end, says that everything would change, and writes nothing."""
    run = fresh_site.run("--check", "--diff")
    assert run.code == 0, run.output
    assert run.counts["changed"] > 0
    assert not fresh_audit_log.writes()
    requests = plane_of_fresh.get("/playground/requests").json()["requests"]
    assert not [entry for entry in requests if entry["method"] != "GET"]


def test_agent_answers_a_run(installed: Site, api: httpx.Client) -> None:
    """The agent that was deployed through the control plane runs its graph."""
    answer = httpx.post(
        f"http://{installed.world.ingress_address}{agent_path(api)}/runs/wait",
        headers={"Host": "agents.example.com"},
        json={"assistant_id": "agent", "input": {"messages": [{"role": "user", "content": "hello"}]}},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["messages"][-1]["content"]


def test_converged_run_writes_nothing_and_starts_no_helm(
    installed: Site, plane: httpx.Client, audit_log: AuditLog, tmp_path: Path
) -> None:
    """A second run changes nothing, sends no mutating request to either API, and needs no helm."""
    trap = tmp_path / "helm"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\nexit 1\n")
    trap.chmod(0o755)
    audit_log.mark()
    run = installed.run(langgraph_helm_binary=str(trap))
    assert run.code == 0, run.output
    assert run.counts["changed"] == 0, run.output
    assert not audit_log.writes()
    assert not (tmp_path / "started").exists()
    requests = plane.get("/playground/requests").json()["requests"]
    assert requests
    assert not [entry for entry in requests if entry["method"] != "GET"]


@pytest.mark.parametrize("path", [LISTENER, OPERATOR_SERVICE, API_KEY_SECRET, LISTENER_ROLE], ids=lambda path: path.split("/")[-2])
def test_deleted_object_is_found_and_restored(installed: Site, api: httpx.Client, path: str) -> None:
    """What was deleted behind our back is named by --check and restored by a run; then nothing is left to do."""
    api.delete(path).raise_for_status()
    check = installed.run("--check")
    assert check.code == 0, check.output
    assert check.counts["changed"] > 0
    assert api.get(path).status_code == 404
    run = installed.run()
    assert run.code == 0, run.output
    assert api.get(path).status_code == 200
    assert installed.run().counts["changed"] == 0


@pytest.mark.parametrize(
    ("path", "patch", "field"),
    [
        (LISTENER, {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 7}}}}, "terminationGracePeriodSeconds"),
        (OPERATOR_SERVICE, {"spec": {"selector": {"app.kubernetes.io/component": "other"}}}, "selector"),
        (API_KEY_SECRET, {"data": {"langsmith_api_key": "b3RoZXI="}}, "langsmith_api_key"),
        (LISTENER_ROLE, {"rules": []}, "rules"),
    ],
    ids=["deployment", "service", "secret", "role"],
)  # fmt: skip
def test_edited_object_is_named_and_restored(
    installed: Site, api: httpx.Client, path: str, patch: dict[str, Any], field: str
) -> None:
    """What was edited behind our back is named by --check, field and all, and restored by a run."""
    before = api.get(path).json()
    api.patch(path, json=patch, headers=MERGE).raise_for_status()
    check = installed.run("--check", "-v")
    assert check.code == 0, check.output
    assert field in check.output
    assert installed.run().code == 0
    after = api.get(path).json()
    for part in ("spec", "data", "rules"):
        assert after.get(part) == before.get(part)


def test_agents_answer_throughout_an_upgrade(installed: Site, api: httpx.Client) -> None:
    """While the data plane's release is upgraded, no call of an agent fails, and its path on the Ingress stays."""
    path, failures, calls, over = agent_path(api), [], [0], threading.Event()

    def poll() -> None:
        while not over.is_set():
            calls[0] += 1
            answer = ask(installed, path)
            if answer.status_code != 200:
                failures.append(answer.text)
            time.sleep(0.02)

    poller = threading.Thread(target=poll)
    poller.start()
    try:
        run = installed.run(listener_values={"commonLabels": {"upgraded": str(time.time_ns())}})
    finally:
        over.set()
        poller.join()
    assert run.code == 0, run.output
    assert run.counts["changed"] > 0
    assert calls[0] > 50
    assert not failures
    assert agent_path(api) == path
    assert installed.run().code == 0  # back to the values of the other tests


@pytest.mark.parametrize("moment", sorted(random.Random(7).uniform(1.5, 12.0) for _ in range(6)))
def test_killed_anywhere_then_run_again_converges(fresh_site: Site, plane_of_fresh: httpx.Client, moment: float) -> None:
    """kill -9 of a first run at some moment: the next one makes all as wanted, and nothing is doubled."""
    fresh_site.run("--check")  # writes the inventory
    process = fresh_site.start("langgraph.selfhosted.site", "-i", str(fresh_site.folder / "inventory.yml"))
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    run = fresh_site.run(langgraph_takeover_after=3)
    assert run.code == 0, run.output
    assert fresh_site.run().counts["changed"] == 0
    for collection in ("listeners", "deployments"):
        assert len(plane_of_fresh.get(f"/v2/{collection}").json()["resources"]) == 1


def test_secrets_are_nowhere(installed: Site, api: httpx.Client) -> None:
    """The API key is in its Secret, and in no output, ConfigMap, release record, annotation or argv."""
    key = installed.world.api_key
    api.delete(API_KEY_SECRET).raise_for_status()
    seen = [installed.run("-vvv", "--diff", agents_deployments=[
        {"name": "hello", "image": "registry.example.com/agents/hello:1.0.0", "secrets": {"TOKEN": "s3cr3t-value"}}]).output]  # fmt: skip
    assert "s3cr3t-value" not in seen[0]
    for collection in ("configmaps", "pods", "events"):
        seen.append(api.get(f"/api/v1/{collection}").text)
    for kind in ("deployments", "statefulsets"):
        seen.append(api.get(f"/apis/apps/v1/{kind}").text)
    for secret in api.get("/api/v1/secrets").json()["items"]:
        if secret["type"] == "helm.sh/release.v1":
            seen.append(json.dumps(_release(secret)))
    for text in seen:
        assert key not in text
    assert installed.run().code == 0


def _release(secret: dict[str, Any]) -> dict[str, Any]:
    import base64
    import gzip

    body: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secret["data"]["release"]))))
    return body
