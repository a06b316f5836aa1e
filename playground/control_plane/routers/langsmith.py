# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one route of LangSmith's own API that says what an organisation may do; and the health check."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from playground.control_plane.http import Answer, AnyWorkspace, Shared

router = APIRouter(tags=["LangSmith"])


@router.get("/ok")
async def ok() -> Response:
    """Health: no key needed."""
    return Answer({"ok": True})


@router.get("/api/v1/orgs/current/info")
async def organisation(workspace: AnyWorkspace, shared: Shared) -> Response:
    """The feature flags of the organisation; 401 and 403 as everywhere."""
    settings = shared.settings
    return Answer(
        {
            "enable_lgp_listeners_page": settings.listeners_allowed,
            "langgraph_remote_reconciler_enabled": settings.listeners_allowed,
            "langgraph_deploy_own_cloud_enabled": settings.listeners_allowed,
            "langgraph_enterprise_enabled": settings.listeners_allowed,
            "can_use_langgraph_cloud": settings.deployments_enabled,
            "dev_zero_deployments_enabled": settings.facts.newest_routes,
            "max_langgraph_cloud_deployments": 100_000,
            "max_free_langgraph_cloud_deployments": 1,
        }
    )
