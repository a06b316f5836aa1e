# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Charts from a chart repository: fetched by several clusters at once into one cache, and copied to a mirror."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from playground import binaries, releases
from tests.facts import distil
from tests.integration.agent_image import registries
from tests.integration.images.test_images import inventory, play

WANTED = {"keda", "traefik", "langgraph-cloud"}
pytestmark = pytest.mark.slow


class Repository(SimpleHTTPRequestHandler):
    """Serves a folder and remembers what was asked for."""

    asked: list[str]

    def log_message(self, *_arguments: Any) -> None:
        """Remember instead of printing."""
        self.server.asked.append(self.path)  # type: ignore[attr-defined]


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Any]:
    """Return a server of a chart repository on loopback, made by helm."""
    folder = tmp_path / "repository"
    folder.mkdir()
    for chart in sorted(WANTED):
        helm("package", str(distil.CHARTS / chart), "--destination", str(folder))
    helm("repo", "index", str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Repository, directory=str(folder)))
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def helm(*arguments: str) -> None:
    """Run helm."""
    subprocess.run([distil.helm(), *arguments], check=True, capture_output=True)


def test_clusters_share_what_one_of_them_fetched(repository: Any, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    source = f"http://127.0.0.1:{repository.server_address[1]}"
    file = inventory(
        tmp_path, "agent_server", langgraph_chart_source=source, langgraph_chart_cache=str(cache), images_folder=""
    )
    here = json.loads(file.read_text())["langgraph"]["hosts"]["here"]
    file.write_text(json.dumps({"langgraph": {"hosts": {f"cluster-{number}": here for number in range(4)}}}))

    play(tmp_path, "langgraph.selfhosted.images", "-i", str(file))

    archives = [path for path in repository.asked if path.endswith(".tgz")]
    assert len(archives) == len(WANTED), archives
    assert {folder.parent.name for folder in cache.glob("*/*/Chart.yaml")} == WANTED

    repository.asked.clear()
    play(tmp_path, "langgraph.selfhosted.images", "-i", str(file))
    assert repository.asked == []


def test_charts_are_copied_to_the_mirror_and_taken_from_it(repository: Any, tmp_path: Path) -> None:
    """The script carries the charts to a real registry; from then on nobody asks where they came from."""
    source = f"http://127.0.0.1:{repository.server_address[1]}"
    script, images = tmp_path / "out" / "mirror.sh", tmp_path / "out" / "images.txt"
    fetched = {"langgraph_chart_source": source, "langgraph_chart_cache": str(tmp_path / "online")}
    play(tmp_path, "langgraph.selfhosted.images", "-i", str(inventory(tmp_path, "agent_server", **fetched)))
    listed = images.read_text()
    charts = [line.split() for line in (tmp_path / "out" / "charts.txt").read_text().splitlines()]
    assert {name for name, _version, _repository in charts} == WANTED

    skopeo = tmp_path / "bin" / "skopeo"
    skopeo.parent.mkdir()
    skopeo.write_text("#!/bin/sh\n")
    skopeo.chmod(0o755)
    path = f"{skopeo.parent}:{Path(distil.helm()).parent}:{os.environ['PATH']}"
    with registries.running(binaries.ensure([releases.REGISTRY])["registry"], tmp_path) as registry:
        refused = copied(script, registry.name, {"PATH": path, "HOME": str(tmp_path)})
        assert refused.returncode == 1, "the registry speaks no TLS"
        assert [line for line in refused.stderr.splitlines() if line.startswith("not copied")] == [
            f"not copied: {name} {version}" for name, version, _repository in charts
        ]
        plain = {"PATH": path, "HOME": str(tmp_path), "HELM_PUSH_OPTIONS": "--plain-http"}
        done = copied(script, registry.name, plain)
        assert done.returncode == 0, done.stderr
        assert {name: set(registry.tags(f"charts/{name}")) for name in WANTED} == {
            name: {version} for name, version, _repository in charts
        }

        repository.asked.clear()
        mirrored = {
            "langgraph_chart_source": f"oci://{registry.name}/charts",
            "langgraph_chart_cache": str(tmp_path / "offline"),
        }
        play(tmp_path, "langgraph.selfhosted.images", "-i", str(inventory(tmp_path, "agent_server", **mirrored)))
        assert repository.asked == []
        assert images.read_text() == listed
        assert {folder.parent.name for folder in (tmp_path / "offline").glob("*/*/Chart.yaml")} == WANTED


def copied(script: Path, registry: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the script that copies."""
    return subprocess.run([str(script), registry], env=environment, capture_output=True, text=True, check=False)
