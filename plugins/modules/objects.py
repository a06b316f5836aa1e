#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: make objects of the cluster that are not Helm's."""

from __future__ import annotations

DOCUMENTATION = r"""
module: objects
short_description: Make namespaces, Secrets and other objects that are not Helm's
version_added: 0.1.0
description:
  - Makes namespaces, Secrets and objects as wanted, in one task, and writes only what differs.
  - What differs is told as M(langgraph.selfhosted.observe_cluster) tells it, so that what the one leaves
    the other calls converged.
  - In check mode the API server validates every change as a dry run; what lies in a namespace that is
    missing is predicted.
extends_documentation_fragment:
  - langgraph.selfhosted.kubeconfig
  - langgraph.selfhosted.attributes
  - langgraph.selfhosted.attributes.action
  - langgraph.selfhosted.attributes.cluster
options:
  namespaces:
    description: Namespaces that have to exist.
    type: list
    elements: str
    default: []
  secrets:
    description: Secrets by their values. These are never shown.
    type: list
    elements: dict
    default: []
    suboptions:
      namespace:
        description: Namespace of the Secret.
        type: str
        required: true
      name:
        description: Name of the Secret.
        type: str
        required: true
      data:
        description: Keys and plain values that it has to have. Further keys are let be.
        type: dict
        default: {}
      initial:
        description:
          - Keys and plain values that it gets when it lacks any of them, and keeps from then on.
          - Meant for what is made up once, such as a password.
        type: dict
        default: {}
      once:
        description:
          - Keys and plain values that it gets each when it lacks that one, and keeps from then on.
          - Meant for things made up once that do not depend on each other, such as a salt and a password.
        type: dict
        default: {}
      labels:
        description: Labels of a Secret that is made.
        type: dict
        default: {}
  objects:
    description: Manifests. What they say has to be in the live objects; what they leave out is not touched.
    type: list
    elements: dict
    default: []
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: A namespace with a password that is made up once
  langgraph.selfhosted.objects:
    namespaces: [langgraph]
    secrets:
      - namespace: langgraph
        name: redis
        initial: {password: "{{ lookup('ansible.builtin.password', '/dev/null') }}"}
"""

RETURN = r"""
written:
  description: What was created or changed.
  type: list
  elements: dict
  returned: success
  contains:
    object:
      description: Kind, namespace and name.
      type: str
      sample: Secret langgraph/langgraph-redis
    action:
      description: V(create) or V(change).
      type: str
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.objects import objects
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import OBJECTS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(OBJECTS, objects)


if __name__ == "__main__":
    main()
