# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The revisions that a deployment has had: telling them apart, and choosing one of them to go back to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import deployments, revisions
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import NotFound, Refused

Document = Mapping[str, Any]

PREVIOUS = "previous"
LAST_DEPLOYED = "last_deployed"
NEWEST = "newest"
ACTIVE = "active"

# Options that say which deployment; every module about revisions has them.
OF_DEPLOYMENT = ArgumentSpec(
    options={"name": {"type": "str"}, "deployment_id": {"type": "str"}},
    mutually_exclusive=[("name", "deployment_id")],
    required_one_of=[("name", "deployment_id")],
)


async def find_deployment(client: ControlPlane, options: Document) -> Document | None:
    """Return the deployment that ``name`` or ``deployment_id`` means, None when there is none."""
    found: Document | None
    if options.get("deployment_id"):
        try:
            found = await client.get_deployment(options["deployment_id"])
        except NotFound:
            return None
    else:
        found = deployments.unique(await client.deployments_named(options["name"])).get(options["name"])
    if found:
        deployments.learn_secrets(client, found)
    return found


async def get_deployment(client: ControlPlane, options: Document) -> Document:
    """Return the deployment that ``name`` or ``deployment_id`` means.

    Raises:
        Refused: There is none.
    """
    found = await find_deployment(client, options)
    if found is None:
        asked = options.get("name") or options.get("deployment_id")
        raise Refused(
            f"There is no deployment {asked} in this workspace.",
            remedy="Check the name and workspace_id; module deployment_info lists what is there.",
        )
    return found


def represent(revision: Document) -> dict[str, Any]:
    """Return a revision with its content, as far as the API tells it, as the modules return it."""
    shown = revision.get("source_revision_config") or {}
    return {
        **revisions.represent(revision),
        "source": revision.get("source"),
        "image": shown.get("image_uri"),
        "repo_ref": shown.get("repo_ref"),
        "repo_commit_sha": shown.get("repo_commit_sha"),
    }


def choose(listed: Sequence[Document], options: Document) -> Document | None:
    """Return the revision that the options mean, None when there is none.

    Args:
        listed: The deployment's revisions, newest first.
        options: ``revision`` (an id, or one of the words above) or ``image``.
    """
    deployed = [one for one in listed if one.get("status") == revisions.DEPLOYED]
    if options.get("image"):
        # One that was deployed is known to work.
        return next((one for one in [*deployed, *listed] if represent(one)["image"] == options["image"]), None)
    asked = options["revision"]
    if asked == PREVIOUS:
        return next((one for one in deployed if one["id"] != listed[0]["id"]), None)
    if asked == LAST_DEPLOYED:
        return next(iter(deployed), None)
    return next((one for one in listed if one["id"] == asked.lower()), None)
