# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping secrets out of everything that is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

HIDDEN = "********"

# Of a secret with several lines each line of this length is one as well: logs come line by line.
_SHORTEST_LINE = 16
# Shorter values cannot be found in a text without destroying it; no text is built from them.
_SHORTEST = 4
_URL_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")


class Redactor:
    """Replaces known secrets in texts; secrets can be added as they become known."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Remember more values that must not be shown; very short ones are left out."""
        for secret in secrets:
            self._secrets.update(form for form in _forms(secret) if len(form) >= _SHORTEST)

    def __call__(self, text: str) -> str:
        """Return the text with every known secret, and credentials inside URLs, hidden."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _URL_CREDENTIALS.sub(f"{HIDDEN}@", text)

    def deep(self, value: Any) -> Any:
        """Return a JSON value with every text in it redacted."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {self.deep(key): self.deep(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.deep(item) for item in value]
        return value


def _forms(secret: str) -> Iterator[str]:
    """Yield how a secret may stand in a text: as it is, as JSON writes it, and the lines of a long one."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    lines = secret.splitlines()
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= _SHORTEST_LINE)
