# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a deployment goes: which listener, and which of its namespaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.listeners import represent
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Refusal


@dataclass(frozen=True)
class Placement:
    """A listener and a namespace; both None where the plane's own listener takes everything.

    ``refusal`` says why there is none.
    """

    listener_id: str | None = None
    namespace: str | None = None
    refusal: Refusal | None = None


def needs_listeners(options: Mapping[str, Any]) -> bool:
    """Whether the workspace's listeners have to be read to place this deployment."""
    return bool(options.get("listener") or options.get("listener_id"))


def place(options: Mapping[str, Any], listeners: Sequence[Mapping[str, Any]]) -> Placement:
    """Return where the deployment that the options describe goes.

    Args:
        options: ``listener`` (a compute_id) or ``listener_id``, and ``namespace``; each may be absent.
        listeners: The workspace's listener records as the API answers them.
    """
    name, namespace = options["name"], options.get("namespace")
    if not needs_listeners(options):
        return Placement(None, namespace)
    listener = find_listener(name, options, listeners)
    return Placement(refusal=listener) if isinstance(listener, Refusal) else _in_namespace(name, listener, namespace)


def find_listener(
    name: str, options: Mapping[str, Any], listeners: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | Refusal:
    """Return the listener that the options name, or why there is none; ``name`` is what wants it."""
    records = [represent(record) for record in listeners]
    key = "compute_id" if options.get("listener") else "id"
    asked = options.get("listener") or options.get("listener_id")
    listener = next((record for record in records if record[key] == asked), None)
    if listener is None:
        there = ", ".join(sorted(f"{record['compute_id']} ({record['id']})" for record in records)) or "none"
        remedy = f"The workspace has: {there}. Create it with the listener module, or name one of these."
        what = "listener" if options.get("listener") else "listener_id"
        return Refusal(name, what, f"the workspace has no listener {asked}.", remedy)
    return listener


def _in_namespace(name: str, listener: Mapping[str, Any], namespace: str | None) -> Placement:
    served: list[str] | None = listener["namespaces"]
    where = f"listener {listener['compute_id']}"
    if namespace is None and served and len(served) == 1:
        return Placement(listener["id"], served[0])
    if namespace is None:
        if served is None:
            return Placement(listener["id"], None)
        why = f"{where} serves {', '.join(served) or 'no namespace'}."
        remedy = "Say which one as namespace." if served else "Give the listener a namespace first."
        return Placement(refusal=Refusal(name, "namespace", why, remedy))
    if served is not None and namespace not in served:
        why = f"{where} does not serve {namespace}; it serves {', '.join(served) or 'none'}."
        remedy = "Choose one of these, or add it to the listener's namespaces (and to what its release watches)."
        return Placement(refusal=Refusal(name, "namespace", why, remedy))
    return Placement(listener["id"], namespace)
