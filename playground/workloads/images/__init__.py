# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that the playground's images hold; the same code runs as processes and in real containers."""
