# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook as a user runs it: predicted, made, left alone; what follows in the same run deploys the digest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.integration.agent_image.conftest import BASE, CLI, ROOT, Builder
from tests.plane import running

PLAYBOOK = "langgraph.selfhosted.agent_image"
GUIDE = ROOT / "docs" / "guides" / "agent-image.md"
SECRET = "s3cr3t-of-a-model"
KEY = "lsv2_sk_test_of_agent_image"
WORKSPACE = str(uuid.UUID(int=1))
RECAP = re.compile(r"^(\S+) .*ok=\d+\s+changed=(\d+)\s+unreachable=0\s+failed=0", re.MULTILINE)


def guide(builder: Builder) -> dict[str, Any]:
    """Return the variables of the guide's inventory; what is a place or an engine is the test's own."""
    (block,) = re.findall(r"^```yaml\n# inventory.yml\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    variables: dict[str, Any] = yaml.safe_load(block)["langgraph"]["hosts"]["prod-eu"]
    own = {
        "agent_image_path": str(builder.app),
        "agent_image_cli": CLI,
        "agent_image_name": builder.name,
        "agent_image_input": {"text": "hello"},
        "agent_image_expect": "You said hello",
        "agent_image_environment": {"MODEL_KEY": SECRET},
        "agent_image_engine": "buildah",
        "agent_image_insecure": True,
        "agent_image_base_image": f"{builder.registry.name}/{BASE}",
        "agent_image_file": "{{ inventory_dir }}/group_vars/langgraph/agent_image.yml",
    }
    return {**variables, **own}


def play(builder: Builder, *arguments: str) -> tuple[dict[str, int], str]:
    """Run ansible-playbook; return the number of changes of each host, and the output."""
    folder = builder.app.parent
    environment = {**builder.environment, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(folder / "inventory.yml"), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    return {host: int(changed) for host, changed in RECAP.findall(done.stdout)}, done.stdout


@pytest.fixture
def inventory(builder: Builder) -> Path:
    """Return the guide's inventory, of two clusters that want the same image."""
    file = builder.app.parent / "inventory.yml"
    hosts: dict[str, Any] = {"one": {}, "two": {}}
    file.write_text(json.dumps({"langgraph": {"hosts": hosts, "vars": guide(builder)}}))
    (file.parent / "group_vars" / "langgraph").mkdir(parents=True)
    return file


def test_the_guides_playbook(builder: Builder, inventory: Path) -> None:
    """Two clusters of one inventory want one image: it is built once, and both are told its digest."""
    changes, _output = play(builder, PLAYBOOK, "--check", "--diff")
    assert min(changes.values()) > 0
    assert builder.tags() == {}
    file = inventory.parent / "group_vars" / "langgraph" / "agent_image.yml"
    assert not file.exists()

    _changes, output = play(builder, PLAYBOOK, "-vvv")
    assert builder.commands() == ["pull", "build", "push"]
    assert "You said hello" in output
    (digest,) = builder.tags().values()
    assert yaml.safe_load(file.read_text()) == {"agent_image_reference": f"{builder.name}@{digest}"}

    changes, output = play(builder, PLAYBOOK)
    assert changes == {"one": 0, "two": 0}
    assert "You said hello" not in output  # nothing new, nothing to try
    assert builder.commands() == ["pull", "build", "push"]


def test_what_follows_deploys_the_digest(builder: Builder, inventory: Path, tmp_path: Path) -> None:
    """The guide's agents_deployments, made by the module that the role agents uses, with digests demanded."""
    with running(tmp_path, [WORKSPACE], KEY) as url:
        wanted = "{{ [{'listener_id': listener}] | product(agents_deployments) | map('combine') | list }}"
        task = {
            "name": "Deploy the agents",
            "langgraph.selfhosted.fleet": {
                "control_plane_url": url,
                "workspace_id": WORKSPACE,
                "api_key": KEY,
                "deployments": wanted,
                "defaults": {"namespace": "agents"},
            },
            "run_once": True,
        }
        headers = {"X-Api-Key": KEY, "X-Tenant-Id": WORKSPACE}
        with httpx.Client(base_url=url, headers=headers, trust_env=False) as plane:
            config = {"compute_type": "k8s", "compute_id": "one", "compute_config": {"k8s_namespaces": ["agents"]}}
            listener = plane.post("/v2/listeners", json=config).raise_for_status().json()["id"]
            deploy = inventory.parent / "deploy.yml"
            roll_out = {"name": "Agents", "hosts": "langgraph", "connection": "local", "gather_facts": False}
            deploy.write_text(json.dumps([{**roll_out, "vars": {"listener": listener}, "tasks": [task]}]))

            play(builder, PLAYBOOK, str(deploy), "-e", f"ansible_python_interpreter={sys.executable}")

            (deployed,) = plane.get("/v2/deployments").raise_for_status().json()["resources"]
            (revision,) = plane.get(f"/v2/deployments/{deployed['id']}/revisions").json()["resources"]
    (digest,) = builder.tags().values()
    assert deployed["name"] == "support"
    assert revision["source_revision_config"]["image_uri"] == f"{builder.name}@{digest}"
