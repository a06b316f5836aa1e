# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of storage."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import name


def storage_class(situation: Situation) -> Iterator[Finding]:
    """Demand the StorageClass that volumes will be made from: the one named, or a default one."""
    classes, wanted = situation.seen.storage_classes, situation.wanted.storage_class
    if not situation.wanted.needs_volumes or classes is None:
        return
    there = [name(thing) for thing in classes]
    if wanted and wanted not in there:
        yield Finding.error(
            "storage_class",
            f"There is no StorageClass {wanted}.",
            why=f"Volumes that ask for it would stay Pending. The cluster has: {', '.join(there) or 'none'}.",
            remedy="Name one of these, or create it.",
        )
    elif not wanted and not situation.seen.default_storage_classes():
        yield Finding.error(
            "storage_class",
            "There is no default StorageClass.",
            why="The volumes of Redis and of the agents' databases name no class and would stay Pending.",
            remedy=f"Mark one as default ({', '.join(there) or 'none exists yet'}): kubectl annotate storageclass NAME "
            "storageclass.kubernetes.io/is-default-class=true, or name the one to use (redis_storage_class).",
        )
    elif not wanted and len(situation.seen.default_storage_classes()) > 1:
        yield Finding.warning(
            "storage_class",
            f"Several StorageClasses are marked as default: {', '.join(situation.seen.default_storage_classes())}.",
            why="The newest of them is taken, which may not be the one that is meant.",
            remedy="Leave the mark on one, or name the class to use.",
        )
