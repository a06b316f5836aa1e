# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an LGP becomes: objects, routes, status."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from playground.workloads.images.operator import desired, observed, routes
from playground.workloads.images.operator.observed import Fact
from playground.workloads.images.operator.settings import Gateway, Settings, TemplateError, read
from playground.workloads.images.operator.workqueue import Key, WorkQueue

TEMPLATES = {
    "deployment": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: "${name}", namespace: "${namespace}"}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: "${name}"}}
  template:
    metadata: {labels: {app: "${name}"}}
    spec:
      imagePullSecrets: [{name: mirror}]
      containers:
        - {name: api-server, image: "${image}", env: [{name: TZ, value: UTC}, {name: A, value: template}]}
""",
    "service": """
apiVersion: v1
kind: Service
metadata: {name: "${name}", namespace: "${namespace}"}
spec: {selector: {app: "${name}"}, ports: [{port: 8000}]}
""",
    "redis-deployment": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: "${service_name}"}
spec:
  selector: {matchLabels: {app: "${service_name}"}}
  template:
    metadata: {labels: {app: "${service_name}"}}
    spec: {containers: [{name: redis, image: "redis:6"}]}
""",
    "database-statefulset": """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: "${service_name}"}
spec:
  replicas: ${replicas}
  template:
    metadata: {labels: {app: "${service_name}"}}
    spec:
      containers:
        - name: postgres
          args: ["${max_connections}", "${cpu}", "${memory_mb}", "${cpu_limit}", "${memory_limit}", "${storage_gi}"]
          env: [{name: PASSWORD, value: "${secret_name}/${postgres_user}/${postgres_db}"}]
""",
}
SETTINGS = Settings(
    namespaces=("agents",), ingress=("agents", "shared"), domain="agents.example.com", tls=False, templates=TEMPLATES
)
LGP: dict[str, Any] = {
    "metadata": {"name": "hello-1", "namespace": "agents", "uid": "u1", "generation": 1},
    "spec": {"ingress": {"enabled": True}, "serverSpec": {"image": "img:1", "replicas": 2, "queueEnabled": False}},
}


def lgp(**spec: Any) -> dict[str, Any]:
    result = copy.deepcopy(LGP)
    server = spec.pop("serverSpec", {})
    result["spec"] |= spec
    result["spec"]["serverSpec"] |= server
    return result


def built(item: dict[str, Any], settings: Settings = SETTINGS) -> dict[tuple[str, str], dict[str, Any]]:
    return {(made["kind"], made["metadata"]["name"]): made for made in desired.objects(item, settings)}


def variables(deployment: dict[str, Any]) -> dict[str, Any]:
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    return {item["name"]: item.get("value", item.get("valueFrom")) for item in container["env"]}


def test_a_plain_lgp_is_a_deployment_and_a_service_bound_to_it() -> None:
    found = built(lgp())
    assert list(found) == [("Deployment", "hello-1"), ("Service", "hello-1")]
    for item in found.values():
        assert item["metadata"]["ownerReferences"][0] | {} == {
            "apiVersion": "apps.langchain.ai/v1alpha1",
            "kind": "LGP",
            "name": "hello-1",
            "uid": "u1",
            "controller": True,
            "blockOwnerDeletion": True,
        }
    assert found["Deployment", "hello-1"]["spec"]["replicas"] == 2


