# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module agent_image against a real registry: what is built, what is not, which tags there are in the end."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    InvalidInput,
    NotFound,
    Refused,
    SelfHostedError,
    Unreachable,
)

from tests.integration.agent_image.conftest import BASE, Builder, push_base, write_app


def test_the_ladder(builder: Builder) -> None:
    """Predicted, made, left alone; the same for a change of the app."""
    for text in ("first", "second"):
        (builder.app / "prompt.txt").write_text(text)
        before, done = builder.tags(), builder.commands()

        predicted = builder.run(check=True)
        assert predicted.changed
        assert predicted.result["built"]
        assert predicted.result["digest"] is None
        assert predicted.result["reference"] == predicted.result["image"]
        assert (builder.tags(), builder.commands()) == (before, done)

        made = builder.run()
        assert made.changed
        assert made.result["image"] == predicted.result["image"]
        assert made.result["reference"] == f"{builder.name}@{made.result['digest']}"
        tag = made.result["image"].rpartition(":")[2]
        assert builder.tags() == {**before, tag: made.result["digest"]}
        assert builder.commands() == [*done, "pull", "build", "push"]
        assert made.diff == {"before": {tag: None}, "after": {tag: made.result["digest"]}}

        for check in (True, False):
            again = builder.run(check=check)
            assert not again.changed
            assert again.result == {**made.result, "built": False}
            assert again.diff["before"] == again.diff["after"]
        assert builder.commands() == [*done, "pull", "build", "push"]


def test_another_machine_with_the_same_app_has_nothing_to_do(builder: Builder) -> None:
    """What is in an image does not depend on where its app lies; what tools leave in the folder is no part of it."""
    made = builder.run()
    elsewhere = write_app(builder.app.parent / "elsewhere" / "app")
    for rubbish in (".git/index", "__pycache__/echo.pyc", ".venv/bin/python", ".langgraph_api/store.pckl"):
        (elsewhere / rubbish).parent.mkdir(parents=True)
        (elsewhere / rubbish).write_text("rubbish")

    again = builder.run(path=str(elsewhere))

    assert not again.changed
    assert again.result["digest"] == made.result["digest"]


@pytest.mark.parametrize(
    "options", [{"build_arguments": ["--build-arg=A=1"]}, {"platform": "linux/arm64"}, {"force": True}]
)
def test_other_options_make_another_image(builder: Builder, options: dict[str, Any]) -> None:
    first = builder.run()
    again = builder.run(**options)
    assert again.changed
    assert again.result["built"]
    assert (again.result["image"] == first.result["image"]) == ("force" in options)


def test_a_new_base_image_makes_a_new_image_unless_it_is_not_looked_for(builder: Builder) -> None:
    first, fixed = builder.run(), builder.run(pull=False)
    push_base(builder.registry, "newer")
    try:
        assert not builder.run(pull=False).changed
        newer = builder.run()
    finally:
        push_base(builder.registry)
    assert newer.changed
    assert newer.result["image"] not in (first.result["image"], fixed.result["image"])
    assert not builder.run().changed


def test_further_tags_take_neither_a_build_nor_a_push(builder: Builder) -> None:
    made = builder.run()
    commands = builder.commands()

    tagged = builder.run(tags=["v1", "stable"])

    assert tagged.changed
    assert not tagged.result["built"]
    assert tagged.result["reference"] == made.result["reference"]
    assert builder.commands() == commands
    assert {builder.tags()[tag] for tag in ("v1", "stable")} == {made.result["digest"]}
    assert not builder.run(tags=["v1", "stable"]).changed


def test_a_tag_of_another_image_moves_only_where_it_may(builder: Builder) -> None:
    first = builder.run(tags=["stable"])
    (builder.app / "prompt.txt").write_text("another")
    commands = builder.commands()

    with pytest.raises(Refused, match="stable") as caught:
        builder.run(tags=["stable"])
    assert "move_tags" in str(caught.value)
    assert builder.commands() == commands
    assert builder.tags()["stable"] == first.result["digest"]

    moved = builder.run(tags=["stable"], move_tags=True)
    assert builder.tags()["stable"] == moved.result["digest"] != first.result["digest"]
    assert moved.diff["before"]["stable"] == first.result["digest"]


