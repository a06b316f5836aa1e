#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: read the revisions of a deployment."""

from __future__ import annotations

DOCUMENTATION = r"""
module: revision_info
short_description: Read the revisions of a deployment
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Returns revisions of a deployment, newest first, those that all given filters fit. Filters are checked here once
    more, because older control planes ignore some.
  - A deployment that does not exist has no revisions.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.of_deployment
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.control_plane
options:
  revision_id:
    description:
      - Return only the revision with this id.
    type: str
  status:
    description:
      - Return only revisions in one of these states, such as V(DEPLOYED) or V(DEPLOY_FAILED).
    type: list
    elements: str
  image:
    description:
      - Return only revisions with exactly this image.
    type: str
  count:
    description:
      - Return at most this many, from 1 to 10000.
    type: int
    default: 20
seealso:
  - module: langgraph.selfhosted.revision
  - module: langgraph.selfhosted.deployment_logs
"""

EXAMPLES = r"""
- name: Read what was deployed lately
  langgraph.selfhosted.revision_info:
    name: support-agent
    status: [DEPLOYED]
    count: 5
  register: history

- name: Show the images
  ansible.builtin.debug:
    var: history.revisions | map(attribute='image')
"""

RETURN = r"""
deployment_id:
  description: Id of the deployment; empty when there is none.
  returned: success
  type: str
  sample: 9a0c4f4e-7d61-4c52-8d8e-1f2f5a6b7c80
revisions:
  description: The revisions that were asked for, newest first; empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      sample: 0d7f1b6a-30a2-4a8c-9f0e-54a1c8f0aa55
    status:
      description: Its state, such as V(DEPLOYED). An earlier one that was live keeps that state.
      type: str
      sample: DEPLOYED
    status_message:
      description: What the control plane says about the state, where it says something.
      type: str
    newest:
      description: Whether it is the newest revision of the deployment.
      type: bool
      sample: true
    active:
      description: Whether it serves requests.
      type: bool
      sample: true
    source:
      description: Where its image comes from.
      type: str
      sample: external_docker
    image:
      description: Its image.
      type: str
      sample: registry.example.com/agents/support:1.4.2
    repo_ref:
      description: Its branch or tag, where it was built from a repository.
      type: str
    repo_commit_sha:
      description: Its commit, where it was built from a repository.
      type: str
    created_at:
      description: When it was made.
      type: str
      sample: '2026-08-22T10:00:00Z'
    updated_at:
      description: When it was last changed.
      type: str
      sample: '2026-08-22T10:05:00Z'
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import inquiries
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(inquiries.REVISION_INFO_ARGUMENTS, inquiries.revision_info)


if __name__ == "__main__":
    main()
