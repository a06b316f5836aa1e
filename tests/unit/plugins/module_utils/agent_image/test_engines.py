# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What engines are called with; what they make of it is shown by tests/integration/agent_image/test_engines.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.engines import (
    ENGINES,
    Engine,
    EngineFailed,
    find_engine,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused

IMAGE = "r.example.com/a:1"
SCRIPT = """#!/bin/sh
echo "$*" >> "$0.called"
[ ! -e "$0.says" ] || { cat "$0.says" >&2; exit 1; }
"""


def program(folder: Path, name: str) -> Path:
    file = folder / name
    file.write_text(SCRIPT)
    file.chmod(0o755)
    return file


def called(file: Path) -> list[str]:
    return Path(f"{file}.called").read_text().splitlines()


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    program(tmp_path, request.param)
    return find_engine(request.param, {"PATH": f"{tmp_path}:/usr/bin:/bin"}, insecure=True)


def test_arguments(engine: Engine, tmp_path: Path) -> None:
    tls = "" if engine.name == "docker" else " --tls-verify=false"
    engine.pull(IMAGE, "linux/arm64")
    engine.build(["build", "-f", "-", "-t", IMAGE, str(tmp_path)], "FROM x", tmp_path)
    engine.tag(IMAGE, "r.example.com/a:2")
    engine.push(IMAGE)
    commands = called(tmp_path / engine.name)[1:]
    assert commands == [
        f"pull{tls} --platform linux/arm64 {IMAGE}",
        f"build{tls} -f - -t {IMAGE} {tmp_path}",
        f"tag {IMAGE} r.example.com/a:2",
        f"push{tls} {IMAGE}",
    ]


@pytest.mark.parametrize(
    ("says", "remedy"),
    [
        ("denied: requested access to the resource is denied", "login"),
        ("http: server gave HTTP response to HTTPS client", "insecure"),
        ("something else", "run again"),
    ],
)
def test_what_to_do_when_a_push_fails(engine: Engine, tmp_path: Path, says: str, remedy: str) -> None:
    (tmp_path / f"{engine.name}.says").write_text(says)
    with pytest.raises(EngineFailed, match=says) as caught:
        engine.push(IMAGE)
    assert remedy in str(caught.value.remedy)


def test_the_first_engine_that_works_is_taken(tmp_path: Path) -> None:
    environment = {"PATH": f"{tmp_path}:/usr/bin-of-nobody:/bin-of-nobody"}
    with pytest.raises(Refused, match="docker: it is not on the PATH"):
        find_engine("auto", environment, insecure=False)
    environment["PATH"] = f"{tmp_path}:/usr/bin:/bin"
    for name in ENGINES:
        program(tmp_path, name)
    assert find_engine("auto", environment, insecure=False).name == "docker"
    (tmp_path / "docker.says").write_text("Cannot connect to the Docker daemon")
    assert find_engine("auto", environment, insecure=False).name == "podman"
    with pytest.raises(Refused, match="Cannot connect"):
        find_engine("docker", environment, insecure=False)
