# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module ``revision``: put the content of an earlier revision live again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import CONNECTION, WAIT, ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import (
    deployments,
    history,
    redeployment,
    revisions,
    validation,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane, connect
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.history import Document
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Plan, Redeploy, Task

REVISION_ARGUMENTS = (
    CONNECTION
    + WAIT
    + history.OF_DEPLOYMENT
    + ArgumentSpec(
        options={
            "revision": {"type": "str"},
            "image": {"type": "str"},
            "force": {"type": "bool", "default": False},
        },
        mutually_exclusive=[("revision", "image")],
        required_one_of=[("revision", "image")],
    )
)

_NOTHING: Document = {"before": {}, "after": {}}


async def revision(task: Task) -> Outcome:
    """Redeploy an earlier revision unless the newest one has its content already, and wait."""
    options = task.options
    validation.check(validation.revision_problems(options))
    async with connect(task) as client:
        deployment = await history.get_deployment(client, options)
        name, identity = str(deployment["name"]), deployment["id"]
        _refuse_leaving(deployment)
        listed = await client.list_revisions(identity)
        chosen = history.choose(listed, options)
        if chosen is None:
            raise _not_there(name, listed, options)
        newest = listed[0]
        has_it = _why_not_needed(newest, chosen, options)
        if has_it:
            seen = newest if task.check else await _awaited(task, client, name, identity, newest)
            return _outcome(seen, chosen, has_it)
        change = _change(name, identity, newest, chosen)
        done = f"Revision {chosen['id']} is deployed again."
        if task.check:
            seen = {**chosen, "id": None, "status": None, "status_message": None, "created_at": None}
        else:
            made = await redeployment.redeploy_and_identify(client, change)
            seen = await _awaited(task, client, name, identity, {"id": made["latest_revision_id"]})
    return _outcome(seen, chosen, done, change)


def _refuse_leaving(deployment: Document) -> None:
    if deployment.get("status") in deployments.LEAVING:
        raise Refused(
            f"Deployment {deployment['name']} is being deleted, so that no revision of it can be deployed.",
            remedy="Create it anew with the module deployment once it is gone.",
        )


def _not_there(name: str, listed: Sequence[Document], options: Document) -> Refused:
    if options.get("image"):
        images = sorted({str(image) for one in listed if (image := history.represent(one)["image"])})
        why = f"has no revision with the image {options['image']}"
        remedy = f"Its revisions have: {', '.join(images) or 'none'}. A new image is deployed by the module deployment."
    elif options["revision"] in (history.PREVIOUS, history.LAST_DEPLOYED):
        earlier = options["revision"] == history.PREVIOUS
        why = f"has no {'earlier ' if earlier else ''}revision that was deployed"
        remedy = "Deploy it with the module deployment; module revision_info lists what was tried."
    else:
        why = f"has no revision {options['revision']}"
        remedy = "Module revision_info lists those that it has."
    return Refused(f"Deployment {name} {why}.", remedy=remedy)


def _why_not_needed(newest: Document, chosen: Document, options: Document) -> str | None:
    """Return why nothing has to be done, None when something has.

    ``previous`` always goes back by one. Beyond that content is compared as far as the API tells it.
    """
    if options.get("force") or options.get("revision") == history.PREVIOUS:
        return None
    if newest.get("status") in revisions.FAILED or revisions.content(newest) != revisions.content(chosen):
        return None
    if newest["id"] == chosen["id"]:
        return f"Revision {newest['id']} is the newest one already."
    return (
        f"The newest revision, {newest['id']}, has the content of revision {chosen['id']} already, as far as the "
        "control plane tells it (not secrets and resources; force deploys it all the same)."
    )


def _change(name: str, identity: str, newest: Document, chosen: Document) -> Redeploy:
    before = {"revision": newest["id"], "status": newest.get("status"), **revisions.content(newest)}
    after = {"revision": f"a new one like {chosen['id']}", "status": revisions.DEPLOYED, **revisions.content(chosen)}
    return Redeploy(name, before, after, id=identity, revision_id=chosen["id"], newest_revision=newest["id"])


async def _awaited(task: Task, client: ControlPlane, name: str, identity: str, seen: Document) -> Document:
    """Return a revision as it is, or as it is once it is deployed when the task waits for that."""
    if seen.get("status") == revisions.DEPLOYED:
        return seen
    if task.options.get("wait") is False:
        return await client.get_revision(identity, seen["id"])
    follower = revisions.Follower(client.once(), name, identity, seen["id"])
    return await follower.deployed(float(task.options.get("wait_timeout") or 600.0))


def _outcome(seen: Document, chosen: Document, reason: str, change: Redeploy | None = None) -> Outcome:
    result: dict[str, Any] = {
        "revision": history.represent(seen),
        "redeployed": history.represent(chosen),
        "reason": reason,
    }
    if change is None:
        return Outcome(result=result, diff=_NOTHING)
    return Outcome(changed=True, result=result, diff=Plan((change,)).diffs()[0])
