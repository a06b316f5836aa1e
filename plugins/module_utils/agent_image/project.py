# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An app's folder: its langgraph.json and its graphs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput, Problem


@dataclass(frozen=True)
class Project:
    """An app that the LangGraph CLI can test and build.

    Attributes:
        folder: Where it is.
        file: Its configuration, usually langgraph.json.
        configuration: What is in that.
    """

    folder: Path
    file: Path
    configuration: Mapping[str, Any]

    @property
    def graphs(self) -> list[str]:
        """Names of its graphs, in the order they are written."""
        return list(self.configuration["graphs"])


def read_project(path: str, config: str) -> Project:
    """Read the app in a folder.

    Raises:
        InvalidInput: There is none, or its configuration cannot be read.
    """
    folder = Path(path).absolute()
    file = folder / config
    if not folder.is_dir():
        raise InvalidInput([Problem("path", f"{folder} is no folder.")])
    if not file.is_file():
        remedy = "Give the app's folder, and as config the name of its configuration."
        raise InvalidInput([Problem("path", f"{file} is missing.", remedy)])
    try:
        configuration = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput([Problem(str(file), f"it is not readable as JSON: {error}.")]) from error
    graphs = configuration.get("graphs") if isinstance(configuration, Mapping) else None
    if not isinstance(graphs, Mapping) or not graphs:
        why = "it names no graphs."
        raise InvalidInput([Problem(str(file), why, 'Add "graphs": {"agent": "./agent.py:graph"}.')])
    return Project(folder, file, configuration)
