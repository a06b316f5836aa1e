# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A data plane that somebody installed by hand, as the vendor's guide says, is taken over with its agents."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import yaml

from tests.guide import helm_commands, register_listener
from tests.integration.site.helpers import CRD, Site

IMAGE = "registry.example.com/agents/hello:1.0.0"


def install_by_hand(site: Site) -> str:
    """Follow the guide: a listener from the UI, three releases, an agent; return the listener's id."""
    listener = register_listener(site.world, "site")
    values = yaml.safe_load(site.values_file().read_text())
    values["config"].update(langgraphListenerId=listener, watchNamespaces="langgraph")
    file = site.folder / "by-hand.yaml"
    file.write_text(yaml.safe_dump(values))
    for command in helm_commands(site.world, Path(site.world.charts), file):
        subprocess.run([*command, "--kubeconfig", site.world.kubeconfig], check=True, capture_output=True)
    return listener


def deploy_by_hand(site: Site, listener: str) -> None:
    """Create an agent in the control plane and wait until it is deployed."""
    body = {
        "name": "hello",
        "source": "external_docker",
        "source_config": {
            "listener_id": listener,
            "listener_config": {"k8s_namespace": "langgraph"},
            "resource_spec": {"min_scale": 1, "max_scale": 1, "cpu": 0.5, "memory_mb": 512},
        },
        "source_revision_config": {"image_uri": IMAGE},
        "secrets": [],
    }
    made = site.plane.post("/v2/deployments", json=body).raise_for_status().json()
    deadline = time.monotonic() + 120
    while not site.plane.get(f"/v2/deployments/{made['id']}").json()["active_revision_id"]:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_installation_by_hand_is_taken_over(fresh: Site) -> None:
    """One run takes over releases, CRD, listener and agent; the next finds nothing to do."""
    listener = install_by_hand(fresh)
    deploy_by_hand(fresh, listener)
    definition = fresh.api.get(CRD).raise_for_status().json()["metadata"]["uid"]
    (before,) = fresh.records("deployments")
    wanted = {"name": "hello", "image": IMAGE}
    variables = {"listener_namespaces": ["langgraph"], "agents_deployments": [wanted]}
    taken = fresh.run(**variables).succeeded()
    assert taken.changed > 0
    assert fresh.api.get(CRD).raise_for_status().json()["metadata"]["uid"] == definition
    assert [record["id"] for record in fresh.records("listeners")] == [listener]
    (after,) = fresh.records("deployments")
    assert (after["id"], after["active_revision_id"]) == (before["id"], before["active_revision_id"])
    assert fresh.run(**variables).succeeded().changed == 0
