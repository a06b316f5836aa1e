# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ingress controller's stand-in: a reverse proxy for Ingress and HTTPRoute objects."""
