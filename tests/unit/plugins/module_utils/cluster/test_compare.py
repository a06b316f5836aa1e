# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is drift, and what is an API server's, a controller's or the operator's good right."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import (
    APPLIED,
    SHARED_INGRESS,
    as_applied,
    differences,
)

MANIFEST: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "operator", "namespace": "langgraph", "labels": {"app": "operator"}, "annotations": None},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "operator"}},
        "template": {
            "metadata": {"labels": {"app": "operator"}},
            "spec": {
                "nodeSelector": {},
                "hostNetwork": False,
                "priorityClassName": "",
                "tolerations": [],
                "containers": [
                    {
                        "name": "operator",
                        "image": "docker.io/langchain/langgraph-operator:0.1.36",
                        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": ""}],
                        "resources": {"limits": {"cpu": "2000m", "memory": "4096Mi"}},
                        "securityContext": {"capabilities": {"drop": []}},
                    }
                ],
            },
        },
    },
}
LIVE: dict[str, Any] = {
    "metadata": {
        "name": "operator",
        "namespace": "langgraph",
        "uid": "u",
        "labels": {"app": "operator", "added": "later"},
        "annotations": {"deployment.kubernetes.io/revision": "1"},
    },
    "spec": {
        "progressDeadlineSeconds": 600,
        "replicas": 1,
        "selector": {"matchLabels": {"app": "operator"}},
        "template": {
            "metadata": {"labels": {"app": "operator"}, "annotations": {"kubectl.kubernetes.io/restartedAt": "x"}},
            "spec": {
                "dnsPolicy": "ClusterFirst",
                "priorityClassName": "default",
                "containers": [
                    {
                        "name": "operator",
                        "image": "docker.io/langchain/langgraph-operator:0.1.36",
                        "imagePullPolicy": "IfNotPresent",
                        "env": [{"name": "A", "value": "1"}, {"name": "B"}],
                        "resources": {"limits": {"cpu": "2", "memory": "4Gi"}},
                    }
                ],
            },
        },
    },
    "status": {"readyReplicas": 1},
}


def edited(path: str, value: Any) -> dict[str, Any]:
    """Return the live object with one field set; ``None`` removes it."""
    live = copy.deepcopy(LIVE)
    place: Any = live
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in above:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return live


def test_defaults_and_controllers_additions_are_no_drift() -> None:
    assert differences(MANIFEST, LIVE) == []


CONTAINER = "spec.template.spec.containers.0"


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (f"{CONTAINER}.image", "evil:1", "spec.template.spec.containers[0].image is evil:1, wanted docker.io/"),
        (f"{CONTAINER}.resources.limits.cpu", "1", "resources.limits.cpu is 1, wanted 2000m"),
        (f"{CONTAINER}.env.1.value", "x", "env[1].value differs"),
        (f"{CONTAINER}.env", [{"name": "A", "value": "1"}], "env is 1 items, wanted 2 items"),
        (f"{CONTAINER}.env.0.value", "token", "env[0].value differs"),
        ("spec.replicas", 0, "spec.replicas is 0, wanted 1"),
        ("metadata.labels.app", None, "metadata.labels.app is missing, wanted operator"),
        ("spec.template.spec.containers", None, "spec.template.spec.containers is missing"),
    ],
)
def test_edits_are_drift(path: str, value: Any, told: str) -> None:
    found = [str(difference) for difference in differences(MANIFEST, edited(path, value))]
    assert len(found) == 1
    assert told in found[0]


def test_a_number_may_come_as_text_from_a_template() -> None:
    wanted = copy.deepcopy(MANIFEST)
    wanted["spec"]["replicas"] = "1"
    assert differences(wanted, LIVE) == []
    wanted["spec"]["replicas"] = "2"
    assert len(differences(wanted, LIVE)) == 1


@pytest.mark.parametrize("kind", ["Secret", "ConfigMap"])
def test_data_has_to_be_exactly_the_same(kind: str) -> None:
    wanted = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, "data": {"a": "MQ=="}}
    assert differences(wanted, {"metadata": {"name": "x"}, "data": {"a": "MQ=="}}) == []
    for data in ({"a": "Mg=="}, {}, {"a": "MQ==", "b": "MQ=="}):
        assert len(differences(wanted, {"metadata": {"name": "x"}, "data": data})) == 1


