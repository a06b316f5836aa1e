#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin plugins/action/observe_control_plane.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: observe_control_plane
short_description: Read what a run has to know about the control plane, at once
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Checks URLs, key and workspace, and says of a listener record and of deployments whether they are as wanted and what
    would change. All requests are sent at the same time, none of them writes.
  - What is wrong is returned as findings and does not fail the task. Only options that cannot be read do.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.control_plane
  - langgraph.selfhosted.attributes.action
options:
  listener:
    description:
      - The wanted listener record.
    type: dict
    suboptions:
      compute_id:
        description:
          - The cluster's name.
        type: str
        required: true
      namespaces:
        description:
          - The namespaces that it is to serve.
        type: list
        elements: str
        required: true
      version:
        description:
          - Version of the listener's application.
        type: str
  deployments:
    description:
      - The wanted deployments; each takes the options of M(langgraph.selfhosted.deployment) besides its connection.
    type: list
    elements: dict
    default: []
seealso:
  - module: langgraph.selfhosted.deployment
  - module: langgraph.selfhosted.listener
"""

EXAMPLES = r"""
- name: Look before anything is written
  langgraph.selfhosted.observe_control_plane:
    region: eu
    listener:
      compute_id: prod-eu-01
      namespaces: [agents]
    deployments:
      - name: support-agent
        image: registry.example.com/agents/support:1.4.2
        listener: prod-eu-01
  register: observed
"""

RETURN = r"""
reachable:
  description: Whether the control plane answered what it was asked.
  returned: success
  type: bool
findings:
  description: What is wrong, or may become so.
  returned: success
  type: list
  elements: dict
  contains:
    check:
      description: What was checked, one of V(input), V(transport), V(control_plane), V(langsmith), V(api_key),
        V(organization), V(listener), V(deployment).
      type: str
    severity:
      description: V(error) or V(warning).
      type: str
    what:
      description: What is wrong, and where.
      type: str
    why:
      description: The cause, where it is known.
      type: str
    remedy:
      description: What to do.
      type: str
endpoints:
  description: The base URLs that options and environment mean.
  returned: success
  type: dict
  contains:
    control_plane:
      description: URL of the control plane.
      type: str
    langsmith:
      description: URL of the LangSmith API, without C(/api/v1).
      type: str
listener:
  description: The listener record against what is wanted. Empty when O(listener) is not given.
  returned: success
  type: dict
  contains:
    state:
      description: V(absent), V(converged), V(changed), V(conflict) (taken by another cluster) or V(unknown) (not read).
      type: str
    id:
      description: Its id, when it exists.
      type: str
    changes:
      description: Field to C(before) and C(after), for what differs.
      type: dict
deployments:
  description: The deployments against what is wanted.
  returned: success
  type: dict
  contains:
    state:
      description: V(converged) when all are, otherwise V(changed).
      type: str
    details:
      description: One for each of O(deployments), in the same order.
      type: list
      elements: dict
      contains:
        name:
          description: Its name.
          type: str
        state:
          description: V(absent), V(converged), V(changed), V(failed) (newest revision), V(deploying), V(conflict)
            (cannot become what is wanted) or V(unknown) (not read).
          type: str
        changes:
          description: Names of the fields that differ.
          type: list
          elements: str
        id:
          description: Its id.
          type: str
        url:
          description: Where the agent answers.
          type: str
        status:
          description: The deployment's status.
          type: str
        revision_id:
          description: Id of its newest revision.
          type: str
        revision_status:
          description: State of its newest revision.
          type: str
"""
