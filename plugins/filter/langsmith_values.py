# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: values of the langsmith chart in today's words, without secrets."""

from __future__ import annotations

DOCUMENTATION = r"""
name: langsmith_values
short_description: Values of any langsmith chart since 0.11 in today's words, secrets apart
version_added: 0.1.0
description:
  - Puts keys of older charts, such as C(config.langgraphPlatform.enabled) and C(ingress.hostname), where today's chart
    has them, and leaves out those that mean nothing any more.
  - Takes out what is secret, such as the licence, by the key that it has in the Secret of C(config.existingSecretName).
options:
  _input:
    description: Values as a user wrote them.
    type: dict
    required: true
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Say what an old values file has to become
  ansible.builtin.debug:
    msg: "{{ (old | langgraph.selfhosted.langsmith_values)['values'] }}"
  vars:
    old: {config: {langgraphPlatform: {enabled: true}}, ingress: {hostname: langsmith.example.com}}
"""

RETURN = r"""
_value:
  description:
    - C(values), the values without secrets.
    - C(secrets), the secret ones by the key of their Secret.
    - C(findings), a warning for each key of an older chart, an error where it contradicts today's key.
  type: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.langsmith_values import translate


def langsmith_values(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return values, secrets and findings; see DOCUMENTATION."""
    if values and not isinstance(values, Mapping):
        raise AnsibleFilterError(f"langsmith_values: the input is a {type(values).__name__}, wanted a map.")
    found = translate(values or {})
    return {**found._asdict(), "findings": [finding.as_dict() for finding in found.findings]}


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"langsmith_values": langsmith_values}
