# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules and action plugins promise: check mode, diff, idempotence, action group."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes that are the same for several modules."""

    # Modules that change something.
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in check_mode and return what would change, without changing it.
  diff_mode:
    support: full
    description: Returns details on what has changed (or would in check_mode) when in diff mode. Secrets are not shown.
  idempotent:
    support: full
    description: Running it again with the same options, when nothing changed meanwhile, changes nothing.
"""

    # Modules and actions that only read.
    READ_ONLY = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: Can run in check_mode; it changes nothing in any mode.
  diff_mode:
    support: N/A
    description: Returns details on what has changed when in diff mode; it never changes anything.
  idempotent:
    support: full
    description: It changes nothing.
"""

    CONTROL_PLANE = r"""
options: {}
attributes:
  action_group:
    support: full
    membership:
      - langgraph.selfhosted.control_plane
    description: Use C(group/langgraph.selfhosted.control_plane) in C(module_defaults) to give the connection once.
"""

    CLUSTER = r"""
options: {}
attributes:
  action_group:
    support: full
    membership:
      - langgraph.selfhosted.cluster
    description: Use C(group/langgraph.selfhosted.cluster) in C(module_defaults) to give the connection once.
"""

    # Actions that run on the controller.
    ACTION = r"""
options: {}
attributes:
  action:
    support: full
    description: Runs on the controller, as an action plugin.
  async:
    support: none
    description: Supports being used with the C(async) keyword.
"""
