# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any, NoReturn

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils import runner
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    MissingLibrary,
    Refused,
    SelfHostedError,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

ARGUMENTS = ArgumentSpec(
    options={
        "name": {"type": "str"},
        "token": {"type": "str", "no_log": True},
        "secrets": {"type": "dict", "no_log": True},
    }
)


class Ended(Exception):
    """A module ends by leaving the process."""


class Module:
    """AnsibleModule as far as the runner uses it."""

    params: dict[str, Any]
    check_mode = False

    def __init__(self, **_: Any) -> None:
        secrets = self.params.get("secrets") or {}
        self.no_log_values = {str(value) for value in secrets.values()} | {"a-token"}
        self.result: dict[str, Any] = {}
        self.warnings: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def exit_json(self, **result: Any) -> NoReturn:
        self.result = result
        raise Ended

    def fail_json(self, **result: Any) -> NoReturn:
        self.result = {**result, "failed": True}
        raise Ended


def run(monkeypatch: pytest.MonkeyPatch, handler: Any, check: bool = False, **params: Any) -> Module:
    made: list[Module] = []

    class Made(Module):
        def __init__(self, **options: Any) -> None:
            self.params, self.check_mode = {"name": None, "token": None, "secrets": None, **params}, check
            super().__init__(**options)
            made.append(self)

    monkeypatch.setattr(runner, "AnsibleModule", Made)
    with pytest.raises(Ended):
        runner.run(ARGUMENTS, handler)
    return made[0]


@pytest.mark.parametrize("check", [False, True])
def test_handler_gets_options_and_check_mode(monkeypatch: pytest.MonkeyPatch, check: bool) -> None:
    seen: list[Task] = []

    def handler(task: Task) -> Outcome:
        seen.append(task)
        return Outcome(True, {"thing": {"id": 1}}, diff={"before": "", "after": "x"}, warnings=["careful"])

    monkeypatch.setenv("SOME_VARIABLE", "value")
    module = run(monkeypatch, handler, check, name="a", secrets={"A": "one", "B": "long-enough-value"})
    assert seen[0].options["secrets"] == {"A": "one", "B": "long-enough-value"}
    assert (seen[0].check, seen[0].environment["SOME_VARIABLE"]) == (check, "value")
    assert module.result == {"changed": True, "thing": {"id": 1}, "diff": {"before": "", "after": "x"}}
    assert module.warnings == ["careful"]


def test_async_handler_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(_: Task) -> Outcome:
        return Outcome(result={"ok": True})

    assert run(monkeypatch, handler).result == {"changed": False, "ok": True}


def test_our_errors_become_failures_with_their_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(_: Task) -> Outcome:
        raise Refused("No.", cause="Because.", remedy="Do.", details={"names": ["a"]})

    assert run(monkeypatch, handler).result == {
        "failed": True,
        "msg": "No.\nCause: Because.\nRemedy: Do.",
        "cause": "Because.",
        "remedy": "Do.",
        "error": "Refused",
        "names": ["a"],
    }


def test_missing_library_is_told_in_ansibles_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(_: Task) -> Outcome:
        raise MissingLibrary("httpx", "Traceback: no httpx")

    result = run(monkeypatch, handler).result
    assert "Failed to import the required Python library (httpx)" in result["msg"]
    assert result["exception"] == "Traceback: no httpx"


def test_any_other_error_is_ours_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(_: Task) -> Outcome:
        raise KeyError("oops")

    result = run(monkeypatch, handler).result
    assert "please report" in result["msg"]
    assert "KeyError" in result["exception"]


def test_short_nested_secrets_blank_nothing_and_long_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    module = run(monkeypatch, lambda _: Outcome(), secrets={"A": "1", "B": "long-enough-value"})
    assert module.no_log_values == {"long-enough-value", "a-token"}
    assert "1" not in json.dumps(module.params)
    assert "long-enough-value" not in json.dumps(module.params)


def test_of_options_that_hold_more_only_the_secrets_are_blanked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "AnsibleModule", _Made)
    with pytest.raises(Ended):
        runner.run(ARGUMENTS, lambda _: Outcome(), secrets=lambda params: [params["secrets"]["B"], "short"])
    module = _Made.made
    assert module.no_log_values == {"long-enough-value", "a-token"}
    assert "long" not in json.dumps(module.params)


class _Made(Module):
    made: _Made
    check_mode = False

    def __init__(self, **options: Any) -> None:
        self.params = {"name": None, "token": None, "secrets": {"A": "a-name-and-no-secret", "B": "long-enough-value"}}
        super().__init__(**options)
        type(self).made = self


def test_result_of_an_error_without_parts_is_short() -> None:
    assert runner.failure(SelfHostedError("No.")) == {"msg": "No.", "error": "SelfHostedError"}
