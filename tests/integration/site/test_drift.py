# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed behind our back is named by --check and put back; what belongs to the operator is left alone."""

from __future__ import annotations

import time
from typing import Any

from tests.integration.site.helpers import (
    API_KEY_SECRET,
    KEDA_OPERATOR,
    LISTENER,
    LISTENER_ROLE,
    MERGE,
    OPERATOR_SERVICE,
    SHARED_INGRESS,
    Site,
    decoded,
    encoded,
)

REDIS = "/apis/apps/v1/namespaces/langgraph/statefulsets/langgraph-redis"
REDIS_POD = "/api/v1/namespaces/langgraph/pods/langgraph-redis-0"
DELETED = {
    LISTENER: "Deployment langgraph/langgraph-dataplane-listener is missing",
    OPERATOR_SERVICE: "Service langgraph/langgraph-dataplane-operator is missing",
    API_KEY_SECRET: "Secret langgraph/langgraph-api-key is missing",
    LISTENER_ROLE: "Role agents/langgraph-dataplane-listener is missing",
}
# path → (merge patch, what has to be said of it)
EDITED: dict[str, tuple[dict[str, Any], str]] = {
    LISTENER: ({"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 7}}}}, "terminationGracePeriodSeconds"),
    OPERATOR_SERVICE: ({"spec": {"selector": {"app.kubernetes.io/component": "x"}}}, "spec.selector"),
    API_KEY_SECRET: ({"data": {"langsmith_api_key": "b3RoZXI="}}, "langsmith_api_key"),
    LISTENER_ROLE: ({"rules": []}, "rules"),
}


def test_deleted_objects_are_named_and_restored(installed: Site) -> None:
    """Deployment, Service, Secret and Role: missed by --check, back after a run; then nothing is left to do."""
    for path in DELETED:
        installed.api.delete(path).raise_for_status()
    check = installed.run("--check").succeeded()
    assert check.changed > 0
    for words in DELETED.values():
        assert words in check.output
    for path in DELETED:
        assert installed.api.get(path).status_code == 404, path
    installed.run().succeeded()
    for path in DELETED:
        installed.api.get(path).raise_for_status()
    assert installed.run().succeeded().changed == 0


def test_edited_objects_are_named_and_restored(installed: Site) -> None:
    """The same objects, edited: --check names the field and no secret value; a run puts it back."""
    before = {path: installed.api.get(path).json() for path in EDITED}
    for path, (patch, _) in EDITED.items():
        installed.api.patch(path, json=patch, headers=MERGE).raise_for_status()
    check = installed.run("--check", "--diff").succeeded()
    for _, words in EDITED.values():
        assert words in check.output
    assert "b3RoZXI=" not in check.output
    installed.run().succeeded()
    for path, thing in before.items():
        after = installed.api.get(path).json()
        for part in ("data", "rules"):
            assert after.get(part) == thing.get(part)
        assert after.get("spec") == thing.get("spec")


def test_a_tag_restores_its_part_only(installed: Site) -> None:
    """--tags keda puts KEDA back and leaves the listener, which the next run does."""
    for path in (KEDA_OPERATOR, LISTENER):
        installed.api.delete(path).raise_for_status()
    installed.run("--tags", "keda").succeeded()
    installed.api.get(KEDA_OPERATOR).raise_for_status()
    assert installed.api.get(LISTENER).status_code == 404
    installed.run("--tags", "listener").succeeded()
    installed.api.get(LISTENER).raise_for_status()


def test_agents_answer_throughout_an_upgrade(installed: Site) -> None:
    """While the data plane is upgraded no call of an agent fails, and the operator's paths stay, and are no drift."""
    paths = installed.api.get(SHARED_INGRESS).json()["spec"]["rules"]
    with installed.asked_throughout() as answers:
        run = installed.run(listener_values={"commonLabels": {"upgraded": str(time.time_ns())}}).succeeded()
        back = installed.run().succeeded()
    assert run.changed > 0
    assert back.changed > 0
    assert len(answers) > 20
    assert set(answers) == {200}
    assert installed.api.get(SHARED_INGRESS).json()["spec"]["rules"] == paths
    assert installed.run().succeeded().changed == 0


def test_own_path_on_the_shared_ingress_is_restored(installed: Site) -> None:
    """Our own path on it is missed and put back; the agent's stays."""
    agent = installed.agent_path()
    ingress = installed.api.get(SHARED_INGRESS).json()
    for rule in ingress["spec"]["rules"]:
        rule["http"]["paths"] = [path for path in rule["http"]["paths"] if path["path"] == agent]
    installed.api.put(SHARED_INGRESS, json=ingress).raise_for_status()
    assert installed.run("--check").succeeded().changed > 0
    installed.run().succeeded()
    paths = {path["path"] for rule in installed.api.get(SHARED_INGRESS).json()["spec"]["rules"]
             for path in rule["http"]["paths"]}  # fmt: skip
    assert paths == {agent, "/metrics"}


def test_another_volume_of_redis_is_refused_and_made_as_the_remedy_says(installed: Site) -> None:
    """Nothing is sent that the API server must refuse; with the StatefulSet made anew, Redis runs on all the while."""
    before = installed.api.get(REDIS_POD).json()["metadata"]["uid"]
    for arguments in (("--check",), ()):
        installed.mark()
        run = installed.run(*arguments, redis_storage_size="9Gi")
        assert "requests.storage is 8Gi, wanted 9Gi" in run.failure
        assert "kubectl delete statefulset langgraph-redis -n langgraph --cascade=orphan" in run.failure
        assert not installed.writes()
    larger = {"redis_storage_size": "9Gi", "redis_storage_class": "standard"}
    for variables in (larger, {}):
        installed.api.request("DELETE", REDIS, json={"propagationPolicy": "Orphan"}).raise_for_status()
        installed.run(**variables).succeeded()
        if variables:
            assert installed.api.get(REDIS_POD).json()["metadata"]["uid"] == before
            # A class that is no longer said is left as it is, also where something else is changed.
            resources = {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"cpu": "1", "memory": "768Mi"}}
            assert installed.run(redis_storage_size="9Gi", redis_resources=resources).succeeded().changed > 0
            installed.run(**larger).succeeded()
    assert installed.run().succeeded().changed == 0


def test_release_that_a_dead_helm_left_pending_is_recovered(installed: Site) -> None:
    """A pending revision is named, cleared once its time is over, and the run goes on."""
    secrets = "/api/v1/namespaces/langgraph/secrets"
    found = installed.api.get(secrets, params={"labelSelector": "owner=helm,name=langgraph-dataplane"}).json()["items"]
    newest = max(found, key=lambda secret: int(secret["metadata"]["labels"]["version"]))
    record = decoded(newest)
    record["version"] += 1
    record["info"]["status"] = "pending-upgrade"
    labels = {**newest["metadata"]["labels"], "version": str(record["version"]), "status": "pending-upgrade"}
    del labels["modifiedAt"]  # comes with a record's second write, and the helm died before that
    name = f"sh.helm.release.v1.langgraph-dataplane.v{record['version']}"
    pending = {
        "metadata": {"name": name, "labels": labels},
        "type": newest["type"],
        "data": {"release": encoded(record)},
    }
    installed.api.post(secrets, json=pending).raise_for_status()
    run = installed.run(langgraph_takeover_after=3).succeeded()
    assert "pending-upgrade" in run.output
    assert installed.run().succeeded().changed == 0
