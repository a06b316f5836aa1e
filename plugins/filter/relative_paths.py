# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: variables whose paths depend on where somebody stands."""

from __future__ import annotations

DOCUMENTATION = r"""
name: relative_paths
short_description: Find variables whose paths are relative
version_added: 0.1.0
description:
  - Returns a finding for each path that begins with neither V(/) nor V(~).
  - In a playbook of a collection such a path means several places. Lookups and modules start in the collection's own
    folder, and what runs in Ansible's own process starts where C(ansible-playbook) was started.
options:
  _input:
    description: Paths, or lists of paths, by the name of their variable. Empty ones are left out.
    type: dict
    required: true
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Show relative paths
  ansible.builtin.debug:
    msg: "{{ {'langgraph_values_files': ['values.yml']} | langgraph.selfhosted.relative_paths }}"
"""

RETURN = r"""
_value:
  description: Findings, each with C(check), C(severity), C(what), C(why) and C(remedy).
  type: list
  elements: dict
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding

CHECK = "relative_path"


def relative_paths(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a finding for each path that is relative; see DOCUMENTATION."""
    return [_finding(name, path).as_dict() for name, paths in given.items() for path in _relative(paths)]


def _relative(paths: Any) -> Iterator[str]:
    for path in paths if isinstance(paths, list | tuple) else [paths]:
        text = str(path or "").strip()
        if text and not text.startswith(("/", "~")):
            yield text


def _finding(name: str, path: str) -> Finding:
    in_the_shell = name.isupper()
    return Finding.error(
        CHECK,
        f"{name} has a relative path: {path}",
        why="A playbook of a collection runs in the collection's own folder, and would look for it there.",
        remedy=f"Write $PWD/{path}, or any absolute path."
        if in_the_shell
        else f'Write "{{{{ inventory_dir }}}}/{path}" if it is beside the inventory, or an absolute path; '
        f"on the command line $PWD/{path}.",
    )


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"relative_paths": relative_paths}
