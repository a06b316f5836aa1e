# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playground writes for kwok and the API server."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from playground import cluster, releases
from playground.home import Paths

DEFAULTS = """
kind: KwokctlConfiguration
options: {}
---
kind: Stage
metadata: {name: pod-ready}
spec: {selector: {matchExpressions: [{key: .status.phase, operator: In, values: [Pending]}]}}
---
kind: Stage
metadata: {name: pod-complete}
spec: {selector: {matchExpressions: [{key: .status.phase, operator: In, values: [Running]}]}}
---
kind: Stage
metadata: {name: pod-delete}
spec: {selector: {matchExpressions: [{key: .metadata.deletionTimestamp, operator: Exists}]}}
"""
STAGES = (cluster.DATA / "stages.yaml").read_text()


def merged() -> dict[str, Any]:
    documents = yaml.safe_load_all(cluster.with_stages(DEFAULTS, STAGES))
    return {document.get("metadata", {}).get("name", document["kind"]): document for document in documents}


def test_default_stages_keep_their_conditions_and_get_ours() -> None:
    stages = merged()

    for name in ("pod-ready", "pod-complete"):
        conditions = stages[name]["spec"]["selector"]["matchExpressions"]
        assert [one["operator"] for one in conditions] == ["In", "DoesNotExist"]
    assert len(stages["pod-delete"]["spec"]["selector"]["matchExpressions"]) == 1


def test_without_living_pods_kwok_keeps_all() -> None:
    stages = {
        document.get("metadata", {}).get("name"): document
        for document in yaml.safe_load_all(cluster.with_stages(DEFAULTS, STAGES, living=False))
    }

    assert len(stages["pod-ready"]["spec"]["selector"]["matchExpressions"]) == 1
    assert "service-load-balancer" in stages


def test_other_stages_are_added_and_nothing_is_lost() -> None:
    assert set(merged()) == {"KwokctlConfiguration", "pod-ready", "pod-complete", "pod-delete", "service-load-balancer"}


@pytest.mark.parametrize(
    ("image", "living"),
    [
        ("docker.io/langchain/langsmith-backend:0.12.9", True),
        ("mirror.example.com/langchain/langgraph-operator:1", True),
        ("docker.io/traefik:v3", True),
        ("docker.io/redis:7-alpine", True),
        ("registry.example.com/agents/hello:1", True),
        ("registry.example.com/anything@sha256:0", True),
        ("docker.io/redis:6", False),
        ("ghcr.io/kedacore/keda:2.20.2", False),
        ("pgvector/pgvector:pg15", False),
        ("other-registry.example.com/agents/hello:1", False),
    ],
)
def test_which_pods_are_left_alone(image: str, living: bool) -> None:
    for name in ("pod-ready", "pod-complete"):
        expression = merged()[name]["spec"]["selector"]["matchExpressions"][-1]["key"]
        pattern = re.search(r'test\("(.*)"\)', expression)
        assert pattern
        assert bool(re.search(pattern[1].replace("\\\\", "\\"), image)) is living


@pytest.mark.parametrize("number", [1, 100])
def test_nodes_have_only_addresses_that_lead_nowhere_else(number: int) -> None:
    node = cluster.node(number)

    addresses = {one["address"] for one in node["status"]["addresses"] if one["type"] == "InternalIP"}
    assert all(ipaddress.ip_address(address).is_loopback for address in addresses)
    assert ipaddress.ip_network(node["spec"]["podCIDR"]).is_reserved


def test_only_loopback_is_bound() -> None:
    config = yaml.safe_load((cluster.DATA / "cluster.yaml").read_text())
    patches = {
        one["name"]: {arg["key"]: arg["value"] for arg in one["extraArgs"]} for one in config["componentsPatches"]
    }

    assert config["options"]["bindAddress"] == "127.0.0.1"
    assert ipaddress.ip_network(patches["kube-apiserver"]["service-cluster-ip-range"]).is_loopback


def test_the_cluster_is_configured_with_our_binaries_and_ports() -> None:
    tools = {tool.name: Path("/bin") / tool.name for tool in releases.TOOLS}

    options = cluster.configuration(tools, [1, 2, 3, 4, 5, 6])["options"]

    assert {options[key] for key in options if key.endswith("Binary")} == {
        str(tools[name]) for name in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
    }
    assert sorted(options[key] for key in options if key.endswith("Port")) == [1, 2, 3, 4, 5, 6]
    assert Path(options["kubeAuditPolicy"]).is_file()


def test_volumes_are_found_in_the_files_of_a_dead_cluster(tmp_path: Path) -> None:
    paths = Paths.of("dead", tmp_path)
    wal = paths.cluster / "etcd" / "member" / "wal"
    wal.mkdir(parents=True)
    first, second = "fdc2dc4e-25c1-434d-8c8c-63f6b42f1930", "11111111-2222-3333-4444-555555555555"
    (wal / "0.wal").write_bytes(b"\x00\x01/tmp/hostpath_pv/" + first.encode() + b"\x12\x00" * 3)
    (wal / "1.wal").write_bytes(b"/tmp/hostpath_pv/../../etc /tmp/hostpath_pv/" + second.encode())

    assert {path.name for path in cluster._volumes(paths)} == {first, second}
