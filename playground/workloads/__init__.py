# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lives in a playground's pods: the runner that starts processes for them, and the programs of their images."""