def test_values_of_secrets_are_never_told() -> None:
    wanted = {"kind": "Secret", "metadata": {"name": "x"}, "stringData": {"password": "hunter22"}}
    assert differences(wanted, {"metadata": {"name": "x"}, "data": {"password": "aHVudGVyMjI="}}) == []
    (found,) = differences(wanted, {"metadata": {"name": "x"}, "data": {"password": "b3RoZXI="}})
    assert str(found) == "data.password differs"


def test_data_of_other_kinds_is_compared_as_anything_else() -> None:
    wanted = {"kind": "ControllerRevision", "metadata": {"name": "x"}, "data": {"a": 1}}
    assert differences(wanted, {"metadata": {"name": "x"}, "data": {"a": 1, "b": 2}}) == []
    assert differences(wanted, {"metadata": {"name": "x"}, "data": {"a": 2}})


def test_rules_of_a_role_have_to_be_exactly_the_same() -> None:
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"], "resourceNames": []}
    wanted = {"kind": "Role", "metadata": {"name": "x"}, "rules": [rule]}
    live = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
    assert differences(wanted, {"metadata": {"name": "x"}, "rules": [live]}) == []
    assert differences(wanted, {"metadata": {"name": "x"}, "rules": [{**live, "verbs": ["get", "delete"]}]})
    assert differences(wanted, {"metadata": {"name": "x"}, "rules": [live, live]})
    assert differences(wanted, {"metadata": {"name": "x"}})


def test_rules_of_an_aggregated_role_are_the_controllers() -> None:
    wanted = {"kind": "ClusterRole", "metadata": {"name": "x"}, "aggregationRule": {"a": "b"}, "rules": []}
    assert (
        differences(wanted, {"metadata": {"name": "x"}, "aggregationRule": {"a": "b"}, "rules": [{"verbs": ["*"]}]})
        == []
    )


def test_a_ca_bundle_is_filled_in_by_controllers() -> None:
    wanted = {
        "kind": "W",
        "metadata": {"name": "x"},
        "webhooks": [{"clientConfig": {"caBundle": "Cg==", "path": "/a"}}],
    }
    live = {"metadata": {"name": "x"}, "webhooks": [{"clientConfig": {"caBundle": "TE9ORw==", "path": "/a"}}]}
    assert differences(wanted, live) == []
    live["webhooks"][0]["clientConfig"]["path"] = "/b"  # type: ignore[index]
    assert len(differences(wanted, live)) == 1


def path_to(name: str, path: str) -> dict[str, Any]:
    return {"path": path, "pathType": "Prefix", "backend": {"service": {"name": name, "port": {"number": 80}}}}


def ingress(*paths: dict[str, Any], shared: bool = True, host: str = "a.example.com") -> dict[str, Any]:
    return {
        "kind": "Ingress",
        "metadata": {"name": "x", "annotations": {SHARED_INGRESS: "true"} if shared else {}},
        "spec": {"ingressClassName": "traefik", "rules": [{"host": host, "http": {"paths": list(paths)}}]},
    }


METRICS = path_to("operator", "/metrics")


def test_paths_that_others_added_to_a_shared_ingress_are_no_drift() -> None:
    live = ingress(path_to("agent", "/lgp/agent"), METRICS)
    assert differences(ingress(METRICS), live) == []
    assert differences(ingress(METRICS, shared=False), live)


@pytest.mark.parametrize(
    "live",
    [
        ingress(path_to("agent", "/lgp/agent")),
        ingress(path_to("other", "/metrics")),
        ingress(METRICS, host="b.example.com"),
        {**ingress(METRICS), "spec": {"ingressClassName": "traefik"}},
    ],
    ids=["path gone", "path elsewhere", "host gone", "rules gone"],
)
def test_own_paths_of_a_shared_ingress_have_to_be_there(live: dict[str, Any]) -> None:
    (found,) = differences(ingress(METRICS), live)
    assert "/metrics" in str(found)


def test_the_class_of_a_shared_ingress_has_to_be_right() -> None:
    live = ingress(METRICS)
    live["spec"]["ingressClassName"] = "nginx"
    assert [str(found) for found in differences(ingress(METRICS), live)] == [
        "spec.ingressClassName is nginx, wanted traefik"
    ]


def test_what_was_applied_before_to_a_shared_ingress_is_told_from_what_is_wanted_now() -> None:
    wanted, live = ingress(METRICS), ingress(METRICS, path_to("old", "/old"))
    live["metadata"]["annotations"][APPLIED] = as_applied(wanted["spec"])
    assert differences(wanted, live) == []
    live["metadata"]["annotations"][APPLIED] = as_applied(live["spec"])
    assert len(differences(wanted, live)) == 1
