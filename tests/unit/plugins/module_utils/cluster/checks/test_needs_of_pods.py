# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what has to be in the cluster for pods to start: StorageClasses, volumes, pull secrets."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks import namespaces, storage
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Component

from tests.unit.plugins.module_utils.cluster.builders import address, thing
from tests.unit.plugins.module_utils.cluster.checks.test_checks import DATAPLANE, DEFAULT, KEDA, found, keda_in, one

Object = dict[str, Any]


@pytest.mark.parametrize(
    ("wanted", "classes", "severity"),
    [
        ([""], [thing("a", annotations=DEFAULT)], None),
        ([""], [thing("a")], "error"),
        ([""], [], "error"),
        ([""], [thing("a", annotations=DEFAULT), thing("b", annotations=DEFAULT)], "warning"),
        (["fast"], [thing("fast")], None),
        (["fast", "fast"], [thing("a", annotations=DEFAULT)], "error"),
        (["fast", ""], [thing("fast")], "error"),
        (["fast", None], [thing("fast"), thing("a", annotations=DEFAULT)], None),
        ([], [], None),
        ([""], None, None),
    ],
)
def test_storage_class(wanted: list[str | None], classes: list[Object] | None, severity: str | None) -> None:
    volumes = [{"named_by": f"part_{number}", "storage_class": entry} for number, entry in enumerate(wanted)]
    findings = found(storage.storage_class, {"volumes": volumes}, storage_classes=classes)
    assert [finding.severity for finding in findings] == ([severity] if severity else [])


def test_the_variables_that_name_no_storage_class_are_told_and_no_others() -> None:
    names = {"redis_storage_class": "fast", "agents_storage_class": "", "control_plane_storage_class": ""}
    volumes = [{"named_by": name, "storage_class": entry} for name, entry in names.items()]
    finding = one(storage.storage_class, {"volumes": volumes}, storage_classes=[thing("fast")])
    assert "(agents_storage_class, control_plane_storage_class)" in finding.remedy


SET = Component.of(
    {
        "name": "redis",
        "objects": [
            {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": "redis", "namespace": "langgraph"},
                "spec": {
                    "replicas": 1,
                    "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"storageClassName": "fast"}}],
                },
            }
        ],
    }
)


@pytest.mark.parametrize(("live", "count"), [("fast", 0), ("slow", 1), (None, 1)])
def test_volume_claims(live: str | None, count: int) -> None:
    claim = {"metadata": {"name": "data"}, "spec": {"volumeMode": "Filesystem", "storageClassName": live}}
    there = thing("redis", "langgraph", spec={"replicas": 0, "volumeClaimTemplates": [claim]})
    where = address("StatefulSet", "redis", "langgraph")
    findings = found(storage.volume_claims, {}, SET, live={where: there})
    assert len(findings) == count
    assert all("kubectl delete statefulset redis -n langgraph --cascade=orphan" in one.remedy for one in findings)
    assert not found(storage.volume_claims, {}, SET), "it is not there yet"


def test_pull_secrets() -> None:
    wanted: Object = {"pull_secrets": ["login", "other"], "watch_namespaces": ["agents"], "keda_mode": "managed"}
    login = thing("login", "agents")
    agents, kedas, planes = found(namespaces.pull_secrets, wanted, KEDA, DATAPLANE, pull_secrets=[login])
    assert agents.what == "Namespace agents lacks what langgraph_image_pull_secrets names: other."
    assert kedas.what == "Namespace keda lacks what langgraph_image_pull_secrets names: login, other."
    assert "create secret docker-registry login -n langgraph" in planes.remedy
    both = [login, thing("other", "agents")]
    alone: Object = {**wanted, "keda_mode": "auto"}
    assert not found(namespaces.pull_secrets, alone, KEDA, pull_secrets=both, **keda_in()), "their KEDA is theirs"
    assert len(found(namespaces.pull_secrets, alone, KEDA, pull_secrets=both)) == 1
    assert not found(namespaces.pull_secrets, {}, DATAPLANE)
    assert not found(namespaces.pull_secrets, wanted, DATAPLANE, pull_secrets=None)
