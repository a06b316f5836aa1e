# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put back what was deleted or edited behind Helm's back, and clear what a helm that died left pending.

A repair writes only the objects that differ, by the words of the release's own record. No new revision comes of it, no
hook runs, and no pod restarts that did not have to, all of which ``helm upgrade`` would do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import ApiServer, Object
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import differences, is_shared
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.components import as_wanted, may_be_gone
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.ingresses import beside_others
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.patching import merge_patch
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.reading import read, read_history
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.releases import Record, Release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import (
    RELEASE_NAME,
    RELEASE_NAMESPACE,
    Snapshot,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import (
    Checks,
    Component,
    WantedRelease,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import MAY_PASS, Conflict, NotFound, Refused
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline, wait_until


@dataclass(frozen=True)
class Repair:
    """One object to put back: created when ``live`` is None, else changed where it differs."""

    address: Address
    manifest: Object
    live: Object | None
    differences: tuple[str, ...]

    @property
    def action(self) -> str:
        """What is done, for people."""
        return "change" if self.live else "create"


def repair_release(server: ApiServer, name: str, namespace: str, *, check: bool) -> Outcome:
    """Make the live objects of a release what its record says; with ``check`` as a dry run on the server."""
    wanted = WantedRelease(name=name, namespace=namespace)
    seen = read(server, [Component(name=name, release=wanted)], Checks(enabled=False))
    release = seen.releases.get(wanted.key)
    if wanted.key in seen.unreadable_releases:
        raise seen.unreadable_releases[wanted.key]
    if release is None:
        raise NotFound(
            f"There is no Helm release {name} in namespace {namespace}.",
            remedy="Install it first; only what a release's record holds can be put back.",
        )
    repairs = plan_repairs(release, seen)
    for repair in repairs:
        _write(server, repair, release, check=check)
    return Outcome(
        changed=bool(repairs),
        result={"repaired": [{"object": str(repair.address), "action": repair.action} for repair in repairs]},
        diff=[_shown(repair) for repair in repairs],
        warnings=[
            f"{address} cannot be read and was not looked at: {error.cause or error.message}"
            for manifest in release.objects
            if (address := seen.address(manifest, namespace)) and (error := seen.unreadable.get(address))
        ],
    )


def plan_repairs(release: Release, seen: Snapshot) -> list[Repair]:
    """Return what has to be put back, in Helm's order of installation.

    A shared Ingress is put back beside the paths that others added, unless it was taken out of the release.
    """
    repairs = []
    for manifest in release.objects:
        address = seen.address(manifest, release.namespace)
        if address is None or address in seen.unreadable:
            continue
        live = seen.live.get(address)
        if live is None and may_be_gone(manifest):
            continue
        wanted = dict(as_wanted(manifest, address, seen)) if live else manifest
        if live and is_shared(manifest):
            if RELEASE_NAME not in (live["metadata"].get("annotations") or {}):
                continue  # shared_ingress looks after it
            wanted["spec"] = beside_others(wanted.get("spec") or {}, live.get("spec") or {}, {})
        found = tuple(str(difference) for difference in differences(wanted, live)) if live else ("it is missing",)
        if found:
            repairs.append(Repair(address, wanted, live, found))
    return repairs


def recover_release(
    server: ApiServer,
    name: str,
    namespace: str,
    *,
    pending_after: float,
    check: bool,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Remove the record of a revision that a dead helm left pending; wait first while a live one may be at work.

    Helm refuses to touch a release whose newest record is pending. Without that record the revision before it is the
    newest again, or the release is not installed; objects that were made meanwhile carry Helm's marks and are adopted.
    """

    def look() -> Record | None:
        return next(reversed(read_history(server, namespace, name)), None)

    def settled(record: Record | None) -> bool:
        return record is None or not record.pending or clock() - record.modified >= pending_after

    found = look()
    if not settled(found) and not check:
        found = wait_until(look, settled, Deadline(pending_after + 5), sleep=sleep, passing=MAY_PASS).value
    if found is None or not found.pending:
        return Outcome(result={"removed": None})
    if not settled(found):
        raise Refused(
            f"Release {name} in namespace {namespace} is {found.status}, and a helm may be at work on it.",
            remedy="Let it end, then run again.",
        )
    if not check:
        _remove(server, found)
    before = {"revision": found.revision, "status": found.status}
    return Outcome(
        changed=True, result={"removed": found.secret}, diff={"before": before, "after": {"status": "no record"}}
    )


def _remove(server: ApiServer, record: Record) -> None:
    try:
        server.delete(known("Secret").path(record.secret, record.namespace))
    except NotFound:
        return  # somebody else cleared it


def _write(server: ApiServer, repair: Repair, release: Release, *, check: bool) -> None:
    if repair.live is None:
        body = _owned(repair.manifest, repair.address, release)
        try:
            server.create(repair.address.collection, body, dry_run=check)
        except Conflict:
            return  # it came back meanwhile; the next run compares it
        except NotFound:
            if not check:  # in a check its namespace may be missing as well
                raise
    else:
        server.merge(repair.address.path, merge_patch(repair.manifest, repair.live), dry_run=check)


def _owned(manifest: Object, address: Address, release: Release) -> Object:
    """Return a manifest with the marks by which Helm knows that an object is the release's."""
    metadata = dict(manifest["metadata"])
    metadata["annotations"] = {
        **(metadata.get("annotations") or {}),
        RELEASE_NAME: release.name,
        RELEASE_NAMESPACE: release.namespace,
    }
    metadata["labels"] = {**(metadata.get("labels") or {}), "app.kubernetes.io/managed-by": "Helm"}
    if address.namespace:
        metadata["namespace"] = address.namespace
    return {**manifest, "metadata": metadata}


def _shown(repair: Repair) -> dict[str, str]:
    return {
        "before_header": str(repair.address),
        "after_header": f"{repair.address} ({repair.action})",
        "before": "".join(f"{difference}\n" for difference in repair.differences),
        "after": "as the release's record says\n",
    }
