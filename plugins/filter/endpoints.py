# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: which servers are meant, where only some of it is said."""

from __future__ import annotations

DOCUMENTATION = r"""
name: endpoints
short_description: URLs of control plane and LangSmith that belong together
version_added: 0.1.0
description:
  - Returns both URLs, as the modules find them. The first source that says anything says it all; what it leaves out
    follows from what it says.
  - Where no source says anything, the environment is asked (E(LANGSMITH_HOST_URL), E(LANGSMITH_ENDPOINT)); nothing at
    all means the US region of LangChain's cloud.
options:
  _input:
    description: Sources, best first, each with any of C(region), C(control_plane_url) and C(langsmith_url).
    type: list
    elements: dict
    required: true
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Where LangSmith is, beside a control plane of one's own
  ansible.builtin.debug:
    msg: "{{ ([given] | langgraph.selfhosted.endpoints).langsmith }}"
  vars:
    given: {control_plane_url: https://langsmith.example.com/api-host}
"""

RETURN = r"""
_value:
  description: C(control_plane) and C(langsmith); a URL that was given is returned as it was written.
  type: dict
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.urls import resolve
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError


def endpoints(sources: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the URLs of control plane and LangSmith; see DOCUMENTATION."""
    given = next((source for source in sources if any(source.values())), {})
    try:
        found = resolve(given, os.environ)
    except SelfHostedError as error:
        raise AnsibleFilterError(f"endpoints: {error}") from error
    return {
        "control_plane": given.get("control_plane_url") or found.control_plane,
        "langsmith": given.get("langsmith_url") or found.langsmith,
    }


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"endpoints": endpoints}
