# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds of the playground's binaries from the modules pinned in `playground/go`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from playground.errors import PlaygroundError
from playground.home import REPOSITORY
from playground.releases import Tool

MODULES = REPOSITORY / "playground" / "go"
_ENOUGH_BYTES = 3 << 30


def go() -> str | None:
    """Return the Go command, or None where there is none."""
    return shutil.which("go")


def build(tool: Tool, target: Path) -> None:
    """Build `tool` into the file `target`.

    Raises PlaygroundError when it does not build, with the end of the compiler's words.
    """
    compiler = go()
    if compiler is None:
        raise PlaygroundError("There is no Go toolchain on this machine.", remedy="install Go from https://go.dev/dl.")
    _check_space(target)
    stamps = " ".join(f"-X {stamp}" for stamp in tool.stamps)
    command = [compiler, "build", "-trimpath", "-buildvcs=false", "-ldflags", f"-s -w {stamps}".strip()]
    environment = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    done = subprocess.run(
        [*command, "-o", str(target), tool.package],
        cwd=MODULES / tool.module,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = "\n  ".join(done.stderr.strip().splitlines()[-8:])
        raise PlaygroundError(
            f"{tool.name} {tool.version} does not build with {compiler}:\n  {words}",
            remedy=_remedy(done.stderr),
        )


def _check_space(target: Path) -> None:
    free = shutil.disk_usage(target.parent).free
    if free < _ENOUGH_BYTES:
        raise PlaygroundError(
            f"Building needs about 3 GB, and {target.parent} has {free / (1 << 30):.1f} GB left.",
            remedy="free some space, or set LANGGRAPH_PLAYGROUND_HOME to a folder on a larger disk.",
        )


def _remedy(words: str) -> str:
    if "no space left" in words:
        return "free some space; Go's own caches are shown by: go env GOCACHE GOMODCACHE GOTMPDIR"
    if "requires go >=" in words:
        return "install a newer Go from https://go.dev/dl, or let Go fetch one: GOTOOLCHAIN=auto."
    if any(sign in words for sign in ("dial tcp", "i/o timeout", "no such host", "connection refused")):
        return "connect to the internet, or to a Go module proxy (GOPROXY), and run again."
    return "see the compiler's words above."
