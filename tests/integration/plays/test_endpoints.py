# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which control plane and LangSmith a host of the inventory belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.blocks import block
from tests.integration.plays.conftest import Play

SHELL = {
    "LANGSMITH_ENDPOINT": "https://apac.api.smith.langchain.com",
    "LANGSMITH_HOST_URL": "https://other.example.com",
}
TASK = {"ansible.builtin.copy": {"dest": "{{ playbook_dir }}/found",
        "content": "{{ [_common_control_plane_url, _common_langsmith_url] | to_json }}"}}  # fmt: skip
EXPECTED = {
    "prod-eu": ["https://eu.api.host.langchain.com", "https://eu.api.smith.langchain.com"],
    "prod-us": ["https://api.host.langchain.com", "https://api.smith.langchain.com"],
    "staging": ["https://smith.staging.example.com/api-host", "https://smith.staging.example.com"],
}


def guide() -> dict[str, dict[str, Any]]:
    """Return the hosts of the guide's inventory."""
    groups = yaml.safe_load(block("several-clusters", "inventory.yml"))["langgraph"]["children"].values()
    return {host: variables for group in groups for host, variables in group["hosts"].items()}


@pytest.mark.parametrize("host", EXPECTED)
def test_each_cluster_of_the_guide_talks_to_its_own_whatever_the_shell_says(
    play: Play, roles: Callable[..., str], tmp_path: Path, host: str
) -> None:
    done = play(roles("_common", tasks=[TASK]), environment=SHELL, **guide()[host])
    assert done.returncode == 0, done.stdout
    assert json.loads((tmp_path / "found").read_text()) == EXPECTED[host]


def test_clusters_of_the_guide_share_no_workspace() -> None:
    hosts = guide()
    assert hosts.keys() == EXPECTED.keys()
    assert len({variables["langgraph_workspace_id"] for variables in hosts.values()}) == len(hosts)


def test_values_files_come_before_the_shell_and_variables_before_both(
    play: Play, roles: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "values.yml").write_text("config: {hostBackendUrl: https://smith.acme.org/api-host}")
    files = ["{{ inventory_dir }}/values.yml"]
    for variables, expected in (
        ({}, SHELL["LANGSMITH_HOST_URL"]),
        ({"langgraph_values_files": files}, "https://smith.acme.org/api-host"),
        ({"langgraph_values_files": files, "langgraph_region": "eu"}, "https://eu.api.host.langchain.com"),
    ):
        done = play(roles("_common", tasks=[TASK]), environment=SHELL, **variables)
        assert done.returncode == 0, done.stdout
        assert json.loads((tmp_path / "found").read_text())[0] == expected
