# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter: the container images that objects name, also those in the operator's templates."""

from __future__ import annotations

DOCUMENTATION = r"""
name: images
short_description: Container images that objects name
version_added: 0.1.0
description:
  - Finds the image of every container in Kubernetes objects, whatever their kind, and in objects that stand as text
    in a ConfigMap, as the operator's templates do. Placeholders such as C(${image}) are left out.
options:
  _input:
    description: The objects, for instance what C(helm template) renders, read from YAML; or names of images themselves.
    type: list
    elements: raw
    required: true
  registry:
    description: Registry that mirrors images under their full names.
    type: str
    default: ""
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: What a chart would pull
  ansible.builtin.debug:
    msg: "{{ rendered.stdout | from_yaml_all | select | langgraph.selfhosted.images | map(attribute='source') }}"
"""

RETURN = r"""
_value:
  description: >-
    For each image, by its name: C(image) (as the object has it), C(source) (its full name at its source), C(mirrored)
    (whether it comes from O(registry)).
  type: list
  elements: dict
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.image_names import (
    full_name,
    is_placeholder,
    without_registry,
)

_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def images(objects: Iterable[Mapping[str, Any] | str], registry: str = "") -> list[dict[str, Any]]:
    """Return the images of all containers; see DOCUMENTATION."""
    found = {str(image) for thing in objects for image in ([thing] if isinstance(thing, str) else _images(thing))}
    return [_described(image, registry.rstrip("/")) for image in sorted(found) if not is_placeholder(image)]


def _described(image: str, registry: str) -> dict[str, Any]:
    source = without_registry(image, registry)
    return {"image": image, "source": full_name(source), "mirrored": source != image}


def _images(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key in _CONTAINERS:
            # In a definition's schema this is the name of a field, with a map below it.
            containers = value.get(key)
            for container in containers if isinstance(containers, list) else ():
                if isinstance(container, Mapping) and container.get("image"):
                    yield container["image"]
        for text in _texts(value):
            yield from _images(_manifest(text))
        for below in value.values():
            yield from _images(below)
    elif isinstance(value, list):
        for item in value:
            yield from _images(item)


def _texts(value: Mapping[str, Any]) -> list[str]:
    """Return the texts of a ConfigMap that may be objects."""
    data = value.get("data") if value.get("kind") == "ConfigMap" else None
    return [text for text in (data or {}).values() if isinstance(text, str) and "image:" in text]


def _manifest(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None  # some other text


class FilterModule:
    """Entry point for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters of this file."""
        return {"images": images}
