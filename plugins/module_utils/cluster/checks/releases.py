# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of Helm releases in the namespaces that are to be used."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding


def release_stuck(situation: Situation) -> Iterator[Finding]:
    """Warn of releases that a helm process left pending; the run recovers its own, others it cannot know."""
    ours = {release.key for release in situation.releases()}
    namespaces = {release.namespace for release in situation.releases()} | set(situation.wanted.watch_namespaces)
    for key, record in sorted(situation.seen.records.items()):
        if not record.pending or record.namespace not in namespaces:
            continue
        mine = key in ours
        yield Finding.warning(
            "release_stuck",
            f"Release {record.name} in namespace {record.namespace} is {record.status} (revision "
            f"{record.revision}) for {_readable(time.time() - record.modified)}.",
            why="Another helm is at work on it, or one died while it was; Helm refuses further upgrades meanwhile.",
            remedy="Nothing: the run waits until it has been so for langgraph_takeover_after seconds, then recovers "
            "it. At once, where no helm can be at work: -e langgraph_takeover_after=0"
            if mine
            else f"Wait, or roll it back: helm rollback {record.name} -n {record.namespace}",
        )


def _readable(seconds: float) -> str:
    if seconds < 120:  # noqa: PLR2004
        return f"{max(0, seconds):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"  # noqa: PLR2004
