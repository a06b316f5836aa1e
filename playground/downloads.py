# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads of official releases, each checked against the SHA-256 that the release publishes."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx

from playground.releases import Tool

_TIMEOUT = httpx.Timeout(20, connect=4)
_FIRST_ANSWER_SECONDS = 8
_SHA256 = re.compile("[0-9a-f]{64}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class DownloadError(Exception):
    """This file could not be had; another one may."""


class Offline(DownloadError):
    """A host could not be reached at all: there is no use in asking others."""


def download(tool: Tool, hosts: Mapping[str, str], target: Path) -> None:
    """Write the binary of `tool` to `target` if its release is what it claims to be.

    Raises DownloadError with the reason, and leaves no file then.
    """
    url = tool.at(tool.url, hosts)
    with httpx.Client(follow_redirects=True, timeout=_TIMEOUT) as client, TemporaryDirectory(dir=target.parent) as tmp:
        expected = published_checksum(_text(client, tool.at(tool.checksums, hosts)), file_name(url))
        archive = Path(tmp) / "download"
        actual = _stream(client, url, archive)
        if actual != expected:
            raise DownloadError(f"{url}: SHA-256 is {actual}, the release says {expected}")
        if tool.member:
            archive = _extract(archive, tool.at(tool.member, hosts), Path(tmp) / "binary", url)
        archive.chmod(0o755)
        archive.replace(target)


def file_name(url: str) -> str:
    """Return the last part of an address's path."""
    return urlsplit(url).path.rpartition("/")[2]


def published_checksum(page: str, name: str) -> str:
    """Find the SHA-256 of the file `name` on a page, in whichever of the usual forms that is.

    Known are a bare digest, lines of `sha256sum`, and GitHub's description of a release.
    """
    found = _from_github(page, name) if page.lstrip().startswith("{") else _from_lines(page, name)
    digest = found.lower()
    if not _SHA256.fullmatch(digest):
        raise DownloadError(f"the release publishes no SHA-256 of {name}")
    return digest


def _from_github(page: str, name: str) -> str:
    try:
        assets = json.loads(page).get("assets", [])
    except ValueError:
        return ""
    digests = (str(asset.get("digest") or "") for asset in assets if asset.get("name") == name)
    return next(digests, "").removeprefix("sha256:")


def _from_lines(page: str, name: str) -> str:
    for words in (line.split() for line in page.splitlines()):
        if words and words[-1].lstrip("*").rpartition("/")[2] in (name, words[0]):
            return words[0]
    return ""


def _text(client: httpx.Client, url: str) -> str:
    """Read a small page within a few seconds in all, also where name resolution hangs (which no time-out ends)."""
    return _within(_FIRST_ANSWER_SECONDS, lambda: _get(client, url), url)


def _get(client: httpx.Client, url: str) -> str:
    try:
        response = client.get(url)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Offline(f"{url}: cannot connect ({error})") from error
    except httpx.HTTPError as error:
        raise DownloadError(f"{url}: {_reason(error)}") from error
    _check(response, url)
    return response.text


def _within(seconds: float, call: Callable[[], str], url: str) -> str:
    answers: list[str] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            answers.append(call())
        except Exception as error:  # handed to the caller below
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise Offline(f"{url}: no answer within {seconds} s")
    return answers[0]


def _stream(client: httpx.Client, url: str, target: Path) -> str:
    """Write what `url` answers to `target`; return its SHA-256."""
    digest = hashlib.sha256()
    try:
        with client.stream("GET", url) as response, target.open("wb") as file:
            _check(response, url)
            for chunk in response.iter_bytes(1 << 20):
                digest.update(chunk)
                file.write(chunk)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Offline(f"{url}: cannot connect ({error})") from error
    except httpx.HTTPError as error:
        raise DownloadError(f"{url}: {_reason(error)}") from error
    return digest.hexdigest()


def _check(response: httpx.Response, url: str) -> None:
    if response.url.scheme != "https" and response.url.host not in _LOOPBACK:
        raise DownloadError(f"{url}: answered from {response.url}, which is not HTTPS")
    if not response.is_success:
        raise DownloadError(f"{url}: {response.status_code} {response.reason_phrase}")


def _extract(archive: Path, member: str, target: Path, url: str) -> Path:
    try:
        with tarfile.open(archive, "r:gz") as tar:
            source = tar.extractfile(member)
            if source is None:
                raise KeyError(member)
            with source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
    except (KeyError, tarfile.TarError, EOFError) as error:
        raise DownloadError(f"{url}: no {member} in it ({error})") from error
    return target


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
