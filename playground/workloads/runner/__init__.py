# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kubelet's stand-in: starts, probes, restarts and ends a process for each container of the pods that live."""
