# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an HTTP answer that is no success to the error that says what is wrong and what to do."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.redaction import Redactor
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    ServerFailed,
    error_of_status,
)

_LONGEST_TEXT = 500
# The server, or a proxy before it, was not ready for the request: as with 5xx, it may be sent again.
_NOT_READY = (408, 425)

_REMEDY_BY_STATUS = {
    401: "Create an API key in that workspace and give it as api_key (or LANGSMITH_API_KEY); check that the URL is "
    "that of the region where the workspace lives.",
    403: "Use a key of that workspace whose owner may do this, and ask LangChain whether the plan includes it.",
    429: "Run again later, or with fewer forks.",
}

# Fragments of the texts that the control plane answers with -> what to do.
_REMEDY_BY_TEXT = (
    (
        "requires workspace specification",
        "The key belongs to an organization: set workspace_id (or LANGSMITH_WORKSPACE_ID) to the id of the workspace.",
    ),
    (
        "is not enabled for this organization",
        "Ask LangChain to enable LangSmith Deployment for the organization, or use another workspace's key.",
    ),
    ("Creating listeners is only allowed", "Ask LangChain to enable listeners for the organization (Enterprise plan)."),
    (
        "listener_id' is required",
        "The workspace has listeners, so a deployment has to name one: set listener (a compute_id) or listener_id. "
        "What LangChain's cloud builds cannot run there.",
    ),
    ("is reserved", "Rename or remove that environment variable; the platform sets it itself."),
)


def error_for(request: str, status: int, content: bytes, redact: Redactor) -> AnswerError:
    """Return the error for an answer with a status of 300 or above.

    Args:
        request: Method and URL, for the message.
        status: The HTTP status.
        content: The body as it came: JSON with a text or a list of problems, plain text, or nothing.
        redact: Cleans it.
    """
    text = detail(content, redact)
    kind = ServerFailed if status in _NOT_READY else error_of_status(status)
    remedy = next((advice for part, advice in _REMEDY_BY_TEXT if part in text), _REMEDY_BY_STATUS.get(status))
    return kind(f"{request} answered {status}.", status=status, cause=text or None, remedy=remedy)


def detail(content: bytes, redact: Redactor) -> str:
    """Return what an error body says, in one short text.

    Secrets are hidden in the values as they were meant: written as JSON, or cut off, they are not to be recognized.
    """
    text = content.decode("utf-8", "replace").strip()
    try:
        body = redact.deep(json.loads(text)) if text else None
    except ValueError:
        return _short(redact(text))
    told = body.get("detail", body) if isinstance(body, dict) else body
    if isinstance(told, list):
        return _short("; ".join(_problem(item) for item in told))
    if isinstance(told, str):
        return _short(told)
    return "" if told is None else _short(json.dumps(told, ensure_ascii=False))


def _problem(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    where = ".".join(str(part) for part in item.get("loc") or ())
    message = str(item.get("msg") or item.get("type") or "not valid")
    return f"{where}: {message}" if where else message


def _short(text: str) -> str:
    if text.lstrip()[:1] == "<":
        return "an HTML page, not the API's JSON"
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
