# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that say which deployment a module is about."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of module_utils/control_plane/history.py, OF_DEPLOYMENT."""

    DOCUMENTATION = r"""
options:
  name:
    description:
      - Name of the deployment. Either this or O(deployment_id) is needed.
    type: str
  deployment_id:
    description:
      - Id of the deployment.
    type: str
"""
