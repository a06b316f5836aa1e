# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The patch that makes a live object what a manifest says. Pure; the counterpart of :mod:`compare`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import contains

_CLAIMS = "volumeClaimTemplates"


def merge_patch(manifest: Mapping[str, Any], live: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON merge patch that makes a live object what the manifest says.

    Lists are replaced as a whole, which is what the comparison demands of them; what is null in the manifest is left
    out, as in a merge patch it would delete. Keys of ``data`` that the manifest does not have are deleted. The volumes
    that a StatefulSet asks for can never be changed, so those that are as wanted are left out.
    """
    patch = _without_nulls({key: value for key, value in manifest.items() if key != "status"})
    if manifest.get("kind") in ("Secret", "ConfigMap"):
        kept = {*(manifest.get("data") or {}), *(manifest.get("stringData") or {})}
        foreign = {key: None for key in live.get("data") or {} if key not in kept}
        patch["data"] = {**(patch.get("data") or {}), **foreign}
    if manifest.get("kind") == "StatefulSet" and _has_its_claims(manifest, live):
        patch.get("spec", {}).pop(_CLAIMS, None)
    return dict(patch)


def _has_its_claims(manifest: Mapping[str, Any], live: Mapping[str, Any]) -> bool:
    return contains((live.get("spec") or {}).get(_CLAIMS), (manifest.get("spec") or {}).get(_CLAIMS))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
