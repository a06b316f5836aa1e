# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    InvalidInput,
    MissingLibrary,
    Problem,
    SelfHostedError,
)


def test_text_holds_message_cause_and_remedy_each_on_its_line() -> None:
    error = SelfHostedError("It broke.", cause="A stone.", remedy="Sweep.")
    assert str(error).splitlines() == ["It broke.", "Cause: A stone.", "Remedy: Sweep."]


def test_text_without_cause_is_the_message_alone() -> None:
    assert str(SelfHostedError("It broke.")) == "It broke."


def test_result_holds_parts_that_are_known_and_details() -> None:
    error = SelfHostedError("It broke.", remedy="Sweep.", details={"where": "here"})
    assert error.as_result() == {
        "msg": "It broke.\nRemedy: Sweep.",
        "remedy": "Sweep.",
        "error": "SelfHostedError",
        "where": "here",
    }


def test_invalid_input_lists_all_problems_with_their_paths() -> None:
    error = InvalidInput([Problem("a[0].b", "it is wrong.", "Do it so."), Problem("c", "it is missing.")])
    assert str(error).splitlines() == [
        "The input is not valid (2 problems):",
        "  - a[0].b: it is wrong. Do it so.",
        "  - c: it is missing.",
    ]
    assert [problem["path"] for problem in error.details["problems"]] == ["a[0].b", "c"]


@pytest.mark.parametrize(("status", "details"), [(None, {}), (404, {"status": 404})])
def test_status_of_an_answer_is_a_detail(status: int | None, details: dict[str, int]) -> None:
    assert AnswerError("no", status=status).details == details


def test_missing_library_says_how_to_install_it() -> None:
    assert "pip install httpx" in str(MissingLibrary("httpx"))
