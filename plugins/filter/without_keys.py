# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: a map without some of its keys."""

from __future__ import annotations

DOCUMENTATION = r"""
name: without_keys
short_description: A map without some of its keys
version_added: 0.1.0
description:
  - Returns a map without the keys at the given paths; a map that is left empty goes as well.
positional: paths
options:
  _input:
    description: The map, such as values of a chart.
    type: dict
    required: true
  paths:
    description: Paths of the keys to leave out, with dots. A path that is not there says nothing.
    type: list
    elements: str
    required: true
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Values without the API key
  ansible.builtin.set_fact:
    safe: "{{ values | langgraph.selfhosted.without_keys(['config.langsmithApiKey']) }}"
"""

RETURN = r"""
_value:
  description: The map without these keys. The input stays as it is.
  type: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any


def without_keys(values: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Return a copy of a map without the keys at ``paths``; see DOCUMENTATION."""
    result = dict(values)
    for path in paths:
        result = _without(result, path.split("."))
    return result


def _without(values: Mapping[str, Any], path: list[str]) -> dict[str, Any]:
    key, *rest = path
    below = values.get(key)
    if rest and isinstance(below, Mapping):
        kept = _without(below, rest)
        return {**values, key: kept} if kept else _but(values, key)
    return dict(values) if rest else _but(values, key)


def _but(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != key}


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"without_keys": without_keys}
