# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole world on one machine: a Kubernetes API, a control plane, and the workloads that live in the cluster.

For the demo, the tests, and users' own CI: `python -m playground up | status | down | env`, or from Python::

    import playground

    world = playground.up(name="ci", control_plane_port=0, ingress_port=0)
    ...
    world.down()
"""

from __future__ import annotations

from playground.errors import PlaygroundError
from playground.world import Playground, down, load, up

__all__ = ["Playground", "PlaygroundError", "down", "load", "up"]
