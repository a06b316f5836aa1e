# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""``redis-cli``'s stand-in: ``redis-cli [-e] [-h host] [-p port] [-a password] [-n database] COMMAND ...``."""

from __future__ import annotations

import os
import socket
import sys
from io import BufferedRWPair


def main(arguments: list[str]) -> int:
    """Send one command and print the reply; 1 when nobody answers (an error reply is an answer, except with -e)."""
    options = {
        "-h": os.environ.get("PLAYGROUND_BIND", "127.0.0.1"),
        "-p": "6379",
        "-n": "0",
        "-a": os.environ.get("REDISCLI_AUTH", ""),
    }
    words = list(arguments)
    strict = False
    while words and words[0].startswith("-"):
        name = words.pop(0)
        if name == "-e":
            strict = True
        elif name == "--pass":
            options["-a"] = words.pop(0)
        elif name in options:
            options[name] = words.pop(0)
    if options["-h"] in ("localhost", "127.0.0.1"):
        options["-h"] = os.environ.get("PLAYGROUND_BIND", "127.0.0.1")
    try:
        with socket.create_connection((options["-h"], int(options["-p"])), timeout=5) as connection:
            stream = connection.makefile("rwb")
            if options["-a"]:
                failure = _ask(stream, ["AUTH", options["-a"]])
                if failure.startswith("-"):
                    print("AUTH failed:", failure[1:], file=sys.stderr)
            if options["-n"] != "0":
                _ask(stream, ["SELECT", options["-n"]])
            answer = _ask(stream, words or ["PING"])
    except OSError as error:
        print(
            f"Could not connect to Redis at {options['-h']}:{options['-p']}: {error.strerror or error}", file=sys.stderr
        )
        return 1
    print(answer.lstrip("+-:"))
    return 1 if strict and answer.startswith("-") else 0


def _ask(stream: BufferedRWPair, words: list[str]) -> str:
    stream.write(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w.encode()), w.encode()) for w in words))
    stream.flush()
    return _read(stream)


def _read(stream: BufferedRWPair) -> str:
    line = stream.readline().decode().rstrip("\r\n")
    if line.startswith("$"):
        size = int(line[1:])
        return "(nil)" if size < 0 else stream.read(size + 2)[:-2].decode(errors="replace")
    if line.startswith("*"):
        return "\n".join(_read(stream).lstrip("+:") for _ in range(int(line[1:])))
    return line or "-no reply"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
