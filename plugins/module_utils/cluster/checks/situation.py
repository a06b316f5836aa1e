# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check may look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.components import (
    CONVERGED,
    DRIFTED,
    UNREADY,
    Assessment,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import Snapshot
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import (
    Checks,
    Component,
    WantedRelease,
)


@dataclass(frozen=True)
class Situation:
    """The cluster, what is wanted of it, and how the components were assessed.

    Those named in ``left`` are used as others made them.
    """

    seen: Snapshot
    wanted: Checks
    components: Sequence[Component] = ()
    assessed: Mapping[str, Assessment] = field(default_factory=dict)
    left: frozenset[str] = frozenset()

    def releases(self) -> list[WantedRelease]:
        """Return the releases that are wanted."""
        return [component.release for component in self.components if component.release]

    def ours(self, owner: tuple[str, str] | None) -> bool:
        """Whether (namespace, name) is a release that is wanted."""
        return owner in {release.key for release in self.releases()}

    def to_install(self) -> list[Component]:
        """Return the components whose pods are not in the cluster yet."""
        there = {CONVERGED, DRIFTED, UNREADY}
        ours = [component for component in self.components if component.name not in self.left]
        return [component for component in ours if self._state(component) not in there]

    def nothing_asked(self) -> bool:
        """Whether no components were given, so that checks judge the cluster alone."""
        return not self.components

    def _state(self, component: Component) -> str:
        assessment = self.assessed.get(component.name)
        return assessment.state if assessment else ""
