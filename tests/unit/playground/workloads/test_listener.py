# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deployment of the control plane becomes in the cluster, and how it is reported."""

from __future__ import annotations

import asyncio
import base64
import copy
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playground.workloads.images.listener import manifests
from playground.workloads.images.listener.cluster import ClusterError
from playground.workloads.images.listener.reconcile import Reconciler
from playground.workloads.images.listener.settings import Settings, SettingsError, read

SETTINGS = Settings("http://cp", "key", "w", "l", "redis://r", health_check=False)
WORK: dict[str, Any] = {
    "id": "508252a1-a67e-4221-9d48-33aca6cd2cd2",
    "name": "hello",
    "tenant_id": "w",
    "action": "apply",
    "source_config": {"resource_spec": {}, "listener_config": {"k8s_namespace": "agents"}},
    "source_revision_config": {"image_uri": "img:1"},
    "secrets": [{"name": "TOKEN", "value": "hush"}],
    "secret_references": [{"name": "DB", "secret_name": "mine", "secret_key": "url"}],
    "revision": {"id": "r1", "status": "CREATING"},
}


def work(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(WORK) | changes


def spec(**resource_spec: Any) -> dict[str, Any]:
    item = work()
    item["source_config"]["resource_spec"] = resource_spec
    result: dict[str, Any] = manifests.lgp(item, SETTINGS)["spec"]
    return result


def test_names_are_stable_unique_and_short_enough_for_a_service() -> None:
    name = manifests.lgp_name(work())
    assert name == manifests.lgp_name(work(name="hello", secrets=[]))
    assert name != manifests.lgp_name(work(id="another"))
    long = manifests.lgp_name(work(name="A-very_long name " * 9))
    assert len(f"{long}-queue") <= 63
    assert long.startswith("a-very-long-name")


def test_secrets_reach_the_server_by_reference_only() -> None:
    item = manifests.lgp(work(), SETTINGS)
    env = {entry["name"]: entry for entry in item["spec"]["serverSpec"]["env"]}
    name = manifests.lgp_name(work())
    assert env["TOKEN"]["valueFrom"]["secretKeyRef"] == {"name": f"{name}-secrets", "key": "TOKEN"}
    assert env["DB"]["valueFrom"]["secretKeyRef"] == {"name": "mine", "key": "url"}
    assert env["LANGSMITH_HOST_REVISION_ID"]["value"] == "r1"
    assert "hush" not in str(item)
    secret = manifests.secret(work(), SETTINGS)
    assert base64.b64decode(secret["data"]["TOKEN"]) == b"hush"
    assert secret["metadata"]["namespace"] == "agents"


def test_limits_follow_requests() -> None:
    server = spec(cpu=0.5, memory_mb=512, queue_memory_limit_mb=9000)["serverSpec"]
    assert server["resources"] == {
        "requests": {"cpu": "500m", "memory": "512Mi"},
        "limits": {"cpu": "1", "memory": "1024Mi"},
    }
    assert server["queueResources"]["limits"] == {"cpu": "1", "memory": "9000Mi"}
    assert spec(redis_memory_mb=100)["redis"]["resources"]["limits"] == {"memory": "100Mi"}
    assert spec(db_storage_gi=3)["database"]["storageSizeGi"] == 3


def test_more_than_one_replica_at_most_means_autoscaling() -> None:
    assert spec()["autoscaling"]["enabled"] is False
    scaling = spec(min_scale=2, max_scale=4, queue_max_scale=8)["autoscaling"]
    assert scaling["enabled"] is True
    assert (
        scaling["minReplicas"],
        scaling["maxReplicas"],
        scaling["queueMinReplicas"],
        scaling["queueMaxReplicas"],
    ) == (2, 4, 2, 8)


def test_own_stores_replace_the_provisioned_ones() -> None:
    item = work(secrets=[{"name": "POSTGRES_URI_CUSTOM", "value": "x"}, {"name": "REDIS_URI_CUSTOM", "value": "x"}])
    made = manifests.lgp(item, SETTINGS)["spec"]
    assert (made["database"]["enabled"], made["redis"]["enabled"]) == (False, False)
    assert spec()["database"]["enabled"] is True


def test_pod_settings_are_handed_on() -> None:
    server = spec(image_pull_secrets=[{"name": "p"}], service_account_name="sa", volumes=[{"name": "v"}])["serverSpec"]
    assert (server["imagePullSecrets"], server["serviceAccountName"]) == ([{"name": "p"}], "sa")


@pytest.mark.parametrize("missing", ["HOST_BACKEND_ENDPOINT", "HOST_WORKER_LANGSMITH_API_KEY", "REDIS_DATABASE_URI"])
def test_a_missing_variable_is_named(missing: str) -> None:
    environment = {
        "HOST_BACKEND_ENDPOINT": "http://cp/",
        "HOST_WORKER_LANGSMITH_API_KEY": "key\n",
        "HOST_WORKER_TENANT_ID": "w",
        "REDIS_DATABASE_URI": "redis://r",
    }
    settings = read(environment, "own")
    assert (settings.control_plane, settings.api_key, settings.port) == ("http://cp", "key", 8080)
    with pytest.raises(SettingsError, match=missing):
        read(environment | {missing: ""}, "own")


class Recorder:
    """A control plane that remembers reports."""

    def __init__(self) -> None:
        self.statuses: list[str] = []
        self.message = ""
        self.facts: dict[str, Any] = {}

    async def revision(self, _revision: str, status: str, message: str = "") -> None:
        self.statuses.append(status)
        self.message = message

    async def deployment(self, _deployment: str, **facts: Any) -> None:
        self.facts |= facts

    async def log(self, *_words: str) -> None:
        pass


class FakeCluster:
    """A cluster with at most one LGP."""

    def __init__(self, live: dict[str, Any] | None = None, applied: bool = False, error: str = "") -> None:
        self.live, self.applied, self.error = live, applied, error
        self.applies = 0
        self.leftover = False

    async def lgp(self, _work: Any) -> Any:
        if self.error:
            raise ClusterError(self.error)
        return self.live

    def is_applied(self, _work: Any, _live: Any) -> bool:
        return self.applied

    async def apply(self, _work: Any) -> None:
        self.applies += 1

    async def remove(self, _work: Any) -> bool:
        return not self.leftover


def live(ready: bool, *, generation: int = 1, degraded: float | None = None) -> dict[str, Any]:
    moment = (datetime.now(UTC) - timedelta(seconds=degraded or 0)).isoformat()
    conditions = [
        {
            "type": "Ready",
            "status": str(ready),
            "message": "0 of 1 replicas",
            "reason": "x",
            "lastTransitionTime": moment,
        },
        {
            "type": "Degraded",
            "status": str(degraded is not None),
            "reason": "ImagePullBackOff",
            "message": "no such image",
            "lastTransitionTime": moment,
        },
    ]
    status = {"observedGeneration": 1, "conditions": conditions, "endpoint": "http://h/lgp/x"}
    return {"metadata": {"generation": generation}, "status": status}


def step(
    cluster: FakeCluster, item: dict[str, Any], namespaces: list[str] | None = None, began: float = 0.0
) -> tuple[bool, Recorder]:
    recorder = Recorder()
    reconciler = Reconciler(SETTINGS, recorder, cluster)  # type: ignore[arg-type]
    reconciler._began["r1"] = time.monotonic() - began
    return asyncio.run(reconciler.step(item, namespaces)), recorder


def test_a_new_revision_is_applied_and_reported_step_by_step() -> None:
    cluster = FakeCluster()
    busy, recorder = step(cluster, work(), ["agents"])
    assert (busy, cluster.applies) == (True, 1)
    assert recorder.statuses == ["QUEUED", "AWAITING_DEPLOY", "DEPLOYING"]


def test_a_ready_lgp_is_deployed_with_its_url() -> None:
    busy, recorder = step(FakeCluster(live(True), applied=True), work())
    assert (busy, recorder.statuses[-1], recorder.facts["url"]) == (False, "DEPLOYED", "http://h/lgp/x")


@pytest.mark.parametrize("item", [live(False), live(True, generation=2), live(False, degraded=1.0)])
def test_what_may_still_come_is_waited_for(item: dict[str, Any]) -> None:
    busy, recorder = step(FakeCluster(item, applied=True), work())
    assert busy
    assert recorder.statuses[-1] == "DEPLOYING"


def test_what_stays_broken_fails_with_the_reason() -> None:
    broken = live(False, degraded=60.0)
    assert step(FakeCluster(broken, applied=True), work())[0], "what an earlier revision broke"
    busy, recorder = step(FakeCluster(broken, applied=True), work(), began=60.0)
    assert (busy, recorder.statuses[-1], recorder.message) == (
        False,
        "DEPLOY_FAILED",
        "ImagePullBackOff: no such image",
    )


@pytest.mark.parametrize(
    ("cluster", "namespaces", "message"),
    [
        (FakeCluster(), ["other"], "namespace agents is not one of this listener's: other"),
        (FakeCluster(error="namespace agents cannot be served: forbidden"), None, "forbidden"),
    ],
)
def test_a_namespace_that_may_not_be_served_fails_the_revision(
    cluster: FakeCluster, namespaces: Any, message: str
) -> None:
    _, recorder = step(cluster, work(), namespaces)
    assert recorder.statuses[-1] == "DEPLOY_FAILED"
    assert message in recorder.message
    assert cluster.applies == 0


def test_a_live_revision_that_was_removed_is_put_back_in_silence() -> None:
    cluster = FakeCluster()
    _, recorder = step(cluster, work(revision={"id": "r1", "status": "DEPLOYED"}))
    assert (cluster.applies, recorder.statuses) == (1, [])


def test_a_failed_revision_is_left_alone() -> None:
    cluster = FakeCluster()
    assert step(cluster, work(revision={"id": "r1", "status": "DEPLOY_FAILED"}))[0] is False
    assert cluster.applies == 0


def test_a_deletion_is_reported_when_nothing_is_left() -> None:
    cluster = FakeCluster()
    cluster.leftover = True
    busy, recorder = step(cluster, work(action="delete"))
    assert (busy, recorder.facts) == (True, {})
    cluster.leftover = False
    busy, recorder = step(cluster, work(action="delete"))
    assert (busy, recorder.facts) == (False, {"deleted": True})
