# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a component as wanted? Pure: a component and a snapshot in, a state with reasons out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import differences, encoded
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.redaction import names_a_secret, redacted
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.releases import (
    DEPLOYED,
    FAILED,
    Release,
    same_version,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import (
    CHART_MARK,
    Snapshot,
    annotations_of,
    helm_owner,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import (
    Component,
    WantedCrd,
    WantedRelease,
    WantedSecret,
    workload_address,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.workloads import RULES, readiness
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerError

ABSENT = "absent"
CHANGED = "changed"
CONVERGED = "converged"
DRIFTED = "drifted"
FAILED_STATE = "failed"
FOREIGN = "foreign"
STUCK = "stuck"
UNKNOWN = "unknown"
UNREADY = "unready"

_MOST_DIFFERENCES = 5
_NOT_SET = object()


@dataclass(frozen=True)
class Assessment:
    """What a component is like.

    Attributes:
        state: One of the constants above.
        reasons: Why it is in that state, empty when converged.
        revision: Newest revision of its release, None without one.
        chart_version: Chart version of that revision.
        ready: All its workloads are ready.
        drifted: Live objects of its release are not as the release made them, whatever else is the matter.
        unseen: What of it could not be looked at, and why; the state is that of the rest.
    """

    state: str
    reasons: tuple[str, ...] = ()
    revision: int | None = None
    chart_version: str | None = None
    ready: bool = False
    drifted: bool = False
    unseen: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the assessment as a result of a task."""
        return {**vars(self), "reasons": list(self.reasons), "unseen": list(self.unseen)}


@dataclass
class _Evidence:
    """Reasons by the state that they speak for."""

    reasons: dict[str, list[str]] = field(default_factory=dict)
    unseen: dict[Address, str] = field(default_factory=dict)
    missing: int = 0
    looked_for: int = 0

    def add(self, state: str, reason: str) -> None:
        self.reasons.setdefault(state, []).append(reason)

    def lost(self, state: str, reason: str) -> None:
        self.missing += 1
        self.add(state, reason)

    def hidden(self, address: Address, seen: Snapshot, state: str | None = None) -> bool:
        """Note an object that could not be read, as a reason for a state if one is given; whether it is so."""
        error = seen.unreadable.get(address)
        if error is None:
            return False
        reason = _unreadable(str(address), error)
        if state:
            self.add(state, reason)
        else:
            self.unseen[address] = reason
        return True

    def nothing_seen(self) -> None:
        """Make what could not be looked at the reasons for knowing nothing."""
        for reason in self.unseen.values():
            self.add(UNKNOWN, reason)
        self.unseen.clear()


# The first state that has a reason is the component's state.
_PRECEDENCE = (UNKNOWN, STUCK, FOREIGN, FAILED_STATE, ABSENT, CHANGED, DRIFTED, UNREADY)


def assess(component: Component, seen: Snapshot, ours: Collection[tuple[str, str]] = ()) -> Assessment:
    """Return the state of a component; ``ours`` are the installation's releases, as (namespace, name)."""
    evidence = _Evidence()
    _look_at_namespaces(component, seen, evidence)
    for secret in component.secrets:
        _look_at_secret(secret, seen, evidence)
    for crd in component.crds:
        _look_at_crd(crd, seen, ours, evidence)
    for manifest in component.objects:
        _look_at_object(manifest, None, CHANGED, seen, evidence)
    release = _look_at_release(component.release, seen, evidence)
    workloads = _workloads(component, release, seen)
    hidden = [address for address in sorted(workloads) if evidence.hidden(address, seen)]
    if component.release is None and 0 < evidence.looked_for <= len(evidence.unseen):
        evidence.nothing_seen()
    unready = list(_unready(workloads, seen))
    for reason in unready:
        evidence.add(UNREADY, reason)
    return Assessment(
        state=_state(component, evidence),
        reasons=tuple(reason for state in _PRECEDENCE for reason in evidence.reasons.get(state, ())),
        revision=release.revision if release else None,
        chart_version=release.chart_version if release else None,
        ready=not (unready or hidden or evidence.missing or (component.release and release is None)),
        drifted=DRIFTED in evidence.reasons,
        unseen=tuple(evidence.unseen.values()),
    )


def not_ours(assessment: Assessment) -> Assessment:
    """Return the assessment of what others made: nothing of ours is there, and what could not be read is told only."""
    if assessment.state != UNKNOWN:
        return assessment
    return replace(assessment, state=ABSENT, unseen=(*assessment.reasons, *assessment.unseen))


def unreachable() -> Assessment:
    """Return what is known of a component of a cluster that does not answer: nothing."""
    return Assessment(UNKNOWN, ("The Kubernetes API does not answer.",))


def _state(component: Component, evidence: _Evidence) -> str:
    nothing_there = component.release is None and evidence.looked_for and evidence.missing == evidence.looked_for
    if nothing_there and not evidence.reasons.keys() & {UNKNOWN, FOREIGN}:
        return ABSENT
    return next((state for state in _PRECEDENCE if state in evidence.reasons), CONVERGED)


def _unreadable(what: str, error: AnswerError) -> str:
    return f"{what} cannot be read: {error.cause or error.message}"


def _look_at_namespaces(component: Component, seen: Snapshot, evidence: _Evidence) -> None:
    for namespace in component.namespaces:
        evidence.looked_for += 1
        thing = seen.namespaces.get(namespace)
        if evidence.hidden(Address(known("Namespace"), None, namespace), seen):
            continue
        if thing is None:
            evidence.lost(CHANGED, f"Namespace {namespace} is missing")
        elif thing["metadata"].get("deletionTimestamp"):
            evidence.add(CHANGED, f"Namespace {namespace} is being deleted")


def _look_at_secret(secret: WantedSecret, seen: Snapshot, evidence: _Evidence) -> None:
    """Compare values, name keys."""
    evidence.looked_for += 1
    label = Address(known("Secret"), secret.namespace, secret.name)
    thing = seen.live.get(label)
    if evidence.hidden(label, seen, UNKNOWN):
        return
    if thing is None:
        evidence.lost(CHANGED, f"{label} is missing")
        return
    data: Mapping[str, str] = thing.get("data") or {}
    for key in secret.all_keys:
        if not data.get(key):
            evidence.add(CHANGED, f"{label}: key {key} is missing")
    for key, value in secret.data.items():
        if data.get(key) != encoded(value):
            evidence.add(CHANGED, f"{label}: key {key} {'differs' if key in data else 'is missing'}")


def _look_at_crd(crd: WantedCrd, seen: Snapshot, ours: Collection[tuple[str, str]], evidence: _Evidence) -> None:
    evidence.looked_for += 1
    label = Address(known("CustomResourceDefinition"), None, crd.name)
    thing = seen.crds.get(crd.name)
    if evidence.hidden(label, seen):
        return
    if thing is None:
        evidence.lost(CHANGED, f"{label} is missing")
        return
    release = helm_owner(thing)
    if release and release in seen.records and release not in ours:
        evidence.add(FOREIGN, f"{label} is owned by Helm release {release[1]} in namespace {release[0]}")
    mark = annotations_of(thing).get(CHART_MARK)
    if crd.chart and mark != crd.chart and not (mark and chart_name(mark) != chart_name(crd.chart)):
        evidence.add(CHANGED, f"{label} is from {mark or 'an unknown chart'}, wanted {crd.chart}")


def chart_name(chart: str) -> str:
    """Return the name in a chart's name and version: two charts bring one definition, and who is first keeps it."""
    return re.split(r"-(?=\d)", chart, maxsplit=1)[0]


def _look_at_object(
    manifest: Mapping[str, Any], default_namespace: str | None, state: str, seen: Snapshot, evidence: _Evidence
) -> None:
    evidence.looked_for += 1
    address = seen.address(manifest, default_namespace)
    if address is None:
        evidence.lost(
            state,
            f"{manifest['kind']} {manifest['metadata']['name']}: the cluster does not know {manifest['apiVersion']}",
        )
        return
    # What Helm made is vouched for by its record; of other objects nothing is known.
    if evidence.hidden(address, seen, None if state == DRIFTED else UNKNOWN):
        return
    thing = seen.live.get(address)
    if thing is None:
        if not may_be_gone(manifest):
            evidence.lost(state, f"{address} is missing")
        return
    if thing["metadata"].get("deletionTimestamp"):
        evidence.add(state, f"{address} is being deleted")
    found = differences(as_wanted(manifest, address, seen), thing)
    for difference in found[:_MOST_DIFFERENCES]:
        evidence.add(state, f"{address}: {difference}")
    if len(found) > _MOST_DIFFERENCES:
        evidence.add(state, f"{address}: {len(found) - _MOST_DIFFERENCES} further differences")


def may_be_gone(manifest: Mapping[str, Any]) -> bool:
    """Whether an object removes itself when it is done."""
    return manifest["kind"] == "Job" and (manifest.get("spec") or {}).get("ttlSecondsAfterFinished") is not None


def as_wanted(manifest: Mapping[str, Any], address: Address, seen: Snapshot) -> Mapping[str, Any]:
    """Return what of a manifest is to be compared and put back: replicas belong to an autoscaler where there is one.

    KEDA scales through a HorizontalPodAutoscaler as well. Where these cannot be read, there may be one.
    """
    spec = manifest.get("spec") or {}
    scaled = seen.scalers is None or any(_scales(scaler, address) for scaler in seen.scalers)
    if "replicas" not in spec or not scaled:
        return manifest
    return {**manifest, "spec": {key: value for key, value in spec.items() if key != "replicas"}}


def _scales(scaler: Mapping[str, Any], address: Address) -> bool:
    target = (scaler.get("spec") or {}).get("scaleTargetRef") or {}
    there = (scaler["metadata"]["namespace"], target.get("kind"), target.get("name"))
    return there == (address.namespace, address.kind.kind, address.name)


def _look_at_release(wanted: WantedRelease | None, seen: Snapshot, evidence: _Evidence) -> Release | None:
    if wanted is None:
        return None
    where = f"Release {wanted.name} in namespace {wanted.namespace}"
    error = seen.unreadable_releases.get(wanted.key)
    if error:
        evidence.add(UNKNOWN, _unreadable(where, error))
        return None
    record = seen.records.get(wanted.key)
    if record is None or record.status == "uninstalled":
        evidence.add(ABSENT, f"{where} is not installed")
        return None
    if record.pending:
        evidence.add(STUCK, f"{where} is {record.status} since revision {record.revision}")
    elif record.status == FAILED:
        evidence.add(FAILED_STATE, f"{where}: revision {record.revision} failed")
    elif record.status != DEPLOYED:
        evidence.add(CHANGED, f"{where} is {record.status}")
    release = seen.releases.get(wanted.key)
    if release is None:
        return None
    if record.status == FAILED and release.description:
        evidence.add(FAILED_STATE, redacted(release.description))
    for reason in _unlike(wanted, release):
        evidence.add(CHANGED, reason)
    for manifest in release.objects:
        _look_at_object(manifest, release.namespace, DRIFTED, seen, evidence)
    return release


def _unlike(wanted: WantedRelease, release: Release) -> Iterator[str]:
    if wanted.chart and wanted.chart != release.chart:
        yield f"chart is {release.chart}, wanted {wanted.chart}"
    if wanted.version and not same_version(wanted.version, release.chart_version):
        yield f"chart version is {release.chart_version}, wanted {wanted.version}"
    if wanted.values is not None:
        yield from value_differences(
            _said(release.values, wanted) if wanted.reuse_values else release.values, wanted.values
        )


def _said(live: Any, wanted: WantedRelease) -> Any:
    """Return those of a release's values that the wanted ones speak of."""

    def common(values: Any, of: Any) -> Any:
        if not (isinstance(values, Mapping) and isinstance(of, Mapping)):
            return values
        return {key: common(value, of[key]) for key, value in values.items() if key in of}

    return common(live, wanted.values)


def value_differences(live: Any, wanted: Any, path: str = "") -> Iterator[str]:
    """Yield where the values of a release are not those wanted, as text; values that look secret stay unseen."""
    if _nested(live, wanted) or _nested(wanted, live):
        live, wanted = ({} if side is _NOT_SET else side for side in (live, wanted))
        for key in sorted(live.keys() | wanted.keys(), key=str):
            below = f"{path}.{key}" if path else str(key)
            yield from value_differences(live.get(key, _NOT_SET), wanted.get(key, _NOT_SET), below)
    elif _plain(live) != _plain(wanted):
        key = path.rpartition(".")[2]
        if names_a_secret(key) or not (_is_short(live) and _is_short(wanted)):
            yield f"values: {path} differs"
        else:
            yield f"values: {path} is {redacted(_told(live))}, wanted {redacted(_told(wanted))}"


def _nested(one: Any, other: Any) -> bool:
    return isinstance(one, Mapping) and (isinstance(other, Mapping) or other is _NOT_SET)


def _plain(value: Any) -> Any:
    """Return a value as JSON keeps it. An empty map and one that is not there say the same to Helm; null says more."""
    if isinstance(value, Mapping):
        items = {str(key): _plain(item) for key, item in value.items()}
        return {key: item for key, item in items.items() if item is not _NOT_SET} or _NOT_SET
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    return value


def _is_short(value: Any) -> bool:
    return not isinstance(value, Mapping | list | tuple) and len(str(value)) <= 60 and "\n" not in str(value)  # noqa: PLR2004


def _told(value: Any) -> str:
    if value is _NOT_SET:
        return "not set"
    return "null" if value is None else str(value) or '""'


def _workloads(component: Component, release: Release | None, seen: Snapshot) -> set[Address]:
    addresses = {workload_address(workload) for workload in component.workloads}
    if release:
        addresses |= {
            address
            for manifest in release.objects
            if manifest["kind"] in RULES and (address := seen.address(manifest, release.namespace))
        }
    return addresses


def _unready(workloads: set[Address], seen: Snapshot) -> Iterator[str]:
    for address in sorted(workloads - seen.unreadable.keys()):
        verdict = readiness(address.kind.kind, seen.live.get(address))
        if not verdict.ready:
            yield f"{address} is not ready: {verdict.why}"
