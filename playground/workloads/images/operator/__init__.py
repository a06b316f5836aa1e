# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's stand-in: turns LGP objects into Deployments, Services, stores, autoscalers and routes."""
