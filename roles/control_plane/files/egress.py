# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls URLs from inside the cluster, through the proxies of its environment; fails unless something answers."""

import sys
import urllib.error
import urllib.request

PROXY_WANTS_A_LOGIN = 407


def problem(url: str) -> object:
    """Return what is wrong with the way to a URL, None if a server answers there, whatever it answers."""
    try:
        urllib.request.urlopen(url, timeout=20).close()  # noqa: S310 - the user's own URLs
    except urllib.error.HTTPError as error:
        return error if error.code == PROXY_WANTS_A_LOGIN else None
    except urllib.error.URLError as error:
        return error.reason
    except OSError as error:
        return error
    return None


def main(urls: list[str]) -> int:
    """Print what cannot be reached; the exit code."""
    problems = {url: problem(url) for url in urls}
    for url, what in problems.items():
        print(f"{url}: {what}" if what else f"{url} answers")
    return 1 if any(problems.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