def test_the_server_gets_its_prefix_and_the_lgps_variables_win() -> None:
    env = [{"name": "A", "value": "lgp"}, {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]
    found = variables(built(lgp(serverSpec={"env": env}))["Deployment", "hello-1"])
    assert found == {
        "TZ": "UTC",
        "A": "lgp",
        "MOUNT_PREFIX": "/lgp/hello-1",
        "KEY": {"secretKeyRef": {"name": "s", "key": "k"}},
    }


def test_server_settings_are_added_to_the_templates() -> None:
    server = {
        "imagePullSecrets": [{"name": "own"}],
        "resources": {"requests": {"cpu": "1"}},
        "sidecars": [{"name": "side", "image": "s"}],
        "volumes": [{"name": "v", "emptyDir": {}}],
        "volumeMounts": [{"name": "v", "mountPath": "/v"}],
        "serviceAccountName": "sa",
    }
    item = lgp(serverSpec=server, nodeSelector={"disk": "fast"}, labels={"team": "x", "app": "never"})
    deployment = built(item)["Deployment", "hello-1"]
    pod = deployment["spec"]["template"]
    assert [secret["name"] for secret in pod["spec"]["imagePullSecrets"]] == ["mirror", "own"]
    assert [container["name"] for container in pod["spec"]["containers"]] == ["api-server", "side"]
    assert pod["spec"]["containers"][0]["resources"] == server["resources"]
    assert pod["spec"]["containers"][0]["volumeMounts"] == server["volumeMounts"]
    assert (pod["spec"]["serviceAccountName"], pod["spec"]["nodeSelector"]) == ("sa", {"disk": "fast"})
    assert pod["metadata"]["labels"]["team"] == "x"
    assert pod["metadata"]["labels"]["app"] == "hello-1", "a label of the selector cannot be overridden"


def test_stores_come_with_their_services_and_addresses() -> None:
    database = {"enabled": True, "secretName": "pw", "storageSizeGi": 5, "resources": {"limits": {"memory": "4Gi"}}}
    item = lgp(redis={"enabled": True}, database=database)
    found = built(item)
    name = desired.database_name(item)
    assert {
        ("Deployment", "hello-1-redis"),
        ("Service", "hello-1-redis"),
        ("StatefulSet", name),
        ("Service", name),
    } < set(found)
    postgres = found["StatefulSet", name]["spec"]["template"]["spec"]["containers"][0]
    assert postgres["args"] == ["100", "1", "2048", "1", "4096", "5"]
    assert postgres["env"][0]["value"] == "pw/postgres/postgres"
    env = variables(found["Deployment", "hello-1"])
    assert env["REDIS_URI"] == "redis://hello-1-redis.agents.svc.cluster.local:6379"
    assert env["DATABASE_URI"].startswith(f"postgres://postgres:$(POSTGRES_PASSWORD)@{name}.agents.svc")
    assert env["POSTGRES_PASSWORD"] == {"secretKeyRef": {"name": "pw", "key": "POSTGRES_PASSWORD"}}


def test_the_queue_has_pods_of_its_own_that_the_service_does_not_reach() -> None:
    found = built(lgp(serverSpec={"queueEnabled": True, "queueResources": {"limits": {"cpu": "3"}}}))
    queue = found["Deployment", "hello-1-queue"]
    assert queue["spec"]["selector"]["matchLabels"] == {"app": "hello-1-queue"}
    assert queue["spec"]["template"]["metadata"]["labels"]["app"] == "hello-1-queue"
    assert variables(queue)["AGENT_SERVER_ROLE"] == "queue"
    assert queue["spec"]["template"]["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "3"}}
    assert "AGENT_SERVER_ROLE" not in variables(found["Deployment", "hello-1"])
    assert found["Service", "hello-1"]["spec"]["selector"] == {"app": "hello-1"}


@pytest.mark.parametrize(("keda", "kind"), [(True, "ScaledObject"), (False, "HorizontalPodAutoscaler")])
def test_autoscaling_takes_the_replicas_over(keda: bool, kind: str) -> None:
    scaling = {"enabled": True, "autoscalerType": "KEDA", "minReplicas": 2, "maxReplicas": 5, "queueMaxReplicas": 3}
    settings = Settings(**{**SETTINGS.__dict__, "keda": keda})
    found = built(lgp(autoscaling=scaling, serverSpec={"queueEnabled": True}), settings)
    assert "replicas" not in found["Deployment", "hello-1"]["spec"]
    server, queue = found[kind, "hello-1"]["spec"], found[kind, "hello-1-queue"]["spec"]
    limits = ("minReplicaCount", "maxReplicaCount") if keda else ("minReplicas", "maxReplicas")
    assert [server[key] for key in limits] == [2, 5]
    assert [queue[key] for key in limits] == [1, 3]
    assert server["scaleTargetRef"]["name"] == "hello-1"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("kind: Deployment\nmetadata: {name: '${naem}'}", "unknown variable ${naem}"),
        ("a: [", "is not YAML"),
        ("just text", "holds no object"),
    ],
)
def test_a_broken_template_is_named(template: str, message: str) -> None:
    settings = Settings(templates={**TEMPLATES, "deployment": template})
    with pytest.raises(TemplateError) as failure:
        desired.objects(lgp(), settings)
    assert message in str(failure.value)
    assert "template deployment" in str(failure.value)


