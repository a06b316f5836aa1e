#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: wait for OpenShift's router."""

from __future__ import annotations

DOCUMENTATION = r"""
module: routes_admitted
short_description: Wait until OpenShift's router has admitted the Routes of an Ingress
version_added: 0.1.0
description:
  - OpenShift makes a Route of each path of an Ingress whose class is served by C(openshift.io/ingress-to-route). Its
    router admits them or refuses them, for instance because the hostname belongs to another namespace; the Ingress
    says nothing of that.
  - Waits until there are Routes of the Ingress and all are admitted. A Route that is refused ends the wait, with the
    router's reason.
  - Writes nothing.
options:
  namespace:
    description: Namespace of the Ingress.
    type: str
    required: true
  ingress:
    description: Name of the Ingress.
    type: str
    required: true
  timeout:
    description: Seconds to wait.
    type: float
    default: 300.0
extends_documentation_fragment:
  - langgraph.selfhosted.kubeconfig
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.action
  - langgraph.selfhosted.attributes.cluster
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
seealso:
  - module: langgraph.selfhosted.shared_ingress
  - module: langgraph.selfhosted.workloads_ready
"""

EXAMPLES = r"""
- name: Wait until the agents' hostname is ours
  langgraph.selfhosted.routes_admitted:
    context: prod-eu
    namespace: agents
    ingress: langgraph-dataplane-ingress
    timeout: 60
"""

RETURN = r"""
routes:
  description: The Routes of the Ingress.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: Name of the Route.
      type: str
    host:
      description: Its hostname.
      type: str
    path:
      description: Its path.
      type: str
    service:
      description: Service that it leads to.
      type: str
    termination:
      description: Where TLS ends, such as V(edge); empty without TLS.
      type: str
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.admission import routes_admitted
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import ROUTES_ADMITTED
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(ROUTES_ADMITTED, routes_admitted)


if __name__ == "__main__":
    main()
