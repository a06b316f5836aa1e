# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check or an assessment has to say: values, no behaviour."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """Something that would make a later step fail (error) or that the user should know (warning).

    Attributes:
        check: Name of the check, the same on every run, so that it can be ignored by name.
        severity: ``error`` or ``warning``.
        what: What is the matter and where, one sentence.
        why: Why it matters or what causes it.
        remedy: What to do about it.
    """

    check: str
    severity: str
    what: str
    why: str
    remedy: str

    @classmethod
    def error(cls, check: str, what: str, *, why: str, remedy: str) -> Finding:
        """Make a finding that has to be put right first."""
        return cls(check, ERROR, what, why, remedy)

    @classmethod
    def warning(cls, check: str, what: str, *, why: str, remedy: str) -> Finding:
        """Make a finding that stops nothing."""
        return cls(check, WARNING, what, why, remedy)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as a result of a task."""
        return asdict(self)
