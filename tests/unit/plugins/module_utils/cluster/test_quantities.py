# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from decimal import Decimal

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.quantities import (
    amount,
    quantity,
    readable,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2000m", "2"),
        ("2", "2"),
        (2, "2"),
        (0.5, "0.5"),
        ("1Gi", str(2**30)),
        ("1G", str(10**9)),
        ("1.5Ki", "1536"),
        ("1e3", "1000"),
        ("1E", str(10**18)),
        ("-1", "-1"),
        (".5", "0.5"),
    ],
)
def test_is_an_exact_number(text: str | float, value: str) -> None:
    assert quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", [None, "", "much", "1 Gi", "1GiB", "m", "0x10"])
def test_what_is_no_quantity_is_none(text: str | None) -> None:
    assert quantity(text) is None
    assert amount(text) == 0


@pytest.mark.parametrize(
    ("value", "resource", "text"),
    [
        (4 * 2**30, "memory", "4Gi"),
        (2**29, "requests.memory", "512Mi"),
        (3 * 2**29, "storage", "1.5Gi"),
        ("2.5", "cpu", "2.5"),
        (10, "cpu", "10"),
        (0, "cpu", "0"),
    ],
)
def test_reads_as_people_write_it(value: int | str, resource: str, text: str) -> None:
    assert readable(Decimal(value), resource) == text
