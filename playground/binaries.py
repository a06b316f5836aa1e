# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playground's binaries: from the cache, else from their official release, else built."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from playground import building, downloads, releases
from playground.errors import PlaygroundError, say
from playground.home import binary_cache
from playground.releases import Tool


def ensure(
    tools: Iterable[Tool] = releases.TOOLS,
    *,
    cache: Path | None = None,
    hosts: Mapping[str, str] | None = None,
) -> dict[str, Path]:
    """Return the path of each tool, after getting those that the cache lacks.

    The cache is safe to share: runs at the same time wait for each other's tools, and none sees a half-written file.

    Args:
        tools: What is needed.
        cache: Where it is kept; `home.binary_cache()` when not given.
        hosts: Where releases are downloaded from; `releases.hosts()` when not given.

    Raises:
        PlaygroundError: A tool can neither be downloaded nor built.
    """
    source = _Source(releases.hosts() if hosts is None else hosts)
    folder = cache or binary_cache()
    return {tool.name: _ensure(tool, folder, source) for tool in tools}


class _Source:
    """Gets tools, and remembers that there is no internet, so that it is found out only once."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self._hosts = hosts
        self._offline = ""

    def get(self, tool: Tool, target: Path) -> None:
        reason = self._offline or self._try_download(tool, target)
        if not reason:
            return
        if building.go() is None:
            raise PlaygroundError(
                f"{tool.name} {tool.version} is missing: it could not be downloaded ({reason}), "
                "and there is no Go toolchain to build it with.",
                remedy="connect to the internet, or install Go (https://go.dev/dl), or put the binary at "
                f"{target.parent / tool.name}.",
            )
        _timed(f"building {tool.name} {tool.version}", lambda: building.build(tool, target))

    def _try_download(self, tool: Tool, target: Path) -> str:
        """Return the empty string when the tool was downloaded, else why it was not."""
        try:
            _timed(f"downloading {tool.name} {tool.version}", lambda: downloads.download(tool, self._hosts, target))
        except downloads.Offline as error:
            self._offline = str(error)
            say(f"no internet: {error}")
        except downloads.DownloadError as error:
            say(f"not downloaded: {error}")
            return str(error)
        return self._offline


def _ensure(tool: Tool, cache: Path, source: _Source) -> Path:
    path = cache / f"{tool.name}-{tool.version}" / tool.name
    if _usable(path):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _lock(path):
            if not _usable(path):
                _place(tool, path, source)
    except OSError as error:
        raise PlaygroundError(
            f"{tool.name} cannot be stored in {path.parent}: {error.strerror or error}.",
            remedy="free some space or correct its permissions, or set LANGGRAPH_PLAYGROUND_HOME to another folder.",
        ) from error
    return path


def _usable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _lock(path: Path) -> FileLock:
    lock = FileLock(path.with_name(".lock"))
    try:
        lock.acquire(timeout=0.2)
        lock.release()
    except Timeout:
        say(f"waiting for another run that is getting {path.name}")
    return lock


def _place(tool: Tool, path: Path, source: _Source) -> None:
    for rubbish in path.parent.glob(f".{tool.name}.*"):  # of runs that were killed here
        rubbish.unlink()
    part = path.with_name(f".{tool.name}.{os.getpid()}")
    try:
        source.get(tool, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _timed(what: str, action: Callable[[], None]) -> None:
    say(f"{what} ...")
    start = time.monotonic()
    action()
    say(f"{what}: done in {time.monotonic() - start:.0f} s")
