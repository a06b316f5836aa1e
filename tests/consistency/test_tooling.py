# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools agree: lock and inputs, metadata and requirements, what CI runs and what a developer runs."""

from __future__ import annotations

import json
import re
import sys

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.consistency.repository import ROOT, load, text


def requirements(path: str) -> dict[str, Requirement]:
    """Name → requirement of a requirements file, without its comments and includes."""
    lines = (line.split("  #")[0].strip() for line in text(path).splitlines())
    parsed = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def locked() -> dict[str, list[Version]]:
    """Name → versions of the lock; more than one where they depend on the Python."""
    found: dict[str, list[Version]] = {}
    for line in text("requirements/dev.txt").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", line)
        assert match, f"not a pinned requirement: {line}"
        found.setdefault(canonicalize_name(match[1]), []).append(Version(match[2]))
    return found


def test_the_lock_holds_what_the_inputs_ask_for() -> None:
    pinned = locked()
    for path in ("requirements/test.in", "requirements/dev.in"):
        for name, requirement in requirements(path).items():
            assert name in pinned, f"{name}: run `make lock`"
            assert all(version in requirement.specifier for version in pinned[name]), f"{name}: run `make lock`"


def test_the_lock_names_no_place() -> None:
    assert "://" not in text("requirements/dev.txt")


def test_an_execution_environment_gets_what_the_collection_needs() -> None:
    described = load("meta/execution-environment.yml")["dependencies"]["python"]
    needed, tested = requirements(described), requirements("requirements/test.in")
    assert {name: str(needed[name].specifier) for name in needed} == {
        name: str(tested[name].specifier) for name in ("httpx", "kubernetes", "openshift")
    }
    assert set(requirements("tests/integration/requirements.txt")) == set(needed)


def test_kubernetes_core_here_is_one_that_users_may_have() -> None:
    wanted = SpecifierSet(load("galaxy.yml")["dependencies"]["kubernetes.core"])
    manifest = ROOT / ".cache" / "ansible_collections" / "kubernetes" / "core" / "MANIFEST.json"
    assert json.loads(manifest.read_text())["collection_info"]["version"] in wanted


def test_oldest_ansible_is_said_once() -> None:
    oldest = load("meta/runtime.yml")["requires_ansible"]
    assert oldest == ">=2.16.0"
    assert str(requirements("requirements/test.in")["ansible-core"].specifier) == ">=2.16"


def test_no_tool_hides_a_module_that_the_tools_import() -> None:
    """A script's own folder comes first on its path: tools/venv.py would be what `import venv` finds in it."""
    assert not {path.stem for path in (ROOT / "tools").glob("*.py")} & sys.stdlib_module_names


def test_ci_runs_what_a_developer_runs() -> None:
    assert re.search(r"^exec make test$", text(".ci/run"), re.MULTILINE)
    jobs = load(".github/workflows/ci.yml")["jobs"]
    steps = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert steps == [".ci/run", "make test-matrix"]


def test_make_test_runs_every_kind_of_test() -> None:
    recipe = re.search(r"^test: .*\n((?:\t.*\n)+)", text("Makefile"), re.MULTILINE)
    assert recipe
    for target in ("lint", "types", "unit", "consistency", "sanity", "integration", "molecule"):
        assert re.search(rf"\b{target}\b", recipe[1]), target
