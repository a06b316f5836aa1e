# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be known to be wrong before the first request. All problems are found at once, each with its path."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import resource_spec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import FIELDS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.sources import (
    CLOUD,
    RESERVED_IN_CLOUD,
    source_problems,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput, Problem

Options = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IDENTITY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SECRET_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_SUBDOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")

# More would fill a task's result, and the controller's memory, with what nobody reads.
_MOST_RETURNED = 10_000

_PATH_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REGISTRY = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
_IMAGE = re.compile(
    rf"(?:{_REGISTRY}/)?{_PATH_PART}(?:/{_PATH_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?"
)

# Set by the platform itself; a deployment that brings one is answered with an error.
RESERVED_VARIABLES = frozenset(
    {
        "DATABASE_URI",
        "DD_TRACE_PSYCOPG_ENABLED",
        "DD_TRACE_REDIS_ENABLED",
        "LANGCHAIN_API_KEY",
        "LANGCHAIN_CALLBACKS_BACKGROUND",
        "LANGCHAIN_ENDPOINT",
        "LANGCHAIN_PROJECT",
        "LANGCHAIN_TRACING_V2",
        "LANGGRAPH_AUTH_TYPE",
        "LANGGRAPH_CLOUD_LICENSE_KEY",
        "LANGGRAPH_GIT_REPO_PATH",
        "LANGSMITH_AUTH_ENDPOINT",
        "LANGSMITH_AUTH_VERIFY_TENANT_ID",
        "LANGSMITH_CONTROL_PLANE_API_KEY",
        "LANGSMITH_DEPLOYMENT_NAME",
        "LANGSMITH_HOST_PROJECT_ID",
        "LANGSMITH_HOST_PROJECT_NAME",
        "LANGSMITH_HOST_REVISION_ID",
        "LANGSMITH_LANGGRAPH_GIT_REF",
        "LANGSMITH_LANGGRAPH_GIT_REF_SHA",
        "LANGSMITH_LANGGRAPH_GIT_REPO",
        "LANGSMITH_PROJECT",
        "LANGSMITH_TENANT_ID",
        "LANGSMITH_TRACING_V2",
        "LOG_DICT_TRACEBACKS",
        "LOG_JSON",
        "POSTGRES_PASSWORD",
        "POSTGRES_URI",
        "REDIS_URI",
    }
)


def check(problems: Iterator[Problem]) -> None:
    """Raise InvalidInput with all problems, if there is any."""
    found = list(problems)
    if found:
        raise InvalidInput(found)


def listener_problems(options: Options, path: str = "") -> Iterator[Problem]:
    """Yield what is wrong with the options of a listener."""
    if not str(options.get("compute_id") or "").strip():
        yield Problem(f"{path}compute_id", "it is empty.", "Name the cluster, such as prod-eu-01.")
    namespaces = options.get("namespaces")
    if namespaces is None or options.get("state") == "absent":
        return
    if not namespaces:
        yield Problem(f"{path}namespaces", "it is empty.", "A listener serves at least one namespace.")
    for index, namespace in enumerate(namespaces):
        yield from _namespace_problems(namespace, f"{path}namespaces[{index}]")
        if namespace in namespaces[:index]:
            yield Problem(f"{path}namespaces[{index}]", f"{namespace} stands there twice.")


def deployment_problems(options: Options, path: str = "") -> Iterator[Problem]:
    """Yield what is wrong with the options of a deployment."""
    yield from _name_problems(options.get("name"), f"{path}name")
    yield from identity_problems(options, "listener_id", "deployment_id", "integration_id", path=path)
    if options.get("state") == "absent":
        return
    yield from source_problems(options, FIELDS, path)
    if options.get("image"):
        yield from _image_problems(options["image"], f"{path}image", digest=bool(options.get("require_digest")))
    if options.get("namespace") is not None:
        yield from _namespace_problems(options["namespace"], f"{path}namespace")
    for option in ("custom_url", "display_name"):
        if options.get(option) == "":
            why = "it is empty, and the API cannot empty it."
            yield Problem(f"{path}{option}", why, "Leave the option out to keep what is set.")
    if options.get("resource_spec") is not None:
        yield from _spec_problems(options["resource_spec"], f"{path}resource_spec")
    yield from _variable_problems(options, path)


def identity_problems(options: Options, *names: str, path: str = "", remedy: str | None = None) -> Iterator[Problem]:
    """Yield which of the named options should be ids and are none."""
    for name in names:
        if options.get(name) is not None and not _IDENTITY.fullmatch(str(options[name])):
            yield Problem(f"{path}{name}", f"{options[name]!r} is not a UUID.", remedy)


def seconds_problems(options: Options) -> Iterator[Problem]:
    """Yield what is wrong with the times that a task may take."""
    for name in ("wait_timeout", "request_timeout"):
        if options.get(name) is not None and (float(options[name]) <= 0 or math.isnan(options[name])):
            yield Problem(name, f"{options[name]} is not a number of seconds above 0.")


def revision_problems(options: Options) -> Iterator[Problem]:
    """Yield what is wrong with the options of a redeployment."""
    yield from _of_deployment_problems(options)
    if options.get("revision") not in (None, "previous", "last_deployed"):
        yield from identity_problems(options, "revision", remedy="It is the id of one, previous, or last_deployed.")
    if options.get("image") is not None:
        yield from _image_problems(options["image"], "image", digest=False)


def revision_info_problems(options: Options) -> Iterator[Problem]:
    """Yield what is wrong with the filters of revisions."""
    yield from _of_deployment_problems(options)
    yield from identity_problems(options, "revision_id")
    yield from _count_problems(options)


