# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CLI's own Dockerfile, built and pushed by the real engines: those that work on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.engines import ENGINES, find_engine
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused, SelfHostedError

from tests.integration.agent_image.conftest import Builder, write_app
from tests.integration.agent_image.registries import ANY_MANIFEST, Registry


def environment_of(folder: Path) -> dict[str, str]:
    """Return an environment in which engines that run as root keep images in a folder of the test's own."""
    if os.geteuid() != 0:
        return dict(os.environ)
    settings = folder / "storage.conf"
    settings.write_text(f'[storage]\ndriver = "vfs"\nrunroot = "{folder}/run"\ngraphroot = "{folder}/graph"\n')
    return {**os.environ, "CONTAINERS_STORAGE_CONF": str(settings), "BUILDAH_ISOLATION": "chroot"}


@pytest.fixture(params=list(ENGINES))
def real(request: pytest.FixtureRequest, registry: Registry, tmp_path: Path) -> Iterator[Builder]:
    """Return an app that a real engine builds; skip where this one does not work."""
    environment = environment_of(tmp_path)
    try:
        find_engine(request.param, environment, insecure=True)
    except Refused as error:
        pytest.skip(str(error).replace("\n", " "))
    name = f"agents/{tmp_path.name.replace('_', '-')}"
    builder = Builder(write_app(tmp_path / "app"), registry, name, environment, {"engine": request.param})
    yield builder
    if request.param == "docker":
        images = [f"{builder.name}:{tag}" for tag in builder.tags()]
        subprocess.run([shutil.which("docker") or "docker", "image", "rm", *images], check=False, capture_output=True)


def test_an_engine_builds_what_the_cli_wants(real: Builder) -> None:
    predicted = real.run(check=True)
    assert real.tags() == {}
    made = real.run(tags=["v1"])
    assert made.result["image"] == predicted.result["image"]
    assert set(real.tags().values()) == {made.result["digest"]}
    with real.registry.client() as client:
        place = f"{real.repository}/manifests/{made.result['digest']}"
        manifest = client.get(place, headers=ANY_MANIFEST).raise_for_status().json()
        config = client.get(f"{real.repository}/blobs/{manifest['config']['digest']}").raise_for_status().json()
    assert any(entry.startswith("LANGSERVE_GRAPHS=") for entry in config["config"]["Env"])
    assert config["config"]["WorkingDir"] == "/deps/app"
    again = real.run(tags=["v1"])
    assert not again.changed
    assert again.result["reference"] == made.result["reference"]


def test_an_engine_shows_what_does_not_install(real: Builder) -> None:
    (real.app / "broken").touch()
    with pytest.raises(SelfHostedError, match="No matching distribution found for nothing"):
        real.run()
    assert real.tags() == {}


def test_an_engine_keeps_what_is_not_pushed(real: Builder) -> None:
    assert real.run(push=False).changed
    assert not real.run(push=False).changed
    assert real.tags() == {}
