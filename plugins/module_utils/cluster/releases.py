# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helm's own release records, read and decoded: what is installed, with which values, in which state.

Helm keeps one Secret a revision, named ``sh.helm.release.v1.<release>.v<revision>``. Its key ``release`` is
base64(base64(gzip(JSON))). Labels say name, status and revision, so that a list of metadata tells which is the newest.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import MalformedAnswer, MissingLibrary

PENDING = frozenset({"pending-install", "pending-upgrade", "pending-rollback", "uninstalling"})
FAILED = "failed"
DEPLOYED = "deployed"


@dataclass(frozen=True)
class Record:
    """A release record as its Secret's metadata tells it.

    Attributes:
        name, namespace: Of the release.
        revision: Its number.
        status: As Helm calls it: deployed, superseded, failed, pending-install, pending-upgrade, pending-rollback,
            uninstalling, uninstalled.
        modified: Unix time of the last change; Helm notes it from the second write on, so at first that of the Secret.
        secret: Name of the Secret.
    """

    name: str
    namespace: str
    revision: int
    status: str
    modified: int
    secret: str

    @property
    def pending(self) -> bool:
        """Whether a helm process is at work on it, or died while it was."""
        return self.status in PENDING


@dataclass(frozen=True)
class Release:
    """A decoded release record."""

    name: str
    namespace: str
    revision: int
    status: str
    description: str
    chart: str
    chart_version: str
    app_version: str
    updated: str
    values: Mapping[str, Any] = field(repr=False)
    manifest: str = field(repr=False)

    @cached_property
    def objects(self) -> list[dict[str, Any]]:
        """The objects that the release consists of; hooks are not among them."""
        return list(_flattened(_documents(self.manifest)))

    @property
    def updated_at(self) -> datetime | None:
        """When the record was last changed, if that can be told."""
        try:
            return datetime.fromisoformat(self.updated)
        except ValueError:
            return None


def record(secret: Mapping[str, Any]) -> Record | None:
    """Return the record that a Secret's metadata describes, or None if it is none of Helm's."""
    metadata = secret["metadata"]
    labels = metadata.get("labels") or {}
    if labels.get("owner") != "helm" or "name" not in labels:
        return None
    return Record(
        name=labels["name"],
        namespace=metadata["namespace"],
        revision=_number(labels.get("version")),
        status=labels.get("status", "unknown"),
        modified=_number(labels.get("modifiedAt")) or _unix_time(metadata["creationTimestamp"]),
        secret=metadata["name"],
    )


def newest(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    """Return (namespace, name) → the record of the highest revision."""
    found: dict[tuple[str, str], Record] = {}
    for entry in records:
        key = (entry.namespace, entry.name)
        if key not in found or entry.revision > found[key].revision:
            found[key] = entry
    return found


def decode(secret: Mapping[str, Any]) -> Release:
    """Return the release that a Secret holds; raise :class:`MalformedAnswer` if it holds none."""
    name = secret["metadata"]["name"]
    try:
        content = base64.b64decode(base64.b64decode(secret["data"]["release"]))
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        body = json.loads(content)
        info, chart = body.get("info") or {}, (body.get("chart") or {}).get("metadata") or {}
        return Release(
            name=body["name"],
            namespace=body["namespace"],
            revision=int(body["version"]),
            status=info.get("status", "unknown"),
            description=info.get("description", ""),
            chart=chart.get("name", ""),
            chart_version=chart.get("version", ""),
            app_version=chart.get("appVersion", ""),
            updated=info.get("last_deployed", ""),
            values=body.get("config") or {},
            manifest=body.get("manifest") or "",
        )
    except (KeyError, TypeError, ValueError, OSError, EOFError, binascii.Error) as error:
        raise MalformedAnswer(
            f"The release record {name} in namespace {secret['metadata'].get('namespace')} cannot be decoded.",
            cause=str(error),
            remedy="If helm itself cannot read the release either (helm status), delete this Secret and run again.",
        ) from error


def same_version(left: str, right: str) -> bool:
    """Whether two chart versions are the same; a leading v says nothing."""
    return left.removeprefix("v") == right.removeprefix("v")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _unix_time(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _documents(manifest: str) -> Iterator[Any]:
    try:
        import yaml
    except ImportError as error:
        raise MissingLibrary("PyYAML") from error
    return yaml.load_all(manifest, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _flattened(documents: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for document in documents:
        if not isinstance(document, dict) or not document.get("kind"):
            continue
        if document["kind"].endswith("List") and isinstance(document.get("items"), list):
            yield from _flattened(document["items"])
        else:
            yield document
