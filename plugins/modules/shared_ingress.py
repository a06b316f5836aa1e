#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: the Ingress that all agents share."""

from __future__ import annotations

DOCUMENTATION = r"""
module: shared_ingress
short_description: Manage the Ingress that all agents share, without touching the agents' paths
version_added: 0.1.0
description:
  - Creates or changes the Ingress that the operator adds a path to for each agent. Paths and TLS entries that others
    added
    are kept, so that agents stay reachable.
  - What it wrote last is remembered in the annotation C(langgraph.selfhosted/applied), so that a path that is no longer
    wanted is removed.
  - An Ingress that a Helm release made is taken over. It gets the annotation C(helm.sh/resource-policy=keep), so that
    an
    upgrade of the release that no longer has it (C(ingress.create=false)) lets it be, and loses the marks of the
    release.
  - If somebody else changes the Ingress meanwhile, it is read and decided again; nothing is overwritten.
options:
  definition:
    description:
      - Manifest of the Ingress. C(metadata.name), C(metadata.namespace) and at least one path are needed.
      - Annotations and labels are added to those that are there.
      - The annotation C(lgp-operator.io/shared-ingress=true) is added by the module.
    type: dict
    required: true
extends_documentation_fragment:
  - langgraph.selfhosted.kubeconfig
  - langgraph.selfhosted.attributes
  - langgraph.selfhosted.attributes.action
  - langgraph.selfhosted.attributes.cluster
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Make the Ingress of the agents
  langgraph.selfhosted.shared_ingress:
    context: prod-eu
    definition:
      metadata:
        name: langgraph-dataplane-ingress
        namespace: langgraph
      spec:
        ingressClassName: traefik
        rules:
          - host: agents.example.com
            http:
              paths:
                - path: /metrics
                  pathType: Prefix
                  backend:
                    service:
                      name: langgraph-dataplane-operator
                      port: {number: 8081}
"""

RETURN = r"""
ingress:
  description: The Ingress as it is now, or would be.
  type: dict
  returned: success
  contains:
    name:
      description: Its name.
      type: str
    namespace:
      description: Its namespace.
      type: str
    ingress_class:
      description: Its class.
      type: str
    hosts:
      description: Hosts of its rules.
      type: list
      elements: str
    own_paths:
      description: Paths of the definition.
      type: list
      elements: str
    other_paths:
      description: Paths that others added, and that were kept.
      type: list
      elements: str
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.ingresses import shared_ingress
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import SHARED_INGRESS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(SHARED_INGRESS, shared_ingress)


if __name__ == "__main__":
    main()
