# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frontend: nginx as far as its configuration leads to other parts. The pages themselves are one line of text."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

import httpx

from ...paths import in_root
from ...program import run
from ...serving import Receive, Scope, Send, serve
from ...transport import transport
from ..traefik.proxy import HOP, Body, pass_on, say

log = logging.getLogger(__name__)

CONFIGURATION = "/etc/nginx/conf.d/default.conf"
LOCATION = re.compile(r"location\s+(?P<exact>=\s*)?(?P<path>/\S*)\s*\{(?P<body>[^}]*)\}")
READ_SECONDS = 300.0


@dataclass(frozen=True)
class Location:
    """A path, exact or a prefix, and where it leads; ``upstream`` is "" for what nginx answers itself."""

    path: str
    exact: bool
    upstream: str = ""
    pattern: str = ""
    replacement: str = ""

    def matches(self, path: str) -> bool:
        """Whether a request belongs here; prefixes are prefixes of the text, as nginx has it."""
        return path == self.path if self.exact else path.startswith(self.path)

    def rewritten(self, path: str) -> str:
        """Return the path that the upstream is asked for."""
        return re.sub(self.pattern, self.replacement, path, count=1) if self.pattern else path


def read(text: str) -> tuple[int, list[Location]]:
    """Return the port and the locations of a configuration, those that win first."""
    port = re.search(r"listen\s+(\d+)", text)
    found = []
    for match in LOCATION.finditer(text):
        rewrite = re.search(r"rewrite\s+(\S+)\s+(\S+)\s+break;", match["body"])
        upstream = re.search(r"proxy_pass\s+([^;]+);", match["body"])
        found.append(
            Location(
                match["path"],
                bool(match["exact"]),
                upstream[1] if upstream else "",
                rewrite[1] if rewrite else "",
                re.sub(r"\$(\d)", r"\\\1", rewrite[2]) if rewrite else "",
            )
        )
    return int(port[1]) if port else 80, sorted(found, key=lambda one: (not one.exact, -len(one.path)))


class Frontend:
    """An ASGI application that forwards by locations."""

    def __init__(self, locations: list[Location], http: httpx.AsyncClient) -> None:
        """``http`` carries the requests to the other parts."""
        self._locations, self._http = locations, http

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        location = next((one for one in self._locations if one.matches(scope["path"])), None)
        if location is None or not location.upstream:
            await say(send, 200, "" if location else "LangSmith (the playground has no pages)\n")
            return
        query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
        headers = [item for item in scope["headers"] if item[0] not in HOP]
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        request = self._http.build_request(
            scope["method"],
            f"{location.upstream}{location.rewritten(scope['path'])}{query}",
            headers=headers,
            content=Body(receive) if has_body else None,
        )
        try:
            answer = await self._http.send(request, stream=True)
        except httpx.HTTPError as error:
            log.error("%s %s: upstream %s: %s", scope["method"], scope["path"], location.upstream, error)
            await say(send, 504 if isinstance(error, httpx.TimeoutException) else 502, "Bad Gateway\n")
            return
        await pass_on(answer, send)


async def main() -> int:
    """Serve as the configuration says."""
    port, locations = read(in_root(CONFIGURATION).read_text(encoding="utf-8"))
    timeout = httpx.Timeout(READ_SECONDS, connect=5)
    async with httpx.AsyncClient(transport=transport(), timeout=timeout) as http:
        await serve(Frontend(locations, http), port)
    return 0


if __name__ == "__main__":
    run(main())
