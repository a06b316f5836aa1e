# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory and the lookup, through Ansible's own programs, against the simulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations

ROOT = Path(__file__).resolve().parents[3]
ONE, TWO, BROKEN = (f"registry.example.com/agents/hello:{tag}" for tag in ("1", "2", "broken"))
SECRET = "sk-a-secret-of-the-agent"
# Of the connection nothing may come from whoever runs the tests.
FOREIGN = ("LANGSMITH_", "LANGGRAPH_", "LANGCHAIN_", "ANSIBLE_")


class Ansible:
    """Runs Ansible's programs with the connection in the environment, as a user would."""

    def __init__(self, plane: Any, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)} | {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_HOME": str(folder / "home"),
            "LANGSMITH_HOST_URL": plane.url,
            "LANGSMITH_API_KEY": plane.http.headers["x-api-key"],
            "LANGSMITH_WORKSPACE_ID": plane.workspace,
        }

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / program), *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )

    def inventory(self, source: Path) -> dict[str, Any]:
        """What `ansible-inventory --list` says."""
        done = self.run("ansible-inventory", "-i", str(source), "--list")
        assert done.returncode == 0, done.stderr
        # Strings of a server are no templates, which the program marks so.
        listed: dict[str, Any] = json.loads(done.stdout, object_hook=lambda one: one.get("__ansible_unsafe", one))
        return listed

    def source(self, name: str = "here.deployments.yml", **options: Any) -> Path:
        path = self.folder / name
        path.write_text(yaml.safe_dump({"plugin": "langgraph.selfhosted.deployments", **options}), encoding="utf-8")
        return path

    def say(self, template: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What a template becomes."""
        play = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": template}}]}]
        path = self.folder / "play.yml"
        path.write_text(yaml.safe_dump(play), encoding="utf-8")
        return self.run("ansible-playbook", "-i", "localhost,", "-c", "local", str(path), *arguments)


@pytest.fixture
def ansible(plane: Any, tmp_path: Path) -> Ansible:
    """Ansible, and three deployments: one with labels, one that failed after it was deployed, one elsewhere."""
    for compute_id, namespaces in (("prod-eu", ["agents", "more"]), ("test", ["agents"])):
        plane.run(operations.listener, compute_id=compute_id, namespaces=namespaces)
    placed = {"listener": "prod-eu", "namespace": "agents"}
    plane.run(
        operations.deployment,
        name="one",
        image=ONE,
        resource_spec={"labels": {"team": "crm"}},
        secrets={"TOKEN": SECRET},
        **placed,
    )
    plane.run(operations.deployment, name="two", image=TWO, listener="prod-eu", namespace="more")
    plane.settings(failing_images=["broken"])
    plane.run(operations.deployment, name="three", image=BROKEN, listener="test", wait=False)
    return Ansible(plane, tmp_path)


def test_inventory_has_a_host_for_each_and_groups_by_what_they_are(ansible: Ansible) -> None:
    listed = ansible.inventory(ansible.source())
    groups = {name: sorted(group["hosts"]) for name, group in listed.items() if group.get("hosts")}
    assert groups == {
        "deployments": ["one", "three", "two"],
        "listener_prod_eu": ["one", "two"],
        "listener_test": ["three"],
        "namespace_agents": ["one", "three"],
        "namespace_more": ["two"],
        "status_READY": ["one", "three", "two"],
        "label_team_crm": ["one"],
    }
    one = listed["_meta"]["hostvars"]["one"]["deployment"]
    assert (one["image"], one["listener"], one["latest_revision"]["status"]) == (ONE, "prod-eu", "DEPLOYED")
    assert one["url"].startswith("https://agents.example.com/lgp/one-")
    assert SECRET not in json.dumps(listed)


def test_what_the_control_plane_says_is_never_a_template(plane: Any, ansible: Ansible) -> None:
    """Anybody who may name a deployment could run commands where the playbook runs otherwise."""
    said = "{{ lookup('ansible.builtin.pipe', 'echo it ran') }}"
    plane.run(operations.deployment, name="one", image=ONE, listener="prod-eu", namespace="agents", display_name=said)
    template = (
        "{{ [deployment.display_name, composed, lookup('langgraph.selfhosted.deployment', 'one').display_name] }}"
    )
    source = ansible.source(compose={"ansible_connection": "'local'", "composed": "deployment.display_name"})
    play = [{"hosts": "one", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": template}}]}]
    path = ansible.folder / "play.yml"
    path.write_text(yaml.safe_dump(play), encoding="utf-8")
    done = ansible.run("ansible-playbook", "-i", str(source), str(path))
    assert (done.returncode, done.stdout.count("it ran')")) == (0, 3), done.stdout + done.stderr


def test_inventory_filters_and_constructs(ansible: Ansible) -> None:
    source = ansible.source(
        listener="{{ 'prod' ~ '-eu' }}",
        default_groups=False,
        compose={"agent_url": "deployment.url", "ansible_connection": "'local'"},
        groups={"first": "deployment.image is search(':1')"},
        keyed_groups=[{"prefix": "revision", "key": "deployment.latest_revision.status"}],
    )
    listed = ansible.inventory(source)
    groups = {name: sorted(group["hosts"]) for name, group in listed.items() if group.get("hosts")}
    assert groups == {"first": ["one"], "revision_DEPLOYED": ["one", "two"]}
    variables = listed["_meta"]["hostvars"]["two"]
    assert (variables["ansible_connection"], variables["agent_url"]) == ("local", variables["deployment"]["url"])
    for filters, hosts in (
        ({"name_contains": "t"}, {"two", "three"}),
        ({"namespace": "more"}, {"two"}),
        ({"status": "UNUSED"}, set()),
    ):
        assert ansible.inventory(ansible.source(**filters))["_meta"]["hostvars"].keys() == hosts


def test_the_example_works_as_it_is(ansible: Ansible) -> None:
    listed = ansible.inventory(ROOT / "examples" / "deployments.yml")
    assert sorted(listed["deployments"]["hosts"]) == ["one", "three", "two"]
    assert listed["behind"]["hosts"] == ["three"]
    assert listed["revision_DEPLOY_FAILED"]["hosts"] == ["three"]


def test_inventory_is_cached_without_secrets(plane: Any, ansible: Ansible) -> None:
    folder = ansible.folder / "cache"
    source = ansible.source(
        cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection=str(folder), cache_timeout=300
    )
    first = ansible.inventory(source)
    plane.forget_requests()
    assert ansible.inventory(source) == first
    assert plane.requests() == []
    (cached,) = folder.iterdir()
    content = cached.read_text(encoding="utf-8")
    assert "agents/hello:1" in content
    assert SECRET not in content
    assert ansible.environment["LANGSMITH_API_KEY"] not in content
    cached.unlink()
    assert ansible.inventory(source) == first
    assert plane.requests("GET")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"listener": "a", "listener_id": "b"}, "mutually exclusive"),
        ({"control_plane_url": "plane.example.com"}, "control_plane_url: it is not an http(s) URL"),
        ({"region": "mars"}, "region"),
        ({"client_key": "/nowhere/key.pem"}, "client_cert"),
        ({"api_key": "lsv2_sk_not_the_key"}, "Remedy: Create an API key"),
    ],
)
def test_inventory_that_cannot_be_read_says_why(ansible: Ansible, options: dict[str, Any], message: str) -> None:
    ansible.environment["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "true"
    done = ansible.run("ansible-inventory", "-i", str(ansible.source(**options)), "--list")
    assert done.returncode != 0
    assert message in " ".join(done.stderr.split())
    assert "lsv2_sk_not_the_key" not in done.stderr


def test_only_files_of_its_name_are_its_own(ansible: Ansible) -> None:
    ansible.environment["ANSIBLE_INVENTORY_ENABLED"] = "langgraph.selfhosted.deployments"
    assert ansible.inventory(ansible.source("deployments.yaml"))["deployments"]["hosts"]
    assert "deployments" not in ansible.inventory(ansible.source("agents.yml"))


LOOKUP = "'langgraph.selfhosted.deployment'"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (f"{{{{ lookup({LOOKUP}, 'two', attribute='image') }}}}", f'"{TWO}"'),
        (f"{{{{ lookup({LOOKUP}, 'one').secret_names }}}}", '"TOKEN"'),
        (
            f"{{{{ query({LOOKUP}, 'three', 'one', attribute='latest_revision.status') | join(' ') }}}}",
            '"DEPLOY_FAILED',
        ),
        (f"{{{{ query({LOOKUP}, 'two', 'one') | map(attribute='name') | join(' then ') }}}}", '"two then one"'),
    ],
)
def test_lookup_tells(ansible: Ansible, template: str, expected: str) -> None:
    done = ansible.say(template)
    assert done.returncode == 0, done.stdout + done.stderr
    assert expected in done.stdout
    assert SECRET not in done.stdout


def test_lookup_takes_the_variables_that_the_roles_share(plane: Any, ansible: Ansible) -> None:
    connection = {
        "langgraph_control_plane_url": "{{ url }}",
        "langgraph_api_key": ansible.environment.pop("LANGSMITH_API_KEY"),
        "langgraph_workspace_id": ansible.environment.pop("LANGSMITH_WORKSPACE_ID"),
        "url": ansible.environment.pop("LANGSMITH_HOST_URL"),
    }
    variables = ansible.folder / "variables.yml"
    variables.write_text(yaml.safe_dump(connection), encoding="utf-8")
    done = ansible.say(f"{{{{ lookup({LOOKUP}, 'two', attribute='status') }}}}", "-e", f"@{variables}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"READY"' in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'nobody'", "There is no deployment nobody"),
        ("'one', attribute='colour'", "A deployment has no colour"),
        ("'one', api_key='lsv2_sk_not_the_key'", "Remedy: Create an API key"),
        ("'one', control_plane_url='http://127.0.0.1:9'", "no connection"),
    ],
)
def test_lookup_that_finds_nothing_says_why(ansible: Ansible, arguments: str, message: str) -> None:
    done = ansible.say(f"{{{{ lookup({LOOKUP}, {arguments}) }}}}")
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
