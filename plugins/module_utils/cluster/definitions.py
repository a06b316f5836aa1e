# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom resource definitions, as far as a user may look at them."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import ApiServer, Object
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Forbidden, NotFound

# Without the schemas, which can be megabytes.
_METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


def read_crd(server: ApiServer, name: str) -> Object | None:
    """Return a CRD's metadata, None where there is none; raise :class:`Forbidden` for one that is there."""
    try:
        return server.get(known("CustomResourceDefinition").path(name), accept=_METADATA_ONLY)
    except NotFound:
        return None
    except Forbidden:
        if _served(server, name):
            raise
        return None


def _served(server: ApiServer, name: str) -> bool:
    """Whether the cluster serves the resource that a CRD defines, which everybody may ask."""
    plural, _dot, group = name.partition(".")
    versions = (server.find(f"/apis/{group}") or {}).get("versions") or []
    return any(
        resource["name"] == plural
        for version in versions
        for resource in server.get(f"/apis/{version['groupVersion']}").get("resources") or []
    )
