# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: chart values in layers, with the places named where one layer overrules another."""

from __future__ import annotations

DOCUMENTATION = r"""
name: layer_values
short_description: Lay chart values over each other and name the conflicts
version_added: 0.1.0
description:
  - Lays maps of chart values over the computed ones as Helm does. Maps are merged, everything else is replaced as a
    whole, and a later layer wins.
  - Names the places where a layer replaces another value of an earlier one.
positional: layers
options:
  _input:
    description: The values that everything else is laid over.
    type: dict
    required: true
  layers:
    description: Further layers, the last one wins. One map, or a list of maps; empty ones are skipped.
    type: raw
    required: true
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Lay the user's values over the computed ones
  ansible.builtin.set_fact:
    layered: "{{ computed | langgraph.selfhosted.layer_values([from_file, from_inventory]) }}"

- name: Say what the user's values overrule
  ansible.builtin.debug:
    msg: "{{ layered.conflicts }}"
"""

RETURN = r"""
_value:
  description:
    - C(values), the merged map.
    - C(conflicts), a sorted list of the places, such as C(config.watchNamespaces), where a layer replaced a value.
  type: dict
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError


def layer_values(computed: Mapping[str, Any] | None, layers: Any) -> dict[str, Any]:
    """Return the merged values and the places of conflict; see DOCUMENTATION."""
    values: dict[str, Any] = _copied(_map(computed, 0))
    conflicts: set[str] = set()
    given = layers if isinstance(layers, Sequence) and not isinstance(layers, str) else [layers]
    for position, layer in enumerate(given, start=1):
        conflicts.update(_lay(values, _map(layer, position), ""))
    return {"values": values, "conflicts": sorted(conflicts)}


def _map(layer: Any, position: int) -> Mapping[str, Any]:
    if not layer:
        return {}
    if not isinstance(layer, Mapping):
        which = f"layer {position}" if position else "the input"
        raise AnsibleFilterError(f"layer_values: {which} is a {type(layer).__name__}, wanted a map of chart values.")
    return layer


def _lay(under: dict[str, Any], over: Mapping[str, Any], path: str) -> Iterator[str]:
    """Lay ``over`` onto ``under`` in place; yield the places where another value was replaced."""
    for key, value in over.items():
        place = f"{path}.{key}" if path else str(key)
        below = under.get(key)
        if isinstance(below, dict) and isinstance(value, Mapping):
            yield from _lay(below, value, place)
            continue
        if key in under and below != value and below not in (None, "", {}, []):
            yield place
        under[key] = _copied(value)


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"layer_values": layer_values}
