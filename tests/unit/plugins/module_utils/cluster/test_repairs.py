# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a release is put back, where others write into the same object."""

from __future__ import annotations

import base64
import copy
import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import ApiServer
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import differences
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.patching import merge_patch
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.repair import (
    Repair,
    plan_repairs,
    recover_release,
    repair_release,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Forbidden

from tests.unit.plugins.module_utils.cluster.builders import address, helm_owned, release, snapshot, thing
from tests.unit.plugins.module_utils.cluster.fake_api import FakeApi, forbidden

NAMESPACE = "langsmith"
SECRETS = f"/api/v1/namespaces/{NAMESPACE}/secrets"
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


def records(status: str) -> dict[str, Any]:
    """Return the list of the records of a release that has one."""
    labels = {"owner": "helm", "name": "langsmith", "status": status, "version": "1", "modifiedAt": "1000"}
    return {"items": [thing("sh.helm.release.v1.langsmith.v1", NAMESPACE, labels=labels)]}


def recover(server: ApiServer, then: Callable[[float], None]) -> Mapping[str, Any]:
    """Recover a release at whose record a helm was at work a second ago; ``then`` is what happens meanwhile."""
    outcome = recover_release(
        server, "langsmith", NAMESPACE, pending_after=60, check=False, clock=lambda: 1001.0, sleep=then
    )
    return outcome.result


def test_an_api_that_fails_while_a_helm_is_waited_for_is_asked_on(api: FakeApi, server: ApiServer) -> None:
    looks: list[Callable[[], Any]] = [
        lambda: api.answers.update({SECRETS: lambda _query: (500, {"message": "leader changed"})}),
        api.answers.clear,
        lambda: api.objects.update({SECRETS: records("deployed")}),
    ]
    api.objects[SECRETS] = records("pending-upgrade")
    assert recover(server, lambda _seconds: looks.pop(0)()) == {"removed": None}
    assert looks == []


def test_records_that_may_not_be_read_are_not_called_absent(api: FakeApi, server: ApiServer) -> None:
    api.answers[SECRETS] = forbidden
    with pytest.raises(Forbidden):
        recover(server, lambda _seconds: None)


DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"replicas": 1}}
SETTINGS = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}
ONCE = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {"ttlSecondsAfterFinished": 60}}
SPACE = f"namespaces/{NAMESPACE}"


def planned(*manifests: dict[str, Any], **seen: Any) -> list[Repair]:
    return plan_repairs(release("langsmith", NAMESPACE, "\n---\n".join(map(json.dumps, manifests))), snapshot(**seen))


def test_a_job_that_removed_itself_is_not_run_again() -> None:
    assert planned(ONCE) == []
    kept = {**ONCE, "spec": {}}
    assert [repair.action for repair in planned(kept)] == ["create"]


def test_what_may_not_be_read_is_left_and_told(api: FakeApi, server: ApiServer) -> None:
    body = {
        **{"name": "langsmith", "namespace": NAMESPACE, "version": 1, "info": {"status": "deployed"}},
        "manifest": "\n---\n".join(map(json.dumps, [DEPLOYMENT, SETTINGS])),
    }
    stored = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(body).encode()))).decode()
    labels = {"owner": "helm", "name": "langsmith", "status": "deployed", "version": "1", "modifiedAt": "1000"}
    secret = thing("sh.helm.release.v1.langsmith.v1", NAMESPACE, labels=labels, data={"release": stored})
    api.objects |= {
        "/api/v1/secrets": {"items": [secret]},
        f"{SECRETS}/sh.helm.release.v1.langsmith.v1": secret,
        f"/apis/apps/v1/{SPACE}/deployments/a": thing("a", NAMESPACE, spec={"replicas": 5}),
    }
    denied = (f"/api/v1/{SPACE}/configmaps/c", f"/apis/autoscaling/v2/{SPACE}/horizontalpodautoscalers")
    api.answers |= dict.fromkeys(denied, forbidden)
    outcome = repair_release(server, "langsmith", NAMESPACE, check=False)
    assert (outcome.changed, outcome.result) == (False, {"repaired": []})
    (warning,) = outcome.warnings
    assert warning.startswith(f"ConfigMap {NAMESPACE}/c cannot be read")
    assert {method for method, _path, _query in api.requests} == {"GET"}


def test_a_release_that_may_not_be_read_is_not_called_absent(api: FakeApi, server: ApiServer) -> None:
    api.answers |= {"/api/v1/secrets": forbidden, SECRETS: forbidden}
    with pytest.raises(Forbidden):
        repair_release(server, "langsmith", NAMESPACE, check=True)
