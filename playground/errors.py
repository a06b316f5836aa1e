# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception a user of the playground gets to see, and how progress is told."""

from __future__ import annotations

import sys


class PlaygroundError(Exception):
    """What failed and why, with what to do about it.

    `str()` gives the message and, on a line of its own, the remedy.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(message)

    def __str__(self) -> str:
        return f"{self.message}\nRemedy: {self.remedy}" if self.remedy else self.message


def say(line: str) -> None:
    """Print one line of progress on stderr (stdout is for what `env` and `status` answer)."""
    print(f"playground: {line}", file=sys.stderr, flush=True)
