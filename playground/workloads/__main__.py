# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m playground.workloads``: the runner."""

from .runner.main import main

if __name__ == "__main__":
    main()
