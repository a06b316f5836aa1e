# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The full platform on an empty cluster: predicted, made, proven, left alone the next time, and kept from accidents."""

from __future__ import annotations

import json

import httpx

from tests.integration.platform.helpers import ACCESS, CONFIG, HOST, INGRESS, LICENCE, Platform
from tests.integration.site.helpers import AGENT_SECRET, MERGE, Observed, assert_left_alone, assert_runs_its_graph


def test_check_on_an_empty_cluster_predicts_and_writes_nothing(predicted: Observed) -> None:
    """--check runs to its end, predicts every part, and writes nothing."""
    predicted.run.succeeded()
    assert not predicted.writes
    for task in ("Apply the custom resource definition", "Install or upgrade the release", "Would deploy hello"):
        assert task in predicted.run.output
    assert "api_key_salt is missing" in predicted.run.output
    assert predicted.run.changed >= 6


def test_the_agent_of_the_platform_s_own_control_plane_answers(installed: Platform) -> None:
    """The agent was deployed through the control plane in the cluster, and runs its graph behind the same ingress."""
    (deployment,) = installed.records("deployments")
    assert deployment["name"] == "hello"
    assert_runs_its_graph(installed, HOST)


def test_nothing_of_it_uses_the_playground_s_other_control_plane(installed: Platform) -> None:
    """The simulator beside the cluster was asked nothing."""
    headers = {"X-Api-Key": installed.world.api_key}
    asked = httpx.get(f"{installed.world.control_plane_url}/playground/requests", headers=headers).json()
    assert [one["path"] for one in asked if one["path"] != "/ok"] == []


def test_converged_run_writes_nothing_and_starts_no_helm(installed: Platform) -> None:
    """A second run changes nothing, sends no mutating request to either API, and needs no helm."""
    assert_left_alone(installed)


def test_secrets_are_in_secrets_only(installed: Platform, first: Observed) -> None:
    """Licence, salt, signing secret, password and service key are in no output, no command line, no release record."""
    secrets = {*installed.secret(CONFIG).values(), installed.secret(ACCESS)["langsmith_api_key"], AGENT_SECRET, LICENCE}
    assert len(secrets) == 6
    records = json.dumps(list(installed.helm_records()))
    for secret in secrets:
        assert secret not in first.run.output
        assert secret not in records
        assert not [line for line in first.argv if secret.encode() in line]


def test_a_path_that_was_wiped_from_the_ingress_comes_back(installed: Platform) -> None:
    """The Ingress is Helm's, its agents' paths are the operator's: a repair of the one leaves the other."""
    path = installed.agent_path()
    installed.api.patch(INGRESS, json={"spec": {"ingressClassName": "other"}}, headers=MERGE).raise_for_status()
    assert installed.run().succeeded().changed
    assert installed.api.get(INGRESS).json()["spec"]["ingressClassName"] == "traefik"
    assert installed.agent_path() == path
    assert installed.run().succeeded().changed == 0


def test_the_salt_is_never_replaced(installed: Platform) -> None:
    """Another salt than the one in use stops the run before anything is written."""
    before = installed.secret(CONFIG)
    installed.mark()
    run = installed.run(control_plane_api_key_salt="another")
    assert "has another api_key_salt than the one given" in run.failure
    assert not installed.writes()
    assert installed.secret(CONFIG) == before


def test_base_paths_are_not_changed_under_agents(installed: Platform) -> None:
    """A new base path would move every agent, so it is refused while there are agents."""
    installed.mark()
    run = installed.run(control_plane_base_path="elsewhere")
    assert "config.basePath of release langsmith would change from nothing to elsewhere" in run.failure
    assert "there are 1 agents" in run.failure
    assert not installed.writes()


def test_another_licence_makes_new_pods_and_keeps_the_keys(installed: Platform) -> None:
    """A renewed licence goes to the Secret and to new pods; salt, service key and agent stay."""
    before, path = installed.secret(CONFIG), installed.agent_path()
    installed.run(control_plane_license_key="another-l1cence").succeeded()
    after = installed.secret(CONFIG)
    assert after == {**before, "langsmith_license_key": "another-l1cence"}
    assert installed.records("deployments")
    assert installed.agent_path() == path
    assert installed.ask(path).status_code == httpx.codes.OK
    assert installed.run(control_plane_license_key="another-l1cence").succeeded().changed == 0
