# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate: when it opens, when it gives up, and what it says then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import ApiServer
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.gate import Gate, NotReady, Rules
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import workload_address
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerError, ServerFailed

from tests.unit.plugins.module_utils.cluster.builders import deployment, thing
from tests.unit.plugins.module_utils.cluster.fake_api import Answer, FakeApi, forbidden

Object = dict[str, Any]

LISTENER = {"kind": "Deployment", "namespace": "langgraph", "name": "listener"}
AT = "/apis/apps/v1/namespaces/langgraph/deployments/listener"
SETS = "/apis/apps/v1/namespaces/langgraph/replicasets"
PODS = "/api/v1/namespaces/langgraph/pods"
LOG = f"{PODS}/listener-new/log"


class Clock:
    """Time that passes only while somebody sleeps; ``then`` happens at moments."""

    def __init__(self) -> None:
        self.now = 0.0
        self.then: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        while self.then and self.then[0][0] <= self.now:
            self.then.pop(0)[1]()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def gate(server: ApiServer, clock: Clock, *workloads: Object, **rules: Any) -> Gate:
    addresses = [workload_address(workload) for workload in workloads or (LISTENER,)]
    return Gate(server, addresses, Rules(**rules), clock=clock, sleep=clock.sleep)


def workload(ready: int) -> Object:
    live = deployment("listener", ready=ready)
    live["spec"]["selector"] = {"matchLabels": {"app": "listener"}}
    return live


def pod(name: str, template: str, state: Object, restarts: int = 0, last: Object | None = None) -> Object:
    entry = {"name": "listener", "image": "x:1", "restartCount": restarts, "state": state, "lastState": last or {}}
    status = {"phase": "Running", "containerStatuses": [entry]}
    labels = {"pod-template-hash": template}
    return thing(name, "langgraph", labels=labels, spec={"containers": [{"name": "listener"}]}, status=status)


def crashing(restarts: int) -> Object:
    last = {"terminated": {"exitCode": 1, "reason": "Error"}}
    return pod("listener-new", "new", {"waiting": {"reason": "CrashLoopBackOff"}}, restarts, last)


def replica_set(template: str, revision: int) -> Object:
    entry = thing(
        f"listener-{template}",
        "langgraph",
        labels={"pod-template-hash": template},
        annotations={"deployment.kubernetes.io/revision": str(revision)},
    )
    entry["metadata"]["ownerReferences"] = [{"uid": "uid-listener"}]
    return entry


def cluster(api: FakeApi, ready: int, *pods: Object) -> None:
    api.objects[AT] = workload(ready)
    api.objects[SETS] = {"items": [replica_set("old", 9), replica_set("new", 10)]}
    api.objects[PODS] = {"items": list(pods)}


def test_opens_at_once_when_all_is_ready(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 1)
    outcome = gate(server, clock).wait()
    assert outcome.result["ready"]
    assert not outcome.changed
    assert outcome.result["workloads"] == [
        {
            "kind": "Deployment",
            "namespace": "langgraph",
            "name": "listener",
            "ready": True,
            "have": 1,
            "want": 1,
            "why": "",
        }
    ]
    assert len(api.requests) == 1


def test_opens_as_soon_as_it_is_ready(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 0, pod("listener-new", "new", {"running": {}}))
    clock.then = [(10, lambda: cluster(api, 1))]
    assert 10 <= gate(server, clock).wait().result["seconds"] <= 13.1


def test_says_like_a_colleague_why_it_is_not_ready(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 0, crashing(2))
    api.objects[LOG] = "starting\n\n401 from https://api.host.langchain.com/v2/deployments with lsv2_sk_abc_def\n"
    with pytest.raises(NotReady) as error:
        gate(server, clock, timeout=30).wait()
    lines = str(error.value).splitlines()
    assert lines[:5] == [
        "Deployment langgraph/listener is not ready after 30 s.",
        "  Deployment langgraph/listener: 0 of 1 ready",
        "  Pod langgraph/listener-new: CrashLoopBackOff (exit 1, 2 restarts), last lines of its log:",
        "      starting",
        "      401 from https://api.host.langchain.com/v2/deployments with ********",
    ]
    assert lines[5].startswith("Likely cause: The API key is not valid for this workspace")
    assert lines[6].startswith("Remedy: Create a key in the workspace")
    assert error.value.as_result()["workloads"][0]["have"] == 0


def test_several_workloads_are_told_in_their_order(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 0)
    redis = {"kind": "StatefulSet", "namespace": "langgraph", "name": "redis"}
    with pytest.raises(NotReady) as error:
        gate(server, clock, redis, LISTENER, timeout=1).wait()
    text = str(error.value)
    assert text.startswith("2 of 2 workloads are not ready after 1 s.")
    assert text.index("StatefulSet langgraph/redis: 0 of 1 ready (does not exist)") < text.index(
        "Deployment langgraph/"
    )


def test_gives_up_on_a_crash_loop_that_goes_on(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 0, crashing(3))
    clock.then = [(20, lambda: cluster(api, 0, crashing(4)))]
    with pytest.raises(NotReady, match="would not help"):
        gate(server, clock, timeout=300).wait()
    assert clock.now < 25


