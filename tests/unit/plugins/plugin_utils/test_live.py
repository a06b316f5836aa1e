# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Progress
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.live import ProgressLine, plain

REPORTS = [
    Progress(200, 0, 0, 0.2),
    Progress(200, 0, 0, 1.2),
    Progress(200, 120, 2, 41.4),
    Progress(200, 120, 2, 42.4),
    Progress(200, 198, 2, 60),
]


def shown(**options: Any) -> list[tuple[str, dict[str, Any]]]:
    """What the reports make of the screen."""
    calls: list[tuple[str, dict[str, Any]]] = []
    line = ProgressLine(lambda text, **how: calls.append((text, how)), **options)
    for report in REPORTS:
        line(report)
    line.close()
    return calls


def test_without_a_terminal_each_change_is_a_line() -> None:
    assert shown(rewrite=False) == [
        ("agents 120/200 deployed, 2 failed, 41 s", {}),
        ("agents 198/200 deployed, 2 failed, 60 s", {}),
    ]


def test_on_a_terminal_one_line_is_kept_up_to_date_and_removed() -> None:
    calls = shown(rewrite=True)
    assert [text.removeprefix("\r\x1b[K") for text, _ in calls] == [*map(str, REPORTS), ""]
    assert all(text.startswith("\r\x1b[K") for text, _ in calls)
    assert all(how == {"screen_only": True, "newline": False} for _, how in calls)


def test_host_stands_before_the_line_where_there_are_several() -> None:
    assert shown(rewrite=False, who="[eu] ")[0][0] == "[eu] agents 120/200 deployed, 2 failed, 41 s"


def test_terminal_is_left_alone_when_nothing_was_shown() -> None:
    calls: list[str] = []
    ProgressLine(lambda text, **_: calls.append(text), rewrite=True).close()
    assert calls == []


class Vaulted:
    """A text that Ansible decrypts when it is used."""

    def __str__(self) -> str:
        return "the text"


def test_arguments_become_plain_data() -> None:
    assert plain({"a": [1, 1.5, None, True, Vaulted()], "b": ("x", {"c": Vaulted()})}) == {
        "a": [1, 1.5, None, True, "the text"],
        "b": ["x", {"c": "the text"}],
    }