METRICS = {
    "path": "/metrics",
    "pathType": "Prefix",
    "backend": {"service": {"name": "operator", "port": {"number": 8081}}},
}


def ingress(*paths: dict[str, Any], namespace: str = "agents", shared: str = "true") -> dict[str, Any]:
    rules = [{"host": "agents.example.com", "http": {"paths": list(paths)}}] if paths else None
    metadata = {"name": "shared", "namespace": namespace, "annotations": {"lgp-operator.io/shared-ingress": shared}}
    return {"metadata": metadata, "spec": {"ingressClassName": "traefik", "rules": rules}}


def test_a_path_is_added_beside_those_of_others() -> None:
    spec = routes.ingress_with(ingress(METRICS), lgp(), SETTINGS)
    paths = spec["rules"][0]["http"]["paths"]
    assert paths[0] == METRICS
    assert (paths[1]["path"], paths[1]["backend"]["service"]) == (
        "/lgp/hello-1",
        {"name": "hello-1", "port": {"number": 8000}},
    )
    again = routes.ingress_with({**ingress(METRICS), "spec": spec}, lgp(), SETTINGS)
    assert again == spec, "a path that is there is not written again"


def test_a_path_that_leads_elsewhere_is_put_right() -> None:
    wrong = {**METRICS, "path": "/lgp/hello-1"}
    paths = routes.ingress_with(ingress(METRICS, wrong), lgp(), SETTINGS)["rules"][0]["http"]["paths"]
    assert [item["backend"]["service"]["name"] for item in paths] == ["operator", "hello-1"]


def test_an_ingress_without_rules_gets_one() -> None:
    assert routes.ingress_with(ingress(), lgp(), SETTINGS)["rules"][0]["host"] == "agents.example.com"


def test_only_the_own_path_is_taken_away() -> None:
    spec = routes.ingress_with(ingress(METRICS), lgp(), SETTINGS)
    rest = routes.ingress_without({**ingress(METRICS), "spec": spec}, lgp(), SETTINGS)
    assert rest["rules"] == ingress(METRICS)["spec"]["rules"]


@pytest.mark.parametrize(
    ("item", "reason"),
    [(ingress(METRICS, shared="false"), "IngressNotShared"), (ingress(METRICS, namespace="other"), "OtherNamespace")],
)
def test_an_ingress_that_cannot_serve_is_refused(item: dict[str, Any], reason: str) -> None:
    with pytest.raises(routes.RouteError) as failure:
        routes.ingress_with(item, lgp(), SETTINGS)
    assert failure.value.reason == reason


def test_a_gateway_gets_a_route_for_each_agent() -> None:
    route = routes.gateway_route(lgp(), SETTINGS, Gateway("gateway", "infra", "g"))
    assert (route["kind"], route["metadata"]["namespace"]) == ("HTTPRoute", "agents")
    assert route["spec"]["parentRefs"] == [{"name": "g", "namespace": "infra"}]
    assert route["spec"]["hostnames"] == ["agents.example.com"]
    service = routes.gateway_route(lgp(), SETTINGS, Gateway("istio", "infra", "g"))
    assert service["spec"]["gateways"] == ["infra/g"]


def deployment(updated: int, available: int, total: int, generation: int = 1, seen: int = 1) -> dict[str, Any]:
    status = {"observedGeneration": seen, "updatedReplicas": updated, "availableReplicas": available, "replicas": total}
    return {"metadata": {"generation": generation, "uid": "d1"}, "spec": {"replicas": 2}, "status": status}


@pytest.mark.parametrize(
    ("item", "good"),
    [
        (None, False),
        (deployment(2, 2, 2), True),
        (deployment(2, 1, 2), False),
        (deployment(2, 2, 3), False),
        (deployment(1, 2, 2), False),
        (deployment(2, 2, 2, generation=2, seen=1), False),
    ],
)
def test_a_deployment_is_available_when_all_of_the_new_runs_and_nothing_else(item: Any, good: bool) -> None:
    assert observed.availability(item).good is good


