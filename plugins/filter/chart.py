# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: where a chart comes from, and where it is kept on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
name: chart
short_description: Where a chart comes from, and its folder on the controller
version_added: 0.1.0
description:
  - Turns a release and a chart source into what C(helm pull) needs, and into the folder that holds the chart then.
  - A source that is a folder is used as it is; nothing is fetched then.
positional: source, cache
options:
  _input:
    description: A release with C(chart), C(version) and C(repository).
    type: dict
    required: true
  source:
    description: V(official), a folder, an C(oci://) path, or the URL of a chart repository.
    type: str
    required: true
  cache:
    description: Folder on the controller that keeps fetched charts.
    type: path
    required: true
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Where the chart of KEDA comes from
  ansible.builtin.debug:
    msg: "{{ release | langgraph.selfhosted.chart('oci://mirror.example.com/charts', '/var/cache/charts') }}"
  vars:
    release: {chart: keda, version: 2.20.2, repository: https://kedacore.github.io/charts}
"""

RETURN = r"""
_value:
  description: >-
    C(folder) (path of the chart on the controller), C(ref), C(repository) and C(version) (what to pull; C(repository)
    may be empty).
  type: dict
"""

import os
from typing import Any


def chart(release: dict[str, Any], source: str, cache: str) -> dict[str, str]:
    """Return folder, ref and repository of a release's chart; see DOCUMENTATION."""
    name, version = release["chart"], release["version"]
    fetched = os.path.join(os.path.expanduser(cache), f"{name}-{version}", name)
    if source == "official":
        return {"folder": fetched, "ref": name, "repository": release["repository"], "version": version}
    if source.startswith("oci://"):
        return {"folder": fetched, "ref": f"{source.rstrip('/')}/{name}", "repository": "", "version": version}
    if source.startswith(("https://", "http://")):
        return {"folder": fetched, "ref": name, "repository": source, "version": version}
    folder = os.path.join(os.path.expanduser(source), name)
    return {"folder": folder, "ref": folder, "repository": "", "version": version}


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"chart": chart}
