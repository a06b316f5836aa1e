# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one step of a make target: one line when it is well, its whole output when it is not.

`step.py NAME COMMAND...` prints "NAME  ok  3.1 s". With `--summary FILE` the command's last line (a test runner's
summary) is shown beside it and appended to FILE. Standard library only.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

HEARTBEAT_SECONDS = 30


def main(arguments: Sequence[str]) -> int:
    """Run the command; its exit code."""
    parser = argparse.ArgumentParser(description="Run one step of a make target.")
    parser.add_argument("--summary", type=Path, help="append the command's last line to this file")
    parser.add_argument("name")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)

    started = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        code = run(options.name, options.command, output)
        output.seek(0)
        text = output.read().rstrip()
    seconds = time.monotonic() - started
    last_line = text.splitlines()[-1].strip("= ") if text else ""
    if code:
        print(f"{text}\n\n{options.name:<22} FAILED  {seconds:5.1f} s: {' '.join(options.command)}", flush=True)
        return code
    if options.summary:
        with options.summary.open("a") as summary:
            summary.write(f"{options.name}: {last_line}\n")
    print(f"{options.name:<22} ok  {seconds:6.1f} s" + (f"  {last_line}" if options.summary else ""), flush=True)
    return 0


def run(name: str, command: Sequence[str], output: IO[str]) -> int:
    """Run the command with its output in a file, with a sign of life now and then; its exit code."""
    started = time.monotonic()
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    except FileNotFoundError:
        output.write(f"{command[0]} is not installed: run `make venv`.\n")
        return 127
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            return process.wait(HEARTBEAT_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"{name:<22} ..  {time.monotonic() - started:6.0f} s so far", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            process.wait()  # it got the same signal and cleans up
            raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
