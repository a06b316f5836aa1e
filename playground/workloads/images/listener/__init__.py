# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The listener's stand-in: fetches work from the control plane, writes LGPs and Secrets, reports how it goes."""
