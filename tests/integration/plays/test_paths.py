# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relative path is refused in the first task, whatever it is for; what means one place only is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.plays.conftest import Play, failure

FIRST = "langgraph.selfhosted._paths : Stop at relative paths"
IMAGE = {"agent_image_path": "/app", "agent_image_name": "registry.example.com/a"}


@pytest.mark.parametrize(
    ("playbook", "variables", "told"),
    [
        ("site", {"langgraph_values_files": ["x.yml"]}, ["langgraph_values_files has a relative path: x.yml"]),
        (
            "site",
            {"langgraph_kubeconfig": "kube", "langgraph_ca_cert": "./ca.pem", "langgraph_chart_source": "charts"},
            ["langgraph_kubeconfig", "langgraph_ca_cert", "langgraph_chart_source"],
        ),
        ("site", {"langgraph_helm_binary": "./helm", "langgraph_chart_cache": "c"}, ["_helm_binary", "_chart_cache"]),
        ("control_plane", {"control_plane_values_files": ["a.yml", "/b.yml"]}, ["control_plane_values_files"]),
        ("agent_server", {"agent_server_values_files": ["a.yml"]}, ["agent_server_values_files"]),
        ("images", {"images_folder": "mirror"}, ["images_folder has a relative path: mirror"]),
        ("agent_image", {**IMAGE, "agent_image_path": "app"}, ["agent_image_path has a relative path: app"]),
        (
            "agent_image",
            {**IMAGE, **dict.fromkeys(("agent_image_cli", "agent_image_authfile", "agent_image_file"), "x")},
            ["agent_image_cli", "agent_image_authfile", "agent_image_file"],
        ),
    ],
)
def test_a_relative_path_stops_the_first_task(
    play: Play, tmp_path: Path, playbook: str, variables: dict[str, Any], told: list[str]
) -> None:
    task, message = failure(play(f"langgraph.selfhosted.{playbook}", **variables))
    assert task == FIRST
    assert [name for name in told if name not in message] == []
    assert message.count("(check relative_path)") == len(told)
    assert "{{ inventory_dir }}/" in message
    assert [path.name for path in tmp_path.iterdir()] == ["inventory.yml"]


def test_a_relative_kubeconfig_of_the_shell_is_one_too(play: Play) -> None:
    task, message = failure(play("langgraph.selfhosted.site", environment={"KUBECONFIG": "/a:kube"}))
    assert task == FIRST
    assert "KUBECONFIG has a relative path: kube" in message


def test_it_is_told_under_any_tags(play: Play) -> None:
    task, _message = failure(play("langgraph.selfhosted.site", "--tags", "agents", langgraph_values_files=["x.yml"]))
    assert task == FIRST


def test_other_paths_are_taken(play: Play, tmp_path: Path) -> None:
    """Absolute, from `~`, from the inventory's folder, and what is no path at all."""
    (tmp_path / "values.yml").write_text("config: {watchNamespaces: x}")
    fine = {
        "langgraph_values_files": ["{{ inventory_dir }}/values.yml", "~/values.yml"],
        "langgraph_chart_source": "oci://mirror.example.com/charts",
        "langgraph_kubeconfig": "~/none",
    }
    task, message = failure(play("langgraph.selfhosted.site", environment={"HOME": str(tmp_path)}, **fine))
    assert task == "langgraph.selfhosted.preflight : Stop before anything is written"
    assert "relative_path" not in message