def test_trouble_is_told_in_the_kubelets_words() -> None:
    waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
    pod = {"metadata": {"name": "p"}, "status": {"containerStatuses": [{"name": "c", "state": {"waiting": waiting}}]}}
    assert observed.trouble([pod]) == Fact(
        "Degraded", True, "ImagePullBackOff", "pod p, container c: Back-off pulling image"
    )
    pod["metadata"]["deletionTimestamp"] = "now"  # type: ignore[index]
    assert not observed.trouble([pod]).good


def test_a_container_that_keeps_crashing_is_trouble_also_while_it_runs() -> None:
    crashed = {
        "state": {"running": {}},
        "lastState": {"terminated": {"exitCode": 3}},
        "restartCount": 2,
        "ready": False,
    }
    pod = {"metadata": {"name": "p"}, "status": {"containerStatuses": [{"name": "c", **crashed}]}}
    fact = observed.trouble([pod])
    assert (fact.good, fact.reason) == (True, "CrashLoopBackOff")
    assert "exit code 3" in fact.message
    pod["status"]["containerStatuses"][0]["ready"] = True  # type: ignore[index]
    assert not observed.trouble([pod]).good


def test_pods_of_an_older_replica_set_are_on_their_way_out() -> None:
    def owned(name: str, owner: str, revision: str = "") -> dict[str, Any]:
        annotations = {"deployment.kubernetes.io/revision": revision}
        return {
            "metadata": {"name": name, "uid": name, "annotations": annotations, "ownerReferences": [{"uid": owner}]}
        }

    sets = [owned("old", "server", "9"), owned("new", "server", "10"), owned("queue", "other", "1")]
    pods = [owned("a", "old"), owned("b", "new"), owned("c", "queue"), owned("d", "a-stateful-set")]
    assert [pod["metadata"]["name"] for pod in observed.current(pods, sets)] == ["b", "c", "d"]


def test_a_condition_keeps_its_time_until_it_changes() -> None:
    item = lgp()
    facts = [Fact("Ready", False, "Progressing", "0 of 2")]
    item["status"] = observed.status(item, facts, None, [], "http://x", "t1")
    same = observed.status(item, [Fact("Ready", False, "Progressing", "1 of 2")], None, [], "http://x", "t2")
    other = observed.status(item, [Fact("Ready", True, "Ready", "")], None, [], "http://x", "t2")
    assert same["conditions"][0]["lastTransitionTime"] == "t1"
    assert other["conditions"][0]["lastTransitionTime"] == "t2"
    assert other["endpoint"] == "http://x"


def test_settings_come_from_the_charts_variables() -> None:
    environment = {
        "WATCH_NAMESPACE": "a, b",
        "KEDA_ENABLED": "false",
        "SHARED_INGRESS_NAME": "i",
        "SHARED_INGRESS_NAMESPACE": "n",
        "ROOT_DOMAIN": "h",
        "TLS_ENABLED": "true",
        "BASE_PATH": "/base/",
        "CLUSTER_DOMAIN": "",
    }
    settings = read(["--leader-elect", "--health-probe-bind-address=:9", "--zap-log-level=info"], environment, "own")
    assert (settings.namespaces, settings.keda, settings.ingress) == (("a", "b"), False, ("n", "i"))
    assert (settings.leader_elect, settings.health_port, settings.cluster_domain) == (True, 9, "cluster.local")
    assert settings.endpoint("x") == "https://h/base/lgp/x"


def test_failed_work_is_done_again_and_no_key_twice_at_once() -> None:
    log: list[tuple[str, int]] = []
    active = 0

    async def work(key: Key) -> None:
        nonlocal active
        active += 1
        log.append((key[1], active))
        await asyncio.sleep(0.01)
        active -= 1
        if len(log) == 1:
            raise ValueError("once")

    async def run() -> None:
        queue = WorkQueue(work, settle_seconds=0)
        task = asyncio.create_task(queue.run())
        for _ in range(3):
            queue.add(("a", "x"))
        await asyncio.sleep(0.005)
        queue.add(("a", "x"))
        await asyncio.sleep(0.4)
        task.cancel()

    asyncio.run(run())
    assert [name for name, _ in log] == ["x", "x", "x"], (
        "once, again because it was added meanwhile, again because it failed"
    )
    assert {count for _, count in log} == {1}
