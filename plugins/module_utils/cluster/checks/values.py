# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what an installed release's values and chart must stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.releases import same_version


def installed_chart(situation: Situation) -> Iterator[Finding]:
    """Demand the installed version of the chart where a release keeps its own values."""
    for wanted in situation.releases():
        if not wanted.reuse_values:
            continue
        release = situation.seen.releases.get(wanted.key)
        if release is None:
            yield Finding.error(
                "installed_chart",
                f"There is no release {wanted.name} in namespace {wanted.namespace} whose values could be kept.",
                why="It is to be changed, not installed.",
                remedy="Name the release and the namespace that helm list -A shows, or install it.",
            )
        elif wanted.version and not same_version(wanted.version, release.chart_version):
            yield Finding.error(
                "installed_chart",
                f"Release {wanted.name} in namespace {wanted.namespace} has chart version {release.chart_version}, and "
                f"{wanted.version} is wanted.",
                why="Values of one version of a chart are not those of another; with its own values kept it can only "
                "stay at its version.",
                remedy=f"Set the chart version to {release.chart_version}, or upgrade the release first.",
            )


def fixed_values(situation: Situation) -> Iterator[Finding]:
    """Refuse to change values that the addresses of agents are made of, while there are agents."""
    agents = situation.seen.agents or ()
    for wanted in situation.releases() if agents else ():
        release = situation.seen.releases.get(wanted.key)
        if release is None or wanted.values is None:
            continue
        for path in situation.wanted.fixed_values:
            before, after = _at(release.values, path), _at(wanted.values, path)
            if before != after and not (wanted.reuse_values and after == ""):
                yield Finding.error(
                    "fixed_values",
                    f"{path} of release {wanted.name} would change from {before or 'nothing'} to {after or 'nothing'}, "
                    f"and there are {len(agents)} agents.",
                    why="Their addresses are made of it: every agent would be gone from where it is called.",
                    remedy="Keep it as it is, or delete the agents first; with preflight_ignore: [fixed_values] the "
                    "change is made all the same.",
                )


def _at(values: Any, path: str) -> Any:
    for key in path.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values if values not in (None, "") else ""
