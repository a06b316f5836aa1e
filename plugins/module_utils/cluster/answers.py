# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it means when an API server refuses or does not answer: errors that say why and what to do."""

from __future__ import annotations

import json

from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    AnswerLost,
    Unreachable,
    error_of_status,
)

CONNECT_SECONDS = 5.0


def lost(error: Exception, method: str, url: str, path: str) -> AnswerError:
    """Return the error for a request that got no answer, by what the HTTP library raised."""
    from urllib3 import exceptions

    reason = getattr(error, "reason", None) or error
    if isinstance(reason, exceptions.NameResolutionError):
        cause, remedy = (
            "Its name is not known to DNS.",
            "Check the cluster's address in the kubeconfig, and DNS or VPN.",
        )
    elif isinstance(reason, exceptions.SSLError) or "CERTIFICATE" in str(reason):
        cause = f"TLS failed: {first_line(reason)}"
        remedy = "Give the cluster's CA (certificate-authority in the kubeconfig, or ca_cert)."
    elif isinstance(reason, exceptions.NewConnectionError) and "refused" in str(reason):
        cause, remedy = "Nothing listens there.", "Start the cluster, or choose the right kubeconfig and context."
    elif isinstance(reason, exceptions.ConnectTimeoutError):
        cause = f"No connection within {CONNECT_SECONDS:g} s."
        remedy = "Check address, VPN, firewall and proxy between this machine and the cluster."
    elif method == "GET" or isinstance(reason, exceptions.NewConnectionError):
        cause, remedy = first_line(reason), "Check the network between this machine and the cluster."
    else:
        return AnswerLost(f"{method} {url}{path} got no answer.", cause=first_line(reason), remedy="Run again.")
    return Unreachable(f"The Kubernetes API at {url} cannot be reached.", cause=cause, remedy=remedy)


def refused(status: int, data: bytes, method: str, path: str) -> AnswerError:
    """Return the error for an answer of 400 and above."""
    try:
        message = json.loads(data).get("message") or ""
    except (ValueError, AttributeError):
        message = data[:200].decode(errors="replace")
    kind = error_of_status(status)
    remedy = {
        401: "Renew the credentials of this kubeconfig context (log in again, or refresh the token).",
        403: "Have the right named above granted to this user, or use a kubeconfig of one who has it.",
        429: "The API server is overloaded, or this user's requests are limited: run again later.",
    }.get(status)
    return kind(f"{method} {path} was answered with {status}.", status=status, cause=message or None, remedy=remedy)


def first_line(error: BaseException) -> str:
    """Return the first line of an error's text, or its kind where it has none."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
