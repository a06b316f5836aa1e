#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: many deployments of agents."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet
short_description: Manage many deployments of agents at once
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Makes the deployments of a workspace what a list says, in one task. Everything is read once and planned before
    anything is written, changes are made several at a time, and all are waited for with polls that they share.
  - Whatever is wrong with the list is found before the first request, all of it, each with its place. What the control
    plane would not take (another namespace, a field that cannot be changed) is found before the first write.
  - The task fails at its end when a deployment failed, and says of each why. What was written stays; the next run goes
    on from there, also after a run that was killed.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.wait
  - langgraph.selfhosted.rollout
  - langgraph.selfhosted.attributes
  - langgraph.selfhosted.attributes.control_plane
options:
  deployments:
    description:
      - The deployments. Each is a map of the options of M(langgraph.selfhosted.deployment) that describe a deployment
        (C(name), C(state), C(image), C(listener), C(listener_id), C(namespace), C(resource_spec), C(secrets),
        C(secret_references), C(custom_url), C(display_name), C(redeploy_failed), C(require_digest) and so on).
      - Deployments that are not in the list are left alone, unless O(prune) is given.
    type: list
    elements: dict
    required: true
  defaults:
    description:
      - Options that the deployments have in common; what a deployment says itself wins.
      - Of C(resource_spec) and C(secrets) the keys are laid over each other; everything else is replaced as a whole. A
        C(listener_id) of its own also replaces a C(listener), and the other way round.
    type: dict
  prune:
    description:
      - Delete the deployments in this scope that O(deployments) does not name. At least one of the scopes is needed;
        with several, a deployment has to be in all of them.
      - Deletions come last. They are waited for with O(wait=true) only.
    type: dict
    suboptions:
      listener:
        description:
          - Deployments of the listener with this compute_id.
        type: str
      listener_id:
        description:
          - Deployments of the listener with this id.
        type: str
      name_prefix:
        description:
          - Deployments whose name begins so.
        type: str
      max_deletes:
        description:
          - So many are deleted at most. When there are more, the task fails before anything is written, and names them.
        type: int
        default: 10
  on_failure:
    description:
      - What to do when a deployment cannot be written, or its revision fails or is not deployed in time.
      - V(continue) goes on with the others. V(stop) begins no other change; what was begun is waited for. V(rollback)
        goes on with the others, redeploys what the failed one ran before, and waits for that; it needs O(wait).
      - The task fails in all cases.
    type: str
    choices: [continue, stop, rollback]
    default: continue
  batch_size:
    description:
      - How many deployments are changed, and waited for, before the next are begun; a number, or a percentage of those
        that are to be changed, such as V(10%). The first batch with a failure is the last.
      - If not given, all are changed at once.
    type: str
  concurrency:
    description:
      - How many requests are under way at the same time.
    type: int
    default: 16
notes:
  - O(wait_timeout) is for each batch, and again for a rollback.
seealso:
  - module: langgraph.selfhosted.deployment
  - module: langgraph.selfhosted.deployment_info
"""

EXAMPLES = r"""
- name: Have these agents in the cluster, and no others
  langgraph.selfhosted.fleet:
    defaults:
      listener: prod-eu-01
      namespace: agents
      resource_spec:
        min_scale: 1
        image_pull_secrets:
          - name: registry
      secrets:
        OPENAI_API_KEY: "{{ openai_api_key }}"
    deployments:
      - name: support
        image: registry.example.com/agents/support:1.4.2
      - name: sales
        image: registry.example.com/agents/sales:2.0.1
        resource_spec:
          max_scale: 5
        secrets:
          CRM_TOKEN: "{{ crm_token }}"
    prune:
      listener: prod-eu-01
      max_deletes: 3

- name: See what that would change
  langgraph.selfhosted.fleet:
    deployments: "{{ agents }}"
  check_mode: true
  diff: true

- name: Roll out carefully, a tenth at a time, and bring back what fails
  langgraph.selfhosted.fleet:
    deployments: "{{ agents }}"
    require_digest: true
    batch_size: 10%
    on_failure: rollback
    wait_timeout: 300
"""

RETURN = r"""
deployments:
  description:
    - How each deployment came out, in the order of the list; what was pruned comes after it. In check mode, what would
      be done.
  returned: success, and when deployments failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: support
    changed:
      description: Whether it was changed.
      type: bool
      sample: true
    action:
      description: What was done, one of V(create), V(update), V(redeploy), V(delete), V(none), and V(skipped) when it
        was not begun because another had failed.
      type: str
      sample: update
    fields:
      description: Names of the fields that an update changes.
      type: list
      elements: str
      sample: [image]
    id:
      description: Its id; empty in check mode when it does not exist yet.
      type: str
      sample: 9a0c4f4e-7d61-4c52-8d8e-1f2f5a6b7c80
    status:
      description: The control plane's word for the whole. V(READY) says nothing about the newest revision.
      type: str
      sample: READY
    url:
      description: Where the agent answers, once that is known.
      type: str
      sample: https://agents.example.com/lgp/support-2c4fbdbded08537db9a853eb4f63f9e5
    revision:
      description: Its newest revision, with C(id), C(status), C(status_message), C(created_at) and C(updated_at) as
        far as they were read.
      type: dict
      sample: {id: 0d7f1b6a-30a2-4a8c-9f0e-54a1c8f0aa55, status: DEPLOYED}
    error:
      description: Why it failed, with the status of the revision, what the control plane says about it and the last
        lines of its log. Empty when it did not fail.
      type: str
    rollback:
      description: The revision that a rollback made, and C(content_of), the one that it repeats. Empty when there
        was none.
      type: dict
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import FLEET_ARGUMENTS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet import fleet
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fleet_options import secret_texts
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(FLEET_ARGUMENTS, fleet, secrets=secret_texts)


if __name__ == "__main__":
    main()
