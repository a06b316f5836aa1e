# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of container images: what a short one stands for, and where a mirror keeps it."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.names import DOCKER_HUB, split_registry


def full_name(image: str) -> str:
    """Return an image's name with its registry, without a tag where a digest says which it is.

    ``redis:7`` is short for ``docker.io/redis:7``; a copying tool takes a tag or a digest, not both.
    """
    name, at, digest = image.partition("@")
    if at:
        head, slash, tail = name.rpartition("/")
        name = f"{head}{slash}{tail.partition(':')[0]}"
    registry, _path = split_registry(name)
    return f"{name if registry else f'{DOCKER_HUB}/{name}'}{at}{digest}"


def without_registry(image: str, registry: str) -> str:
    """Return the name of an image as it is at its source, where ``registry`` mirrors it."""
    return image.removeprefix(f"{registry}/") if registry else image


def is_placeholder(image: str) -> bool:
    """Whether the operator fills this in."""
    return image.startswith("${")
