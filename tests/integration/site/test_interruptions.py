# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed anywhere is finished by the next one; nothing is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from contextlib import suppress

import psutil

from tests.integration.site.helpers import PLAYBOOK, Site

# Seconds after which the runs are ended, one after the other, each going on where the one before was ended.
MOMENTS = (
    (signal.SIGKILL, 3.5),
    (signal.SIGKILL, 5.0),
    (signal.SIGINT, 6.0),
    (signal.SIGKILL, 7.0),
    (signal.SIGKILL, 9.0),
)


def end_after(process: subprocess.Popen[str], seconds: float, number: signal.Signals) -> int | None:
    """End a run at a moment: Ctrl-C goes to its process group, a kill to all that it started; return its exit code."""
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        started = psutil.Process(process.pid).children(recursive=True)  # workers have sessions of their own
        os.killpg(process.pid, number)
        if number == signal.SIGKILL:
            for child in started:
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        process.communicate(timeout=60)
    return process.returncode


def test_killed_runs_are_finished_by_the_next(fresh: Site) -> None:
    """Five runs ended at growing moments, then one that converges, and one that finds nothing to do."""
    arguments = (PLAYBOOK, "-i", str(fresh.inventory()), "-e", "langgraph_takeover_after=2")
    ended = [end_after(fresh.start(*arguments), seconds, number) for number, seconds in MOMENTS]
    assert ended.count(0) < len(MOMENTS), "no run was interrupted"
    assert fresh.play(*arguments).succeeded()
    last = fresh.play(*arguments).succeeded()
    assert last.changed == 0, last.output
    assert [record["compute_id"] for record in fresh.records("listeners")] == ["site"]
    assert [record["name"] for record in fresh.records("deployments")] == ["hello"]
    newest = Counter(record["name"] for record in fresh.helm_records() if record["info"]["status"] == "deployed")
    assert newest == {"keda": 1, "traefik": 1, "langgraph-dataplane": 1}
    assert fresh.ask(fresh.agent_path()).is_success
