# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the preflight's checks is whole: what the code can find stands in it, described."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks import BEFORE_WRITING, CHECKS
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils import (
    cluster_values,
    control_plane_observation,
    langsmith_values,
)

from tests.consistency.repository import files, text
from tools.checks import checks

TABLE = checks()
ELSEWHERE = (cluster_values, control_plane_observation, langsmith_values)
NAMED = re.compile(r"\bchecks? (`\w+`(?:, `\w+`)*)")


def test_every_check_is_described() -> None:
    assert {name: check for name, check in TABLE.items() if not check.texts or not check.severities} == {}


def test_every_function_is_a_check_of_its_name() -> None:
    assert {function.__name__ for function in (*CHECKS, *BEFORE_WRITING)} - TABLE.keys() == set()


@pytest.mark.parametrize("module", ELSEWHERE, ids=lambda module: module.__name__.rpartition(".")[2])
def test_nothing_is_described_that_is_not_looked_for(module: Any) -> None:
    assert set(module.CHECKS) - TABLE.keys() == set()


def test_severities_are_those_of_the_code() -> None:
    known = {name: check.severities for name, check in TABLE.items()}
    assert known["keda_owner"] == {"error"}
    assert known["hostname_taken"] == known["langsmith"] == {"error", "warning"}
    assert known["bundled_datastores"] == {"warning"}


def test_documents_name_checks_that_there_are() -> None:
    guides = [path for path in files() if path.suffix == ".md" and path.parts[0] in {"README.md", "docs"}]
    named = {
        name
        for path in guides
        for group in NAMED.findall(" ".join(text(path).split()))
        for name in re.findall(r"\w+", group)
    }
    assert named
    assert named - TABLE.keys() == set()


def test_roles_are_read_too() -> None:
    variables = [path for path in files() if path.match("roles/*/vars/main.yml")]
    written = [
        line.split()[1] for path in variables for line in text(path).splitlines() if line.startswith("  check: ")
    ]
    assert written
    assert set(written) - TABLE.keys() == set()
