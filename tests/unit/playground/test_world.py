# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `up` refuses, and what is known of a playground."""

from __future__ import annotations

import json
import shlex
import stat
import subprocess
from collections import namedtuple
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from playground import __main__ as command
from playground import binaries, cluster, home, services, world
from playground.errors import PlaygroundError
from playground.home import Paths

Usage = namedtuple("Usage", "total used free")
KNOWN = world.Playground(
    name="one",
    home="",
    kubeconfig="/x/kubeconfig",
    audit_log="/x/audit.log",
    control_plane_url="http://127.0.0.1:8124",
    api_key="lsv2_sk_secret",
    workspace_id=services.WORKSPACE_ID,
    ingress_address="127.0.0.1:8080",
    helm="/bin folder/helm-3/helm",
    charts="/x/charts",
    workloads=True,
)


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> world.Playground:
    monkeypatch.setenv("LANGGRAPH_PLAYGROUND_HOME", str(tmp_path))
    paths = Paths.of("one")
    paths.root.mkdir(parents=True)
    one = replace(KNOWN, home=str(paths.root))
    world._write(paths, one)
    return one


def test_playground_json_has_the_fields_and_only_its_owner_may_read_it(known: world.Playground) -> None:
    file = Path(known.home) / "playground.json"

    assert json.loads(file.read_text()) == asdict(known)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert world.load("one") == known


def test_there_is_no_such_playground(known: world.Playground) -> None:
    with pytest.raises(PlaygroundError, match="no playground 'two'") as caught:
        world.load("two")

    assert "up --name two" in caught.value.remedy


@pytest.mark.parametrize("content", ["", "{}", '{"name": "one"}', "[]"])
def test_a_broken_description_is_as_none(known: world.Playground, content: str) -> None:
    (Path(known.home) / "playground.json").write_text(content)

    with pytest.raises(PlaygroundError, match="no playground"):
        world.load("one")


@pytest.mark.parametrize("name", ["", "A", "../x", "-a", "a" * 41, "a b"])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(PlaygroundError, match="is no name for a playground"):
        Paths.of(name)


def test_a_live_playground_does_not_move_to_another_port(known: world.Playground) -> None:
    with pytest.raises(PlaygroundError, match="--control-plane-port 8124") as caught:
        world.up("one", control_plane_port=9000)

    assert "down --name one" in caught.value.remedy


def test_nothing_is_done_when_all_runs(
    known: world.Playground, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "is_up", lambda _: True)
    monkeypatch.setattr(services, "control_plane_up", lambda *_: True)
    monkeypatch.setattr(services, "workloads_up", lambda _: True)
    monkeypatch.setattr(binaries, "ensure", lambda: pytest.fail("asked for binaries"))

    assert world.up("one", control_plane_port=0) == known
    assert "already up: nothing to do" in capsys.readouterr().err


def test_a_full_disk_is_told_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10, 10, 0))

    with pytest.raises(PlaygroundError, match=r"has 0\.0 GB left") as caught:
        world.up("two", home=tmp_path)

    assert "LANGGRAPH_PLAYGROUND_HOME" in caught.value.remedy
    assert not Paths.of("two", tmp_path).root.exists()


def test_a_disk_that_fills_up_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(binaries, "ensure", full)

    with pytest.raises(PlaygroundError, match="is full"):
        world.up("two", home=tmp_path)


def test_a_home_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(PlaygroundError, match="cannot be used") as caught:
        world.up("two", home=tmp_path / "file")

    assert "LANGGRAPH_PLAYGROUND_HOME" in caught.value.remedy


def test_the_api_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    paths = Paths.of("two", tmp_path)

    key = services.api_key(paths)

    assert key.startswith("lsv2_sk_")
    assert services.api_key(paths) == key != services.api_key(Paths.of("three", tmp_path))
    assert stat.S_IMODE((paths.control_plane / "api-key").stat().st_mode) == 0o600


def test_a_shell_understands_env(known: world.Playground, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["env", "--name", "one"]) == 0

    script = capsys.readouterr().out + 'printf "%s\n" "$KUBECONFIG" "${PATH%%:*}" "$LANGSMITH_API_KEY"'
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
    assert shown == ["/x/kubeconfig", "/bin folder/helm-3", "lsv2_sk_secret"]


def test_status_of_a_dead_playground_is_told_without_its_key(
    known: world.Playground, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["status", "--name", "one"]) == 1

    shown = capsys.readouterr().out
    assert json.loads(shown)["parts"] == {"cluster": False, "control plane": False, "workloads": False}
    assert known.api_key not in shown


def test_an_error_is_one_message_and_exit_code_1(known: world.Playground, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["status", "--name", "two"]) == 1

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "playground: There is no playground 'two'.",
        "Remedy: make it with: python -m playground up --name two",
    ]


def test_down_of_nothing_is_no_error(known: world.Playground, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["down", "--name", "two"]) == 0
    assert "nothing to do" in capsys.readouterr().err


def test_down_removes_a_half_made_one(known: world.Playground) -> None:
    (Path(known.home) / "playground.json").unlink()

    assert world.down("one") is True
    assert list(Path(known.home).parent.iterdir()) == []


def test_the_home_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGGRAPH_PLAYGROUND_BIN", raising=False)
    monkeypatch.delenv("LANGGRAPH_PLAYGROUND_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert home.binary_cache() == tmp_path / "langgraph-selfhosted" / "bin"

    monkeypatch.setenv("LANGGRAPH_PLAYGROUND_HOME", str(tmp_path / "other"))
    assert home.binary_cache() == tmp_path / "other" / "bin"
    assert shlex.split(str(Paths.of("x").root)) == [str(tmp_path / "other" / "playgrounds" / "x")]
