# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The air gap: every image of each playbook is listed, copied, and taken from the mirror. No cluster is needed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.facts import distil

ROOT = Path(__file__).resolve().parents[3]
MIRROR = "mirror.example.com:5000"
AGENT = "registry.example.com/agents/hello:1.0.0"
API_KEY = "not-a-real-key-of-images"
PLAYBOOKS = {
    "site": {"keda", "ingress", "redis", "listener"},
    "control_plane": {"keda", "ingress", "control_plane"},
    "agent_server": {"keda", "ingress", "agent_server"},
}
# Written apart from the filter: whatever stands under `image`, also in texts.
WRITTEN = re.compile(r"""^[\s-]*image:\s*["']?([^"'\s]+)""", re.MULTILINE)
WORKLOADS = {"DaemonSet", "Deployment", "Job", "StatefulSet"}
ALL = pytest.mark.parametrize("playbook", PLAYBOOKS)
pytestmark = pytest.mark.slow


def inventory(folder: Path, playbook: str, **variables: Any) -> Path:
    """Write an inventory with all that the three playbooks need to be rendered."""
    working = {
        "langgraph_chart_source": str(distil.CHARTS),
        "langgraph_helm_binary": distil.helm(),
        "langgraph_api_key": API_KEY,
        "ingress_hostname": "agents.example.com",
        "agents_deployments": [{"name": "hello", "image": AGENT}] if playbook != "agent_server" else [],
        "control_plane_hostname": "platform.example.com",
        "control_plane_admin_email": "admin@example.com",
        "agent_server_image": AGENT,
        "agent_server_hostname": "agent.example.com",
        "agent_server_queue": True,
        "agent_server_autoscaling": "keda",
        "images_playbook": playbook,
        "images_folder": str(folder / "out"),
    }
    file = folder / "inventory.yml"
    file.write_text(json.dumps({"langgraph": {"hosts": {"here": {**working, **variables}}}}))
    return file


def play(folder: Path, *arguments: str) -> str:
    """Run ansible-playbook without a cluster; return what it says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "KUBE"))}
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache")}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), *arguments],
        cwd=folder,
        env={**environment, **settings, "KUBECONFIG": str(folder / "none"), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def components(folder: Path, playbook: str, **variables: Any) -> list[dict[str, Any]]:
    """Return the components of a playbook as the roles' variables make them."""
    roles = yaml.safe_load((ROOT / "playbooks" / "images.yml").read_text())[0]["roles"][:-1]
    own = {"role": "langgraph.selfhosted.images", "when": False, "tags": ["never"]}
    task = {
        "ansible.builtin.copy": {"content": "{{ _images_components | to_json }}", "dest": "{{ playbook_dir }}/found"}
    }
    here = {"hosts": "all", "connection": "local", "gather_facts": False}
    python = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    plays = [{**here, "vars": python, "roles": [*roles, own], "tasks": [task]}]
    (folder / "dump.yml").write_text(json.dumps(plays))
    play(folder, "dump.yml", "-i", str(inventory(folder, playbook, **variables)))
    found: list[dict[str, Any]] = json.loads((folder / "found").read_text())
    return found


def written(thing: Any) -> Iterator[str]:
    """Yield every image that stands somewhere in objects, in whatever field and text."""
    if isinstance(thing, dict):
        image = thing.get("image")
        if isinstance(image, str) and image:
            yield image
        for value in thing.values():
            yield from written(value)
    elif isinstance(thing, list):
        for item in thing:
            yield from written(item)
    elif isinstance(thing, str):
        yield from WRITTEN.findall(thing)


def rendered(component: dict[str, Any]) -> set[str]:
    """The images of a component: in what Helm makes of its values, and in its own objects."""
    found = set(written(component.get("objects", [])))
    if release := component.get("release"):
        found |= set(written(distil.render(distil.helm(), distil.CHARTS / release["chart"], release["values"])))
    return {image for image in found if not image.startswith("${")}


@ALL
def test_with_a_mirror_no_other_image_is_left(playbook: str, tmp_path: Path) -> None:
    found = components(tmp_path, playbook, langgraph_image_registry=MIRROR)
    assert {component["name"] for component in found} == PLAYBOOKS[playbook]
    for component in found:
        images = rendered(component)
        assert images, component["name"]
        assert {image for image in images if not image.startswith(f"{MIRROR}/")} == set(), component["name"]
    # From the operator's templates, or from the chart of the standalone server.
    assert any("/docker.io/pgvector/pgvector:" in image for component in found for image in rendered(component))


@ALL
def test_every_pod_names_the_pull_secrets(playbook: str, tmp_path: Path) -> None:
    found = components(tmp_path, playbook, langgraph_image_pull_secrets=["login", "other"])
    for component in found:
        objects = list(component.get("objects", []))
        if release := component.get("release"):
            objects += distil.render(distil.helm(), distil.CHARTS / release["chart"], release["values"])
        pods = [thing["spec"]["template"]["spec"] for thing in objects if thing["kind"] in WORKLOADS]
        assert pods, component["name"]
        for pod in pods:
            assert pod["imagePullSecrets"] == [{"name": "login"}, {"name": "other"}], component["name"]


@ALL
def test_the_list_has_every_image_with_and_without_a_mirror(playbook: str, tmp_path: Path) -> None:
    wanted = set[str]().union(*map(rendered, components(tmp_path, playbook)))
    lists = []
    for registry in ("", MIRROR):
        file = inventory(tmp_path, playbook, langgraph_image_registry=registry)
        output = play(tmp_path, "langgraph.selfhosted.images", "-i", str(file), "-vvv")
        assert API_KEY not in output
        assert ("Not from" in output) == bool(registry and playbook != "agent_server")
        lists.append((tmp_path / "out" / "images.txt").read_text().splitlines())
    assert lists[0] == lists[1]
    short = {image for image in wanted if "." not in image.partition("/")[0]}
    assert set(lists[0]) == (wanted - short) | {f"docker.io/{image}" for image in short} | {AGENT}


def test_again_nothing_changes_and_a_check_writes_nothing(tmp_path: Path) -> None:
    arguments = ("langgraph.selfhosted.images", "-i", str(inventory(tmp_path, "agent_server")))
    assert "changed=4" in play(tmp_path, *arguments, "--check")
    assert not (tmp_path / "out").exists()
    assert "changed=4" in play(tmp_path, *arguments)
    assert "changed=0" in play(tmp_path, *arguments)


def test_the_script_copies_what_the_list_names_and_says_what_failed(tmp_path: Path) -> None:
    file = inventory(tmp_path, "agent_server", langgraph_image_registry=MIRROR)
    play(tmp_path, "langgraph.selfhosted.images", "-i", str(file))
    skopeo = tmp_path / "bin" / "skopeo"
    skopeo.parent.mkdir()
    skopeo.write_text('#!/bin/sh\necho "$@" >>"$LOG"\ncase "$*" in *redis*) exit 1 ;; esac\n')
    skopeo.chmod(0o755)
    log = tmp_path / "log"
    environment = {"PATH": f"{skopeo.parent}:/usr/bin:/bin", "LOG": str(log)}
    script = [str(tmp_path / "out" / "mirror.sh"), MIRROR, "--dest-tls-verify=false"]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "not copied: docker.io/redis:6\n")
    images = (tmp_path / "out" / "images.txt").read_text().splitlines()
    options = "copy --all --preserve-digests --retry-times 3 --dest-tls-verify=false"
    assert log.read_text().splitlines() == [f"{options} docker://{image} docker://{MIRROR}/{image}" for image in images]
    assert AGENT in images
