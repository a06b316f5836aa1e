# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error the collection raises below the runner.

One tree: code that does work raises one of these, and the runner (for modules) or the action plugin alone turns it
into a failed task. An error says what failed, why (``cause``) and what to do about it (``remedy``). Nothing in it may
hold a secret: whoever builds the text redacts first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


class SelfHostedError(Exception):
    """Base of all errors of this collection.

    Args:
        message: What failed and where, one sentence or several lines.
        cause: Why, when it is known or likely.
        remedy: What the user can do about it.
        details: Facts for programs; become keys of the failed task's result, so they have to be JSON.
    """

    def __init__(
        self,
        message: str,
        *,
        cause: str | None = None,
        remedy: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.remedy = remedy
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        """Return the message, then cause and remedy, each on a line of its own."""
        lines = [self.message]
        if self.cause:
            lines.append(f"Cause: {self.cause}")
        if self.remedy:
            lines.append(f"Remedy: {self.remedy}")
        return "\n".join(lines)

    def as_result(self) -> dict[str, Any]:
        """Return the result of the task that failed with it: ``msg`` for people, the parts and details for programs."""
        parts = {"cause": self.cause, "remedy": self.remedy}
        told = {name: text for name, text in parts.items() if text}
        return {**self.details, **told, "msg": str(self), "error": type(self).__name__}


class MissingLibrary(SelfHostedError):
    """A Python library that the code needs cannot be imported."""

    def __init__(self, library: str, traceback: str | None = None) -> None:
        super().__init__(
            f"The Python library {library} is needed and cannot be imported.",
            remedy=f"Install it for the Python that runs this task: python -m pip install {library}",
        )
        self.library = library
        self.traceback = traceback


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the user's input.

    Attributes:
        path: Where it stands in the input, such as ``deployments[3].resource_spec.cpu``.
        why: What is wrong with it.
        remedy: What to write in its place, when that can be said.
    """

    path: str
    why: str
    remedy: str | None = None

    def __str__(self) -> str:
        """Return the problem as one line."""
        text = f"{self.path}: {self.why}" if self.path else self.why
        return f"{text} {self.remedy}" if self.remedy else text


class InvalidInput(SelfHostedError):
    """The user's input cannot be right; raised before the first request, with all problems at once."""

    def __init__(self, problems: Iterable[Problem], what: str = "The input is not valid") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{what} ({count} {'problem' if count == 1 else 'problems'}):"
        super().__init__(
            "\n".join([head, *(f"  - {problem}" for problem in self.problems)]),
            details={"problems": [vars(problem) for problem in self.problems]},
        )


class Refused(SelfHostedError):
    """The wanted change is not made because it cannot be made, or would do harm."""


class TimedOut(SelfHostedError):
    """What was waited for did not come in time."""


class AnswerError(SelfHostedError):
    """A server did not do what it was asked to. ``status`` is the HTTP status, None when no answer came."""

    def __init__(self, message: str, *, status: int | None = None, **rest: Any) -> None:
        super().__init__(message, **rest)
        self.status = status
        if status is not None:
            self.details.setdefault("status", status)


class Unreachable(AnswerError):
    """No connection could be made, so the server has not seen the request."""


class AnswerLost(AnswerError):
    """The request was sent, and whether the server acted on it is not known."""


class Unauthorized(AnswerError):
    """401: the key is missing or not accepted."""


class Forbidden(AnswerError):
    """403: the key is known and may not do this."""


class NotFound(AnswerError):
    """404: there is no such thing."""


class Conflict(AnswerError):
    """409: there is such a thing already, or it changed meanwhile."""


class Rejected(AnswerError):
    """Another 4xx, such as 400 or 422: the server does not accept the request as it is."""


class RateLimited(AnswerError):
    """429, and it did not pass within the time allowed."""


class ServerFailed(AnswerError):
    """5xx, and it did not pass within the time allowed."""


class MalformedAnswer(AnswerError):
    """The answer is not what the API promises: no JSON, another shape, pages that repeat."""


# What may be over by the next time that a server is asked.
MAY_PASS = (Unreachable, AnswerLost, RateLimited, ServerFailed, MalformedAnswer)

_BY_STATUS: Mapping[int, type[AnswerError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
}
_SERVER_ERRORS = 500


def error_of_status(status: int) -> type[AnswerError]:
    """Return which error an HTTP status is that is no success."""
    return _BY_STATUS.get(status) or (ServerFailed if status >= _SERVER_ERRORS else Rejected)


class RevisionFailed(SelfHostedError):
    """A revision of a deployment ended without being deployed."""


class FleetFailed(SelfHostedError):
    """Some deployments of a fleet did not become what they should."""
