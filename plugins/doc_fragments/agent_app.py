# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that say which app the LangGraph CLI works on."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options that agent_image and agent_test share."""

    DOCUMENTATION = r"""
options:
  path:
    description:
      - Folder of the app.
    type: path
    required: true
  config:
    description:
      - Name of its configuration in that folder.
    type: str
    default: langgraph.json
  cli:
    description:
      - Path of the LangGraph CLI (C(langgraph)), best in an environment of the app's own that has its dependencies.
      - If not given, the one beside the Python that runs this task, else the one on the PATH is used.
    type: path
requirements:
  - langgraph-cli[inmem]
"""
