#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: clear what a helm that died left pending."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_recovery
short_description: Clear what a helm that died left pending
version_added: 0.1.0
description:
  - A helm that is killed leaves its release pending, and every later one refuses with
    C(another operation is in progress).
  - Waits while a live helm may still be at work, then removes the record of the pending revision. The revision before
    it is the newest again, or the release is not installed; what was made meanwhile is adopted by the next install or
    upgrade.
  - A release that is not pending is left alone.
extends_documentation_fragment:
  - langgraph.selfhosted.kubeconfig
  - langgraph.selfhosted.attributes
  - langgraph.selfhosted.attributes.cluster
options:
  name:
    description: Name of the release.
    type: str
    required: true
  namespace:
    description: Namespace of the release.
    type: str
    required: true
  pending_after:
    description:
      - Seconds after which a pending release counts as left behind; until then the task waits.
      - A helm that waits for workloads or for a chart's jobs writes nothing meanwhile, so this has to be longer than
        such a wait. V(0) where no helm can be at work.
    type: float
    default: 300
seealso:
  - module: langgraph.selfhosted.release_info
  - module: langgraph.selfhosted.release_repair
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Clear what a cancelled pipeline left
  langgraph.selfhosted.release_recovery:
    name: langgraph-dataplane
    namespace: langgraph
    pending_after: 30
"""

RETURN = r"""
removed:
  description: Name of the Secret that held the pending record; empty when there was none.
  type: str
  returned: success
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import KUBECONFIG, ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import Connection, connected
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.repair import recover_release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run

ARGUMENTS = KUBECONFIG + ArgumentSpec(
    options={
        "name": {"type": "str", "required": True},
        "namespace": {"type": "str", "required": True},
        "pending_after": {"type": "float", "default": 300.0},
    }
)


def recover(task: Task) -> Outcome:
    """Open the connection and recover."""
    options = task.options
    with connected(Connection.of(options)) as server:
        return recover_release(
            server, options["name"], options["namespace"], pending_after=options["pending_after"], check=task.check
        )


def main() -> None:
    """Run the module."""
    run(ARGUMENTS, recover)


if __name__ == "__main__":
    main()
