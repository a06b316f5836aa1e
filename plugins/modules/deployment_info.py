#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: read deployments."""

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_info
short_description: Read deployments of agents
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Returns deployments of the workspace, those that all given filters fit. Filters are checked here once more, because
    older control planes ignore some.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.control_plane
options:
  name:
    description:
      - Return only the deployment of exactly this name.
    type: str
  name_contains:
    description:
      - Return only deployments whose name holds this text.
    type: str
  deployment_id:
    description:
      - Return only the deployment with this id.
    type: str
  listener:
    description:
      - Return only deployments of the listener with this compute_id.
    type: str
  listener_id:
    description:
      - Return only deployments of the listener with this id.
    type: str
  namespace:
    description:
      - Return only deployments in this namespace.
    type: str
  status:
    description:
      - Return only deployments in this state, such as V(READY).
    type: str
seealso:
  - module: langgraph.selfhosted.deployment
"""

EXAMPLES = r"""
- name: Read one deployment
  langgraph.selfhosted.deployment_info:
    name: support-agent
  register: found

- name: List what runs in a cluster
  langgraph.selfhosted.deployment_info:
    listener: prod-eu-01
"""

RETURN = r"""
deployments:
  description: The deployments that were asked for, by name; empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id; empty in check mode when it does not exist yet.
      type: str
      sample: 9a0c4f4e-7d61-4c52-8d8e-1f2f5a6b7c80
    name:
      description: Its name.
      type: str
      sample: support-agent
    source:
      description: Where its images come from.
      type: str
      sample: external_docker
    status:
      description: The control plane's word for the whole. V(READY) says nothing about the newest revision.
      type: str
      sample: READY
    url:
      description: Where the agent answers, once that is known.
      type: str
      sample: https://agents.example.com/lgp/support-agent-2c4fbdbded08537db9a853eb4f63f9e5
    image:
      description: The image of the newest revision.
      type: str
      sample: registry.example.com/agents/support:1.4.2
    listener_id:
      description: The listener that it belongs to.
      type: str
      sample: 6c1f0c9e-2d0b-4f0a-8b0e-0c4e1f5a9d11
    namespace:
      description: The namespace that it lives in.
      type: str
      sample: agents
    resource_spec:
      description: Its resources, with what the server filled in.
      type: dict
      sample: {min_scale: 1, max_scale: 2, cpu: 1, memory_mb: 2048}
    secret_names:
      description: Names of its secret environment variables. Values are never returned.
      type: list
      elements: str
      sample: [OPENAI_API_KEY]
    secret_references:
      description: Environment variables that come from Kubernetes Secrets.
      type: list
      elements: dict
      sample: []
    custom_url:
      description: A URL of its own.
      type: str
      sample: https://support.example.com
    display_name:
      description: Name for people.
      type: str
      sample: Support
    shareable:
      description: Whether it may be shared, where the control plane tells that.
      type: bool
    route_through_gateway:
      description: Whether calls of models go through the gateway, where the control plane tells that.
      type: bool
    deployment_type:
      description: Kind of deployment in LangChain's cloud; planes tell V(prod) for images of your own.
      type: str
    deployment_tier:
      description: Size in LangChain's cloud.
      type: str
    integration_id:
      description: The GitHub integration.
      type: str
    repo_url:
      description: The repository.
      type: str
    repo_ref:
      description: Branch or tag of the newest revision.
      type: str
    build_on_push:
      description: Whether a push makes a new revision.
      type: bool
    langgraph_config_path:
      description: Path of C(langgraph.json).
      type: str
    install_command:
      description: Command that installs what a JavaScript agent needs.
      type: str
    build_command:
      description: Command that builds a JavaScript agent.
      type: str
    source_tarball_path:
      description: Where the uploaded archive lies.
      type: str
    template_id:
      description: The template.
      type: str
    latest_revision:
      description: Its newest revision.
      type: dict
      contains:
        id:
          description: Its id.
          type: str
          sample: 0d7f1b6a-30a2-4a8c-9f0e-54a1c8f0aa55
        status:
          description: Its state, such as V(DEPLOYED); empty in check mode when it does not exist yet.
          type: str
          sample: DEPLOYED
        status_message:
          description: What the control plane says about the state, where it says something.
          type: str
        created_at:
          description: When it was made, where that was read.
          type: str
        updated_at:
          description: When it was last changed, where that was read.
          type: str
    active_revision_id:
      description: The revision that serves requests.
      type: str
      sample: 0d7f1b6a-30a2-4a8c-9f0e-54a1c8f0aa55
    created_at:
      description: When it was made.
      type: str
      sample: '2026-08-22T10:00:00Z'
    updated_at:
      description: When it was last changed.
      type: str
      sample: '2026-08-22T10:05:00Z'
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import (
    DEPLOYMENT_INFO_ARGUMENTS,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(DEPLOYMENT_INFO_ARGUMENTS, operations.deployment_info)


if __name__ == "__main__":
    main()
