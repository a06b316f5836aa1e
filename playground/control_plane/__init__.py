# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""A control plane on this machine: the public v2 API, its state, its rules and its faults, for demos and tests."""

from __future__ import annotations
