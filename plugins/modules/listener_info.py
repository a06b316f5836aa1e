#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: read listener records."""

from __future__ import annotations

DOCUMENTATION = r"""
module: listener_info
short_description: Read listener records of the control plane
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Returns the listener records of the workspace, all or one.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.control_plane
options:
  compute_id:
    description:
      - Return only the record of this cluster.
    type: str
  listener_id:
    description:
      - Return only the record with this id.
    type: str
seealso:
  - module: langgraph.selfhosted.listener
"""

EXAMPLES = r"""
- name: Read all listeners
  langgraph.selfhosted.listener_info:
  register: found

- name: Find the one of this cluster
  langgraph.selfhosted.listener_info:
    compute_id: prod-eu-01
"""

RETURN = r"""
listeners:
  description: The records that were asked for, by compute_id; empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      sample: 6c1f0c9e-2d0b-4f0a-8b0e-0c4e1f5a9d11
    compute_id:
      description: The cluster's name.
      type: str
      sample: prod-eu-01
    compute_type:
      description: Always V(k8s).
      type: str
      sample: k8s
    namespaces:
      description: The namespaces that it serves, sorted.
      type: list
      elements: str
      sample: [agents]
    version:
      description: Version of the listener's application.
      type: str
      sample: 0.16.36
    created_at:
      description: When it was made.
      type: str
      sample: '2026-08-22T10:00:00Z'
    updated_at:
      description: When it was last changed.
      type: str
      sample: '2026-08-22T10:00:00Z'
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.listeners import (
    LISTENER_INFO_ARGUMENTS,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(LISTENER_INFO_ARGUMENTS, operations.listener_info)


if __name__ == "__main__":
    main()
