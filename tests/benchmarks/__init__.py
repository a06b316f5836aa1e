# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the collection is against what people do without it; ratios measured in one run."""