def log_problems(options: Options) -> Iterator[Problem]:
    """Yield what is wrong with the filters of a log."""
    yield from _of_deployment_problems(options)
    if options.get("revision") not in ("newest", "active"):
        yield from identity_problems(options, "revision", remedy="It is the id of one, newest, or active.")
    yield from identity_problems(options, "run_id")
    yield from _count_problems(options)
    for option in ("start_time", "end_time"):
        try:
            datetime.fromisoformat(str(options.get(option) or "2026-01-01"))
        except ValueError:
            why = f"{options[option]!r} is not a time."
            yield Problem(option, why, "Write it as 2026-08-22T10:00:00Z.")


def unknown_options(options: Options, known: Collection[str], path: str) -> Iterator[Problem]:
    """Yield the keys of a map that nothing knows, with the nearest that something does."""
    for key in options:
        if key not in known:
            yield Problem(f"{path}.{key}", "there is no such option.", _suggestion(key, known))


def _of_deployment_problems(options: Options) -> Iterator[Problem]:
    if options.get("name") == "":
        yield Problem("name", "it is empty.", "Name a deployment.")
    yield from identity_problems(options, "deployment_id")


def _count_problems(options: Options) -> Iterator[Problem]:
    if not 1 <= options["count"] <= _MOST_RETURNED:
        yield Problem("count", f"{options['count']} is not from 1 to {_MOST_RETURNED}.")


def _name_problems(name: Any, path: str) -> Iterator[Problem]:
    text = str(name or "")
    if not _NAME.fullmatch(text):
        better = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-0123456789")
        yield Problem(
            path,
            f"{text!r} is not a name: letters, digits and hyphens, a letter first, no hyphen last.",
            f"Perhaps {better}?" if better else None,
        )


def _namespace_problems(namespace: Any, path: str) -> Iterator[Problem]:
    if not _LABEL.fullmatch(str(namespace)):
        yield Problem(
            path,
            f"{namespace!r} is not the name of a Kubernetes namespace.",
            "It has at most 63 lower case letters, digits and hyphens.",
        )


def _image_problems(image: Any, path: str, *, digest: bool) -> Iterator[Problem]:
    text = str(image or "")
    if _IMAGE.fullmatch(text):
        if digest and "@sha256:" not in text:
            yield Problem(path, f"{text!r} has no digest, and require_digest is set.", "Add @sha256:… to it.")
        return
    better = re.sub(r"^[a-z]+://", "", text.strip())
    if better != text and _IMAGE.fullmatch(better):
        yield Problem(path, f"{text!r} is not an image reference.", f"Write {better}")
    else:
        form = "[registry[:port]/]repository[:tag][@sha256:digest], the repository in lower case"
        yield Problem(path, f"{text!r} is not an image reference.", f"Its form is {form}.")


def _spec_problems(spec: Any, path: str) -> Iterator[Problem]:
    if not isinstance(spec, Mapping):
        yield Problem(path, "it is not a map.")
        return
    for key, value in spec.items():
        kind = resource_spec.KEYS.get(key)
        if kind is None:
            yield Problem(f"{path}.{key}", "there is no such key.", _suggestion(key, resource_spec.KEYS))
        elif value is None:
            yield Problem(f"{path}.{key}", "it is null, and the API takes that for nothing.", "Leave the key out.")
        elif not resource_spec.fits(kind, value):
            yield Problem(f"{path}.{key}", f"{value!r} is not a {kind} that it takes.")
    for low, high in resource_spec.ORDERED:
        smaller, larger = spec.get(low), spec.get(high)
        if _is_number(smaller) and _is_number(larger) and float(smaller or 0) > float(larger or 0):
            yield Problem(f"{path}.{low}", f"{smaller} is more than {high}, which is {larger}.")


def _variable_problems(options: Options, path: str) -> Iterator[Problem]:
    names: set[str] = set()
    reserved = RESERVED_VARIABLES | RESERVED_IN_CLOUD if options.get("source") in CLOUD else RESERVED_VARIABLES
    for name, value in (options.get("secrets") or {}).items():
        where = f"{path}secrets.{name}"
        yield from _one_variable_problems(str(name), where, reserved)
        names.add(str(name))
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            yield Problem(where, "its value is not a text.", "Put it in quotes.")
        elif value == "":
            yield Problem(where, "its value is empty, and the platform drops such a variable.", "Leave it out.")
    for index, reference in enumerate(options.get("secret_references") or []):
        where = f"{path}secret_references[{index}]"
        if not isinstance(reference, Mapping):
            yield Problem(where, "it is not a map of name, secret_name and secret_key.")
            continue
        name = str(reference.get("name") or "")
        yield from _one_variable_problems(name, f"{where}.name", reserved)
        if name in names:
            yield Problem(f"{where}.name", f"{name} is given twice, here and before (in secrets or secret_references).")
        names.add(name)
        for key, form in (("secret_name", _SUBDOMAIN), ("secret_key", _SECRET_KEY)):
            if not form.fullmatch(str(reference.get(key) or "")):
                yield Problem(
                    f"{where}.{key}", f"{reference.get(key)!r} is not the name of a Kubernetes Secret or its key."
                )


def _one_variable_problems(name: str, path: str, reserved: Collection[str]) -> Iterator[Problem]:
    if not _VARIABLE.fullmatch(name):
        yield Problem(path, f"{name!r} is not the name of an environment variable.")
    elif name in reserved:
        yield Problem(path, f"{name} is reserved: the platform sets it itself.", "Rename or remove it.")


def _suggestion(word: Any, known: Collection[str]) -> str | None:
    close = difflib.get_close_matches(str(word), known, n=1)
    return f"Did you mean {close[0]}?" if close else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
