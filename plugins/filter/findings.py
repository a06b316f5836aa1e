# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: findings of the preflight, as text for people."""

from __future__ import annotations

DOCUMENTATION = r"""
name: findings
short_description: Findings of the preflight as text
version_added: 0.1.0
description:
  - Renders what the preflight found as a message that says of each finding what it is, why it matters and what to do.
options:
  _input:
    description: Findings, each with C(check), C(severity), C(what), C(why) and C(remedy).
    type: list
    elements: dict
    required: true
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Show warnings
  ansible.builtin.debug:
    msg: "{{ observed.findings | langgraph.selfhosted.findings }}"
"""

RETURN = r"""
_value:
  description: The text, a few lines a finding.
  type: str
"""

from collections.abc import Iterable, Mapping
from typing import Any


def findings(found: Iterable[Mapping[str, Any]]) -> str:
    """Return findings as text; see DOCUMENTATION."""
    return "\n".join(_finding(number, finding) for number, finding in enumerate(found, start=1))


def _finding(number: int, finding: Mapping[str, Any]) -> str:
    lines = [f"{number}. {finding['what']}"]
    if finding.get("why"):
        lines.append(f"   Why: {finding['why']}")
    if finding.get("remedy"):
        lines.append(f"   Remedy: {finding['remedy']}")
    return "\n".join([*lines, f"   (check {finding['check']})"])


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"findings": findings}
