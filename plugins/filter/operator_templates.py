# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: the operator's object templates with a mirror, pull secrets and a StorageClass worked in."""

from __future__ import annotations

DOCUMENTATION = r"""
name: operator_templates
short_description: Work an image mirror, pull secrets and a StorageClass into the operator's templates
version_added: 0.1.0
description:
  - The operator makes each agent's objects from text templates, in which the images of Redis and Postgres stand fixed.
  - This filter takes the chart's own templates (C(deployment), C(service), C(db), C(redis)) and returns them with these
    images taken from a mirror, with pull secrets in every pod, and with a StorageClass in the claims of volumes.
    Placeholders such as C(${name}) stay as they are.
  - Where nothing is to be changed, the chart is not read. A chart that has not been fetched yet has no templates.
options:
  _input:
    description: Where the data plane's chart is, as P(langgraph.selfhosted.chart#filter) returns it.
    type: dict
    required: true
  registry:
    description: Registry that mirrors every image under its full name. Empty leaves images alone.
    type: str
    default: ""
  pull_secrets:
    description: Names of image pull Secrets.
    type: list
    elements: str
    default: []
  storage_class:
    description: StorageClass of the volumes. Empty leaves it to the cluster's default one.
    type: str
    default: ""
  images:
    description: Image by template name, where it is not to be the chart's.
    type: dict
    default: {}
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: Templates for a cluster that pulls from a mirror only
  ansible.builtin.set_fact:
    templates: "{{ {'folder': '/srv/charts/langgraph-dataplane'}
      | langgraph.selfhosted.operator_templates(registry='mirror.example.com', pull_secrets=['mirror-login']) }}"
"""

RETURN = r"""
_value:
  description: The templates that changed, by name, as text.
  type: dict
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.image_names import full_name, is_placeholder


def operator_templates(
    chart: Mapping[str, str],
    registry: str = "",
    pull_secrets: Sequence[str] = (),
    storage_class: str = "",
    images: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the templates that a mirror, pull secrets, a StorageClass or other images change; see DOCUMENTATION.

    Texts become plain ones: Ansible's own kind, which remembers where it is from, is unknown to YAML.
    """
    defaults = Path(chart["folder"], "values.yaml")
    if not (registry or pull_secrets or storage_class or images) or not defaults.is_file():
        return {}
    templates: dict[str, str] = yaml.safe_load(defaults.read_text())["operator"]["templates"]
    changed = {}
    for name, text in templates.items():
        original = yaml.safe_load(text)
        manifest = yaml.safe_load(text)
        pod = manifest.get("spec", {}).get("template", {}).get("spec")
        if not pod:
            continue
        if pull_secrets:
            pod["imagePullSecrets"] = [{"name": str(secret)} for secret in pull_secrets]
        for container in pod.get("containers", []):
            container["image"] = _image((images or {}).get(name, container["image"]), registry)
        for claim in manifest["spec"].get("volumeClaimTemplates", []) if storage_class else []:
            claim["spec"]["storageClassName"] = str(storage_class)
        if manifest != original:
            changed[name] = yaml.safe_dump(manifest, sort_keys=False)
    return changed


def _image(image: str, registry: str) -> str:
    """Return where the mirror keeps an image. A placeholder is filled in by the operator, so it is left alone."""
    return str(image) if not registry or is_placeholder(image) else f"{registry}/{full_name(image)}"


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"operator_templates": operator_templates}
