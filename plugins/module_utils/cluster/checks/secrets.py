# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of Secrets whose values must stay what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import encoded
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import WantedSecret


def secret_kept(situation: Situation) -> Iterator[Finding]:
    """Refuse to replace what must never be replaced by accident."""
    for component in situation.components:
        for secret in component.secrets:
            data = _data(situation, secret)
            for key, value in secret.kept.items():
                if data.get(key) and data[key] != encoded(value):
                    yield Finding.error(
                        "secret_kept",
                        f"Secret {secret.namespace}/{secret.name} has another {key} than the one given.",
                        why="Replacing it would make all worthless that was made with the old one: API keys with "
                        "a salt, logins with a password or a signing secret.",
                        remedy="Leave the given one out, so that the Secret's stays. To replace it on purpose, change "
                        "the Secret by hand and restart what uses it.",
                    )


def secret_generated(situation: Situation) -> Iterator[Finding]:
    """Refuse to make something up for an installation that must have its own already."""
    for component in situation.components:
        if component.release is None or component.release.key not in situation.seen.releases:
            continue
        for secret in component.secrets:
            data = _data(situation, secret)
            missing = [key for key in secret.generated if not data.get(key) and key not in secret.kept]
            if missing:
                yield Finding.error(
                    "secret_generated",
                    f"Secret {secret.namespace}/{secret.name} lacks {', '.join(missing)}, and release "
                    f"{component.release.name} is installed already.",
                    why="It was installed with values of its own; new ones would make API keys and logins worthless.",
                    remedy="Give the values that it has (they are in its values or in the Secret that it names), or "
                    "name that Secret.",
                )


def _data(situation: Situation, secret: WantedSecret) -> Mapping[str, str]:
    live = situation.seen.live.get(Address(known("Secret"), secret.namespace, secret.name)) or {}
    return live.get("data") or {}
