# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Kinds, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import NotFound


class Discovery:
    """Answers discovery, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, path: str) -> dict[str, Any]:
        self.asked.append(path)
        if path != "/apis/traefik.io/v1alpha1":
            raise NotFound("no")
        return {
            "resources": [
                {"name": "middlewares", "kind": "Middleware", "namespaced": True},
                {"name": "middlewares/status", "kind": "Middleware", "namespaced": True},
                {"name": "things", "kind": "Thing", "namespaced": False},
            ]
        }


@pytest.mark.parametrize(
    ("kind", "namespace", "path"),
    [
        ("Secret", "a", "/api/v1/namespaces/a/secrets/x"),
        ("Deployment", "a", "/apis/apps/v1/namespaces/a/deployments/x"),
        ("ClusterRole", None, "/apis/rbac.authorization.k8s.io/v1/clusterroles/x"),
        ("ClusterRole", "a", "/apis/rbac.authorization.k8s.io/v1/clusterroles/x"),
    ],
)
def test_a_known_kind_has_its_path(kind: str, namespace: str | None, path: str) -> None:
    assert known(kind).path("x", namespace) == path


def test_an_unknown_kind_is_discovered_once_a_group_version() -> None:
    discovery = Discovery()
    kinds = Kinds(discovery)
    for _ in range(2):
        found = kinds.find("traefik.io/v1alpha1", "Middleware")
        assert found is not None
        assert found.collection("a") == "/apis/traefik.io/v1alpha1/namespaces/a/middlewares"
    cluster_wide = kinds.find("traefik.io/v1alpha1", "Thing")
    assert cluster_wide is not None
    assert not cluster_wide.namespaced
    assert discovery.asked == ["/apis/traefik.io/v1alpha1"]


def test_a_kind_that_is_not_served_is_none() -> None:
    assert Kinds(Discovery()).find("keda.sh/v1alpha1", "ScaledObject") is None


def test_the_release_namespace_is_for_namespaced_kinds_only() -> None:
    kinds = Kinds(Discovery())
    service = kinds.address({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}}, "langgraph")
    role = kinds.address(
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "x"}}, "langgraph"
    )
    assert str(service) == "Service langgraph/x"
    assert str(role) == "ClusterRole x"
