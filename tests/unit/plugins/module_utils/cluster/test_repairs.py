# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a release is put back, where others write into the same object."""

from __future__ import annotations

import copy
import json
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import differences
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.patching import merge_patch
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.repair import Repair, plan_repairs

from tests.unit.plugins.module_utils.cluster.builders import address, helm_owned, release, snapshot

NAMESPACE = "langsmith"
WHERE = address("Ingress", "langsmith-ingress", NAMESPACE)
CERTIFICATE = {"hosts": ["a.example.com"], "secretName": "certificate"}


def path_to(service: str, path: str) -> dict[str, Any]:
    return {"path": path, "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"number": 80}}}}


AGENT = path_to("agent", "/lgp/agent-1")
MANIFEST: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": WHERE.name, "annotations": {"lgp-operator.io/shared-ingress": "true"}},
    "spec": {
        "ingressClassName": "traefik",
        "rules": [{"host": "a.example.com", "http": {"paths": [path_to("frontend", "/")]}}],
        "tls": [CERTIFICATE],
    },
}


def live(owner: dict[str, str], **spec: Any) -> dict[str, Any]:
    """Return the Ingress as it is in the cluster, with an agent's path and somebody's certificate."""
    found = copy.deepcopy(MANIFEST)
    found["metadata"]["annotations"] |= owner
    found["metadata"] |= {"namespace": NAMESPACE, "uid": "uid"}
    found["spec"]["rules"][0]["http"]["paths"].append(AGENT)
    found["spec"]["tls"].append({"hosts": ["b.example.com"], "secretName": "other"})
    found["spec"] |= spec
    return found


def repairs(found: dict[str, Any] | None) -> list[Repair]:
    wanted = release("langsmith", NAMESPACE, manifest=json.dumps(MANIFEST))
    return plan_repairs(wanted, snapshot(live={WHERE: found} if found else {}))


def test_an_ingress_of_the_release_is_put_back_beside_the_agents_paths() -> None:
    drifted = live(helm_owned("langsmith", NAMESPACE), ingressClassName="other")
    (repair,) = repairs(drifted)
    patch = merge_patch(repair.manifest, drifted)
    assert patch["spec"] == {**drifted["spec"], "ingressClassName": "traefik"}
    drifted["spec"] = patch["spec"]
    assert not differences(MANIFEST, drifted)


def test_a_path_of_the_release_that_was_deleted_comes_back() -> None:
    rules = [{"host": "a.example.com", "http": {"paths": [AGENT]}}]
    (repair,) = repairs(live(helm_owned("langsmith", NAMESPACE), rules=rules))
    assert repair.manifest["spec"]["rules"][0]["http"]["paths"] == [AGENT, path_to("frontend", "/")]


def test_volumes_of_a_stateful_set_are_sent_only_where_they_differ() -> None:
    """A list that is sent replaces the whole one, and the API server refuses each change of these."""
    claims: list[dict[str, Any]] = [
        {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "8Gi"}}}}
    ]
    wanted = {"kind": "StatefulSet", "spec": {"replicas": 2, "volumeClaimTemplates": claims}}
    found = copy.deepcopy(claims)
    found[0]["spec"]["storageClassName"] = "fast"
    assert merge_patch(wanted, {"spec": {"volumeClaimTemplates": found}})["spec"] == {"replicas": 2}
    found[0]["spec"]["resources"] = {"requests": {"storage": "9Gi"}}
    assert merge_patch(wanted, {"spec": {"volumeClaimTemplates": found}}) == wanted


def test_an_ingress_that_others_only_added_to_is_left() -> None:
    assert repairs(live(helm_owned("langsmith", NAMESPACE))) == []


def test_an_ingress_that_was_taken_out_of_the_release_is_left() -> None:
    assert repairs(live({}, ingressClassName="other")) == []


def test_an_ingress_that_is_gone_is_made_again() -> None:
    (repair,) = repairs(None)
    assert (repair.action, repair.manifest) == ("create", MANIFEST)
