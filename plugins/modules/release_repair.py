#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: put back what was deleted or edited behind Helm's back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_repair
short_description: Put back what was deleted or edited behind Helm's back
version_added: 0.1.0
description:
  - Compares the objects of a Helm release with the release's own record, creates those that are missing and changes
    those that differ. What it compares is what M(langgraph.selfhosted.observe_cluster) calls drift.
  - No new revision comes of it, no hook runs, and no helm is needed. Chart and values are not touched; to change
    these, upgrade the release.
  - On the Ingress that all agents share the paths of others are kept. One that M(langgraph.selfhosted.shared_ingress)
    took out of its release is left to that module.
extends_documentation_fragment:
  - langgraph.selfhosted.kubeconfig
  - langgraph.selfhosted.attributes
  - langgraph.selfhosted.attributes.cluster
attributes:
  check_mode:
    description: The API server validates every change as a dry run.
options:
  name:
    description: Name of the release.
    type: str
    required: true
  namespace:
    description: Namespace of the release.
    type: str
    required: true
seealso:
  - module: langgraph.selfhosted.release_info
  - module: langgraph.selfhosted.release_recovery
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Put back what somebody edited
  langgraph.selfhosted.release_repair:
    name: langgraph-dataplane
    namespace: langgraph
"""

RETURN = r"""
repaired:
  description: What was put back.
  type: list
  elements: dict
  returned: success
  contains:
    object:
      description: Kind, namespace and name.
      type: str
      sample: Role agents/langgraph-dataplane-listener
    action:
      description: V(create) or V(change).
      type: str
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import KUBECONFIG, ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import Connection, connected
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.repair import repair_release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run

ARGUMENTS = KUBECONFIG + ArgumentSpec(
    options={"name": {"type": "str", "required": True}, "namespace": {"type": "str", "required": True}}
)


def repair(task: Task) -> Outcome:
    """Open the connection and repair."""
    with connected(Connection.of(task.options)) as server:
        return repair_release(server, task.options["name"], task.options["namespace"], check=task.check)


def main() -> None:
    """Run the module."""
    run(ARGUMENTS, repair)


if __name__ == "__main__":
    main()
