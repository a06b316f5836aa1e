# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for buildah, for machines where no engine works: the same arguments, a real image, a real push.

It lays the build's context into one layer and runs nothing; what the engines themselves do is shown by test_engines.py.
Every command is written to a file, for tests that ask what was done.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests.integration.agent_image import registries

STORE = Path(os.environ["STAND_IN_STORE"])


def main(arguments: Sequence[str]) -> int:
    """Do what buildah would do; return the exit code."""
    with (STORE / "commands").open("a") as file:
        file.write(json.dumps(arguments) + "\n")
    command, rest = arguments[0], [argument for argument in arguments[1:] if argument != "--tls-verify=false"]
    if command in ("info", "pull"):
        return 0
    if command == "inspect":
        return 0 if _image(rest[-1]).exists() else 1
    if command == "build":
        return _build(rest)
    if command == "tag":
        _image(rest[1]).write_bytes(_image(rest[0]).read_bytes())
        return 0
    return _push(rest)


def _build(arguments: Sequence[str]) -> int:
    context = Path(arguments[-1])
    if (context / "broken").exists():
        print("ERROR: No matching distribution found for nothing", file=sys.stderr)
        return 1
    files = {path.relative_to(context).as_posix(): path.read_bytes() for path in context.rglob("*") if path.is_file()}
    files["Dockerfile"] = sys.stdin.read().encode()
    _image(arguments[arguments.index("-t") + 1]).write_bytes(registries.layer(files))
    return 0


def _push(arguments: Sequence[str]) -> int:
    image = arguments[-1]
    name, _colon, tag = image.rpartition(":")
    registry, _slash, repository = name.partition("/")
    login = os.environ.get("STAND_IN_LOGIN")
    auth = httpx.BasicAuth(*login.split(":")) if login else None
    with httpx.Client(base_url=f"http://{registry}/v2/", auth=auth, timeout=20, trust_env=False) as client:
        registries.push(client, repository, tag, _image(image).read_bytes(), {})
    return 0


def _image(name: str) -> Path:
    return STORE / name.replace("/", "_")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
