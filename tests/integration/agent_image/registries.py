# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real registry on loopback, and images in it that no engine had to build."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from playground import ports

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ANY_MANIFEST = {"Accept": f"{MANIFEST}, application/vnd.docker.distribution.manifest.v2+json"}
_LONGEST_START = 60.0
# What the Dockerfile of the LangGraph CLI calls, beside pip.
_PROGRAMS = ("sh", "mkdir", "touch", "rm", "find", "ls")
_PIP = b"""#!/bin/sh
echo "pip $*"
[ ! -e broken ] || { echo "ERROR: No matching distribution found for nothing"; exit 1; }
"""


@dataclass(frozen=True)
class Registry:
    """A registry that runs.

    Attributes:
        name: Its host and port, as images are named.
        process: Its process.
    """

    name: str
    process: subprocess.Popen[bytes]

    def client(self, **options: Any) -> httpx.Client:
        """Return a client of its API."""
        return httpx.Client(base_url=f"http://{self.name}/v2/", timeout=20, trust_env=False, **options)

    def tags(self, repository: str, **options: Any) -> dict[str, str]:
        """Return the tags of a repository, and the digest of each."""
        with self.client(**options) as client:
            answer = client.get(f"{repository}/tags/list")
            names = answer.json().get("tags") or [] if answer.is_success else []
            heads = {name: client.head(f"{repository}/manifests/{name}", headers=ANY_MANIFEST) for name in names}
            return {name: head.raise_for_status().headers["Docker-Content-Digest"] for name, head in heads.items()}


@contextmanager
def running(program: Path, folder: Path, auth: Mapping[str, Any] | None = None) -> Iterator[Registry]:
    """Run a registry that keeps everything in memory."""
    port = ports.unused(1)[0]
    settings = {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {"inmemory": {}},
        "http": {"addr": f"127.0.0.1:{port}"},
        **({"auth": auth} if auth else {}),
    }
    file = folder / "registry.yml"
    file.write_text(json.dumps(settings))
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen([str(program), "serve", str(file)], stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"http://127.0.0.1:{port}/v2/", process, folder / "registry.log")
        yield Registry(f"127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(20)


def push(client: httpx.Client, repository: str, tag: str, layer: bytes, config: Mapping[str, Any]) -> str:
    """Push an image of one layer; return its digest."""
    described = {"architecture": "amd64", "os": "linux", **config}
    described["history"] = [{"created_by": "a test"}]
    described["rootfs"] = {"type": "layers", "diff_ids": [digest(layer)]}
    blob = json.dumps(described).encode()
    for content in (blob, layer):
        place = client.post(f"{repository}/blobs/uploads/").raise_for_status().headers["Location"]
        client.put(httpx.URL(place).copy_merge_params({"digest": digest(content)}), content=content).raise_for_status()
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _descriptor("application/vnd.oci.image.config.v1+json", blob),
        "layers": [_descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
    }
    body = json.dumps(manifest).encode()
    headers = {"Content-Type": MANIFEST}
    answer = client.put(f"{repository}/manifests/{tag}", content=body, headers=headers).raise_for_status()
    return str(answer.headers["Docker-Content-Digest"])


def digest(content: bytes) -> str:
    """Return the digest that a content has in a registry."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def base_layer(note: str = "") -> bytes:
    """Return a root file system for the CLI's Dockerfile: this machine's own shell, and a pip that only talks."""
    found = {name: Path(path).resolve() for name in _PROGRAMS if (path := shutil.which(name))}
    files = {f"bin/{name}": path.read_bytes() for name, path in found.items()}
    for library in {line for path in found.values() for line in _libraries(path)}:
        files[library.lstrip("/")] = Path(library).resolve().read_bytes()
    files |= {"bin/pip": _PIP, "etc/note": note.encode()}
    return layer(files, folders=("tmp", "api", "usr/bin", "usr/lib", "usr/local/bin", "usr/local/lib"))


def layer(files: Mapping[str, bytes], folders: tuple[str, ...] = ()) -> bytes:
    """Return a layer with these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in folders:
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        for name, content in sorted(files.items()):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _libraries(program: Path) -> list[str]:
    """Return the shared libraries of a program, none for a static one."""
    done = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False)
    return [word for line in done.stdout.splitlines() for word in line.split() if word.startswith("/")]


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "size": len(content), "digest": digest(content)}


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    latest = time.monotonic() + _LONGEST_START
    while time.monotonic() < latest and process.poll() is None:
        try:
            httpx.get(url, timeout=2, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the registry did not start:\n{log.read_text()}")
