# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of the running application share."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.control_plane.auth import Authority
from playground.control_plane.faults import Faults
from playground.control_plane.requestlog import RequestLog
from playground.control_plane.settings import Settings
from playground.control_plane.storage import Store


@dataclass
class State:
    """One control plane: its store, its keys, and what can be changed while it runs."""

    store: Store
    keys: Authority
    defaults: Settings
    settings: Settings
    faults: Faults = field(default_factory=Faults)
    requests: RequestLog = field(default_factory=RequestLog)
