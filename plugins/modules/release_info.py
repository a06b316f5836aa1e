#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: what Helm's own records say of a release."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_info
short_description: Read what Helm's own records say of a release
version_added: 0.1.0
description:
  - Reads and decodes the Secrets in which Helm keeps a release. No helm is needed and none is started.
options:
  name:
    description: Name of the release.
    type: str
    required: true
  namespace:
    description: Its namespace.
    type: str
    required: true
  values:
    description:
      - Whether to return the values that the release was installed with. They may hold secrets, if the user put
        some there.
    type: bool
    default: false
  objects:
    description: Whether to return which objects the release consists of.
    type: bool
    default: true
extends_documentation_fragment:
  - langgraph.selfhosted.kubeconfig
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.cluster
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
seealso:
  - module: langgraph.selfhosted.observe_cluster
"""

EXAMPLES = r"""
- name: Read the data plane's release
  langgraph.selfhosted.release_info:
    name: langgraph-dataplane
    namespace: langgraph
  register: installed

- name: Say its version
  ansible.builtin.debug:
    msg: "{{ installed.release.chart_version if installed.exists else 'not installed' }}"
"""

RETURN = r"""
exists:
  description: Whether there is such a release.
  type: bool
  returned: success
release:
  description: The newest revision, null if there is none.
  type: dict
  returned: success
  contains:
    name:
      description: Its name.
      type: str
    namespace:
      description: Its namespace.
      type: str
    revision:
      description: Number of the revision.
      type: int
    status:
      description: As Helm calls it, such as V(deployed), V(failed), V(pending-upgrade).
      type: str
    description:
      description: What Helm says of the revision.
      type: str
    chart:
      description: Name of the chart.
      type: str
    chart_version:
      description: Version of the chart.
      type: str
    app_version:
      description: Version of what the chart installs.
      type: str
    updated:
      description: When the revision was made.
      type: str
    release_values:
      description: The values given, if asked for.
      type: dict
    objects:
      description:
        - Its objects without hooks, each with C(api_version), C(kind), C(namespace) (null if the manifest names
          none) and C(name).
      type: list
      elements: dict
history:
  description: All revisions that are kept, oldest first, each with C(revision) and C(status).
  type: list
  elements: dict
  returned: success
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import RELEASE_INFO
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.release_facts import release_info
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(RELEASE_INFO, release_info)


if __name__ == "__main__":
    main()