def test_what_an_interrupted_run_has_built_is_only_pushed(builder: Builder) -> None:
    builder.run(push=False)
    assert builder.run().changed
    assert builder.commands() == ["pull", "build", "push"]


def test_an_image_that_is_not_pushed_stays_in_the_engines_store(builder: Builder) -> None:
    assert builder.run(push=False, tags=["here"], check=True).changed
    made = builder.run(push=False, tags=["here"])
    assert made.changed
    assert made.result["digest"] is None
    assert made.result["reference"] == made.result["image"]
    assert builder.tags() == {}
    assert not builder.run(push=False, tags=["here"]).changed
    assert builder.commands() == ["pull", "build", "tag"]


def test_a_dependency_that_fails_is_shown(builder: Builder) -> None:
    (builder.app / "broken").touch()
    with pytest.raises(SelfHostedError, match="No matching distribution found for nothing") as caught:
        builder.run()
    assert "build ended with 1" in str(caught.value)
    assert caught.value.remedy


def test_secrets_of_the_app_are_warned_of(builder: Builder) -> None:
    (builder.app / ".env").write_text("OPENAI_API_KEY=x")
    (warning,) = builder.run(check=True).warnings
    assert ".env" in warning
    (builder.app / ".dockerignore").write_text(".env*\n")
    assert not builder.run(check=True).warnings


def test_all_that_is_wrong_is_said_at_once(builder: Builder) -> None:
    with pytest.raises(InvalidInput) as caught:
        builder.run(
            name="agents/support:1",
            tags=["ok", "not ok"],
            build_arguments=["--tag=x"],
            authfile="/nowhere/auth.json",
            ca_cert="/nowhere/ca.pem",
        )
    paths = [problem.path for problem in caught.value.problems]
    assert paths == ["name", "tags[1]", "build_arguments[0]", "authfile", "ca_cert"]
    assert builder.commands() == []


def test_an_app_that_is_none_is_found_before_anything_is_built(builder: Builder) -> None:
    file = builder.app / "langgraph.json"
    working = file.read_text()
    for content in ("{", "[]", '{"graphs": {}}'):
        file.write_text(content)
        with pytest.raises(InvalidInput, match=r"langgraph\.json"):
            builder.run()
    file.write_text(working.replace('["."]', '["./nowhere"]'))
    with pytest.raises(Refused, match="nowhere"):
        builder.run()
    file.unlink()
    with pytest.raises(InvalidInput, match="is missing"):
        builder.run()
    shutil.rmtree(builder.app)
    with pytest.raises(InvalidInput, match="no folder"):
        builder.run()
    assert builder.commands() == []


def test_what_is_not_there_is_found_before_anything_is_built(builder: Builder) -> None:
    """The CLI, the engine, the base image, the registry."""
    with pytest.raises(Refused, match="LangGraph CLI"):
        builder.run(cli="/nowhere/langgraph")
    builder.environment["PATH"] = "/nowhere"
    with pytest.raises(Refused, match="docker: it is not on the PATH") as caught:
        builder.run(engine="auto")
    assert "podman" in str(caught.value)
    builder.environment["PATH"] = f"{builder.app.parent / 'bin'}:/usr/bin:/bin"
    with pytest.raises(Refused, match="base image"):
        builder.run(base_image=f"{builder.registry.name}/{BASE}-of-nobody")
    with pytest.raises(Unreachable, match="does not answer"):
        builder.run(name="127.0.0.1:1/agents/support")
    with pytest.raises(Unreachable) as unreachable:
        builder.run(insecure=False)
    assert "insecure" in str(unreachable.value)
    assert builder.commands() == []


def test_the_registry_that_makes_no_repositories_says_so(builder: Builder) -> None:
    """A 404 for an upload is a repository that has to be made first; here it is one that the registry cannot have."""
    builder.repository = "x" * 300
    with pytest.raises((NotFound, SelfHostedError)) as caught:
        builder.run()
    assert caught.value.remedy
    assert builder.commands() == []
