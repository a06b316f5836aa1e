#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: read the build or deploy log of a deployment."""

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_logs
short_description: Read the build or deploy log of a deployment
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Returns entries of the log of one revision, oldest first, at most O(count) of them.
  - The API key, and those secrets of the deployment that the control plane shows, are hidden in them.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.of_deployment
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.control_plane
options:
  revision:
    description:
      - Whose log to read; the id of a revision, V(newest), or V(active), the one that serves requests.
    type: str
    default: newest
  type:
    description:
      - The log of what the agent says and of its deployment, or of its image being built. Own images
        (O(langgraph.selfhosted.deployment#module:source=external_docker)) have no build log.
    type: str
    choices: [deploy, build]
    default: deploy
  level:
    description:
      - Return only entries of this level.
    type: str
    choices: [DEBUG, INFO, WARNING, ERROR, CRITICAL]
  query:
    description:
      - Return only entries that hold this text.
    type: str
  start_time:
    description:
      - Return only entries from this time on, such as V(2026-08-22T10:00:00Z).
    type: str
  end_time:
    description:
      - Return only entries up to this time.
    type: str
  run_id:
    description:
      - Return only entries of this run of a graph. Control planes from before August 2026 lack that filter, and the
        task then fails.
    type: str
  tail:
    description:
      - Whether the last O(count) entries are returned, or the first.
    type: bool
    default: true
  count:
    description:
      - Return at most this many, from 1 to 10000.
    type: int
    default: 100
seealso:
  - module: langgraph.selfhosted.revision_info
  - module: langgraph.selfhosted.deployment
"""

EXAMPLES = r"""
- name: Read what went wrong in the newest revision
  langgraph.selfhosted.deployment_logs:
    name: support-agent
    level: ERROR
    count: 20
  register: errors

- name: Show it
  ansible.builtin.debug:
    var: errors.lines
"""

RETURN = r"""
revision_id:
  description: Whose log it is.
  returned: success
  type: str
  sample: 0d7f1b6a-30a2-4a8c-9f0e-54a1c8f0aa55
logs:
  description: The entries, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    timestamp:
      description: When it was written.
      type: str
      sample: '2026-08-22T10:00:00Z'
    level:
      description: Its level, where it has one.
      type: str
      sample: ERROR
    message:
      description: Its text.
      type: str
      sample: Back-off pulling image
lines:
  description: The same as lines of text, to be shown.
  returned: success
  type: list
  elements: str
  sample: ['2026-08-22T10:00:00Z ERROR Back-off pulling image']
truncated:
  description: Whether there are more entries than were returned.
  returned: success
  type: bool
  sample: false
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import inquiries
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(inquiries.DEPLOYMENT_LOGS_ARGUMENTS, inquiries.deployment_logs)


if __name__ == "__main__":
    main()
