# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a fleet: defaults laid under the items, all that is wrong with them, and how many a batch holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import (
    FLEET_ARGUMENTS,
    ITEM,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.validation import (
    deployment_problems,
    identity_problems,
    seconds_problems,
    unknown_options,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput, Problem

Options = Mapping[str, Any]

# Maps of which an item's keys are laid over those of the defaults.
_MERGED = ("resource_spec", "secrets")
_ONE_OF = {"listener": "listener_id", "listener_id": "listener"}
_SHARE = re.compile(r"([0-9]{1,3})(?:\.0)?%")
_NUMBER = re.compile(r"[0-9]{1,9}")
_PRUNE = frozenset(FLEET_ARGUMENTS.options["prune"]["options"])
_SCOPES = ("listener", "listener_id", "name_prefix")


def fleet_items(options: Options) -> list[dict[str, Any]]:
    """Return the deployments that the options describe, each with the defaults under it.

    Raises:
        InvalidInput: Something cannot be right; all of it is told.
    """
    defaults = options.get("defaults") or {}
    problems = [*_task_problems(options), *_defaults_problems(defaults)]
    usable = {name: value for name, value in defaults.items() if name in ITEM.options and name != "name"}
    if options.get("require_digest"):
        usable.setdefault("require_digest", True)
    items: list[dict[str, Any]] = []
    first: dict[str, int] = {}
    for index, given in enumerate(options.get("deployments") or []):
        path = f"deployments[{index}]"
        if not isinstance(given, Mapping):
            problems.append(Problem(path, "it is not a map of options."))
            continue
        problems += unknown_options(given, ITEM.options, path)
        item, wrong = ITEM.checked(_over(usable, given))
        name = str(item["name"])
        if item["name"] is not None and name in first:
            problems.append(Problem(f"{path}.name", f"{name} is also the name of deployments[{first[name]}]."))
        first.setdefault(name, index)
        badly_typed = {pair[0] for pair in wrong}
        found = [Problem(option, why) for option, why in wrong]
        found += (one for one in deployment_problems(item) if _option(one) not in badly_typed)
        problems += (_located(one, path, given, usable) for one in found)
        items.append(item)
    if problems:
        raise InvalidInput(dict.fromkeys(problems), "The fleet is not valid")
    return items


def batch_size(given: str | None, total: int) -> int | None:
    """Return how many a batch holds, of a number or a percentage of all; at least one."""
    if given is None:
        return None
    share = _SHARE.fullmatch(given)
    return max(1, total * int(share[1]) // 100) if share else int(given)


def secret_texts(options: Options) -> list[str]:
    """Return every secret value in the options of a deployment or a fleet."""
    maps = [options, options.get("defaults"), *(options.get("deployments") or [])]
    found = [one.get("secrets") for one in maps if isinstance(one, Mapping)]
    return [str(value) for secrets in found if isinstance(secrets, Mapping) for value in secrets.values() if value]


def _over(defaults: Options, given: Options) -> dict[str, Any]:
    """Return an item's options laid over the defaults; null is "not given"."""
    own = {name: value for name, value in given.items() if value is not None}
    merged = {name: value for name, value in defaults.items() if _ONE_OF.get(name) not in own}
    for name, value in own.items():
        below = merged.get(name)
        both_maps = name in _MERGED and isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[name] = {**below, **value} if both_maps and below else value
    return merged


def _option(problem: Problem) -> str:
    return re.split(r"[.\[]", problem.path, maxsplit=1)[0]


def _located(problem: Problem, path: str, given: Options, defaults: Options) -> Problem:
    """Return a problem of an item with the place where it stands in the input: in the item, or in the defaults."""
    option = _option(problem)
    inherited = given.get(option) is None and option in defaults and option != "require_digest"
    return Problem(f"{'defaults' if inherited else path}.{problem.path}", problem.why, problem.remedy)


def _defaults_problems(defaults: Any) -> Iterator[Problem]:
    yield from unknown_options(defaults, ITEM.options, "defaults")
    if "name" in defaults:
        yield Problem("defaults.name", "each deployment has a name of its own.", "Remove it.")


def _task_problems(options: Options) -> Iterator[Problem]:
    yield from seconds_problems(options)
    if options.get("concurrency") is not None and int(options["concurrency"]) < 1:
        yield Problem("concurrency", f"{options['concurrency']} is less than 1.")
    size = options.get("batch_size")
    if size is not None and not _is_size(str(size)):
        yield Problem("batch_size", f"{size!r} is neither a number from 1 nor a percentage from 1% to 100%.")
    if options.get("prune") is not None:
        yield from _prune_problems(options["prune"])


def _is_size(text: str) -> bool:
    share = _SHARE.fullmatch(text)
    if share:
        return 1 <= int(share[1]) <= 100  # noqa: PLR2004 (per cent)
    return bool(_NUMBER.fullmatch(text)) and int(text) > 0


def _prune_problems(prune: Options) -> Iterator[Problem]:
    yield from unknown_options(prune, _PRUNE, "prune")
    yield from identity_problems(prune, "listener_id", path="prune.")
    given = [name for name in _SCOPES if prune.get(name) is not None]
    if not given:
        why = "it has no scope, and would delete everything else in the workspace."
        yield Problem("prune", why, "Give listener, listener_id or name_prefix, or several of them.")
    for name in given:
        if not str(prune[name]).strip():
            yield Problem(f"prune.{name}", "it is empty.", "Leave it out, or say what to look for.")
    if "listener" in given and "listener_id" in given:
        yield Problem("prune.listener_id", "it excludes listener.")
    if int(prune.get("max_deletes") or 0) < 0:
        yield Problem("prune.max_deletes", "it is negative.")
