# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ingress that all agents share: a few paths are ours, the operator adds one an agent, and both have to stay.

What we wrote last is remembered in an annotation, so that a path that is no longer wanted goes and others' stay.
Writes carry the resourceVersion that was read: if the operator was faster, everything is read and decided again.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    Connection,
    Object,
    connected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import (
    APPLIED,
    SHARED_INGRESS,
    as_applied,
    contains,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import (
    RELEASE_NAME,
    RELEASE_NAMESPACE,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Conflict, InvalidInput, Problem
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

RESOURCE_POLICY = "helm.sh/resource-policy"
MANAGED_BY = "app.kubernetes.io/managed-by"

_TRIES = 10
_PAUSE = 0.2
_SHOWN = ("annotations", "labels")


def shared_ingress(task: Task) -> Outcome:
    """Make the shared Ingress what ``definition`` says; the paths of others are kept."""
    definition = task.options["definition"]
    _validate(definition)
    with connected(Connection.of(task.options)) as server:
        return ensure(server, definition, check=task.check)


def ensure(
    server: ApiServer, definition: Mapping[str, Any], *, check: bool, sleep: Callable[[float], None] = time.sleep
) -> Outcome:
    """Create or change the Ingress; read and decide again when somebody else was faster."""
    metadata = definition["metadata"]
    kind = known("Ingress")
    for attempt in range(1, _TRIES + 1):
        live = server.find(kind.path(metadata["name"], metadata["namespace"]))
        wanted = merged(definition, live)
        if live is not None and _shown(wanted) == _shown(live):
            return Outcome(changed=False, result=_result(definition, live))
        if check:
            return Outcome(changed=True, result=_result(definition, wanted), diff=_diff(live, wanted))
        try:
            if live is None:
                written = server.create(kind.collection(metadata["namespace"]), wanted)
            else:
                written = server.replace(kind.path(metadata["name"], metadata["namespace"]), wanted)
        except Conflict:
            if attempt == _TRIES:
                raise
            sleep(_PAUSE)
            continue
        return Outcome(changed=True, result=_result(definition, written), diff=_diff(live, wanted))
    raise AssertionError("not reached")


def merged(definition: Mapping[str, Any], live: Mapping[str, Any] | None) -> Object:
    """Return the Ingress as it has to be: all of ``definition``, and of ``live`` what is others'."""
    spec = definition.get("spec") or {}
    marks = {SHARED_INGRESS: "true", APPLIED: as_applied(spec)}
    given = definition["metadata"]
    if live is None:
        metadata = {**given, "annotations": {**(given.get("annotations") or {}), **marks}}
        return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": dict(spec)}
    result: Object = copy.deepcopy(dict(live))
    result |= {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"}
    before = applied(live)
    metadata = result["metadata"]
    annotations = {**(metadata.get("annotations") or {}), **(given.get("annotations") or {}), **marks}
    labels = {**(metadata.get("labels") or {}), **(given.get("labels") or {})}
    if RELEASE_NAME in annotations:
        _take_over(annotations, labels)
    metadata |= {"annotations": annotations, **({"labels": labels} if labels else {})}
    result["spec"] = beside_others(spec, live.get("spec") or {}, before)
    return result


def beside_others(spec: Mapping[str, Any], live: Mapping[str, Any], before: Mapping[str, Any]) -> Object:
    """Return ``spec`` with the paths and TLS entries of ``live`` that are others', not what was wanted ``before``."""
    result = {
        **live,
        **{key: value for key, value in spec.items() if key not in ("rules", "tls")},
        "rules": _rules(spec.get("rules") or [], before.get("rules") or [], live.get("rules") or []),
    }
    tls = _tls(spec.get("tls") or [], before.get("tls") or [], live.get("tls") or [])
    result.pop("tls", None)
    return {**result, **({"tls": tls} if tls else {})}


def applied(live: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the spec that we wrote last, {} where we wrote none."""
    try:
        found = json.loads((live["metadata"].get("annotations") or {}).get(APPLIED) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _take_over(annotations: dict[str, str], labels: dict[str, str]) -> None:
    """Take the Ingress out of its Helm release: an upgrade that no longer has it lets it be then."""
    annotations.pop(RELEASE_NAME, None)
    annotations.pop(RELEASE_NAMESPACE, None)
    annotations[RESOURCE_POLICY] = "keep"
    if labels.get(MANAGED_BY) == "Helm":
        labels[MANAGED_BY] = "langgraph.selfhosted"


def _rules(wanted: Sequence[Object], before: Sequence[Object], live: Sequence[Object]) -> list[Object]:
    gone = {key for key, _path in _paths(before)} - {key for key, _path in _paths(wanted)}
    ours = dict(_paths(wanted))
    result: list[Object] = []
    for rule in live:
        host = rule.get("host") or ""
        kept = []
        for path in (rule.get("http") or {}).get("paths") or []:
            key = (host, path.get("path") or "/")
            if key in gone:
                continue
            mine = ours.pop(key, None)
            kept.append(path if mine is None or contains(path, mine) else mine)
        if kept:
            result.append({**rule, "http": {"paths": kept}})
    for (host, _place), path in ours.items():
        rules = [found for found in result if (found.get("host") or "") == host]
        if not rules:
            rules = [{**({"host": host} if host else {}), "http": {"paths": []}}]
            result += rules
        rules[0]["http"] = {"paths": [*rules[0]["http"]["paths"], path]}
    return result


def _paths(rules: Sequence[Object]) -> Iterator[tuple[tuple[str, str], Object]]:
    """Yield (host, path) and the path's entry."""
    for rule in rules:
        for path in (rule.get("http") or {}).get("paths") or []:
            yield (rule.get("host") or "", path.get("path") or "/"), path


def _tls(wanted: Sequence[Object], before: Sequence[Object], live: Sequence[Object]) -> list[Object]:
    kept = [entry for entry in live if entry in wanted or entry not in before]
    return [*kept, *(entry for entry in wanted if entry not in kept)]


def _shown(thing: Mapping[str, Any] | None) -> Object:
    if thing is None:
        return {}
    metadata = {key: thing["metadata"].get(key) or {} for key in _SHOWN}
    return {"metadata": metadata, "spec": thing.get("spec") or {}}


def _diff(live: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {"before": _shown(live), "after": _shown(wanted)}


def _result(definition: Mapping[str, Any], thing: Mapping[str, Any]) -> dict[str, Any]:
    own = {key for key, _path in _paths((definition.get("spec") or {}).get("rules") or [])}
    everything = [key for key, _path in _paths((thing.get("spec") or {}).get("rules") or [])]
    return {
        "ingress": {
            "name": definition["metadata"]["name"],
            "namespace": definition["metadata"]["namespace"],
            "ingress_class": (thing.get("spec") or {}).get("ingressClassName"),
            "hosts": sorted({host for host, _place in everything}),
            "own_paths": sorted(path for host, path in everything if (host, path) in own),
            "other_paths": sorted(path for host, path in everything if (host, path) not in own),
        }
    }


def _validate(definition: Mapping[str, Any]) -> None:
    problems = []
    if definition.get("kind", "Ingress") != "Ingress":
        problems.append(Problem("definition.kind", f"is {definition['kind']}.", "Give the manifest of an Ingress."))
    if definition.get("apiVersion", "networking.k8s.io/v1") != "networking.k8s.io/v1":
        problems.append(Problem("definition.apiVersion", "is not networking.k8s.io/v1."))
    metadata = definition.get("metadata")
    for key in ("name", "namespace"):
        if not isinstance(metadata, Mapping) or not metadata.get(key):
            problems.append(Problem(f"definition.metadata.{key}", "is missing."))
    if not list(_paths((definition.get("spec") or {}).get("rules") or [])):
        problems.append(
            Problem("definition.spec.rules", "has no path.", "An Ingress without one is refused by the API server.")
        )
    if problems:
        raise InvalidInput(problems)
