# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a cluster: everything that can be asked at once is asked at once. The result is a :class:`Snapshot`.

Three round trips in all: general facts and known objects with the list of release records; the wanted releases' newest
records; the live objects of their manifests. What only matters when something has to be written (:func:`read_more`) is
read in one more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster import surroundings
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import ApiServer, Object, settled
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.definitions import read_crd
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.releases import (
    Record,
    Release,
    decode,
    newest,
    record,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, Kinds, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import (
    KEDA_CRD,
    LGP_CRD,
    Snapshot,
    name,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import (
    WORKLOAD_KINDS,
    Checks,
    Component,
    Right,
    WantedRelease,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerError, Forbidden, NotFound

_RELEASE_RECORDS = {"labelSelector": "owner=helm"}
_NO_RELEASE_RECORDS: dict[str, Any] = {"fieldSelector": "type!=helm.sh/release.v1"}
_OPERATORS = "app.kubernetes.io/name in (keda-operator,langgraph-dataplane,langsmith)"
_AUTOSCALERS = (
    "app.kubernetes.io/name in (cluster-autoscaler,aws-cluster-autoscaler,clusterapi-cluster-autoscaler,karpenter)"
)
# From how many wanted objects on one LIST is cheaper than a GET each; CRDs are too big to read those of others.
_LIST_FROM = {True: 2, False: 8}
# More pods than this are not counted one by one.
MOST_PODS = 5000


@dataclass
class _Objects:
    """What reading one collection brought."""

    found: dict[Address, Object] = field(default_factory=dict)
    failed: dict[Address, AnswerError] = field(default_factory=dict)


@dataclass
class _Found:
    """What there is of a kind: in the whole cluster, or in those of the wanted namespaces that did not fail."""

    things: list[Object] | None = None
    everywhere: bool = True
    failed: dict[str, AnswerError] = field(default_factory=dict)


# Reading some objects, and which.
_Reading = tuple[Sequence[Address], Future[_Objects]]


def read(server: ApiServer, components: Sequence[Component], checks: Checks) -> Snapshot:
    """Read what assessing the components takes, and the facts that are cheap to know."""
    kinds = Kinds(server)
    namespaces = sorted(set().union(*(component.all_namespaces() for component in components), checks.watch_namespaces))
    releases = [component.release for component in components if component.release]

    version = server.begin(server.get, "/version")
    spaces = sorted({release.namespace for release in releases})
    records = server.begin(_anywhere, server, "Secret", spaces, metadata_only=True, **_RELEASE_RECORDS)
    reading: dict[str, Future[Any]] = {
        "storage_classes": server.begin(server.list, known("StorageClass").collection()),
        "ingress_classes": server.begin(server.list, known("IngressClass").collection()),
    }
    operators = server.begin(_anywhere, server, "Deployment", namespaces, labelSelector=_OPERATORS)
    all_namespaces = server.begin(_namespaces, server, namespaces)
    crd_names = {LGP_CRD, KEDA_CRD} | {crd.name for component in components for crd in component.crds}
    crds = {crd: server.begin(read_crd, server, crd) for crd in sorted(crd_names)}
    known_now = set().union(*(component.addresses(kinds) for component in components))
    objects = _begin_objects(server, known_now)

    unreadable: dict[Address, AnswerError] = {}
    newest_records, unreadable_releases = _taken_records(records, releases)
    bodies = _begin_releases(server, releases, newest_records)
    decoded: dict[tuple[str, str], Release] = {}
    for key, future in bodies.items():
        body = settled(future)
        if isinstance(body, AnswerError):
            unreadable_releases[key] = body
        else:
            decoded[key] = body
    table, in_manifests = _manifest_addresses(kinds, decoded.values(), components)
    scaled = sorted(
        {address.namespace for address in in_manifests if address.kind.kind in WORKLOAD_KINDS and address.namespace}
    )
    scalers = server.begin(_each, server, "HorizontalPodAutoscaler", scaled)
    objects += _begin_objects(server, in_manifests - known_now)

    denied: list[str] = []
    found_operators = _sequence(settled(operators), "operators", denied) or _Found()
    if not found_operators.everywhere:
        denied.append("operators in other namespaces")
    return Snapshot(
        version=_value(settled(version), {}),
        records=newest_records,
        releases=decoded,
        kinds=table,
        namespaces=_taken_namespaces(all_namespaces, namespaces, unreadable),
        crds=_taken_crds(crds, unreadable),
        live=_taken_objects(objects, unreadable),
        scalers=_sequence(settled(scalers), "horizontal pod autoscalers", denied),
        operators=found_operators.things,
        everywhere=found_operators.everywhere,
        unreadable=unreadable,
        unreadable_releases=unreadable_releases,
        denied=denied,
        **{field: _sequence(settled(future), field, denied) for field, future in reading.items()},
    )


def read_more(
    server: ApiServer, seen: Snapshot, components: Sequence[Component], checks: Checks, rights: Iterable[Right]
) -> Snapshot:
    """Add what only matters before something is written: rights, room, quotas, what other owners hold."""
    namespaces = sorted(set().union(*(component.all_namespaces() for component in components), checks.watch_namespaces))
    there = [namespace for namespace in namespaces if not seen.lacks_namespace(namespace)]
    reading: dict[str, Future[Any]] = {
        "api_services": server.begin(server.list, known("APIService").collection()),
        "cluster_roles": server.begin(server.list, known("ClusterRole").collection(), metadata_only=True),
        "roles": server.begin(_each, server, "Role", there, metadata_only=True),
        "quotas": server.begin(_each, server, "ResourceQuota", there),
        "limit_ranges": server.begin(_each, server, "LimitRange", there),
    }
    if checks.requests:
        reading["nodes"] = server.begin(server.list, known("Node").collection())
        reading["pods"] = server.begin(_pods, server)
        reading["autoscalers"] = server.begin(_autoscalers, server)
    if checks.pull_secrets:
        reading["pull_secrets"] = server.begin(
            _each, server, "Secret", there, metadata_only=True, **_NO_RELEASE_RECORDS
        )
    reading |= surroundings.begin(server, seen.operators or (), checks)
    if checks.fixed_values:
        reading["agents"] = server.begin(_agents, server, sorted(release.namespace for release in _wanted(components)))
    held = _begin_rights(server, sorted(rights))
    denied = list(seen.denied)
    values = {field: _sequence(settled(future), field, denied) for field, future in reading.items()}
    return replace(
        seen,
        **values,
        rights={right: answer for right, future in held.items() if isinstance(answer := settled(future), bool)},
        denied=denied,
    )


def read_release(server: ApiServer, namespace: str, release: str) -> tuple[list[Record], Release | None]:
    """Return all records of a release, oldest first, and its newest one decoded (None where there is none)."""
    history = read_history(server, namespace, release)
    return history, _release(server, history[-1]) if history else None


def read_history(server: ApiServer, namespace: str, release: str) -> list[Record]:
    """Return all records of a release, oldest first."""
    selector = f"owner=helm,name={release}"
    secrets = server.list(known("Secret").collection(namespace), metadata_only=True, labelSelector=selector)
    return sorted(filter(None, map(record, secrets)), key=lambda entry: entry.revision)


def _anywhere(server: ApiServer, kind: str, namespaces: Sequence[str], **query: Any) -> _Found:
    """Read a kind in the whole cluster, or in the namespaces where the whole cluster may not be read."""
    try:
        return _Found(server.list(known(kind).collection(), **query))
    except Forbidden:
        things: list[Object] = []
        failed: dict[str, AnswerError] = {}
    for namespace in namespaces:
        try:
            things += server.list(known(kind).collection(namespace), **query)
        except Forbidden as error:
            failed[namespace] = error
    return _Found(things, everywhere=False, failed=failed)


def _each(server: ApiServer, kind: str, namespaces: Sequence[str], **query: Any) -> list[Object]:
    return [thing for namespace in namespaces for thing in server.list(known(kind).collection(namespace), **query)]


def _namespaces(server: ApiServer, wanted: Sequence[str]) -> _Objects:
    kind = known("Namespace")
    try:
        return _Objects({Address(kind, None, name(thing)): thing for thing in server.list(kind.collection())})
    except Forbidden:
        return _get_each(server, [Address(kind, None, entry) for entry in wanted])


def _release(server: ApiServer, entry: Record) -> Release:
    return decode(server.get(known("Secret").path(entry.secret, entry.namespace)))


def _begin_releases(
    server: ApiServer, releases: Iterable[WantedRelease], records: Mapping[tuple[str, str], Record]
) -> dict[tuple[str, str], Future[Release]]:
    return {
        release.key: server.begin(_release, server, records[release.key])
        for release in releases
        if release.key in records
    }


def _manifest_addresses(
    kinds: Kinds, releases: Iterable[Release], components: Iterable[Component]
) -> tuple[dict[tuple[str, str], Any], set[Address]]:
    table: dict[tuple[str, str], Any] = {}
    addresses: set[Address] = set()
    for release in releases:
        for manifest in release.objects:
            table[manifest["apiVersion"], manifest["kind"]] = kinds.find(manifest["apiVersion"], manifest["kind"])
            address = kinds.address(manifest, release.namespace)
            if address:
                addresses.add(address)
    for component in components:
        for thing in component.objects:
            table[thing["apiVersion"], thing["kind"]] = kinds.find(thing["apiVersion"], thing["kind"])
    return table, addresses


def _begin_objects(server: ApiServer, addresses: set[Address]) -> list[_Reading]:
    by_collection: dict[str, list[Address]] = defaultdict(list)
    for address in sorted(addresses):
        by_collection[address.collection].append(address)
    return [
        (part, server.begin(_list_some if _listed(group) else _get_each, server, part))
        for group in by_collection.values()
        for part in ([group] if _listed(group) else [[address] for address in group])
    ]


def _listed(group: Sequence[Address]) -> bool:
    kind = group[0].kind
    return kind.kind != "CustomResourceDefinition" and len(group) >= _LIST_FROM[kind.namespaced]


def _list_some(server: ApiServer, addresses: Sequence[Address]) -> _Objects:
    wanted = {address.name: address for address in addresses}
    kind = addresses[0].kind
    query: dict[str, Any] = _NO_RELEASE_RECORDS if kind.kind == "Secret" else {}
    try:
        things = server.list(addresses[0].collection, **query)
    except Forbidden:
        return _get_each(server, addresses)
    return _Objects({wanted[name(thing)]: thing for thing in things if name(thing) in wanted})


def _get_each(server: ApiServer, addresses: Sequence[Address]) -> _Objects:
    objects = _Objects()
    for address in addresses:
        try:
            thing = server.find(address.path)
        except Forbidden as error:
            objects.failed[address] = error
            continue
        if thing is not None:
            objects.found[address] = thing
    return objects


def _pods(server: ApiServer) -> list[Object]:
    return server.list(
        known("Pod").collection(), fieldSelector="status.phase!=Succeeded,status.phase!=Failed", at_most=MOST_PODS
    )


def _autoscalers(server: ApiServer) -> list[Object]:
    found = server.list(known("Deployment").collection(), metadata_only=True, labelSelector=_AUTOSCALERS)
    status = server.find(known("ConfigMap").path("cluster-autoscaler-status", "kube-system"))
    pools = read_crd(server, "nodepools.karpenter.sh")
    return [*found, *([status] if status else []), *([pools] if pools else [])]


def _wanted(components: Sequence[Component]) -> list[WantedRelease]:
    return [component.release for component in components if component.release]


def _agents(server: ApiServer, namespaces: Sequence[str]) -> list[Object]:
    """Read the agents of some namespaces; there are none where the cluster does not know what an agent is."""
    found: list[Object] = []
    for namespace in dict.fromkeys(namespaces):
        try:
            found += server.list(f"/apis/apps.langchain.ai/v1alpha1/namespaces/{namespace}/lgps", metadata_only=True)
        except NotFound:
            continue
    return found


def _begin_rights(server: ApiServer, rights: Sequence[Right]) -> dict[Right, Future[bool]]:
    """Ask for each right; who may do everything is asked once."""
    if not rights:
        return {}
    everything = server.begin(_may, server, Right("*", "*", "*"))
    if settled(everything) is True:
        return dict.fromkeys(rights, everything)
    return {right: server.begin(_may, server, right) for right in rights}


def _may(server: ApiServer, right: Right) -> bool:
    resource, _slash, subresource = right.resource.partition("/")
    wanted = {"verb": right.verb, "group": right.group, "resource": resource}
    if subresource:
        wanted["subresource"] = subresource
    if right.namespace:
        wanted["namespace"] = right.namespace
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": wanted},
    }
    answer = server.create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    return bool((answer.get("status") or {}).get("allowed"))


def _taken_records(
    reading: Future[_Found], releases: Iterable[WantedRelease]
) -> tuple[dict[tuple[str, str], Record], dict[tuple[str, str], AnswerError]]:
    """Return the newest record of each release, and why those of wanted ones could not be read."""
    found = settled(reading)
    if isinstance(found, AnswerError):
        return {}, {release.key: found for release in releases}
    records = newest(filter(None, map(record, found.things or ())))
    failed = {release.key: found.failed[release.namespace] for release in releases if release.namespace in found.failed}
    return records, failed


def _taken_namespaces(
    reading: Future[_Objects], wanted: Iterable[str], unreadable: dict[Address, AnswerError]
) -> dict[str, Object]:
    addresses = [Address(known("Namespace"), None, entry) for entry in wanted]
    found = _taken_objects([(addresses, reading)], unreadable)
    return {address.name: thing for address, thing in found.items()}


def _taken_crds(
    reading: Mapping[str, Future[Object | None]], unreadable: dict[Address, AnswerError]
) -> dict[str, Object]:
    crds: dict[str, Object] = {}
    for crd, future in reading.items():
        answer = settled(future)
        if isinstance(answer, AnswerError):
            unreadable[Address(known("CustomResourceDefinition"), None, crd)] = answer
        elif answer is not None:
            crds[crd] = answer
    return crds


def _taken_objects(reading: Iterable[_Reading], unreadable: dict[Address, AnswerError]) -> dict[Address, Object]:
    live: dict[Address, Object] = {}
    for addresses, future in reading:
        objects = settled(future)
        if isinstance(objects, AnswerError):
            unreadable.update(dict.fromkeys(addresses, objects))
            continue
        live.update(objects.found)
        unreadable.update(objects.failed)
    return live


def _value(answer: Any, default: Any) -> Any:
    return default if isinstance(answer, AnswerError) else answer


def _sequence(answer: Any, field_name: str, denied: list[str]) -> Any:
    """Return what was read, None (and its name in ``denied``) where it could not be."""
    if isinstance(answer, AnswerError):
        denied.append(field_name.replace("_", " "))
        return None
    return answer
