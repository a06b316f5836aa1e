# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of workloads that do not come up: the trouble, its likely cause, the remedy."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.diagnosis import (
    CONFIG,
    CRASH,
    CREATE,
    EVICTED,
    IMAGE,
    LOG,
    MEMORY,
    MOUNT,
    NO_PODS,
    PROBE,
    STARTING,
    UNSCHEDULABLE,
    VOLUME,
    Surroundings,
    Trouble,
    troubles,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.hints import HINTS, hint

from tests.unit.plugins.module_utils.cluster.builders import condition, deployment, thing

Object = dict[str, Any]


def pod(state: Object | None = None, *, last: Object | None = None, restarts: int = 0, **status: Any) -> Object:
    """Return a pod whose only container is in a state."""
    entry = {
        "name": "listener",
        "image": "registry.example.com/x:1",
        "ready": False,
        "restartCount": restarts,
        "state": state or {},
        "lastState": last or {},
    }
    claims = [{"persistentVolumeClaim": {"claimName": "data-0"}}, {"emptyDir": {}}]
    return thing("listener-abc", "langgraph", spec={"volumes": claims}, status={"containerStatuses": [entry], **status})


def waiting(reason: str, message: str = "") -> Object:
    return {"waiting": {"reason": reason, "message": message}}


def ended(code: int, reason: str = "Error") -> Object:
    return {"terminated": {"exitCode": code, "reason": reason}}


def event(reason: str, message: str, about: str) -> Object:
    return thing(
        "e", "langgraph", reason=reason, message=message, involvedObject={"name": about, "uid": f"uid-{about}"}
    )


def first(*pods: Object, **around: Any) -> Trouble:
    return troubles("Deployment langgraph/listener", Surroundings(pods=pods, **around))[0]


@pytest.mark.parametrize(
    ("seen", "symptom", "summary"),
    [
        (pod(waiting("CrashLoopBackOff"), last=ended(1), restarts=4), CRASH, "CrashLoopBackOff (exit 1, 4 restarts)"),
        (pod(ended(2), restarts=1), CRASH, "Error (exit 2, 1 restart)"),
        (pod(waiting("ImagePullBackOff", "not found")), IMAGE, "ImagePullBackOff, image registry.example.com/x:1"),
        (pod(waiting("ErrImagePull")), IMAGE, "ErrImagePull"),
        (pod(waiting("InvalidImageName")), IMAGE, "InvalidImageName"),
        (pod(waiting("CreateContainerConfigError", 'secret "a" not found')), CONFIG, "CreateContainerConfigError"),
        (pod(waiting("CrashLoopBackOff"), last=ended(137, "OOMKilled")), MEMORY, "ran out of memory"),
        (pod({"running": {}}), PROBE, "runs, and is not ready"),
        (pod(waiting("ContainerCreating"), phase="Pending"), STARTING, "Pending, ContainerCreating"),
        (pod(reason="Evicted", message="The node was low on resource: memory."), EVICTED, "evicted"),
        (pod(**condition("PodScheduled", "False", message="0/2 nodes")), UNSCHEDULABLE, "no node has room"),
    ],
)
def test_a_pod(seen: Object, symptom: str, summary: str) -> None:
    found = first(seen)
    assert found.symptom == symptom
    assert summary in found.summary
    assert found.subject == "Pod langgraph/listener-abc"


def test_a_ready_pod_has_no_trouble() -> None:
    assert troubles("x", Surroundings(pods=[pod(**condition("Ready"))])) == []


def test_init_containers_are_looked_at_as_well() -> None:
    seen = pod({"waiting": {"reason": "PodInitializing"}})
    seen["status"]["initContainerStatuses"] = [
        {"name": "wait", "restartCount": 5, "state": waiting("CrashLoopBackOff"), "lastState": ended(3)}
    ]
    assert (first(seen).symptom, first(seen).container) == (CRASH, "wait")


