#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: a listener record of the control plane."""

from __future__ import annotations

DOCUMENTATION = r"""
module: listener
short_description: Manage a listener record of the control plane
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - A listener record says that a cluster can be deployed to, and into which namespaces. Its id goes into the data
    plane's release as C(config.langgraphListenerId).
  - The record is known by its O(compute_id); one that exists is adopted.
  - Creating a record installs nothing in a cluster; role P(langgraph.selfhosted.listener#role) does both.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.state
  - langgraph.selfhosted.attributes
  - langgraph.selfhosted.attributes.control_plane
options:
  compute_id:
    description:
      - The cluster's name in the control plane, unique in the workspace. Cannot be changed afterwards.
    type: str
    required: true
  namespaces:
    description:
      - The namespaces that deployments may go to; all of them, the record is made to hold exactly these.
      - Needed with O(state=present). A namespace must not be served by two listeners of the same cluster.
    type: list
    elements: str
  version:
    description:
      - Version of the listener's application, as text to be shown. The API cannot empty it again.
    type: str
  force:
    description:
      - Take over a record that serves none of O(namespaces) (it probably belongs to another cluster), and delete a
        record or take a namespace away although deployments depend on it.
    type: bool
    default: false
seealso:
  - module: langgraph.selfhosted.listener_info
"""

EXAMPLES = r"""
- name: Let agents be deployed to this cluster
  langgraph.selfhosted.listener:
    region: eu
    workspace_id: 3f9b2c64-5d0e-4a51-9c1b-6a2f4e8d7c10
    compute_id: prod-eu-01
    namespaces: [agents]
  register: listener

- name: Show the id for the data plane's values
  ansible.builtin.debug:
    var: listener.listener.id

- name: Remove the record of a cluster that is gone
  langgraph.selfhosted.listener:
    compute_id: test-07
    state: absent
"""

RETURN = r"""
listener:
  description: The record after the task; in check mode as it would be. Empty with O(state=absent).
  returned: success
  type: dict
  contains:
    id:
      description: Its id; empty in check mode when it does not exist yet.
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
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.listeners import LISTENER_ARGUMENTS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(LISTENER_ARGUMENTS, operations.listener)


if __name__ == "__main__":
    main()
