# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A LangSmith that somebody installed by hand: deployments turned on in it, or taken over with an old values file."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.integration.platform.helpers import ADMIN, BY_HAND, CONFIG, HOST, LICENCE, NAMESPACE, Platform, leaks

CHART_SECRET = f"{NAMESPACE}/secrets/langsmith-secrets"
ENABLE = {"control_plane_existing": True, "control_plane_license_key": "", "agents_storage_class": "standard"}
# What its owner has turned off, for reasons of their own.
OWN: dict[str, Any] = {
    **BY_HAND,
    "config": {**BY_HAND["config"], "deployment": {"ingressHealthCheckEnabled": False}},
    "operator": {"kedaEnabled": False},
}


def service_key(platform: Platform) -> str:
    """Make a service key as an administrator did before."""
    langsmith = platform.client({})
    langsmith.base_url = langsmith.base_url.copy_with(path="/api/v1/")
    word = BY_HAND["config"]["basicAuth"]["initialOrgAdminPassword"]
    token = langsmith.post("login", auth=(ADMIN, word)).raise_for_status().json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    workspace = langsmith.get("workspaces", headers=headers).json()[0]["id"]
    body = {"description": "before", "workspaces": [workspace]}
    made = langsmith.post("orgs/current/service-keys", json=body, headers=headers).raise_for_status()
    return str(made.json()["key"])


@pytest.fixture(scope="module")
def by_hand(empty: Platform) -> Platform:
    """Return a cluster with a LangSmith that was installed by hand, without deployments."""
    empty.install_by_hand(OWN)
    return empty


def additions() -> dict[str, Any]:
    """What deployments need in the values."""
    wanted = copy.deepcopy(OWN)
    wanted["config"]["hostname"] = HOST
    wanted["config"]["deployment"] |= {"enabled": True, "tlsEnabled": False}
    wanted["operator"] |= {"createCRDs": False, "watchNamespaces": "langsmith"}
    wanted["ingress"]["annotations"] = {"lgp-operator.io/shared-ingress": "true"}
    return wanted


def test_enabling_is_predicted_with_its_differences_and_nothing_is_written(by_hand: Platform) -> None:
    by_hand.mark()
    run = by_hand.run("--check", "--diff", **ENABLE).succeeded()
    assert "values: config.deployment.enabled is not set, wanted True" in run.output
    assert "values: operator.createCRDs is not set, wanted False" in run.output
    assert "frontend.service" not in run.output
    assert LICENCE not in run.output
    assert not by_hand.writes()


def test_enabling_keeps_the_release_s_own_values_and_secrets(by_hand: Platform) -> None:
    before = by_hand.secret(CHART_SECRET)
    run = by_hand.run("-vvv", "--diff", **ENABLE).succeeded()
    values = by_hand.values()
    templates = values["operator"].pop("templates")
    assert values == additions()
    assert sorted(templates) == ["db"]
    assert "storageClassName: standard" in templates["db"]
    assert by_hand.secret(CHART_SECRET) == before
    assert not by_hand.api.get(CONFIG).is_success, "secrets are the release's own, so none is made"
    assert leaks(run.output, (LICENCE, "s4lt-by-hand", "jwt-by-hand", "By-Hand-Word-1")) == []
    assert by_hand.ask(by_hand.agent_path()).status_code == 200


def test_enabling_again_writes_nothing(by_hand: Platform) -> None:
    by_hand.mark()
    assert by_hand.run(**ENABLE).succeeded().changed == 0
    assert not by_hand.writes()


def test_another_version_of_the_chart_is_refused(by_hand: Platform) -> None:
    run = by_hand.run(**ENABLE, control_plane_chart_version="0.16.10")
    assert "has chart version 0.16.11, and 0.16.10 is wanted" in run.failure
