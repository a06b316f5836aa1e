# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: keys of a values file that the chart does not have."""

from __future__ import annotations

DOCUMENTATION = r"""
name: unknown_values
short_description: Find misspelt and obsolete keys in chart values
version_added: 0.1.0
description:
  - Compares the keys of chart values with the chart's own C(values.yaml). Helm ignores keys that it does not know, so a
    misspelt one has no effect and nobody is told.
  - Knows keys of older guides that no longer exist, and says what became of them.
  - Maps whose default is empty, such as annotations, and lists take whatever the user writes; they are not looked into.
positional: chart_defaults
options:
  _input:
    description: Values as a user wrote them.
    type: dict
    required: true
  chart_defaults:
    description: Content of the chart's C(values.yaml).
    type: dict
    required: true
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Stop on keys that the chart does not have
  ansible.builtin.assert:
    that: found | length == 0
    fail_msg: "{{ found | langgraph.selfhosted.findings }}"
  vars:
    mine: "{{ lookup('ansible.builtin.file', 'langgraph-dataplane-values.yaml') | from_yaml }}"
    charts: "{{ lookup('ansible.builtin.file', 'charts/langgraph-dataplane/values.yaml') | from_yaml }}"
    found: "{{ mine | langgraph.selfhosted.unknown_values(charts) }}"
"""

RETURN = r"""
_value:
  description: A finding for each key, with C(check) (C(unknown_values)), C(severity), C(what), C(why) and C(remedy).
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.cluster_values import unknown_keys


def unknown_values(values: Mapping[str, Any] | None, chart_defaults: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return a finding for each key that the chart does not have; see DOCUMENTATION."""
    for given, what in ((values, "the input"), (chart_defaults, "chart_defaults")):
        if given and not isinstance(given, Mapping):
            raise AnsibleFilterError(
                f"unknown_values: {what} is a {type(given).__name__}, wanted a map of chart values."
            )
    return [finding.as_dict() for finding in unknown_keys(values or {}, chart_defaults or {})]


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"unknown_values": unknown_values}
