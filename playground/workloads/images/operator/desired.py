# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an LGP stands for, as objects. Pure: no request is made here."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from ...kube import Object
from .settings import Settings

API_VERSION = "apps.langchain.ai/v1alpha1"
LABEL = "apps.langchain.ai/lgp"
PORT = 8000
PENDING_RUNS = 10
UTILIZATION = 75
PLACEMENT = ("affinity", "nodeSelector", "tolerations")
STORE_DEFAULTS = {"cpu": "1", "memory": "2048Mi"}


def objects(lgp: Object, settings: Settings) -> list[Object]:
    """Return every object of an LGP except its route, in the order of creation. Raises TemplateError."""
    spec = lgp["spec"]
    result: list[Object] = []
    if (spec.get("database") or {}).get("enabled"):
        result += _database(lgp, settings)
    if (spec.get("redis") or {}).get("enabled"):
        result += _redis(lgp, settings)
    server = _server(lgp, settings)
    result += [server, settings.render("service", _names(lgp))]
    if spec.get("serverSpec", {}).get("queueEnabled", True):
        result.append(_queue(lgp, server))
    if (spec.get("autoscaling") or {}).get("enabled"):
        targets = [
            item
            for item in result
            if item["metadata"]["name"] in (name(lgp), queue_name(lgp)) and item["kind"] == "Deployment"
        ]
        for target in targets:
            target["spec"].pop("replicas", None)
            result.append(_autoscaler(lgp, settings, target["metadata"]["name"]))
    return [_owned(item, lgp) for item in result]


def name(lgp: Object) -> str:
    """Return the LGP's name, which its Deployment and Service share."""
    return str(lgp["metadata"]["name"])


def queue_name(lgp: Object) -> str:
    """Return the name of the queue worker's Deployment."""
    return f"{name(lgp)}-queue"


def redis_name(lgp: Object) -> str:
    """Return the name of the agent's own Redis."""
    return f"{name(lgp)}-redis"


def database_name(lgp: Object) -> str:
    """Return the name of the agent's own Postgres: short, because its pods' and claims' names grow from it."""
    return "lg-" + hashlib.sha256(f"{lgp['metadata']['namespace']}/{name(lgp)}".encode()).hexdigest()[:32]


def environment(lgp: Object, settings: Settings) -> list[Object]:
    """Return the server's variables: the operator's own, then the LGP's (whose values win)."""
    spec = lgp["spec"]
    own: list[Object] = [{"name": "MOUNT_PREFIX", "value": settings.prefix(name(lgp))}]
    if (spec.get("redis") or {}).get("enabled"):
        own.append({"name": "REDIS_URI", "value": f"redis://{_host(redis_name(lgp), lgp, settings)}:6379"})
    database = spec.get("database") or {}
    if database.get("enabled"):
        secret = {
            "secretKeyRef": {"name": database.get("secretName") or "postgres-credentials", "key": "POSTGRES_PASSWORD"}
        }
        address = f"{_host(database_name(lgp), lgp, settings)}:5432/postgres?sslmode=disable"
        own += [
            {"name": "POSTGRES_PASSWORD", "valueFrom": secret},
            {"name": "DATABASE_URI", "value": f"postgres://postgres:$(POSTGRES_PASSWORD)@{address}"},
        ]
    jobs = spec.get("serverSpec", {}).get("numJobsPerWorker")
    if jobs:
        own.append({"name": "N_JOBS_PER_WORKER", "value": str(jobs)})
    given = spec.get("serverSpec", {}).get("env") or []
    taken = {item["name"] for item in given}
    return [item for item in own if item["name"] not in taken] + given


def _server(lgp: Object, settings: Settings) -> Object:
    spec, server = lgp["spec"], lgp["spec"].get("serverSpec") or {}
    result = settings.render(
        "deployment", _names(lgp) | {"image": server.get("image", ""), "replicas": server.get("replicas", 1)}
    )
    result["metadata"]["namespace"] = lgp["metadata"]["namespace"]
    pod = result["spec"]["template"]
    container = pod["spec"]["containers"][0]
    container["env"] = _merged(container.get("env") or [], environment(lgp, settings))
    if server.get("resources"):
        container["resources"] = server["resources"]
    for key, where in (
        ("volumeMounts", container),
        ("imagePullSecrets", pod["spec"]),
        ("initContainers", pod["spec"]),
        ("volumes", pod["spec"]),
    ):
        if server.get(key):
            where[key] = _merged(where.get(key) or [], server[key])
    pod["spec"]["containers"] += server.get("sidecars") or []
    if server.get("serviceAccountName"):
        pod["spec"]["serviceAccountName"] = server["serviceAccountName"]
    pod["spec"] |= {key: spec[key] for key in PLACEMENT if spec.get(key)}
    for key in ("labels", "annotations"):
        for where in (result["metadata"], pod.setdefault("metadata", {})):
            where[key] = (spec.get(key) or {}) | (server.get(key) or {}) | (where.get(key) or {})
    return result


