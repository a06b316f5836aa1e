# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a value of a field looks, on the wire and to the user, and when two are the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

UNKNOWN: Any = object()
"""What the server's words mean when they tell nothing."""

_HIDDEN = "(hidden)"
_HIDDEN_CHANGED = "(hidden, changed)"


class Plain:
    """A text, number or switch that stands for itself."""

    def decode(self, wire: Any) -> Any:
        """Return the value that the server's words mean."""
        return wire

    def certain(self, seen: Any) -> bool:
        """Whether what was seen tells all that is there; None when nothing was seen."""
        del seen
        return True

    def encode(self, value: Any) -> Any:
        """Return the words that the server expects for a value."""
        return value

    def same(self, wanted: Any, seen: Any) -> bool:
        """Whether nothing has to change."""
        return bool(wanted == seen)

    def result(self, wanted: Any, seen: Any) -> Any:
        """Return the value after a change, which is also what has to be sent."""
        del seen
        return wanted

    def shown(self, seen: Any, result: Any) -> tuple[Any, Any]:
        """Return the values before and after as they may be shown."""
        return seen, result


class Names(Plain):
    """A set of names, sent as a list; order says nothing."""

    def decode(self, wire: Any) -> Any:
        """Return the names, or None when the server holds none."""
        return None if wire is None else sorted(str(name) for name in wire)

    def same(self, wanted: Any, seen: Any) -> bool:
        """Whether both hold the same names."""
        return seen is not None and set(wanted) == set(seen)

    def result(self, wanted: Any, seen: Any) -> Any:
        """Return the wanted names in a stable order."""
        return sorted(set(wanted))


class Merged(Plain):
    """A map that the server replaces as a whole, so that what is sent is the wanted laid over what is there.

    Keys that the user did not write stay; among them the defaults that the server filled in.
    """

    def __init__(self, exact: Sequence[str] = (), dropped: Sequence[str] = ()) -> None:
        """Take the keys whose value is a map of the user's own, and prefixes of keys that are never sent."""
        self._exact = frozenset(exact)
        self._dropped = tuple(dropped)

    def same(self, wanted: Any, seen: Any) -> bool:
        """Whether all that is wanted is there; a further key is no difference."""
        current = seen or {}
        return all(
            _holds(value, current.get(key)) and (key not in self._exact or (current.get(key) or {}) == value)
            for key, value in wanted.items()
        )

    def result(self, wanted: Any, seen: Any) -> Any:
        """Return the wanted keys laid over those that are there."""
        merged = {**(seen or {}), **wanted}
        return {
            key: value
            for key, value in merged.items()
            if value is not None and not (self._dropped and key.startswith(self._dropped))
        }

    def shown(self, seen: Any, result: Any) -> tuple[Any, Any]:
        """Return both without the keys that hold nothing."""
        return tuple(
            None if value is None else {key: item for key, item in sorted(value.items()) if item is not None}
            for value in (seen, result)
        )  # type: ignore[return-value]


class Secrets(Plain):
    """Environment variables with secret values: a map here, a list of name and value on the wire.

    A value that the server does not show is None here: then only the name can be compared.
    """

    def decode(self, wire: Any) -> Any:
        """Return name to value; an entry without a name, or with a blanked value, is known by what is there."""
        if wire is None:
            return UNKNOWN
        values: dict[str, str | None] = {}
        for entry in wire:
            if isinstance(entry, Mapping) and entry.get("name"):
                value = entry.get("value")
                values[str(entry["name"])] = value if isinstance(value, str) and value.strip("*•") else None
        return values

    def certain(self, seen: Any) -> bool:
        """Whether every value is shown."""
        return seen is not None and None not in seen.values()

    def encode(self, value: Any) -> Any:
        """Return the list that the server expects, all of it, because it replaces the set."""
        return [{"name": name, "value": value[name]} for name in sorted(value)]

    def same(self, wanted: Any, seen: Any) -> bool:
        """Whether the names are the same, and every value that the server shows."""
        return seen is not None and wanted.keys() == seen.keys() and not _different(wanted, seen)

    def shown(self, seen: Any, result: Any) -> tuple[Any, Any]:
        """Return names only, and which of them change."""
        changed = set(_different(result or {}, seen or {}))
        before = None if seen is None else dict.fromkeys(sorted(seen), _HIDDEN)
        after = None
        if result is not None:
            after = {name: _HIDDEN_CHANGED if seen and name in changed else _HIDDEN for name in sorted(result)}
        return before, after


class Keyed(Plain):
    """A list of maps that are told apart by one of their keys; order says nothing."""

    def __init__(self, key: str) -> None:
        """Take the key."""
        self._key = key

    def decode(self, wire: Any) -> Any:
        """Return the entries in a stable order."""
        return sorted(wire or [], key=lambda entry: str(entry.get(self._key)))

    def same(self, wanted: Any, seen: Any) -> bool:
        """Whether both hold the same entries."""
        return bool(self.decode(wanted) == self.decode(seen))

    def result(self, wanted: Any, seen: Any) -> Any:
        """Return the wanted entries in a stable order."""
        return self.decode(wanted)


def _different(wanted: Mapping[str, Any], seen: Mapping[str, Any]) -> list[str]:
    return [name for name in wanted if name in seen and seen[name] is not None and seen[name] != wanted[name]]


def _holds(wanted: Any, seen: Any) -> bool:
    """Whether ``seen`` holds all of ``wanted``; the server may have filled in more keys at any depth."""
    if isinstance(wanted, Mapping):
        fields = seen if isinstance(seen, Mapping) else {}
        return all(_holds(value, fields.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        items = seen if isinstance(seen, list) else []
        return len(wanted) == len(items) and all(map(_holds, wanted, items))
    return bool(wanted == seen)
