# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Agent Server on an empty cluster: predicted, made, proven, left alone the next time, changed where asked."""

from __future__ import annotations

import base64
import json

import httpx
import yaml

from tests.integration.agent_server.helpers import (
    AGENT_SECRET,
    CONFIG_SECRET,
    DEPLOYMENT,
    HOST,
    LICENCE,
    LOGIN_SECRET,
    Server,
)
from tests.integration.site.helpers import Observed


def entry(server: Server, path: str, key: str) -> str:
    """What an entry of a Secret says."""
    return base64.b64decode(server.api.get(path).raise_for_status().json()["data"][key]).decode()


def test_check_on_an_empty_cluster_predicts_and_writes_nothing(predicted: Observed) -> None:
    """--check runs to its end, predicts KEDA, Traefik, Secrets and release, and writes nothing."""
    predicted.run.succeeded()
    assert not predicted.writes
    assert predicted.run.changed == 4
    for wanted in ("Secret agents/langgraph-cloud-config (create)", "Install the Agent Server", "bundled_datastores"):
        assert wanted in predicted.run.output


def test_the_server_runs_its_graph(installed: Server, first: Observed) -> None:
    """What was installed answers a run through the ingress, and is the real server."""
    assert first.writes
    answer = httpx.post(
        f"http://{installed.world.ingress_address}/runs/wait",
        headers={"Host": HOST},
        json={"assistant_id": "agent", "input": {"messages": [{"role": "user", "content": "hello"}]}},
        timeout=60,
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    assert answer.json()["messages"][-1]["content"]
    assert installed.ask("/info").json()["version"]


def test_converged_run_writes_nothing_and_starts_no_helm(installed: Server) -> None:
    """A second run changes nothing, writes nothing, and needs no helm; nor does --check."""
    installed.mark()
    for arguments in ([], ["--check"]):
        run = installed.run(*arguments, langgraph_helm_binary="/nowhere/helm").succeeded()
        assert run.changed == 0, run.output
        assert "Prove that it answers" in run.output
    assert not installed.writes()


def test_a_values_file_that_says_the_same_changes_nothing(installed: Server) -> None:
    """The vendor's keys in a file, the licence among them, mean what the variables mean."""
    file = installed.folder / "langgraph-cloud-values.yaml"
    values = {
        "config": {"langGraphCloudLicenseKey": LICENCE},
        "images": {"apiServerImage": {"repository": "registry.example.com/agents/hello", "tag": "1.0.0"}},
        "ingress": {"enabled": True, "hostname": HOST},
        "apiServer": {"autoscaling": {"enabled": True, "keda": {"enabled": True}}},
    }
    file.write_text(yaml.safe_dump(values))
    said_in_the_file = ("license_key", "image", "hostname", "autoscaling")
    variables = installed.working()
    for name in said_in_the_file:
        del variables[f"agent_server_{name}"]
    installed.mark()
    run = installed.run_hosts({"here": {**variables, "agent_server_values_files": [str(file)]}}).succeeded()
    assert run.changed == 0, run.output
    assert not installed.writes()


def test_secrets_are_where_they_belong_only(installed: Server, first: Observed) -> None:
    """Licence, agent's secret and Postgres' password: in no output, release, pod, argv or file left behind."""
    assert entry(installed, CONFIG_SECRET, "langgraph_cloud_license_key") == LICENCE
    password = entry(installed, LOGIN_SECRET, "postgres_password")
    places = {"output": first.run.output, "argv": b"\n".join(first.argv).decode(errors="replace")}
    assert "helm" in places["argv"]
    for kind in ("api/v1/configmaps", "api/v1/pods", "api/v1/events", "apis/apps/v1/deployments"):
        places[kind] = installed.api.get(f"/{kind}").raise_for_status().text
    releases = list(installed.helm_records())
    assert {record["name"] for record in releases} == {"keda", "traefik", "langgraph-cloud"}
    places["Helm releases"] = json.dumps(releases)
    for file in (installed.folder / "temp").rglob("*"):
        if file.is_file():
            places[str(file)] = file.read_text(errors="replace")
    for name, secret in (("licence", LICENCE), ("agent", AGENT_SECRET), ("Postgres", password)):
        encoded = base64.b64encode(secret.encode()).decode()
        for place, text in places.items():
            assert secret not in text, (name, place)
            assert encoded not in text, (name, place)


def test_a_lost_login_stops_the_run_before_anything_is_written(installed: Server) -> None:
    """A made-up password would not open the volume: the run says so, and writes nothing."""
    body = installed.api.get(LOGIN_SECRET).raise_for_status().json()
    installed.api.delete(LOGIN_SECRET).raise_for_status()
    try:
        installed.mark()
        run = installed.run(agent_server_env={"LOG_LEVEL": "DEBUG"})
        assert "(check postgres_login)" in run.failure
        assert not installed.writes()
    finally:
        kept = {"name": body["metadata"]["name"], "labels": body["metadata"]["labels"]}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": kept, "data": body["data"]}
        installed.api.post(LOGIN_SECRET.rpartition("/")[0], json=secret).raise_for_status()


def test_what_is_changed_is_changed_once(installed: Server) -> None:
    """A new licence and a queue of its own: predicted, made, with new pods; the login stays; then left alone."""
    before = entry(installed, LOGIN_SECRET, "postgres_password")
    changes = {"agent_server_license_key": f"{LICENCE}-renewed", "agent_server_queue": True}
    generation = installed.api.get(DEPLOYMENT).json()["metadata"]["generation"]
    installed.mark()
    assert installed.run("--check", **changes).succeeded().changed == 2
    assert not installed.writes()
    assert installed.run(**changes).succeeded().changed == 2
    assert entry(installed, CONFIG_SECRET, "langgraph_cloud_license_key") == f"{LICENCE}-renewed"
    assert entry(installed, LOGIN_SECRET, "postgres_password") == before
    assert installed.api.get(DEPLOYMENT).json()["metadata"]["generation"] > generation
    queue = installed.api.get(DEPLOYMENT.replace("api-server", "queue")).raise_for_status().json()
    assert queue["status"]["readyReplicas"] == 1
    installed.mark()
    assert installed.run(**changes).succeeded().changed == 0
    assert not installed.writes()


def test_all_that_is_missing_is_told_at_once(installed: Server) -> None:
    """A second server without image, hostname and licence: everything is named, nothing is written."""
    installed.mark()
    run = installed.run(
        agent_server_release_name="second",
        agent_server_image="",
        agent_server_hostname="",
        agent_server_license_key="",
        agent_server_base_path="below",
        agent_server_values={"apiServer": {"deploment": {}}},
    )
    for check in ("agent_server_image", "agent_server_hostname", "licence", "agent_server_base_path", "unknown_values"):
        assert f"(check {check})" in run.failure
    assert not installed.writes()


def test_a_second_server_stands_beside_the_first(installed: Server) -> None:
    """Another release of the same namespace, by digest, inside the cluster only; the first one stays."""
    own = {
        "agent_server_release_name": "second",
        "agent_server_image": f"registry.example.com/agents/hello@sha256:{'0123456789abcdef' * 4}",
        "agent_server_route": "none",
        "agent_server_autoscaling": "none",
        "agent_server_secrets": {},
    }
    installed.run(**own).succeeded()
    pods = installed.api.get(DEPLOYMENT.replace("langgraph-cloud-api", "second-langgraph-cloud-api")).json()
    assert pods["spec"]["template"]["spec"]["containers"][0]["image"] == own["agent_server_image"]
    installed.mark()
    assert installed.run(**own).succeeded().changed == 0
    assert not installed.writes()
    assert installed.ask("/ok").is_success
