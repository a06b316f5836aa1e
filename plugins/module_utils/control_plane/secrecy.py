# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that a control plane does not show: they cannot be compared, and are not sent again and again for that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import revisions
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import NotFound
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Desired, Observed

_SECRETS = "secrets"


async def without_doubtful(
    client: ControlPlane, desired: Sequence[Desired], present: Mapping[str, Observed]
) -> dict[str, Observed]:
    """Return what is there; where secrets are wanted and none are shown, they may count as not known.

    An empty list means that there are none, so that wanted ones are sent. But a plane may hide them so. When the newest
    revision differs from the one before in nothing that is shown, it may be the one that brought them.
    """
    asked = [
        seen
        for wanted in desired
        if wanted.values.get(_SECRETS) and (seen := present.get(wanted.name)) and seen.values.get(_SECRETS) == {}
    ]
    alike = await asyncio.gather(*(_newest_are_alike(client, seen.id) for seen in asked))
    doubtful = {seen.id for seen, same in zip(asked, alike, strict=True) if same}
    return {name: _without_secrets(seen) if seen.id in doubtful else seen for name, seen in present.items()}


def hidden_secrets(wanted: Desired, before: Observed | None, after: Observed | None) -> list[str]:
    """Return a warning when secrets are wanted that the control plane hides, so that they cannot be compared.

    Args:
        wanted: What is wanted.
        before: What was there.
        after: What the control plane tells now; the same as before when nothing was done.
    """
    if not wanted.values.get(_SECRETS) or not ((before and _hidden(before)) or _stays_hidden(before, after)):
        return []
    return [
        f"{wanted.name}: the control plane does not show values of secrets, so it is not noticed when one is "
        "missing or has changed. They are sent along with a change of another field, such as the image."
    ]


def _hidden(seen: Observed) -> bool:
    shown = seen.values.get(_SECRETS)
    return shown is None or bool(shown and not any(shown.values()))


def _stays_hidden(before: Observed | None, after: Observed | None) -> bool:
    """Whether secrets that were sent are not to be seen; a plane that has no revision yet tells nothing of them."""
    if after is None or after is before or _SECRETS not in after.values:
        return False
    return not any(after.values[_SECRETS].values())


async def _newest_are_alike(client: ControlPlane, deployment_id: str) -> bool:
    try:
        contents = [revisions.content(one) for one in await client.newest_revisions(deployment_id, 2)]
    except NotFound:
        return False  # It is gone meanwhile; who changes it will be told.
    return len(contents) > 1 and contents[0] == contents[1]


def _without_secrets(seen: Observed) -> Observed:
    return replace(seen, values={name: value for name, value in seen.values.items() if name != _SECRETS})
