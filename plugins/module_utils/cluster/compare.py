# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a live object still is what a manifest says: pure, and tolerant of what an API server legitimately adds.

The rules, in one place:

* A map of the manifest has to be contained in the live one; further keys (defaults, status, annotations) are no drift.
* Lists have the same length and match item by item.
* What the manifest leaves empty says nothing, and a live value that is absent equals any empty one (0, false, "").
* ``data`` of Secrets and ConfigMaps, and ``rules`` of roles, have to be exactly the same.
* Amounts of resources are compared as numbers (``2000m`` is ``2``).
* ``caBundle`` is filled in by controllers, ``rules`` of an aggregated ClusterRole as well.
* On an Ingress that is shared (annotation below) the paths and TLS entries that others added are theirs.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.quantities import quantity
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.redaction import redacted

SHARED_INGRESS = "lgp-operator.io/shared-ingress"
# What shared_ingress wrote last, so that what it no longer wants can be told from what others added.
APPLIED = "langgraph.selfhosted/applied"

_FILLED_IN = frozenset({"caBundle"})
_AMOUNTS = frozenset({"limits", "requests", "capacity", "hard"})
_AMOUNT_KEYS = frozenset({"storage", "sizeLimit", "averageValue", "divisor"})
# Elsewhere an empty string means "choose for me", here it is a value.
_EMPTY_IS_A_VALUE = frozenset({"value"})
_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """One place where live and wanted differ. ``shown`` is false where a value may be secret."""

    path: str
    live: Any
    wanted: Any
    shown: bool = True

    def __str__(self) -> str:
        if not self.shown:
            return f"{self.path} differs"
        if self.live is None:
            return f"{self.path} is missing, wanted {_short(self.wanted)}"
        return f"{self.path} is {_short(self.live)}, wanted {_short(self.wanted)}"


