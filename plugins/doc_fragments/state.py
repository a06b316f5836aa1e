# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option that says whether something should be there."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of module_utils/arguments.py, STATE."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - Whether it should be there.
    type: str
    choices: [present, absent]
    default: present
"""
