# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the cluster show what the LGPs say."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import UTC, datetime

from ...kube import ApiError, Kube, Object, path
from ...mirror import Mirror
from . import desired, observed, routes
from .observed import Fact
from .settings import Settings, TemplateError
from .workqueue import Key, WorkQueue

log = logging.getLogger(__name__)

MANAGER = "lgp-operator"
FINALIZER = "lgp-operator.io/route"
PLURALS = {
    "Deployment": "deployments",
    "StatefulSet": "statefulsets",
    "Service": "services",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers",
    "ScaledObject": "scaledobjects",
}
PRUNED = (
    ("apps/v1", "deployments"),
    ("apps/v1", "statefulsets"),
    ("v1", "services"),
    ("autoscaling/v2", "horizontalpodautoscalers"),
    ("keda.sh/v1alpha1", "scaledobjects"),
)
RETRY_MISSING_SECONDS = 5.0


class Reconciler:
    """Reconciles the LGPs of the watched namespaces, on every change of an LGP, its objects or the shared Ingress."""

    def __init__(self, kube: Kube, settings: Settings) -> None:
        """Set the watches up; nothing is read before they run."""
        self._kube, self._settings = kube, settings
        self.queue = WorkQueue(self._reconcile)
        self._applied: dict[str, tuple[str, int]] = {}
        self._pruned: dict[str, int] = {}
        self.mirrors: list[Mirror] = []
        self._lgps = [self._watch(desired.API_VERSION, "lgps", space, self._on_lgp) for space in settings.namespaces]
        self._deployments, self._sets, self._stateful, self._pods = (
            [
                self._watch(version, plural, space, self._on_owned, labelSelector=desired.LABEL)
                for space in settings.namespaces
            ]
            for version, plural in (
                ("apps/v1", "deployments"),
                ("apps/v1", "replicasets"),
                ("apps/v1", "statefulsets"),
                ("v1", "pods"),
            )
        )
        self._ingress: Mirror | None = None
        if settings.ingress:
            space, name = settings.ingress
            self._ingress = self._watch(
                routes.INGRESS, "ingresses", space, self._on_ingress, fieldSelector=f"metadata.name={name}"
            )

    def _watch(self, version: str, plural: str, namespace: str, handler: object, **selectors: str) -> Mirror:
        mirror = Mirror(self._kube, path(version, plural, namespace), handler, **selectors)  # type: ignore[arg-type]
        self.mirrors.append(mirror)
        return mirror

    def first(self) -> list[Mirror]:
        """Return the watches to read before any work: an unread one would look like missing objects."""
        return [*self._deployments, *self._stateful, *self._pods]

    def _on_lgp(self, _kind: str, lgp: Object) -> None:
        self.queue.add((lgp["metadata"]["namespace"], lgp["metadata"]["name"]))

    def _on_owned(self, _kind: str, item: Object) -> None:
        name = (item["metadata"].get("labels") or {}).get(desired.LABEL)
        if name:
            self.queue.add((item["metadata"]["namespace"], name))

    def _on_ingress(self, _kind: str, _ingress: Object) -> None:
        for mirror in self._lgps:
            for lgp in mirror:
                self._on_lgp("", lgp)

    async def _reconcile(self, key: Key) -> None:
        lgp = _find(self._lgps, *key)
        if lgp is None:
            return
        if lgp["metadata"].get("deletionTimestamp"):
            await self._finalize(lgp)
            return
        if lgp["metadata"]["generation"] != (lgp.get("status") or {}).get("observedGeneration"):
            log.info("Starting reconciliation of LGP %s/%s, generation %s", *key, lgp["metadata"]["generation"])
        await self._claim(lgp)
        facts = await self._write(lgp)
        await self._report(lgp, facts)

    async def _claim(self, lgp: Object) -> None:
        """Add the finalizer: the route on a shared Ingress is nothing the garbage collector could remove."""
        finalizers = lgp["metadata"].get("finalizers") or []
        if FINALIZER in finalizers:
            return
        body = {
            "metadata": {"finalizers": [*finalizers, FINALIZER], "resourceVersion": lgp["metadata"]["resourceVersion"]}
        }
        fresh = await self._kube.patch(self._path(lgp), body)
        lgp["metadata"] = fresh["metadata"]

    async def _finalize(self, lgp: Object) -> None:
        finalizers = lgp["metadata"].get("finalizers") or []
        if FINALIZER not in finalizers:
            return
        ingress = self._shared_ingress()
        if ingress is not None:
            await routes.write_ingress(self._kube, ingress, routes.ingress_without(ingress, lgp, self._settings))
        rest = [item for item in finalizers if item != FINALIZER]
        body = {"metadata": {"finalizers": rest, "resourceVersion": lgp["metadata"]["resourceVersion"]}}
        await self._kube.patch(self._path(lgp), body)
        log.info("LGP %s/%s is gone", lgp["metadata"]["namespace"], lgp["metadata"]["name"])

    async def _write(self, lgp: Object) -> list[Fact]:
        """Write objects and route; return what is to be said about them."""
        facts = []
        try:
            wanted = desired.objects(lgp, self._settings)
        except (TemplateError, KeyError, TypeError, ValueError) as error:
            return [Fact("Configured", False, "InvalidTemplate", f"{error}")]
        facts.append(Fact("Configured", True, "AsExpected", ""))
        for item in wanted:
            facts += await self._apply(item, lgp)
        await self._prune(lgp, wanted)
        facts.append(await self._route(lgp))
        return facts

    async def _apply(self, item: Object, lgp: Object) -> list[Fact]:
        """Apply an object unless it is as it was applied last; return what hinders."""
        metadata = item["metadata"]
        key = f"{item['kind']}/{metadata['namespace']}/{metadata['name']}"
        digest = hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
        live = self._live(item)
        if live is not None and self._applied.get(key) == (digest, live["metadata"]["generation"]):
            return []
        if (
            live is None
            and item["kind"] not in ("Deployment", "StatefulSet")
            and self._applied.get(key) == (digest, lgp["metadata"]["generation"])
        ):
            return []  # not watched: written once for each generation of the LGP
        where = path(item["apiVersion"], PLURALS[item["kind"]], metadata["namespace"], metadata["name"])
        try:
            fresh = await self._kube.apply(where, item, MANAGER)
        except ApiError as error:
            if error.is_missing and item["kind"] == "ScaledObject":
                self.queue.add_later((metadata["namespace"], desired.name(lgp)), RETRY_MISSING_SECONDS)
                return [
                    Fact(
                        "Autoscaling",
                        False,
                        "KedaMissing",
                        "ScaledObjects are not known to this cluster: install KEDA, or set KEDA_ENABLED to false",
                    )
                ]
            raise
        generation = fresh["metadata"].get("generation") if item["kind"] in ("Deployment", "StatefulSet") else None
        self._applied[key] = digest, generation or lgp["metadata"]["generation"]
        return []

    def _live(self, item: Object) -> Object | None:
        mirrors = {"Deployment": self._deployments, "StatefulSet": self._stateful}.get(item["kind"], [])
        return _find(mirrors, item["metadata"]["namespace"], item["metadata"]["name"])

    async def _prune(self, lgp: Object, wanted: list[Object]) -> None:
        """Delete what an earlier generation of the LGP asked for."""
        uid, generation = lgp["metadata"]["uid"], lgp["metadata"]["generation"]
        if self._pruned.get(uid) == generation:
            return
        keep = {(item["apiVersion"], item["metadata"]["name"]) for item in wanted}
        namespace = lgp["metadata"]["namespace"]
        for version, plural in PRUNED:
            try:
                found = await self._kube.get(
                    path(version, plural, namespace), labelSelector=f"{desired.LABEL}={desired.name(lgp)}"
                )
            except ApiError as error:
                if error.is_missing:
                    continue
                raise
            for item in found["items"]:
                if (version, item["metadata"]["name"]) not in keep:
                    await self._kube.delete(path(version, plural, namespace, item["metadata"]["name"]))
        self._pruned[uid] = generation

    async def _route(self, lgp: Object) -> Fact:
        kind = "RouteReady"
        if not (lgp["spec"].get("ingress") or {"enabled": True}).get("enabled"):
            return Fact(kind, True, "NotWanted", "the LGP asks for no ingress")
        if self._settings.gateway:
            return await self._gateway_route(lgp)
        if self._settings.ingress is None:
            return Fact(kind, False, "NoIngress", "the operator knows no shared Ingress and no Gateway")
        ingress = self._shared_ingress()
        where = "/".join(self._settings.ingress)
        if ingress is None:
            problem = self._ingress.problem if self._ingress else ""
            return Fact(
                kind,
                False,
                "IngressMissing",
                f"the shared Ingress {where} cannot be read: {problem or 'it does not exist'}",
            )
        try:
            spec = routes.ingress_with(ingress, lgp, self._settings)
        except routes.RouteError as error:
            return Fact(kind, False, error.reason, str(error))
        if await routes.write_ingress(self._kube, ingress, spec):
            log.info(
                "wrote the path of LGP %s/%s on Ingress %s",
                lgp["metadata"]["namespace"],
                lgp["metadata"]["name"],
                where,
            )
        return Fact(kind, True, "PathOnIngress", f"{self._settings.prefix(desired.name(lgp))} on Ingress {where}")

    async def _gateway_route(self, lgp: Object) -> Fact:
        gateway = self._settings.gateway
        if gateway is None:
            raise RuntimeError("no gateway")
        route = routes.gateway_route(lgp, self._settings, gateway)
        version, kind, plural = routes.GATEWAY_ROUTES[gateway.kind]
        key = f"{kind}/{route['metadata']['namespace']}/{route['metadata']['name']}"
        digest = hashlib.sha256(json.dumps(route, sort_keys=True).encode()).hexdigest()
        if self._applied.get(key) != (digest, lgp["metadata"]["generation"]):
            where = path(version, plural, route["metadata"]["namespace"], route["metadata"]["name"])
            try:
                await self._kube.apply(where, route, MANAGER)
            except ApiError as error:
                if not error.is_missing:
                    raise
                self.queue.add_later((lgp["metadata"]["namespace"], desired.name(lgp)), RETRY_MISSING_SECONDS)
                return Fact(
                    "RouteReady",
                    False,
                    "GatewayApiMissing",
                    f"this cluster knows no {kind}: install the Gateway's custom resources",
                )
            self._applied[key] = digest, lgp["metadata"]["generation"]
        return Fact(
            "RouteReady", True, kind, f"{kind} {desired.name(lgp)} on Gateway {gateway.namespace}/{gateway.name}"
        )

    def _shared_ingress(self) -> Object | None:
        if self._ingress is None or self._settings.ingress is None:
            return None
        return self._ingress.get(*self._settings.ingress)

    async def _report(self, lgp: Object, facts: list[Fact]) -> None:
        namespace, name = lgp["metadata"]["namespace"], desired.name(lgp)
        deployment = _find(self._deployments, namespace, name)
        available = observed.availability(deployment)
        sets = [item for mirror in self._sets for item in mirror if _belongs(item, namespace, name)]
        pods = [pod for mirror in self._pods for pod in mirror if _belongs(pod, namespace, name)]
        facts = [*facts, available]
        bad = [fact for fact in facts if not fact.good]
        ready = (
            Fact("Ready", False, bad[0].reason, bad[0].message)
            if bad
            else Fact("Ready", True, "Ready", "the agent is up and has its route")
        )
        facts = [ready, *facts, observed.trouble(observed.current(pods, sets))]
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        status = observed.status(lgp, facts, deployment, sets, self._settings.endpoint(name), moment)
        if status != lgp.get("status"):
            await self._kube.patch(f"{self._path(lgp)}/status", {"status": status})

    def _path(self, lgp: Object) -> str:
        return path(desired.API_VERSION, "lgps", lgp["metadata"]["namespace"], lgp["metadata"]["name"])


def _find(mirrors: list[Mirror], namespace: str, name: str) -> Object | None:
    return next((item for mirror in mirrors if (item := mirror.get(namespace, name)) is not None), None)


def _belongs(item: Object, namespace: str, name: str) -> bool:
    labels = item["metadata"].get("labels") or {}
    return item["metadata"]["namespace"] == namespace and labels.get(desired.LABEL) == name