def differences(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> list[Difference]:
    """Return where a live object is not what the manifest says; empty when it is."""
    found: list[Difference] = []
    kind = wanted.get("kind")
    for key, value in wanted.items():
        if key in ("apiVersion", "kind", "status", "stringData"):
            continue
        if key == "metadata":
            found += _metadata(value, live.get("metadata") or {})
        elif key in ("data", "binaryData"):
            continue
        elif key == "rules" and "aggregationRule" not in wanted:
            found += _rules(value, live.get("rules"))
        elif key == "spec" and kind == "Ingress" and is_shared(wanted):
            found += [*_shared_ingress(value, live.get("spec") or {}), *_applied_before(value, live)]
        else:
            found += _compare(value, live.get(key, _ABSENT), key, key)
    return [*found, *_payload(wanted, live)]


def is_shared(ingress: Mapping[str, Any]) -> bool:
    """Whether an Ingress is one that the operator adds agents' paths to."""
    annotations = (ingress.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get(SHARED_INGRESS)).lower() == "true"


def contains(live: Any, wanted: Any) -> bool:
    """Whether ``live`` holds all that ``wanted`` says, by the rules above."""
    return next(iter(_compare(wanted, live, "", "")), None) is None


def _metadata(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Difference]:
    for key in ("labels", "annotations"):
        if wanted.get(key):
            yield from _compare(wanted[key], live.get(key, _ABSENT), f"metadata.{key}", key)


def _payload(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Difference]:
    """Compare what a Secret or ConfigMap carries; a Secret's values stay unseen."""
    if wanted.get("kind") not in ("Secret", "ConfigMap"):
        if "data" in wanted:
            yield from _compare(wanted["data"], live.get("data", _ABSENT), "data", "data")
        return
    secret = wanted["kind"] == "Secret"
    for field in ("data", "binaryData"):
        expected = dict(wanted.get(field) or {})
        if field == "data":
            expected |= {key: encoded(value) for key, value in (wanted.get("stringData") or {}).items()}
        if field not in wanted and not expected:
            continue
        found = live.get(field) or {}
        for key in sorted(expected.keys() | found.keys()):
            if (expected.get(key) or "") != (found.get(key) or ""):
                yield Difference(f"{field}.{key}", found.get(key), expected.get(key), shown=not secret)


def encoded(value: object) -> str:
    """Return a Secret's value as the API keeps it."""
    return base64.b64encode(str(value).encode()).decode()


def _rules(wanted: Any, live: Any) -> Iterator[Difference]:
    if _dense(wanted or []) != _dense(live or []):
        yield Difference("rules", None, None, shown=False)


def _dense(value: Any) -> Any:
    """Return a value without what is empty in its maps."""
    if isinstance(value, Mapping):
        return {key: _dense(item) for key, item in value.items() if item not in (None, [], {}, "")}
    if isinstance(value, list):
        return [_dense(item) for item in value]
    return value


def _shared_ingress(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Difference]:
    for key, value in wanted.items():
        if key not in ("rules", "tls"):
            yield from _compare(value, live.get(key, _ABSENT), f"spec.{key}", key)
    for entry in wanted.get("tls") or []:
        if not any(contains(found, entry) for found in live.get("tls") or []):
            yield Difference("spec.tls", None, entry)
    for rule in wanted.get("rules") or []:
        host = rule.get("host") or ""
        present = [
            path
            for found in live.get("rules") or []
            if (found.get("host") or "") == host
            for path in (found.get("http") or {}).get("paths") or []
        ]
        for path in (rule.get("http") or {}).get("paths") or []:
            if not any(contains(found, path) for found in present):
                yield Difference(f"spec.rules[{host or '*'}].{path.get('path', '/')}", None, path)


def _applied_before(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> Iterator[Difference]:
    applied = ((live.get("metadata") or {}).get("annotations") or {}).get(APPLIED)
    if applied is not None and applied != as_applied(wanted):
        yield Difference(f"metadata.annotations.{APPLIED}", None, None, shown=False)


def as_applied(spec: Mapping[str, Any]) -> str:
    """Return a spec as it is remembered in the annotation :data:`APPLIED`."""
    return json.dumps(spec, sort_keys=True, separators=(",", ":"))


def _compare(wanted: Any, live: Any, path: str, key: str, *, amounts: bool = False) -> Iterator[Difference]:
    if wanted is None and key in _EMPTY_IS_A_VALUE:
        wanted = ""
    if key in _FILLED_IN or wanted is None:
        return
    if live is _ABSENT or live is None:
        if not _empty(wanted):
            yield Difference(path, None, wanted)
    elif isinstance(wanted, Mapping):
        yield from _compare_maps(wanted, live, path, key)
    elif isinstance(wanted, list):
        yield from _compare_lists(wanted, live, path, key)
    elif wanted == "" and key not in _EMPTY_IS_A_VALUE:
        return
    elif not _same(wanted, live, amounts or key in _AMOUNT_KEYS):
        yield Difference(path, live, wanted, shown=key not in _EMPTY_IS_A_VALUE)


def _compare_maps(wanted: Mapping[str, Any], live: Any, path: str, key: str) -> Iterator[Difference]:
    if not isinstance(live, Mapping):
        yield Difference(path, live, wanted)
        return
    for name, value in wanted.items():
        below = f"{path}.{name}" if path else name
        yield from _compare(value, live.get(name, _ABSENT), below, name, amounts=key in _AMOUNTS)


def _compare_lists(wanted: Sequence[Any], live: Any, path: str, key: str) -> Iterator[Difference]:
    if not wanted:
        return
    if not isinstance(live, list) or len(live) != len(wanted):
        yield Difference(path, f"{len(live)} items" if isinstance(live, list) else live, f"{len(wanted)} items")
        return
    for index, (expected, found) in enumerate(zip(wanted, live, strict=True)):
        yield from _compare(expected, found, f"{path}[{index}]", key)


def _empty(wanted: Any) -> bool:
    """Whether the manifest's value equals one that is not there: 0, false, "", or a map of such."""
    if isinstance(wanted, Mapping):
        return all(_empty(value) for value in wanted.values())
    return not wanted


def _same(wanted: Any, live: Any, amounts: bool) -> bool:
    if wanted == live:
        return isinstance(wanted, bool) == isinstance(live, bool)
    if isinstance(wanted, str) != isinstance(live, str) and str(wanted).lower() == str(live).lower():
        return True  # a template's result may be a string where the API has a number or a truth value
    if amounts:
        return quantity(wanted) is not None and quantity(wanted) == quantity(live)
    return False


def _short(value: Any) -> str:
    text = redacted(str(value))
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - what fits a line beside its path
