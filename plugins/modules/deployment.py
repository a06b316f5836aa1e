#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: a deployment of an agent."""

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment
short_description: Manage a deployment of an agent
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Creates, changes and deletes a deployment in the control plane, and waits until its newest revision is deployed.
  - Options that are not given are left as they are. A new revision is made only when something differs that makes one
    (O(image), O(resource_spec), O(secrets), O(secret_references)).
  - A write whose answer was lost is looked up before it is sent again, so that nothing is made twice.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.state
  - langgraph.selfhosted.wait
  - langgraph.selfhosted.cloud_sources
  - langgraph.selfhosted.rollout
  - langgraph.selfhosted.attributes
  - langgraph.selfhosted.attributes.control_plane
options:
  name:
    description:
      - Name of the deployment, unique in the workspace. Cannot be changed afterwards.
    type: str
    required: true
  image:
    description:
      - Image that C(langgraph build) made, such as V(registry.example.com/agents/support:1.4.2). A digest is best,
        because nodes may keep an older image of the same tag.
      - Needed with O(state=present) for O(source=external_docker); otherwise only O(source=internal_docker) takes it.
    type: str
  source:
    description:
      - Where images come from. V(external_docker) is an image of your own, the one kind for self-hosted and hybrid
        planes; the others exist in LangChain's cloud only. Cannot be changed afterwards.
      - An option that does not belong to the source is refused before anything is sent. O(listener), O(listener_id),
        O(namespace), O(resource_spec), O(secret_references) and O(custom_url) belong to V(external_docker) only.
    type: str
    choices: [external_docker, github, internal_docker, internal_source, internal_template]
    default: external_docker
  listener:
    description:
      - The listener, and so the cluster, to deploy to, by its compute_id. Needed when the workspace has listeners.
        Cannot be changed afterwards.
    type: str
  listener_id:
    description:
      - The same by the listener's id.
    type: str
  namespace:
    description:
      - Namespace to deploy into; one that the listener serves. If the listener serves one only, that is the default.
        Cannot be changed afterwards.
    type: str
  resource_spec:
    description:
      - CPU, memory, scale and placement of the agent, in the API's own words, such as C(min_scale), C(max_scale),
        C(cpu), C(memory_mb), C(queue_cpu), C(db_storage_gi), C(labels), C(service_account_name), C(image_pull_secrets),
        C(volumes), C(sidecars).
      - Keys that are not given are kept as they are, although the API replaces the whole. In C(labels) and
        C(annotations) exactly what is given is kept.
    type: dict
  secrets:
    description:
      - Secret environment variables, name to value; all of them, because the API replaces the set. The API cannot
        remove the last one.
      - Values are compared with those that the control plane shows, and never shown themselves. Where it hides them,
        only names are compared and the task warns.
    type: dict
  secret_references:
    description:
      - Environment variables that come from Kubernetes Secrets in the deployment's namespace; all of them. An empty
        list removes all.
      - Control planes from before May 2026 do not know them; the task then warns.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the variable.
        type: str
        required: true
      secret_name:
        description:
          - Name of the Kubernetes Secret.
        type: str
        required: true
      secret_key:
        description:
          - Key in that Secret.
        type: str
        required: true
  custom_url:
    description:
      - A URL of its own for the agent. The API cannot empty it again.
    type: str
  display_name:
    description:
      - Name for people. Control planes from before August 2026 do not know it; the task then warns. The API cannot
        empty it again.
    type: str
  shareable:
    description:
      - Whether the agent may be shared. Cannot be changed afterwards. Control planes from before August 2026 do not
        know it; the task then warns.
    type: bool
  route_through_gateway:
    description:
      - Whether calls of models go through the gateway. Control planes from before August 2026 do not know it; the task
        then warns.
    type: bool
  redeploy_failed:
    description:
      - Whether to deploy anew when nothing has to change and the newest revision failed.
    type: bool
    default: true
  on_failure:
    description:
      - What to do when the new revision fails or is not deployed in time. V(fail) leaves it to you. V(rollback)
        redeploys the revision that was deployed before and waits for it; the task fails nevertheless and tells both.
      - A rollback brings back what belongs to a revision (O(image), O(resource_spec), O(secrets),
        O(secret_references)), not O(custom_url) and O(display_name). It needs O(wait).
    type: str
    choices: [fail, rollback]
    default: fail
seealso:
  - module: langgraph.selfhosted.fleet
  - module: langgraph.selfhosted.deployment_info
  - module: langgraph.selfhosted.agents_answer
"""

EXAMPLES = r"""
- name: Deploy an agent
  langgraph.selfhosted.deployment:
    workspace_id: 3f9b2c64-5d0e-4a51-9c1b-6a2f4e8d7c10
    name: support-agent
    image: registry.example.com/agents/support:1.4.2
    listener: prod-eu-01
    namespace: agents
    resource_spec:
      min_scale: 1
      max_scale: 3
      memory_mb: 4096
      image_pull_secrets:
        - name: registry
    secrets:
      OPENAI_API_KEY: "{{ openai_api_key }}"
    secret_references:
      - name: CRM_TOKEN
        secret_name: crm
        secret_key: token
  register: agent

- name: Show where it answers
  ansible.builtin.debug:
    var: agent.deployment.url

- name: Deploy a new version, and go back if it does not come up
  langgraph.selfhosted.deployment:
    name: support-agent
    image: registry.example.com/agents/support:1.5.0
    listener: prod-eu-01
    wait_timeout: 300
    on_failure: rollback

- name: Let LangChain's cloud build an agent from a repository
  langgraph.selfhosted.deployment:
    region: us
    name: docs-agent
    source: github
    deployment_type: prod
    integration_id: 1e9d8c7b-0a35-4a41-8f21-6f5e4d3c2b1a
    repo_url: https://github.com/example/docs-agent
    repo_ref: main
    langgraph_config_path: langgraph.json
    build_on_push: true

- name: Delete it and wait until nothing runs any more
  langgraph.selfhosted.deployment:
    name: support-agent
    state: absent
    wait: true
"""

RETURN = r"""
deployment:
  description: The deployment after the task; in check mode as it would be. Empty with O(state=absent).
  returned: success
  type: dict
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
revision:
  description: The revision that was not deployed, with its id, status and status_message.
  returned: when a revision failed or was not deployed in time
  type: dict
rollback:
  description: The revision that the rollback made, with its id and status, and C(content_of), the revision that it
    repeats. Empty when nothing could be brought back.
  returned: when a revision failed and O(on_failure=rollback)
  type: dict
log:
  description: Last lines of that revision's deploy log, where the control plane offers one.
  returned: when a revision failed or was not deployed in time
  type: list
  elements: str
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import (
    DEPLOYMENT_ARGUMENTS,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet_options import secret_texts
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(DEPLOYMENT_ARGUMENTS, operations.deployment, secrets=secret_texts)


if __name__ == "__main__":
    main()
