# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a guide shows: blocks of YAML whose first line is a comment with the file's name."""

from __future__ import annotations

import re
from pathlib import Path

GUIDES = Path(__file__).resolve().parent.parent / "docs" / "guides"


def block(guide: str, name: str) -> str:
    """Return the text of the only block of a guide that starts with ``# name``."""
    text = (GUIDES / f"{guide}.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```yaml\n# {re.escape(name)}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return str(found)
