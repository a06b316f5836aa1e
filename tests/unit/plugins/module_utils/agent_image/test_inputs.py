# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.cli import Recipe
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.inputs import (
    Ignored,
    environment_files,
    inputs_of,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused


@pytest.mark.parametrize(
    ("rules", "ignored", "kept"),
    [
        ("*.log", ["a.log"], ["a.txt", "b/a.log"]),
        ("**/*.log", ["a.log", "b/a.log", "b/c/a.log"], ["a.txt"]),
        ("build", ["build", "build/x", "build/x/y"], ["builder", "a/build"]),
        ("/build/", ["build/x"], ["a/build/x"]),
        ("*\n!keep.txt", ["a", "b/c"], ["keep.txt"]),
        ("docs\n!docs/keep\ndocs/keep/not", ["docs/a", "docs/keep/not"], ["docs/keep/x"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["z", "a/y"]),
        ("fil?.[ch]", ["file.c", "fill.h"], ["file.o", "fi.c"]),
        ("# a comment\n\n  spaced  ", ["spaced"], ["# a comment"]),
        ("**", ["a", "b/c"], []),
    ],
)
def test_ignored_files_are_those_that_docker_ignores(rules: str, ignored: list[str], kept: list[str]) -> None:
    found = Ignored(rules)
    assert [path for path in [*ignored, *kept] if found(path)] == ignored


def recipe(folder: Path, **changes: object) -> Recipe:
    values: dict[str, object] = {"dockerfile": "FROM x", "context": folder, "further": {}, "arguments": ()}
    return Recipe(**{**values, **changes})  # type: ignore[arg-type]


def test_everything_that_a_builder_gets_is_an_input(tmp_path: Path) -> None:
    """One change each; all of them make another fingerprint."""
    app, lib = tmp_path / "app", tmp_path / "lib"
    for folder in (app, lib):
        folder.mkdir()
        (folder / "a.py").write_text("1")
    seen = [inputs_of(recipe(app), "sha256:1")]
    seen.append(inputs_of(recipe(app), "sha256:2"))
    seen.append(inputs_of(recipe(app, dockerfile="FROM y"), "sha256:1"))
    seen.append(inputs_of(recipe(app, arguments=("--x",)), "sha256:1"))
    seen.append(inputs_of(recipe(app, further={"lib": lib}), "sha256:1"))
    (lib / "a.py").write_text("2")
    seen.append(inputs_of(recipe(app, further={"lib": lib}), "sha256:1"))
    (app / "a.py").write_text("2")
    seen.append(inputs_of(recipe(app), "sha256:1"))
    (app / "a.py").chmod(0o755)
    seen.append(inputs_of(recipe(app), "sha256:1"))
    (app / "a.py").rename(app / "b.py")
    seen.append(inputs_of(recipe(app), "sha256:1"))
    (app / "c.py").symlink_to("b.py")
    seen.append(inputs_of(recipe(app), "sha256:1"))
    assert len(set(seen)) == len(seen)


def test_files_with_secrets_are_found_where_they_would_be_copied(tmp_path: Path) -> None:
    for name in (".env", ".env.local", ".env.example", "sub/.env", "environment"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert environment_files(recipe(tmp_path)) == [".env", ".env.local", "sub/.env"]
    (tmp_path / ".dockerignore").write_text("**/.env*")
    assert environment_files(recipe(tmp_path)) == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_arguments: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "secret").touch()
    monkeypatch.setattr(Path, "open", denied)  # root, who may run the tests, may read everything
    with pytest.raises(Refused, match="secret cannot be read"):
        inputs_of(recipe(tmp_path), "")


def test_the_base_is_the_first_from(tmp_path: Path) -> None:
    assert recipe(tmp_path, dockerfile="# x\nFROM --platform=linux/amd64 a/b:1 AS c\nFROM d").base == "a/b:1"
