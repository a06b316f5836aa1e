# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide for AWX asks for what the collection needs, and for nothing that is not there."""

from __future__ import annotations

import re

import yaml

from playground.releases import HELM
from tests.blocks import block
from tests.consistency.repository import load, playbooks, text

ENVIRONMENT = yaml.safe_load(block("awx", "execution-environment.yml"))
# The sections that ansible-builder 3 knows.
SECTIONS = {"version", "images", "dependencies", "additional_build_steps", "additional_build_files", "options"}


def test_the_environment_has_the_collections_that_the_project_may_have_instead() -> None:
    wanted = yaml.safe_load(block("awx", "collections/requirements.yml"))["collections"]
    assert ENVIRONMENT["dependencies"]["galaxy"]["collections"] == wanted
    galaxy = load("galaxy.yml")
    own = {f"{galaxy['namespace']}.{galaxy['name']}": f">={galaxy['version']}"}
    assert {one["name"]: one["version"] for one in wanted} == own | galaxy["dependencies"]


def test_the_environment_has_what_the_collection_runs_on() -> None:
    assert ENVIRONMENT["version"] == load("meta/execution-environment.yml")["version"]
    assert ENVIRONMENT.keys() <= SECTIONS
    oldest = load("meta/runtime.yml")["requires_ansible"].removesuffix(".0")
    assert ENVIRONMENT["dependencies"]["ansible_core"] == {"package_pip": f"ansible-core{oldest}"}
    assert f"/helm-v{HELM}-" in " ".join(ENVIRONMENT["additional_build_steps"]["append_final"])


def test_the_projects_playbook_imports_one_of_the_collection() -> None:
    (play,) = yaml.safe_load(block("awx", "site.yml"))
    assert play["ansible.builtin.import_playbook"] in {f"langgraph.selfhosted.{path.stem}" for path in playbooks()}


def test_credentials_set_what_plugins_read() -> None:
    fragments = text("plugins/doc_fragments/kubeconfig.py") + text("plugins/doc_fragments/connection.py")
    rows = [line for line in text("docs/guides/awx.md").splitlines() if line.startswith("| ")]
    names = {name for row in rows for name in re.findall(r"`((?:K8S|KUBE|LANGSMITH)\w*)`", row)}
    assert len(names) > 4
    assert [name for name in names if name not in fragments] == []
