#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: run an agent's app once in the real Agent Server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: agent_test
short_description: Run an agent's app once in the real Agent Server
version_added: 0.1.0
description:
  - Starts the Agent Server with C(langgraph dev) of the LangGraph CLI around the app in a folder, waits until it
    answers, runs an assistant with an input, and ends the server again, also when something fails or the task is
    killed.
  - The server runs in memory, on a free port of C(127.0.0.1), and leaves no state in the app's folder.
  - When it fails, the end of the server's log is shown. Values of environment variables whose names end with C(KEY),
    C(TOKEN), C(SECRET), C(PASSWORD) or C(CREDENTIALS) are not.
  - What the app needs, such as the key of a model, comes from C(env) in its configuration or from O(environment).
extends_documentation_fragment:
  - langgraph.selfhosted.agent_app
  - langgraph.selfhosted.attributes.read_only
options:
  assistant:
    description:
      - Which graph of the configuration to run; the first one if not given.
    type: str
  input:
    description:
      - The input of the run. If not given, the server only has to start with all graphs and answer.
    type: dict
  expect:
    description:
      - Text that has to be in the answer, as JSON.
    type: str
  environment:
    description:
      - Environment variables of the server, such as the key of a model; none of their values is shown.
      - The keyword C(environment) of a task is no place for secrets, other processes can see it.
    type: dict
    default: {}
  timeout:
    description:
      - Seconds for start and answer together.
    type: float
    default: 120.0
seealso:
  - module: langgraph.selfhosted.agent_image
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: The agent answers before anything is built
  langgraph.selfhosted.agent_test:
    path: agents/support
    cli: agents/support/.venv/bin/langgraph
    input:
      messages:
        - role: user
          content: Is anybody there?
    environment:
      OPENAI_API_KEY: "{{ openai_api_key }}"
"""

RETURN = r"""
answer:
  description: What the assistant answered, with whatever the graph keeps as its state; empty when there was no input.
  type: raw
  returned: success
assistant:
  description: Which graph was run.
  type: str
  returned: success
started_after:
  description: Seconds until the server answered.
  type: float
  returned: success
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.testing import ARGUMENTS, test_app
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(ARGUMENTS, test_app)


if __name__ == "__main__":
    main()
