# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calling many URLs at once until each answers, as an agent's proof of life."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.transport import (
    Security,
    get_status,
    open_http,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline, pauses, wait_until_async

if TYPE_CHECKING:
    from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.transport import Http

_HTTP_OK = 200
_LONGEST_CALL = 5.0

_REMEDY_BY_STATUS = {
    404: "No route leads to it: check that the operator has added the agent's path (or HTTPRoute), and that host and "
    "path of the URL are those of the ingress.",
    502: "The ingress reaches no pod: check that the agent's pods are ready.",
    503: "The ingress finds no ready pod: check that the agent's pods are ready.",
    504: "The agent does not answer the ingress in time: look at its log.",
}


@dataclass(frozen=True)
class Target:
    """An agent and its base URL."""

    name: str
    url: str


@dataclass(frozen=True)
class Call:
    """How the last call of a target went.

    Attributes:
        target: Whom was called.
        status: The HTTP status, None when there was no answer.
        seconds: Time from the first call until this one ended.
        why, remedy: What is wrong and what to do, when it did not answer 200.
    """

    target: Target
    status: int | None
    seconds: float
    why: str = ""
    remedy: str = ""

    @property
    def answered(self) -> bool:
        """Whether it answered as it should."""
        return self.status == _HTTP_OK


async def call_all(
    targets: Sequence[Target],
    *,
    path: str,
    timeout: float,
    security: Security,
    address: str | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Call]:
    """Call every target at the same time, again and again, until it answers 200 or the time is up.

    Args:
        targets: Whom to call.
        path: Added to each URL.
        timeout: Seconds for all together.
        security: TLS settings.
        address: ``host:port`` to connect to in place of the URL's host; Host header and TLS name stay those of the URL.
        sleep: Replaced in tests.
    """
    deadline = Deadline(timeout)
    secure = next((target.url for target in targets if urlsplit(target.url).scheme != "http"), "http:")
    async with open_http(secure, security, min(timeout, _LONGEST_CALL)) as http:

        async def until_answered(target: Target) -> Call:
            waited = await wait_until_async(
                lambda: _call(http, target, path, address, deadline),
                lambda call: call.answered,
                deadline,
                every=pauses(0.1, 1.5, 2.0),
                sleep=sleep,
            )
            return waited.value

        return list(await asyncio.gather(*(until_answered(target) for target in targets)))


async def _call(http: Http, target: Target, path: str, address: str | None, deadline: Deadline) -> Call:
    parts = urlsplit(target.url)
    url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, netloc=address or parts.netloc))
    try:
        status, where = await get_status(http, url, host=parts.netloc, tls_name=parts.hostname)
    except AnswerError as error:
        why = error.cause or error.message
        return Call(target, None, deadline.elapsed, why, _remedy(why, address))
    if status == _HTTP_OK:
        return Call(target, status, deadline.elapsed)
    remedy = _REMEDY_BY_STATUS.get(status, "Look at the agent's log.")
    return Call(target, status, deadline.elapsed, f"it answered {status}{f', to {where}' if where else ''}", remedy)


def _remedy(cause: str, address: str | None) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in cause:
        return (
            "The ingress shows a certificate that is not trusted: give its CA as ca_cert (trusted beside the system's),"
            " or give it another one."
        )
    if address:
        return f"Check that {address} is the ingress controller's address and can be reached from here."
    return (
        "Point the DNS name of the URL to the ingress controller's address (or give that as address), and check that "
        "it can be reached from here."
    )
