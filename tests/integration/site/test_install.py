# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's values file on an empty cluster: predicted, made, proven, and left alone the next time."""

from __future__ import annotations

import base64
import json
import re
import sys
from pathlib import Path

import ansible_runner

from tests.blocks import block
from tests.integration.site.helpers import (
    AGENT_SECRET,
    HOST,
    REDIS_SECRET,
    Observed,
    Site,
    assert_left_alone,
    assert_runs_its_graph,
)


def test_check_on_an_empty_cluster_predicts_and_writes_nothing(predicted: Observed) -> None:
    """--check runs to its end, predicts every part, and writes nothing."""
    predicted.run.succeeded()
    assert not predicted.writes
    for task in (
        "Install or upgrade the release",
        "Make the Secret and the objects",
        "Apply the custom resource definition",
        "Make the Ingress that all agents share",
        "Register the listener with the control plane",
        "Would deploy hello",
    ):
        assert task in predicted.run.output
    assert predicted.run.changed >= 8


def test_first_run_makes_an_agent_that_answers(installed: Site, first: Observed) -> None:
    """The agent that was deployed through the control plane runs its graph."""
    assert first.writes
    assert_runs_its_graph(installed, HOST)


def test_converged_run_writes_nothing_and_starts_no_helm(installed: Site) -> None:
    """A second run changes nothing, sends no mutating request to either API, and needs no helm."""
    assert_left_alone(installed)


def test_tags_do_one_part_only(installed: Site) -> None:
    """--tags agents reads what it has to know, and leaves the other roles out."""
    run = installed.run("--tags", "agents").succeeded()
    assert run.changed == 0
    assert "Prove that each agent answers" in run.output
    tasks = re.findall(r"TASK \[langgraph.selfhosted.(\w+) : (?!Validating)", run.output)
    assert set(tasks) == {"preflight", "agents"}


def test_runs_as_awx_runs_it(installed: Site, tmp_path: Path) -> None:
    """ansible-runner, with the private data folder that AWX makes, runs the guide's playbook of a project."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "site.yml").write_text(block("awx", "site.yml"))
    (tmp_path / "inventory").mkdir()
    installed.inventory().rename(tmp_path / "inventory" / "hosts.yml")
    (tmp_path / "env").mkdir()
    environment = installed.environment()
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    (tmp_path / "env" / "envvars").write_text(json.dumps(environment))
    run = ansible_runner.run(private_data_dir=str(tmp_path), playbook="site.yml", quiet=True, suppress_env_files=True)
    assert (run.status, run.rc) == ("successful", 0), run.stdout.read()
    assert run.stats["ok"]
    assert not run.stats["changed"]


def test_secrets_are_where_they_belong_only(installed: Site, first: Observed) -> None:
    """API key, agents' secrets and Redis' password: in no output, release, ConfigMap, pod, argv or file left behind."""
    password = base64.b64decode(installed.api.get(REDIS_SECRET).json()["data"]["password"]).decode()
    places = {"output": first.run.output, "argv": b"\n".join(first.argv).decode(errors="replace")}
    assert "ansible-playbook" in places["argv"]
    assert "helm" in places["argv"]
    for kind in ("api/v1/configmaps", "api/v1/pods", "api/v1/events", "apis/apps/v1/deployments",
                 "apis/apps/v1/statefulsets", "apis/apps.langchain.ai/v1alpha1/lgps"):  # fmt: skip
        places[kind] = installed.api.get(f"/{kind}").raise_for_status().text
    releases = list(installed.helm_records())
    assert {record["name"] for record in releases} == {"keda", "traefik", "langgraph-dataplane"}
    places["Helm releases"] = json.dumps(releases)
    for file in (installed.folder / "temp").rglob("*"):
        if file.is_file():
            places[str(file)] = file.read_text(errors="replace")
    for name, secret in (("API key", installed.world.api_key), ("agent", AGENT_SECRET), ("Redis", password)):
        for place, text in places.items():
            assert secret not in text, (name, place, text[max(0, text.index(secret) - 600) : text.index(secret) + 99])