def test_does_not_give_up_on_a_crash_loop_of_before(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    """Its cause may have been put right, and the next start, minutes away, will be good."""
    cluster(api, 0, crashing(17))
    clock.then = [(200, lambda: cluster(api, 1))]
    assert gate(server, clock, timeout=300).wait().result["ready"]


@pytest.mark.parametrize("reason", ["ImagePullBackOff", "ErrImagePull", "CreateContainerConfigError"])
def test_gives_up_on_what_stays_wrong_for_the_grace_time(
    reason: str, api: FakeApi, server: ApiServer, clock: Clock
) -> None:
    cluster(api, 0, pod("listener-new", "new", {"waiting": {"reason": reason}}))
    with pytest.raises(NotReady, match="would not help"):
        gate(server, clock, timeout=300, grace=30).wait()
    assert 30 <= clock.now <= 34


def test_does_not_give_up_when_told_not_to(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 0, pod("listener-new", "new", {"waiting": {"reason": "ErrImagePull"}}))
    with pytest.raises(NotReady):
        gate(server, clock, timeout=100, fail_fast=False).wait()
    assert clock.now == pytest.approx(100)


def test_pods_of_an_older_revision_are_not_looked_at(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    old = pod("listener-old", "old", {"waiting": {"reason": "ErrImagePull"}})
    cluster(api, 0, old, pod("listener-new", "new", {"running": {}}))
    with pytest.raises(NotReady) as error:
        gate(server, clock, timeout=100, grace=1).wait()
    assert clock.now == pytest.approx(100)
    assert "listener-old" not in str(error.value)


def test_a_job_that_failed_is_given_up_at_once(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    job = {"kind": "Job", "namespace": "langgraph", "name": "migrate"}
    failed = {"conditions": [{"type": "Failed", "status": "True", "message": "BackoffLimitExceeded"}]}
    api.objects["/apis/batch/v1/namespaces/langgraph/jobs/migrate"] = thing("migrate", "langgraph", status=failed)
    with pytest.raises(NotReady, match="BackoffLimitExceeded"):
        gate(server, clock, job).wait()
    assert clock.now == 0


def test_a_line_in_the_log_is_waited_for(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 1, pod("listener-new", "new", {"running": {}}))
    api.objects[LOG] = "starting\n"
    clock.then = [(5, lambda: api.objects.update({LOG: "starting\nReconciling projects...\n"}))]
    assert gate(server, clock, log_line="Reconciling projects").wait().result["seconds"] >= 5


def test_a_line_that_does_not_come_is_told_with_what_is_in_the_log(
    api: FakeApi, server: ApiServer, clock: Clock
) -> None:
    cluster(api, 1, pod("listener-new", "new", {"running": {}}))
    api.objects[LOG] = "[Errno -2] Name or service not known\n"
    with pytest.raises(NotReady) as error:
        gate(server, clock, log_line="Reconciling projects", timeout=5).wait()
    text = str(error.value)
    assert 'its log has no line with "Reconciling projects" yet' in text
    assert "Name or service not known" in text
    assert "Likely cause: A host name cannot be resolved" in text


def test_what_may_not_be_read_makes_the_explanation_shorter(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 0)
    api.answers |= {PODS: forbidden, SETS: forbidden}
    with pytest.raises(NotReady, match="0 of 1 ready"):
        gate(server, clock, timeout=1).wait()


def test_an_api_that_fails_for_a_while_is_asked_on(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 0)
    down = {AT: lambda _query: (500, {"message": "etcdserver: leader changed"})}
    clock.then = [(10, lambda: api.answers.update(down)), (60, api.answers.clear), (61, lambda: cluster(api, 1))]
    assert gate(server, clock, timeout=300).wait().result["seconds"] >= 61


def test_an_api_that_goes_on_failing_is_told_when_the_time_is_up(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 0)
    down = {AT: lambda _query: (500, {"message": "etcdserver: leader changed"})}
    clock.then = [(10, lambda: api.answers.update(down))]
    with pytest.raises(ServerFailed, match="leader changed"):
        gate(server, clock, timeout=100).wait()
    assert clock.now == pytest.approx(100)


@pytest.mark.parametrize(("answer", "at"), [(forbidden, 10), (lambda _query: (500, {}), 0)])
def test_what_does_not_pass_ends_the_wait(
    answer: Callable[[dict[str, str]], Answer], at: float, api: FakeApi, server: ApiServer, clock: Clock
) -> None:
    """Missing rights are; so is a server that has never answered."""
    cluster(api, 0)
    clock.then = [(at, lambda: api.answers.update({AT: answer}))]
    clock.sleep(0)
    with pytest.raises(AnswerError):
        gate(server, clock, timeout=300).wait()
    assert clock.now < at + 5


def test_in_check_mode_it_looks_once(api: FakeApi, server: ApiServer, clock: Clock) -> None:
    cluster(api, 0)
    outcome = gate(server, clock, timeout=0).wait(must=False)
    assert not outcome.result["ready"]
    assert api.asked(AT) == 1


def test_of_workloads_that_depend_on_each_other_the_first_is_explained(
    api: FakeApi, server: ApiServer, clock: Clock
) -> None:
    cluster(api, 0)
    base = {"kind": "StatefulSet", "namespace": "langgraph", "name": "langsmith-postgres"}
    api.objects["/apis/apps/v1/namespaces/langgraph/statefulsets/langsmith-postgres"] = thing(
        "langsmith-postgres", "langgraph", spec={"replicas": 1, "selector": {"matchLabels": {"app": "db"}}}, status={}
    )
    with pytest.raises(NotReady) as error:
        gate(server, clock, LISTENER, base, timeout=1, order=("-postgres", "listener")).wait()
    text = str(error.value)
    assert "StatefulSet langgraph/langsmith-postgres: 0 of 1 ready" in text
    assert "Not ready either, which may be for that reason: Deployment langgraph/listener." in text
    assert "listener: 0 of 1 ready" not in text
