#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin plugins/action/agents_answer.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: agents_answer
short_description: Prove that agents answer
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Calls all agents at the same time, again and again, until each answers 200 or the time is up. Then it fails with one
    message that says of each silent agent why, and what to do.
extends_documentation_fragment:
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.action
options:
  agents:
    description:
      - Whom to call; further keys are ignored, so that deployments as other modules return them can be given.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Its name, for messages.
        type: str
        required: true
      url:
        description:
          - Its base URL.
        type: str
        required: true
  address:
    description:
      - C(host:port) to connect to in place of the URL's own host, such as an ingress controller whose DNS name is not
        set yet. The Host header and the name in TLS stay those of the URL.
    type: str
  path:
    description:
      - What to call below each URL.
    type: str
    default: /ok
  timeout:
    description:
      - Seconds for all agents together.
    type: float
    default: 60.0
  validate_certs:
    description:
      - Whether certificates are checked.
    type: bool
    default: true
  ca_cert:
    description:
      - File of the CA certificates (PEM) to trust, beside those of the system.
    type: path
requirements:
  - httpx
"""

EXAMPLES = r"""
- name: Every agent has to answer
  langgraph.selfhosted.agents_answer:
    agents:
      - name: support-agent
        url: https://agents.example.com/lgp/support-agent-2c4fbdbded08537db9a853eb4f63f9e5
    address: 10.0.0.17:443
"""

RETURN = r"""
agents:
  description: How each was reached; when the task fails, only those that did not answer.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    url:
      description: Its base URL.
      type: str
    status:
      description: The HTTP status of the last call, empty when there was no answer.
      type: int
    seconds:
      description: Time until then.
      type: float
"""
