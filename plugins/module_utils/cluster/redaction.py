# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes secrets out of text that comes from a cluster: log lines, events, values."""

from __future__ import annotations

import re

HIDDEN = "********"

_PATTERNS = (
    (re.compile(r"lsv2_[A-Za-z]{2}_[A-Za-z0-9_]+"), HIDDEN),
    (re.compile(r"lcl_[A-Za-z0-9+/=_-]{16,}"), HIDDEN),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(@)", re.IGNORECASE), rf"\1{HIDDEN}\2"),
    (re.compile(r"(\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+"), HIDDEN),
    (
        re.compile(
            r"((?:password|passwd|secret|token|api[_-]?key|x-api-key)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&}]+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
)
_SECRET_NAME = re.compile(
    r"(password|passwd|token|secret|credential|api_?key|license_?key|connection_?url)$", re.IGNORECASE
)


def redacted(text: str) -> str:
    """Return text with everything that looks like a key, a token or a password hidden."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def names_a_secret(key: str) -> bool:
    """Whether a field of this name is likely to hold a secret."""
    return bool(_SECRET_NAME.search(key))
