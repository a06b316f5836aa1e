# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes quantities, such as ``500m`` or ``4Gi``, as exact numbers."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15,
    "E": Decimal(10) ** 18,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
    "Pi": Decimal(2) ** 50,
    "Ei": Decimal(2) ** 60,
}
_QUANTITY = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$")


def quantity(text: str | float | None) -> Decimal | None:
    """Return a quantity in its base unit (cores, bytes, pieces), or None for what is none."""
    match = _QUANTITY.match(str(text).strip()) if text is not None else None
    return Decimal(match[1]) * _UNITS[match[2] or ""] if match else None


def amount(text: str | float | None) -> Decimal:
    """Return a quantity in its base unit, 0 for what is none."""
    return quantity(text) or Decimal(0)


def readable(value: Decimal, resource: str) -> str:
    """Write an amount as people do: memory and storage in Gi or Mi, cpu in cores."""
    if resource.endswith("memory") or resource.endswith("storage"):
        unit = "Gi" if abs(value) >= _UNITS["Gi"] else "Mi"
        return f"{value / _UNITS[unit]:.1f}".removesuffix(".0") + unit
    return f"{value:.3f}".rstrip("0").rstrip(".")
