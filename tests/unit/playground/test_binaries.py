# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Binaries are downloaded and checked, else built: against a loopback copy of the releases' layout."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import socket
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from playground import binaries, building, releases
from playground.errors import PlaygroundError
from playground.releases import Tool

ALL = (*releases.TOOLS, releases.REGISTRY)
BY_NAME = {tool.name: tool for tool in ALL}
PROGRAM = b"#!/bin/sh\necho a binary of the release\n"


class Releases:
    """A server with files at the paths that the official hosts have, and a list of what was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut: set[str] = set()
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                body = outer.files.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write((body or b"")[: len(body or b"") // (2 if self.path in outer.cut else 1)])

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @property
    def hosts(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self.server.server_port}"
        return {
            "GITHUB": f"{url}/github",
            "GITHUB_API": f"{url}/api",
            "KUBERNETES": f"{url}/k8s",
            "HELM": f"{url}/helm",
        }

    def publish(self, tool: Tool, digest: str = "") -> str:
        """Put a release of the tool at its place; return the path of its file."""
        arch, version = releases.architecture(), tool.version
        body = PROGRAM
        if tool.name == "helm":
            path, body = f"/helm/helm-v{version}-linux-{arch}.tar.gz", archive(f"linux-{arch}/helm")
            sums, page = f"{path}.sha256sum", f"{{}}  helm-v{version}-linux-{arch}.tar.gz\n"
        elif tool.name == "etcd":
            folder = f"/github/etcd-io/etcd/releases/download/v{version}"
            name = f"etcd-v{version}-linux-{arch}"
            path, body = f"{folder}/{name}.tar.gz", archive(f"{name}/etcd")
            sums, page = f"{folder}/SHA256SUMS", f"{'0' * 64}  other.zip\n{{}}  {name}.tar.gz\n"
        elif tool.name == "registry":
            folder = f"/github/distribution/distribution/releases/download/v{version}"
            name = f"registry_{version}_linux_{arch}.tar.gz"
            path, body = f"{folder}/{name}", archive("registry")
            sums, page = f"{path}.sha256", f"{{}}  {name}\n"
        elif tool.name.startswith("kwok"):
            name = f"{tool.name}-linux-{arch}"
            path = f"/github/kubernetes-sigs/kwok/releases/download/v{version}/{name}"
            sums = f"/api/repos/kubernetes-sigs/kwok/releases/tags/v{version}"
            page = json.dumps({"assets": [{"name": "x", "digest": None}, {"name": name, "digest": "sha256:DIGEST"}]})
            page = page.replace("{", "{{").replace("}", "}}").replace("DIGEST", "{}")
        else:
            path = f"/k8s/release/v{version}/bin/linux/{arch}/{tool.name}"
            sums, page = f"{path}.sha256", "{}"
        self.files[path] = body
        self.files[sums] = page.format(digest or hashlib.sha256(body).hexdigest()).encode()
        return path


def archive(member: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in ((f"{member}.md", b"words"), (member, PROGRAM)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def server() -> Iterator[Releases]:
    one = Releases()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the compiler, which takes minutes; the list has what it was asked to build."""
    asked: list[str] = []

    def build(tool: Tool, target: Path) -> None:
        asked.append(tool.name)
        target.write_text("#!/bin/sh\necho built\n")
        target.chmod(0o755)

    monkeypatch.setattr(building, "build", build)
    monkeypatch.setattr(building, "go", lambda: "/usr/bin/go")
    return asked


@pytest.mark.parametrize("tool", ALL, ids=lambda tool: tool.name)
def test_every_tool_is_downloaded_from_its_release(
    tool: Tool, server: Releases, builds: list[str], tmp_path: Path
) -> None:
    server.publish(tool)

    found = binaries.ensure([tool], cache=tmp_path, hosts=server.hosts)

    assert found[tool.name] == tmp_path / f"{tool.name}-{tool.version}" / tool.name
    assert found[tool.name].read_bytes() == PROGRAM
    assert found[tool.name].stat().st_mode & 0o777 == 0o755
    assert builds == []


def test_what_is_in_the_cache_is_not_asked_for(server: Releases, builds: list[str], tmp_path: Path) -> None:
    server.publish(BY_NAME["helm"])
    binaries.ensure([BY_NAME["helm"]], cache=tmp_path, hosts=server.hosts)
    server.requests.clear()

    binaries.ensure([BY_NAME["helm"]], cache=tmp_path, hosts=server.hosts)

    assert server.requests == []


