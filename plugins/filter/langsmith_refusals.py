# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: what the langsmith chart would refuse."""

from __future__ import annotations

DOCUMENTATION = r"""
name: langsmith_refusals
short_description: What the langsmith chart's own validation would refuse, with the remedy
version_added: 0.1.0
description:
  - Finds what the chart fails on, before helm runs and all at once; helm stops at the first.
positional: password
options:
  _input:
    description: Values of the chart, of today's version, that name an existing Secret.
    type: dict
    required: true
  password:
    description: The first administrator's password, if one is given. It is not shown.
    type: str
    default: ""
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Stop on what the chart would refuse
  ansible.builtin.assert:
    that: found | length == 0
    fail_msg: "{{ found | langgraph.selfhosted.findings }}"
  vars:
    found: "{{ {'config': {'deployment': {'enabled': true}}} | langgraph.selfhosted.langsmith_refusals }}"
"""

RETURN = r"""
_value:
  description: A finding for each refusal, with C(check) (C(chart_refusals)), C(severity), C(what), C(why), C(remedy).
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.langsmith_values import (
    password_findings,
    refusals,
)


def langsmith_refusals(values: Mapping[str, Any], password: str = "") -> list[dict[str, Any]]:
    """Return a finding for each refusal; see DOCUMENTATION."""
    return [finding.as_dict() for finding in [*refusals(values), *password_findings(password)]]


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"langsmith_refusals": langsmith_refusals}