def _queue(lgp: Object, server: Object) -> Object:
    """Return the queue worker: the server's pods again, told to work and to serve nobody."""
    given = lgp["spec"].get("serverSpec") or {}
    result = copy.deepcopy(server)
    result["metadata"]["name"] = queue_name(lgp)
    result["spec"]["replicas"] = (lgp["spec"].get("autoscaling") or {}).get("queueMinReplicas") or 1
    labels = {"app": queue_name(lgp)}
    result["spec"]["selector"] = {"matchLabels": labels}
    result["spec"]["template"]["metadata"]["labels"] |= labels
    container = result["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [*container["env"], {"name": "AGENT_SERVER_ROLE", "value": "queue"}]
    if given.get("queueResources"):
        container["resources"] = given["queueResources"]
    return result


def _redis(lgp: Object, settings: Settings) -> list[Object]:
    service = redis_name(lgp)
    result = settings.render("redis-deployment", {"service_name": service, "namespace": lgp["metadata"]["namespace"]})
    resources = (lgp["spec"].get("redis") or {}).get("resources")
    if resources:
        result["spec"]["template"]["spec"]["containers"][0]["resources"] = resources
    return [result, _service(service, 6379)]


def _database(lgp: Object, settings: Settings) -> list[Object]:
    spec = lgp["spec"]["database"]
    resources = spec.get("resources") or {}
    requests = STORE_DEFAULTS | (resources.get("requests") or {})
    limits = requests | (resources.get("limits") or {})
    service = database_name(lgp)
    variables = {
        "service_name": service,
        "namespace": lgp["metadata"]["namespace"],
        "replicas": 1,
        "secret_name": spec.get("secretName") or "postgres-credentials",
        "postgres_user": "postgres",
        "postgres_db": "postgres",
        "max_connections": spec.get("maxConnections") or 100,
        "storage_gi": spec.get("storageSizeGi") or 10,
        "cpu": requests["cpu"],
        "cpu_limit": limits["cpu"],
        "memory_mb": _mebibytes(requests["memory"]),
        "memory_limit": _mebibytes(limits["memory"]),
    }
    return [settings.render("database-statefulset", variables), _service(service, 5432, headless=True)]


def _service(service: str, port: int, headless: bool = False) -> Object:
    spec: Object = {
        "selector": {"app": service},
        "ports": [{"name": "main", "port": port, "targetPort": port, "protocol": "TCP"}],
    }
    if headless:
        spec["clusterIP"] = "None"
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": service}, "spec": spec}


def _autoscaler(lgp: Object, settings: Settings, target: str) -> Object:
    spec = lgp["spec"]["autoscaling"]
    prefix = "queueM" if target == queue_name(lgp) else "m"
    least = spec.get(f"{prefix}inReplicas") or 1
    most = max(spec.get(f"{prefix}axReplicas") or 1, least)
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    if settings.keda and spec.get("autoscalerType", "KEDA") == "KEDA":
        triggers: list[Object] = [
            {"type": kind, "metricType": "Utilization", "metadata": {"value": str(UTILIZATION)}}
            for kind in ("cpu", "memory")
        ]
        if prefix == "queueM":
            url = f"http://{_host(name(lgp), lgp, settings)}:{PORT}/metrics?format=json"
            triggers = [
                {
                    "type": "metrics-api",
                    "metadata": {"url": url, "valueLocation": "queue.pending", "targetValue": str(PENDING_RUNS)},
                }
            ]
        return {
            "apiVersion": "keda.sh/v1alpha1",
            "kind": "ScaledObject",
            "metadata": {"name": target},
            "spec": {
                "scaleTargetRef": reference,
                "minReplicaCount": least,
                "maxReplicaCount": most,
                "triggers": triggers,
            },
        }
    metrics = [
        {
            "type": "Resource",
            "resource": {"name": kind, "target": {"type": "Utilization", "averageUtilization": UTILIZATION}},
        }
        for kind in ("cpu", "memory")
    ]
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": target},
        "spec": {"scaleTargetRef": reference, "minReplicas": least, "maxReplicas": most, "metrics": metrics},
    }


def _owned(item: Object, lgp: Object) -> Object:
    """Put an object into the LGP's namespace, mark it and bind its life to the LGP's."""
    metadata = item["metadata"]
    metadata["namespace"] = lgp["metadata"]["namespace"]
    metadata["labels"] = (metadata.get("labels") or {}) | {
        LABEL: name(lgp),
        "app.kubernetes.io/managed-by": "langgraph-operator",
    }
    template = item["spec"].get("template")
    if template:
        template["metadata"]["labels"] = (template["metadata"].get("labels") or {}) | {LABEL: name(lgp)}
    metadata["ownerReferences"] = [owner(lgp)]
    return item


def owner(lgp: Object) -> Object:
    """Return the reference that lets the garbage collector remove an object with its LGP."""
    metadata = lgp["metadata"]
    reference = {"apiVersion": API_VERSION, "kind": "LGP", "name": metadata["name"], "uid": metadata["uid"]}
    return reference | {"controller": True, "blockOwnerDeletion": True}


def _names(lgp: Object) -> dict[str, Any]:
    return {"name": name(lgp), "namespace": lgp["metadata"]["namespace"]}


def _host(service: str, lgp: Object, settings: Settings) -> str:
    return f"{service}.{lgp['metadata']['namespace']}.svc.{settings.cluster_domain}"


def _merged(template: list[Object], given: list[Object]) -> list[Object]:
    """Join two lists of named things; of two with one name the LGP's stays. Mounts are told apart by their path."""
    key = "mountPath" if any("mountPath" in item for item in [*template, *given]) else "name"
    taken = {item[key] for item in given}
    return [item for item in template if item[key] not in taken] + given


def _mebibytes(quantity: str) -> int:
    units = {"Ki": 1 / 1024, "Mi": 1, "Gi": 1024, "Ti": 1024 * 1024, "M": 0.953674, "G": 953.674}
    for unit, factor in units.items():
        if quantity.endswith(unit):
            return int(float(quantity.removesuffix(unit)) * factor)
    return int(float(quantity) / (1024 * 1024))