@pytest.mark.parametrize("name", ["helm", "kube-scheduler", "kwok"])
def test_a_wrong_checksum_is_refused_and_the_tool_built(
    name: str, server: Releases, builds: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.publish(BY_NAME[name], digest="a" * 64)

    found = binaries.ensure([BY_NAME[name]], cache=tmp_path, hosts=server.hosts)

    assert builds == [name]
    assert found[name].read_text().endswith("built\n")
    assert f"the release says {'a' * 64}" in capsys.readouterr().err


def test_a_truncated_download_is_refused(server: Releases, builds: list[str], tmp_path: Path) -> None:
    server.cut.add(server.publish(BY_NAME["etcd"]))

    binaries.ensure([BY_NAME["etcd"]], cache=tmp_path, hosts=server.hosts)

    assert builds == ["etcd"]


@pytest.mark.parametrize("page", ["", "Not Found", "{}", '{"assets": []}', "abc  helm"])
def test_a_release_without_a_checksum_is_refused(
    page: str, server: Releases, builds: list[str], tmp_path: Path
) -> None:
    path = server.publish(BY_NAME["helm"])
    server.files[f"{path}.sha256sum"] = page.encode()

    binaries.ensure([BY_NAME["helm"]], cache=tmp_path, hosts=server.hosts)

    assert builds == ["helm"]
    assert path not in server.requests


def test_an_archive_without_the_binary_is_refused(server: Releases, builds: list[str], tmp_path: Path) -> None:
    tool = replace(BY_NAME["helm"], member="linux/other")
    server.publish(BY_NAME["helm"])

    binaries.ensure([tool], cache=tmp_path, hosts=server.hosts)

    assert builds == ["helm"]


def test_one_missing_release_does_not_stop_the_next_download(
    server: Releases, builds: list[str], tmp_path: Path
) -> None:
    server.publish(BY_NAME["etcd"])

    binaries.ensure([BY_NAME["helm"], BY_NAME["etcd"]], cache=tmp_path, hosts=server.hosts)

    assert builds == ["helm"]


def test_without_internet_one_host_is_asked_once(
    builds: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    hosts = dict.fromkeys(releases.hosts(), f"http://127.0.0.1:{port}")

    binaries.ensure(releases.TOOLS, cache=tmp_path, hosts=hosts)

    assert builds == [tool.name for tool in releases.TOOLS]
    assert capsys.readouterr().err.count("no internet") == 1


def test_neither_internet_nor_go_is_one_clear_error(
    server: Releases, builds: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "go", lambda: None)

    with pytest.raises(PlaygroundError) as caught:
        binaries.ensure([BY_NAME["helm"]], cache=tmp_path, hosts=server.hosts)

    assert "helm 3.22.0 is missing" in caught.value.message
    assert "404" in caught.value.message
    assert "no Go toolchain" in caught.value.message
    assert "install Go (https://go.dev/dl)" in caught.value.remedy
    assert str(tmp_path / "helm-3.22.0" / "helm") in caught.value.remedy


def test_an_answer_that_is_not_https_is_refused(
    builds: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    answer = httpx.Response(200, text="0" * 64, request=httpx.Request("GET", "http://releases.example.com/x"))
    monkeypatch.setattr(httpx.Client, "get", lambda *_: answer)

    binaries.ensure(
        [BY_NAME["helm"]], cache=tmp_path, hosts=dict.fromkeys(releases.hosts(), "http://releases.example.com")
    )

    assert "which is not HTTPS" in capsys.readouterr().err
    assert builds == ["helm"]


def test_runs_at_the_same_time_get_a_tool_once(server: Releases, builds: list[str], tmp_path: Path) -> None:
    path = server.publish(BY_NAME["helm"])
    found: list[bytes] = []

    def run() -> None:
        one = binaries.ensure([BY_NAME["helm"]], cache=tmp_path, hosts=server.hosts)
        found.append(one["helm"].read_bytes())

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [PROGRAM] * 6
    assert server.requests.count(path) == 1


def test_rubbish_of_a_killed_run_is_removed(server: Releases, builds: list[str], tmp_path: Path) -> None:
    server.publish(BY_NAME["helm"])
    folder = tmp_path / "helm-3.22.0"
    folder.mkdir()
    (folder / ".helm.4711").write_text("half")

    binaries.ensure([BY_NAME["helm"]], cache=tmp_path, hosts=server.hosts)

    assert sorted(file.name for file in folder.iterdir() if file.name != ".lock") == ["helm"]


def test_a_folder_that_cannot_be_written_is_explained(builds: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(PlaygroundError, match="cannot be stored") as caught:
        binaries.ensure([BY_NAME["helm"]], cache=tmp_path / "file", hosts={})

    assert "LANGGRAPH_PLAYGROUND_HOME" in caught.value.remedy


def test_a_mirror_replaces_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGRAPH_RELEASES_HELM", "https://mirror.example.com/helm/")

    assert releases.hosts()["HELM"] == "https://mirror.example.com/helm"
    assert releases.hosts()["GITHUB"] == "https://github.com"


def test_every_official_host_is_https() -> None:
    assert all(url.startswith("https://") for url in releases.hosts().values())


@pytest.mark.parametrize("tool", releases.TOOLS, ids=lambda tool: tool.name)
def test_what_is_built_is_what_would_be_downloaded(tool: Tool) -> None:
    module = (building.MODULES / tool.module / "go.mod").read_text()
    path = {"kubernetes": "k8s.io/kubernetes", "kwok": "sigs.k8s.io/kwok", "helm": "helm.sh/helm/v3"}.get(
        tool.module, tool.package
    )

    assert f"\t{path} v{tool.version}\n" in module or f"require {path} v{tool.version}\n" in module
    assert f'_ "{tool.package}"' in (building.MODULES / tool.module / "tools.go").read_text()


def test_the_registry_is_built_in_the_version_that_would_be_downloaded() -> None:
    module = (building.MODULES / "registry" / "go.mod").read_text()

    assert f"require github.com/distribution/distribution/v3 v{releases.DISTRIBUTION}\n" in module


@pytest.mark.skipif(shutil.which("go") is None, reason="there is no Go on this machine")
def test_a_build_that_fails_says_the_compilers_words(tmp_path: Path) -> None:
    tool = replace(BY_NAME["etcd"], package="go.etcd.io/etcd/server/v3/nothing")

    with pytest.raises(PlaygroundError, match=r"etcd 3\.6\.8 does not build") as caught:
        building.build(tool, tmp_path / "etcd")

    assert "nothing" in caught.value.message
