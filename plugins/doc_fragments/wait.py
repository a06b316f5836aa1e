# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options about waiting for the control plane."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of module_utils/arguments.py, WAIT."""

    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the newest revision is deployed (or, with C(state=absent), until nothing runs any more).
      - If not given, C(state=present) waits and C(state=absent) does not; newer control planes keep a deleted
        deployment running for an hour.
    type: bool
  wait_timeout:
    description:
      - Seconds to wait at most.
    type: float
    default: 600.0
"""
