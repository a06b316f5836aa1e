# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of storage."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import differences
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import name

_CLAIMS = "spec.volumeClaimTemplates"


def storage_class(situation: Situation) -> Iterator[Finding]:
    """Demand the StorageClasses that volumes will be made from: those named, and a default one where none is."""
    volumes, classes = situation.wanted.volumes, situation.seen.storage_classes
    if not volumes or classes is None:
        return
    there = [name(thing) for thing in classes]
    named = {volume["storage_class"] for volume in volumes if volume.get("storage_class")}
    for missing in sorted(named.difference(there)):
        yield Finding.error(
            "storage_class",
            f"There is no StorageClass {missing}.",
            why=f"Volumes that ask for it would stay Pending. The cluster has: {', '.join(there) or 'none'}.",
            remedy="Name one of these, or create it.",
        )
    unnamed = ", ".join(dict.fromkeys(volume["named_by"] for volume in volumes if not volume.get("storage_class")))
    if not unnamed:
        return
    defaults = situation.seen.default_storage_classes()
    if not defaults:
        yield Finding.error(
            "storage_class",
            "There is no default StorageClass.",
            why="The volumes of Redis and of databases that name no class would stay Pending.",
            remedy=f"Mark one as default ({', '.join(there) or 'none exists yet'}): kubectl annotate storageclass NAME "
            f"storageclass.kubernetes.io/is-default-class=true, or name the one to use ({unnamed}).",
        )
    elif len(defaults) > 1:
        yield Finding.warning(
            "storage_class",
            f"Several StorageClasses are marked as default: {', '.join(defaults)}.",
            why="The newest of them is taken, which may not be the one that is meant.",
            remedy=f"Leave the mark on one, or name the class to use ({unnamed}).",
        )


def volume_claims(situation: Situation) -> Iterator[Finding]:
    """Find StatefulSets whose claims would have to change, which Kubernetes does not let them."""
    for component in situation.components:
        for manifest in component.objects:
            address = situation.seen.address(manifest) if manifest["kind"] == "StatefulSet" else None
            live = situation.seen.live.get(address) if address else None
            if address is None or live is None:
                continue
            found = [str(entry) for entry in differences(manifest, live) if entry.path.startswith(_CLAIMS)]
            if found:
                yield Finding.error(
                    "volume_claims",
                    f"{address} asks for other volumes than wanted: {'; '.join(found)}.",
                    why="Kubernetes lets no StatefulSet change its volumeClaimTemplates, and a volume keeps its class.",
                    remedy="Say what it has. For a larger volume: raise spec.resources.requests.storage of its claims "
                    f"(kubectl edit pvc -n {address.namespace}), if their StorageClass lets volumes grow; then kubectl "
                    f"delete statefulset {address.name} -n {address.namespace} --cascade=orphan, and run again: it is "
                    "made anew around the pod and the volume that are there.",
                )
