# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One table tells a resource: every field, where it stands on the wire, and what the API does with it.

Request bodies, comparison, diff and redaction all read the table; nothing else knows a field by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.shapes import UNKNOWN, Plain

_MISSING = object()
_PLAIN = Plain()


@dataclass(frozen=True)
class Field:
    """A field of a resource.

    Attributes:
        name: The option and the key of a result.
        at: Its path in the server's document, with dots.
        shape: How values look and compare.
        makes_revision: Changing it makes a new revision.
        immutable: It cannot be changed after the thing was made.
        clearable: It can be emptied; the API takes null (and some empty values) for "leave alone".
        on_create: It can be given when the thing is made; otherwise it follows in a change.
        secret: Its values must not be shown.
        since: The generation of the API that brought it; None when all have it.
        sources: The kinds of deployments that have it; empty when all have.
        needed_by: Those that cannot be without it.
    """

    name: str
    at: str
    shape: Plain = _PLAIN
    makes_revision: bool = False
    immutable: bool = False
    clearable: bool = True
    on_create: bool = True
    secret: bool = False
    since: str | None = None
    sources: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()

    def same(self, wanted: Any, seen: Any) -> bool:
        """Whether nothing has to change."""
        return self.shape.same(wanted, seen)

    def result(self, wanted: Any, seen: Any) -> Any:
        """Return the value after a change."""
        return self.shape.result(wanted, seen)

    def certain(self, seen: Any) -> bool:
        """Whether what was seen (None: nothing) tells all that is there, so that it can be compared."""
        return self.shape.certain(seen)

    def refusal(self, wanted: Any, seen: Any) -> tuple[str, str] | None:
        """Why the API cannot make this change, and what to do; None when it can."""
        if self.immutable:
            return (
                f"it is {seen!r} and cannot be changed to {wanted!r} afterwards.",
                "Keep it, choose another name, or delete it first.",
            )
        if not self.clearable and not wanted:
            return "the API cannot empty it again.", "Leave the option out to keep what is set, or give another value."
        return None

    def shown(self, seen: Any, result: Any) -> tuple[Any, Any]:
        """Return the values before and after as they may be shown."""
        return self.shape.shown(seen, result)


def read(document: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """Return the values of the fields that a server's document mentions."""
    values = {}
    for field in fields:
        wire = _at(document, field.at)
        value = UNKNOWN if wire is _MISSING else field.shape.decode(wire)
        if value is not UNKNOWN:
            values[field.name] = value
    return values


def body(values: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """Return the request body that holds these values, each at its place."""
    document: dict[str, Any] = {}
    for field in fields:
        if field.name in values:
            *parents, last = field.at.split(".")
            place = document
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = field.shape.encode(values[field.name])
    return document


def secrets_in(values: Mapping[str, Any], fields: Sequence[Field]) -> list[str]:
    """Return every secret value among the values."""
    found = (values.get(field.name) for field in fields if field.secret)
    return [secret for value in found if isinstance(value, Mapping) for secret in value.values() if secret]


def _at(document: Mapping[str, Any], path: str) -> Any:
    place: Any = document
    for part in path.split("."):
        if place is None:
            return None
        if not isinstance(place, Mapping) or part not in place:
            return _MISSING
        place = place[part]
    return place
