# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options about how deployments are brought about."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of module_utils/arguments.py, REQUIRE_DIGEST and PROGRESS, and of plugin_utils/live.py."""

    DOCUMENTATION = r"""
options:
  require_digest:
    description:
      - Whether an image has to be given with its digest (C(@sha256:...)), so that what runs is what was meant.
    type: bool
    default: false
  progress:
    description:
      - How a wait shows how far it is. V(auto) keeps one line on a terminal up to date, and where there is no terminal
        prints a line at each change. V(lines) always prints a line at each change. V(quiet) shows nothing.
      - In check mode a fleet shows what it would do, a line for each deployment that it would change.
      - If not given, the environment variable E(LANGGRAPH_PROGRESS) is used.
      - Shown when the task runs in Ansible's own process, which it does with a local connection, without C(become) and
        C(async), where httpx is installed for the Python that runs Ansible.
    type: str
    choices: [auto, lines, quiet]
    default: auto
attributes:
  action:
    support: full
    description: Runs in Ansible's own process where it can, and as a module everywhere else.
  async:
    support: full
    description: Supports being used with the C(async) keyword.
"""
