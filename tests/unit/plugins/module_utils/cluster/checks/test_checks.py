# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check both ways: what it finds, and what it lets pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster import checks
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks import (
    capacity,
    ingress,
    keda,
    namespaces,
    ownership,
    permissions,
    releases,
    server,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.components import Assessment
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Checks, Component, Right
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Unauthorized, Unreachable

from tests.unit.plugins.module_utils.cluster.builders import condition, helm_owned, record, snapshot, thing

Object = dict[str, Any]
Check = Callable[[Situation], Iterator[Finding]]

KEDA = Component.of({"name": "keda", "release": {"name": "keda", "namespace": "keda", "chart": "keda"}})
DATAPLANE = Component.of(
    {"name": "listener", "release": {"name": "dataplane", "namespace": "langgraph", "chart": "langgraph-dataplane"}}
)
EXTERNAL_METRICS = "v1beta1.external.metrics.k8s.io"
CRD = "lgps.apps.langchain.ai"
DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
DEFAULT_INGRESS = {"ingressclass.kubernetes.io/is-default-class": "true"}


def found(
    check: Check, wanted: Object, *components: Component, assessed: dict[str, Assessment] | None = None, **seen: Any
) -> list[Finding]:
    situation = Situation(snapshot(**seen), Checks.of(wanted), components, assessed or {})
    findings = list(check(situation))
    for finding in findings:
        assert finding.what
        assert finding.why
        assert finding.remedy
        assert finding.check == check.__name__, "a finding is ignored by the name of its check"
    return findings


def one(check: Check, wanted: Object, *components: Component, **seen: Any) -> Finding:
    (finding,) = found(check, wanted, *components, **seen)
    return finding


def test_every_check_is_listed_once_and_has_a_name_of_its_own() -> None:
    names = [check.__name__ for check in (*checks.CHECKS, *checks.BEFORE_WRITING)]
    assert len(names) == len(set(names))


def test_an_empty_cluster_has_no_finding_that_nothing_asked_for() -> None:
    situation = Situation(snapshot(), Checks())
    assert checks.run((*checks.CHECKS, *checks.BEFORE_WRITING), situation) == []


def test_errors_come_before_warnings() -> None:
    seen = {"version": {"gitVersion": "v1.20.1"}, "storage_classes": [thing(x, annotations=DEFAULT) for x in "ab"]}
    situation = Situation(snapshot(**seen), Checks.of({"volumes": [{"named_by": "x_storage_class"}]}))
    assert [finding.severity for finding in checks.run(checks.CHECKS, situation)] == ["error", "warning"]


def test_api_reachable() -> None:
    down = server.api_reachable(
        Unreachable("The Kubernetes API at x cannot be reached.", cause="refused", remedy="Start")
    )
    assert (down.what, down.why, down.remedy) == ("The Kubernetes API at x cannot be reached.", "refused", "Start")
    assert "credentials" in server.api_reachable(Unauthorized("no", status=401)).what


@pytest.mark.parametrize(
    ("version", "minimum", "count"),
    [("v1.24.17", "1.25", 1), ("v1.25.0", "1.25", 0), ("v1.34.4+k3s1", "1.25", 0), ("v1.9.0", "1.10", 1)],
)
def test_kubernetes_version(version: str, minimum: str, count: int) -> None:
    seen: Object = {"version": {"gitVersion": version}}
    assert len(found(server.kubernetes_version, {"kubernetes_minimum": minimum}, **seen)) == count


def test_api_services() -> None:
    broken = thing("v1.x", status=condition("Available", "False", reason="FailedDiscoveryCheck"))
    assert "v1.x" in one(server.api_services, {}, api_services=[broken]).remedy
    assert not found(server.api_services, {}, api_services=[thing("v1.x", status=condition("Available"))])


def test_permissions_are_told_with_verbs_resource_and_namespace() -> None:
    held = {
        Right("create", "secrets", "", "a"): False,
        Right("patch", "secrets", "", "a"): False,
        Right("get", "secrets", "", "a"): True,
        Right("create", "customresourcedefinitions", "apiextensions.k8s.io"): False,
    }
    cluster_wide, within = sorted(found(permissions.permissions, {}, rights=held), key=lambda finding: finding.what)
    assert "create/patch secrets in namespace a" in within.what
    assert "create customresourcedefinitions.apiextensions.k8s.io in the whole cluster" in cluster_wide.what
    assert "a ClusterRole" in cluster_wide.remedy
    assert not found(permissions.permissions, {}, rights=dict.fromkeys(held, True))


def test_rights_that_are_needed_follow_from_the_components() -> None:
    crd = Component.of({"name": "o", "crds": [{"name": CRD}], "secrets": [{"namespace": "s", "name": "x"}]})
    needed = permissions.needed([KEDA, crd], snapshot(namespaces={"keda": thing("keda")}))
    assert Right("create", "deployments", "apps", "keda") in needed
    assert Right("create", "clusterroles", "rbac.authorization.k8s.io") in needed
    assert Right("patch", "customresourcedefinitions", "apiextensions.k8s.io") in needed
    assert Right("create", "secrets", "", "s") in needed
    assert Right("create", "namespaces") in needed
    assert Right("create", "namespaces") not in permissions.needed([KEDA], snapshot(namespaces={"keda": thing("keda")}))
    assert permissions.needed([], snapshot()) == set()


def test_namespace_terminating() -> None:
    blocked = condition("NamespaceDeletionDiscoveryFailure", message="Discovery failed")
    leaving = {"langgraph": thing("langgraph", deletionTimestamp="now", status=blocked)}
    assert "Discovery failed" in one(namespaces.namespace_terminating, {}, DATAPLANE, namespaces=leaving).why
    assert not found(namespaces.namespace_terminating, {}, DATAPLANE, namespaces={"langgraph": thing("langgraph")})
    assert not found(namespaces.namespace_terminating, {}, KEDA, namespaces=leaving)


@pytest.mark.parametrize(("may", "there", "count"), [(False, False, 1), (True, False, 0), (False, True, 0)])
def test_namespace_missing(may: bool, there: bool, count: int) -> None:
    seen: Object = {
        "rights": {Right("create", "namespaces"): may},
        "namespaces": {"langgraph": thing("langgraph")} if there else {},
    }
    assert len(found(namespaces.namespace_missing, {}, DATAPLANE, **seen)) == count


def test_release_stuck() -> None:
    ours = {("langgraph", "dataplane"): record("dataplane", "langgraph", "pending-upgrade")}
    assert "recovers" in one(releases.release_stuck, {}, DATAPLANE, records=ours).remedy
    neighbour = {("langgraph", "other"): record("other", "langgraph", "pending-install")}
    assert "helm rollback other" in one(releases.release_stuck, {}, DATAPLANE, records=neighbour).remedy
    assert not found(releases.release_stuck, {}, KEDA, records=neighbour)
    assert not found(releases.release_stuck, {}, DATAPLANE, records={("langgraph", "x"): record("x", "langgraph")})


def node(name: str, cpu: str = "4", memory: str = "8Gi", ready: str = "True", **spec: Any) -> Object:
    return thing(name, spec=spec, status={"allocatable": {"cpu": cpu, "memory": memory}, **condition("Ready", ready)})


def pod(node_name: str, cpu: str, **more: Any) -> Object:
    containers = [{"resources": {"requests": {"cpu": cpu, "memory": "1Gi"}}}, {}]
    return thing("p", "x", spec={"nodeName": node_name, "containers": containers, **more})


REQUESTS = {"requests": {"cpu": "3", "memory": "4Gi"}}


@pytest.mark.parametrize(
    ("nodes", "pods", "count"),
    [
        ([node("a")], [], 0),
        ([node("a")], [pod("a", "1500m")], 1),
        ([node("a"), node("b")], [pod("a", "1500m")], 0),
        ([node("a"), node("b", unschedulable=True)], [pod("a", "2")], 1),
        ([node("a"), node("b", taints=[{"effect": "NoSchedule"}])], [pod("a", "2")], 1),
        ([node("a"), node("b", ready="False")], [pod("a", "2")], 1),
        ([node("a")], [pod("other", "4")], 0),
        ([node("a", memory="2Gi")], [], 1),
        ([], [], 2),
        (None, [], 0),
        ([node("a")], None, 0),
    ],
)
def test_spare_capacity(nodes: list[Object] | None, pods: list[Object] | None, count: int) -> None:
    findings = found(capacity.spare_capacity, REQUESTS, nodes=nodes, pods=pods)
    assert [finding.severity for finding in findings] == ["error"] * count


def test_an_autoscaler_makes_it_a_warning_and_an_installed_release_has_its_room() -> None:
    seen = {"nodes": [node("a")], "pods": [pod("a", "2")]}
    scaled = one(capacity.spare_capacity, REQUESTS, autoscalers=[thing("cluster-autoscaler")], **seen)
    assert (scaled.severity, "cluster-autoscaler" in scaled.why) == ("warning", True)
    drifted = {"listener": Assessment("drifted")}
    assert not found(capacity.spare_capacity, REQUESTS, DATAPLANE, assessed=drifted, **seen)
    absent = {"listener": Assessment("absent")}
    assert found(capacity.spare_capacity, REQUESTS, DATAPLANE, assessed=absent, **seen)


def test_a_pod_asks_for_its_largest_init_container_if_that_is_more() -> None:
    asks = pod("a", "1", initContainers=[{"resources": {"requests": {"cpu": "3"}}}], overhead={"cpu": "500m"})
    assert str(capacity.pod_requests(asks)["cpu"]) == "3.500"


def quota(hard: Object, used: Object, namespace: str = "langgraph") -> Object:
    return thing("q", namespace, status={"hard": hard, "used": used})


@pytest.mark.parametrize(
    ("quotas", "count"),
    [
        ([quota({"requests.cpu": "4"}, {"requests.cpu": "1"})], 0),
        ([quota({"requests.cpu": "4"}, {"requests.cpu": "2"})], 1),
        ([quota({"cpu": "2"}, {})], 1),
        ([quota({"requests.memory": "1Gi"}, {})], 1),
        ([quota({"pods": "3"}, {"pods": "3"})], 1),
        ([quota({"pods": "3"}, {"pods": "2"})], 0),
        ([quota({"requests.cpu": "0"}, {}, "elsewhere")], 0),
        ([quota({"services": "0"}, {})], 0),
        (None, 0),
    ],
)
def test_quota_exceeded(quotas: list[Object] | None, count: int) -> None:
    absent = {"listener": Assessment("absent")}
    assert len(found(capacity.quota_exceeded, REQUESTS, DATAPLANE, assessed=absent, quotas=quotas)) == count


@pytest.mark.parametrize(("most", "kind", "count"), [("2", "Container", 1), ("4", "Container", 0), ("2", "Pod", 0)])
def test_limit_range(most: str, kind: str, count: int) -> None:
    limits = [thing("l", "langgraph", spec={"limits": [{"type": kind, "max": {"cpu": most}}]})]
    assert len(found(capacity.limit_range, REQUESTS, limit_ranges=limits)) == count


def keda_in(**notes: Any) -> Object:
    """Return what is seen of a cluster with a KEDA."""
    operator = thing("keda-operator", "keda", labels={"app.kubernetes.io/name": "keda-operator"}, **notes)
    return {"crds": {"scaledobjects.keda.sh": thing("scaledobjects.keda.sh", **notes)}, "operators": [operator]}


@pytest.mark.parametrize(
    ("notes", "owner"),
    [
        ({"annotations": helm_owned("other", "autoscaling")}, "Helm release other in namespace autoscaling"),
        ({}, "plain manifests"),
    ],
)
def test_keda_owner(notes: Object, owner: str) -> None:
    assert owner in one(keda.keda_owner, {"keda_mode": "managed"}, KEDA, **keda_in(**notes)).what
    assert not found(keda.keda_owner, {"keda_mode": "auto"}, KEDA, **keda_in(**notes))
    ours = keda_in(annotations=helm_owned("keda", "keda"))
    assert not found(keda.keda_owner, {"keda_mode": "managed"}, KEDA, **ours)
    assert not found(keda.keda_owner, {"keda_mode": "managed"}, KEDA)


def test_keda_of_an_operator_is_known_as_such() -> None:
    crd = thing("scaledobjects.keda.sh", labels={"olm.managed": "true"})
    seen = snapshot(crds={"scaledobjects.keda.sh": crd})
    assert keda.find_keda(seen).owner == "an operator (OLM)"
    assert not keda.find_keda(seen).present


def test_keda_missing() -> None:
    existing = {"keda_mode": "existing"}
    assert "definitions are missing" in one(keda.keda_missing, existing).why
    assert "Deployment is missing" in one(keda.keda_missing, existing, **{**keda_in(), "operators": []}).why
    assert not found(keda.keda_missing, existing, **keda_in())
    half = {**keda_in(), "operators": []}
    assert one(keda.keda_missing, {"keda_mode": "auto"}, **half).severity == "warning"
    assert not found(keda.keda_missing, {"keda_mode": "auto"})
    assert not found(keda.keda_missing, {"keda_mode": "disabled"})


def test_external_metrics() -> None:
    def served_by(name: str) -> Object:
        backend = {"service": {"namespace": "monitoring", "name": name}}
        return {"api_services": [thing(EXTERNAL_METRICS, spec=backend)]}

    assert "monitoring/adapter" in one(keda.external_metrics, {}, **served_by("adapter")).what
    assert not found(keda.external_metrics, {}, **served_by("keda-operator-metrics-apiserver"))
    assert not found(keda.external_metrics, {"keda_mode": "disabled"}, **served_by("adapter"))
    assert not found(keda.external_metrics, {})


@pytest.mark.parametrize(
    ("mode", "classes", "count"),
    [
        ("existing", [], 1),
        ("existing", [thing("traefik")], 0),
        ("managed", [], 0),
        ("managed", [thing("traefik")], 1),
        ("managed", [thing("traefik", annotations=helm_owned("keda", "keda"))], 0),
        ("managed", [thing("traefik", annotations=helm_owned("traefik", "kube-system"))], 1),
        ("none", [], 0),
        ("existing", None, 0),
    ],
)
def test_ingress_class(mode: str, classes: list[Object] | None, count: int) -> None:
    wanted = {"ingress_mode": mode, "ingress_class": "traefik"}
    assert len(found(ingress.ingress_class, wanted, KEDA, ingress_classes=classes)) == count


def test_default_ingress_classes() -> None:
    two = [thing(name, annotations=DEFAULT_INGRESS) for name in ("b", "a")]
    assert "a, b" in one(ingress.default_ingress_classes, {}, ingress_classes=two).what
    assert not found(ingress.default_ingress_classes, {}, ingress_classes=two[:1])


def test_crd_owner() -> None:
    foreign = {"crds": {CRD: thing(CRD, annotations=helm_owned("theirs", "team-b"))}}
    there = {("team-b", "theirs"): record("theirs", "team-b")}
    finding = one(ownership.crd_owner, {}, DATAPLANE, records=there, **foreign)
    assert finding.severity == "error"
    assert "theirs in namespace team-b" in finding.what
    assert "kubectl annotate crd" in finding.remedy
    assert one(ownership.crd_owner, {}, DATAPLANE, **foreign).severity == "warning"
    ours = {CRD: thing(CRD, annotations=helm_owned("dataplane", "langgraph"))}
    assert not found(ownership.crd_owner, {}, DATAPLANE, crds=ours)
    assert not found(ownership.crd_owner, {}, DATAPLANE, crds={CRD: thing(CRD)})


def test_role_owner() -> None:
    keda_role = thing("keda-operator", annotations=helm_owned("theirs", "team-b"))
    assert "keda-operator" in one(ownership.role_owner, {}, KEDA, cluster_roles=[keda_role]).what
    assert not found(ownership.role_owner, {}, DATAPLANE, cluster_roles=[keda_role])
    same_name = helm_owned("dataplane", "team-b")
    cluster_role = thing("dataplane-operator", annotations=same_name)
    assert found(ownership.role_owner, {}, DATAPLANE, cluster_roles=[cluster_role])
    watching = {"watch_namespaces": ["agents"]}
    assert not found(ownership.role_owner, watching, DATAPLANE, cluster_roles=[cluster_role])
    assert found(
        ownership.role_owner, watching, DATAPLANE, roles=[thing("dataplane-operator", "agents", annotations=same_name)]
    )
    assert not found(
        ownership.role_owner, watching, DATAPLANE, roles=[thing("dataplane-operator", "x", annotations=same_name)]
    )
    ours = thing("dataplane-operator", annotations=helm_owned("dataplane", "langgraph"))
    assert not found(ownership.role_owner, {}, DATAPLANE, cluster_roles=[ours])


def operator(watches: str | None, image: str = "docker.io/langchain/langgraph-operator:1", **rest: Any) -> Object:
    env = [] if watches is None else [{"name": "WATCH_NAMESPACE", "value": watches}]
    return thing("op", "team-b", spec={"template": {"spec": {"containers": [{"image": image, "env": env}]}}}, **rest)


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (operator("agents,more"), 1),
        (operator(""), 1),
        (operator(None), 1),
        (operator("more"), 0),
        (operator("agents", image="traefik:3"), 0),
        (operator("agents", annotations=helm_owned("dataplane", "langgraph")), 0),
        (operator("agents", annotations=helm_owned("theirs", "team-b")), 1),
    ],
)
def test_watch_namespaces_overlap(other: Object, count: int) -> None:
    wanted = {"watch_namespaces": ["agents"]}
    assert len(found(ownership.watch_namespaces_overlap, wanted, DATAPLANE, operators=[other])) == count
    assert not found(ownership.watch_namespaces_overlap, {}, DATAPLANE, operators=[other])
