#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: put an earlier revision of a deployment live again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: revision
short_description: Deploy an earlier revision of a deployment again
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Makes a new revision with the content of an earlier one (its image, resources, secrets and references), and waits
    until it is deployed.
  - Nothing is done when the newest revision has that content already and did not fail; RV(ignore:reason) says which one
    that is. The API tells a revision's source and image, but not its secrets and resources, so only the former are
    compared; O(force) deploys all the same.
  - A redeployment whose answer was lost is looked for before it is asked for again.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.wait
  - langgraph.selfhosted.of_deployment
  - langgraph.selfhosted.attributes
  - langgraph.selfhosted.attributes.control_plane
attributes:
  idempotent:
    support: partial
    details:
      - O(revision=previous) goes back by one revision with every run, and O(force=true) deploys with every run.
options:
  revision:
    description:
      - Which revision to deploy again.
      - The id of one; or V(last_deployed), the newest one that was deployed (after a failed one, that is the one which
        still serves); or V(previous), the one that was deployed before the newest one.
      - V(previous) depends on what is there, so that a second run undoes the first; an id or O(image) can be repeated.
    type: str
  image:
    description:
      - Deploy the newest revision with exactly this image again; one that was deployed wins over one that was not.
    type: str
  force:
    description:
      - Deploy again although the newest revision has the same content as far as the API tells it.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until the new revision is deployed (or the newest one, when nothing has to be done). If not
        given, it waits.
    type: bool
seealso:
  - module: langgraph.selfhosted.revision_info
  - module: langgraph.selfhosted.deployment
"""

EXAMPLES = r"""
- name: Go back to the image that was fine
  langgraph.selfhosted.revision:
    name: support-agent
    image: registry.example.com/agents/support:1.4.1

- name: Take back the last change
  langgraph.selfhosted.revision:
    name: support-agent
    revision: previous

- name: After a failure, deploy again what still serves
  langgraph.selfhosted.revision:
    name: support-agent
    revision: last_deployed
    wait_timeout: 900
"""

RETURN = r"""
reason:
  description: What was done, or why nothing had to be.
  returned: success
  type: str
  sample: Revision 0d7f1b6a-30a2-4a8c-9f0e-54a1c8f0aa55 is deployed again.
redeployed:
  description: The earlier revision that the options mean, with the same keys as RV(revision).
  returned: success
  type: dict
  sample: {id: 0d7f1b6a-30a2-4a8c-9f0e-54a1c8f0aa55, image: 'registry.example.com/agents/support:1.4.1'}
revision:
  description: The newest revision after the task, or the one that was not deployed; in check mode as it would be.
  returned: always, when there is such a deployment
  type: dict
  contains:
    id:
      description: Its id; empty in check mode when it would be made.
      type: str
      sample: 7b0d6e0e-52b0-4a0e-8d15-3f0f5f2a4e77
    status:
      description: Its state, such as V(DEPLOYED); empty in check mode when it would be made.
      type: str
      sample: DEPLOYED
    status_message:
      description: What the control plane says about the state, where it says something.
      type: str
    source:
      description: Where its image comes from.
      type: str
      sample: external_docker
    image:
      description: Its image.
      type: str
      sample: registry.example.com/agents/support:1.4.1
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
log:
  description: Last lines of that revision's deploy log, where the control plane offers one.
  returned: when the revision failed or was not deployed in time
  type: list
  elements: str
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import redeploying
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(redeploying.REVISION_ARGUMENTS, redeploying.revision)


if __name__ == "__main__":
    main()