def test_a_pending_claim_is_the_cause_of_a_pod_that_is_not_placed() -> None:
    claim = thing("data-0", "langgraph", spec={"storageClassName": "fast"}, status={"phase": "Pending"})
    unbound = "pod has unbound immediate PersistentVolumeClaims"
    seen = pod(**condition("PodScheduled", "False", message=unbound))
    said = event("ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found', "data-0")
    (found,) = troubles("x", Surroundings(pods=[seen], claims=[claim], events=[said]))
    assert (found.symptom, found.subject) == (VOLUME, "PersistentVolumeClaim langgraph/data-0")
    assert hint([found]) is not None
    assert "There is no StorageClass fast." in str(hint([found]))
    assert (
        first(seen, claims=[thing("other", "langgraph", spec={}, status={"phase": "Pending"})]).symptom == UNSCHEDULABLE
    )


def test_pods_that_cannot_be_made_are_explained_by_condition_or_event() -> None:
    quota = 'pods "x" is forbidden: exceeded quota: small, requested: cpu=1, used: cpu=1, limited: cpu=1'
    failing = thing("listener", "langgraph", spec={"replicas": 1}, status=condition("ReplicaFailure", message=quota))
    by_condition = first(makers=[failing])
    by_event = first(
        makers=[thing("redis", "langgraph", spec={})],
        events=[event("FailedCreate", quota, "redis"), event("FailedCreate", "of another", "else")],
    )
    for found in (by_condition, by_event):
        assert found.symptom == CREATE
        assert found.lines == (quota,)
    cause, remedy = hint([by_event]) or ("", "")
    assert "ResourceQuota small does not leave enough: requested cpu=1, used cpu=1, limit cpu=1." in cause
    assert "quota" in remedy


def test_old_failures_to_make_pods_are_forgotten_when_there_are_enough() -> None:
    failing = event("FailedCreate", "quota", "operator")
    found = troubles("x", Surroundings(pods=[pod({"running": {}})], makers=[deployment()], events=[failing]))
    assert [trouble.symptom for trouble in found] == [PROBE]


def test_no_pods_at_all() -> None:
    assert first(makers=[deployment()]).symptom == NO_PODS


def test_volumes_that_cannot_be_mounted_and_probes_that_fail() -> None:
    missing = event("FailedMount", 'configmap "templates" not found', "listener-abc")
    assert first(pod(waiting("ContainerCreating")), events=[missing]).symptom == MOUNT
    probe = event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", "listener-abc")
    assert first(pod({"running": {}}), events=[probe]).lines == (probe["message"],)


def test_worse_troubles_come_first() -> None:
    found = troubles("x", Surroundings(pods=[pod({"running": {}}), pod(waiting("ImagePullBackOff"))]))
    assert [trouble.symptom for trouble in found] == [IMAGE, PROBE]


def test_messages_hold_no_secret() -> None:
    found = first(pod(waiting("ErrImagePull", "https://user:hunter22@registry.example.com refused")))
    assert "hunter22" not in "".join(found.lines)


@pytest.mark.parametrize(
    ("symptom", "line", "cause", "remedy"),
    [
        (CRASH, "401 from https://api.host.langchain.com/v2/deployments", "API key is not valid", "langgraph_api_key"),
        (CRASH, "HTTPStatusError: Client error '403 Forbidden'", "may not do this", "workspace"),
        (CRASH, "redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair", "password", "redis"),
        (CRASH, "Error 111 connecting to langgraph-redis:6379. Connection refused.", "Redis does not answer", "pod"),
        (PROBE, "[Errno -2] Name or service not known", "cannot be resolved", "langgraph_control_plane_url"),
        (CRASH, "ssl.SSLCertVerificationError: certificate verify failed: self-signed", "not trusted", "CA"),
        (CRASH, "httpx.ConnectTimeout: timed out: connect timeout", "cannot be reached", "HTTPS"),
        (
            CRASH,
            'no matches for kind "LGP" in version "apps.langchain.ai/v1alpha1"',
            "definition is missing",
            "operator",
        ),
        (LOG, 'lgps is forbidden: User "system:serviceaccount:a:b" cannot list resource', "lacks a right", "rbac"),
        (CRASH, "exec format error", "architecture", "image"),
        (CRASH, "what nobody has seen before", "log says why", "kubectl logs"),
        (MEMORY, "", "memory", "Raise its memory limit: redis_resources"),
        (
            IMAGE,
            "pull access denied, repository does not exist or may require authorization",
            "credentials",
            "has the Secrets",
        ),
        (IMAGE, "registry.example.com/x:1: not found", "no such image", "tag"),
        (IMAGE, "toomanyrequests: You have reached your pull rate limit", "limits pulls", "mirror"),
        (IMAGE, "dial tcp: lookup registry.example.com: no such host", "cannot reach the registry", "mirror"),
        (IMAGE, "", "cannot be pulled", "registry"),
        (CONFIG, 'secret "langsmith-key" not found', "no secret langsmith-key", "Create it"),
        (CONFIG, "couldn't find key api_key in Secret langgraph/x", "Secret langgraph/x has no key api_key", "Add"),
        (
            CREATE,
            'violates PodSecurity "restricted:latest": allowPrivilegeEscalation',
            "Pod Security restricted",
            "label",
        ),
        (CREATE, "failed quota: q: must specify limits.cpu for: a", "demands that every container", "LimitRange"),
        (CREATE, 'error looking up service account a/b: serviceaccount "b" not found', "no ServiceAccount b", "create"),
        (CREATE, 'admission webhook "policy.example.com" denied the request', "policy.example.com refuses", "policy"),
        (VOLUME, "no persistent volumes available for this claim and no storage class is set", "default", "claim"),
        (VOLUME, "waiting for a volume to be created by an external provisioner", "not provisioned", "provisioner"),
        (UNSCHEDULABLE, "0/2 nodes are available: 2 Insufficient cpu. preemption", "enough cpu", "Add nodes"),
        (UNSCHEDULABLE, "0/2 nodes are available: 2 node(s) had untolerated taint {a: b}", "taints", "tolerations"),
        (UNSCHEDULABLE, "node(s) didn't match Pod's node affinity/selector", "nodeSelector", "label"),
        (EVICTED, "low on resource", "ran out", "room"),
        (PROBE, "Readiness probe failed: statuscode: 503", "does not answer its probe", "log"),
        (STARTING, "ContainerCreating", "has not started", "node"),
    ],
)
def test_hints(symptom: str, line: str, cause: str, remedy: str) -> None:
    logged = symptom in (CRASH, LOG) or (symptom == PROBE and "probe failed" not in line)
    told = hint([Trouble(symptom, "Pod a/b", "", () if logged else (line,), log=(line,) if logged else ())])
    assert told is not None
    assert cause in told[0]
    assert remedy in told[1]


def test_the_first_known_trouble_is_told() -> None:
    assert hint([Trouble(NO_PODS, "x", "", ()), Trouble(MEMORY, "x", "", ())]) is not None
    assert hint([Trouble(NO_PODS, "x", "", ())]) is None


def test_no_hint_hides_a_later_one() -> None:
    """An entry that always fits has to be the last one of its symptoms."""
    closed: set[str] = set()
    for entry in HINTS:
        assert not closed.intersection(entry.symptoms), entry
        if not entry.pattern:
            closed.update(entry.symptoms)
