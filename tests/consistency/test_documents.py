# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents: what they list exists, what exists is listed, what they show can be read by a machine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from tests.consistency.repository import ROOT, files, load, modules, playbooks, roles, text

DOCUMENTS = [path for path in files() if path.suffix == ".md" and path.parts[0] not in {"changelogs", ".github"}]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def plugins(kind: str) -> set[str]:
    """Names of the filters that the plugins of a kind define: one a file."""
    return {path.stem for path in files() if path.parent == Path("plugins") / kind and path.stem != "__init__"}


def make_targets() -> set[str]:
    """Targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+)(?=[a-z -]*:)", text("Makefile"), re.MULTILINE))


def listed() -> set[str]:
    """What the README's tables name."""
    rows = [line for line in text("README.md").splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"[`\[]([\w.]+)[`\]]", row)}


def test_the_readme_lists_everything() -> None:
    wanted = {module.name for module in modules()}
    wanted |= {role.name for role in roles() if not role.name.startswith("_")}
    wanted |= {f"langgraph.selfhosted.{path.stem}" for path in playbooks()}
    assert wanted - listed() == set()


def test_the_readme_lists_nothing_that_is_not_there() -> None:
    known = {module.name for module in modules()} | {role.name for role in roles()}
    known |= {f"langgraph.selfhosted.{path.stem}" for path in playbooks()}
    known |= plugins("filter") | plugins("inventory") | plugins("lookup")
    rows = [line for line in text("README.md").splitlines() if line.startswith(("| `", "| ["))]
    named = {name for row in rows for name in re.findall(r"[`\[]([\w.]+)[`\]]", row.split("|")[1])}
    assert named - known == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    local = [target for target in LINK.findall(text(path)) if not re.match(r"[a-z]+:", target)]
    assert [target for target in local if not (ROOT / path.parent / target).exists()] == []


def left_out(path: Path) -> bool:
    """Whether the archive that users install lacks a file."""
    patterns = load("galaxy.yml")["build_ignore"]
    return any(
        fnmatch(str(part), pattern) for part in (path, *path.parents) for pattern in patterns if str(part) != "."
    )


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if not left_out(path)], ids=str)
def test_links_of_the_archive_lead_to_what_is_in_it(path: Path) -> None:
    targets = [target for target in LINK.findall(text(path)) if not re.match(r"[a-z]+:", target)]
    there = {target: (ROOT / path.parent / target).resolve().relative_to(ROOT) for target in targets}
    assert [target for target, file in there.items() if left_out(file)] == []


def test_links_to_the_repository_lead_to_files_of_it() -> None:
    start = f"{load('galaxy.yml')['repository']}/blob/main/"
    linked = [target for path in DOCUMENTS for target in LINK.findall(text(path)) if target.startswith(start)]
    assert linked
    assert [target for target in linked if not (ROOT / target.removeprefix(start)).is_file()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_yaml_in_documents_parses(path: Path) -> None:
    for language, body in BLOCK.findall(text(path)):
        if language in {"yaml", "yml"}:
            list(yaml.safe_load_all(body))


def commands(document: str) -> Iterator[list[str]]:
    """The shell commands that a document shows."""
    for language, body in BLOCK.findall(document):
        if language in {"", "sh", "shell", "bash", "console"}:
            for line in body.splitlines():
                try:
                    yield shlex.split(line.removeprefix("$ "), comments=True)
                except ValueError:
                    continue


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_make_targets_in_documents_exist(path: Path) -> None:
    shown = {command[1] for command in commands(text(path)) if command[:1] == ["make"] and len(command) > 1}
    shown |= set(re.findall(r"`make ([a-z-]+)", text(path)))
    assert shown - make_targets() == set()


def test_help_lists_every_target() -> None:
    helped = set(re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE)[1].split())  # type: ignore[index]
    assert make_targets() == phony
    assert phony - helped <= {"matrix"}, "a target without a line of help"


def test_examples_parse() -> None:
    examples = [path for path in files() if path.parts[0] == "examples" and path.suffix in {".yml", ".yaml"}]
    assert examples
    assert [path for path in examples if not load(path)] == []


def test_the_change_has_its_changelog() -> None:
    fragments = [path for path in files() if path.parts[:2] == ("changelogs", "fragments")]
    released = ROOT / "changelogs" / "changelog.yaml"
    assert fragments or released.exists()
    version = load("galaxy.yml")["version"]
    assert (
        any(path.name.startswith(version) for path in fragments)
        or version in load("changelogs/changelog.yaml")["releases"]
    )


def test_commands_are_found() -> None:
    assert list(commands("```\n$ make demo  # all\n```\n")) == [["make", "demo"]]
