# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""LangSmith's parts: the API, the control plane, the jobs of an installation, the frontend; the rest only lives."""
