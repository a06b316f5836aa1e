# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast this is beside what people use otherwise.

``python -m tests.benchmarks [site] [fleet] [--charts DIR] [--repeats N]`` prints tables, by default all of them.
Absolute seconds are this machine's; the ratios are what counts.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.benchmarks import fleet, site


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="site|fleet", help="what to measure (default: both)")
    parser.add_argument("--charts", type=Path, help="folder with the charts, such as the official ones")
    parser.add_argument("--repeats", type=int, default=5, help="runs with nothing to change (default 5)")
    options = parser.parse_args()
    unknown = set(options.what) - {"site", "fleet"}
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    if "site" in (options.what or ["site"]):
        site.main(options.charts, options.repeats)
    if "fleet" in (options.what or ["fleet"]):
        fleet.main(options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
