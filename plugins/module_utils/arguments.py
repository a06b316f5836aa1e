# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs as values that are added up: ``CONNECTION + WAIT + DEPLOYMENT``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.parameters import DEFAULT_TYPE_VALIDATORS, env_fallback

Option = Mapping[str, Any]


@dataclass(frozen=True)
class ArgumentSpec:
    """Options of a module and the rules between them.

    Attributes:
        options: Option name to its specification, in Ansible's own words.
        mutually_exclusive, required_together, required_one_of, required_if, required_by: As AnsibleModule takes them.
    """

    options: Mapping[str, Option] = field(default_factory=dict)
    mutually_exclusive: Sequence[Sequence[str]] = ()
    required_together: Sequence[Sequence[str]] = ()
    required_one_of: Sequence[Sequence[str]] = ()
    required_if: Sequence[Sequence[Any]] = ()
    required_by: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __add__(self, other: ArgumentSpec) -> ArgumentSpec:
        """Return a spec with the options and rules of both; an option may stand in one of them only."""
        twice = self.options.keys() & other.options.keys()
        if twice:
            raise ValueError(f"options defined twice: {', '.join(sorted(twice))}")
        return ArgumentSpec(
            options={**self.options, **other.options},
            mutually_exclusive=[*self.mutually_exclusive, *other.mutually_exclusive],
            required_together=[*self.required_together, *other.required_together],
            required_one_of=[*self.required_one_of, *other.required_one_of],
            required_if=[*self.required_if, *other.required_if],
            required_by={**self.required_by, **other.required_by},
        )

    def rules(self) -> dict[str, Any]:
        """Return the rules that are not empty, as keyword arguments of AnsibleModule or of an action's validation."""
        rules: dict[str, Any] = {
            name: [list(rule) for rule in getattr(self, name)]
            for name in ("mutually_exclusive", "required_together", "required_one_of", "required_if")
        }
        rules["required_by"] = {name: list(needed) for name, needed in self.required_by.items()}
        return {name: rule for name, rule in rules.items() if rule}

    def checked(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Return values with their types and defaults, and the options that are wrong, each with why.

        For things in a list, because Ansible's own check does not say which of them is wrong. What has to be given is
        for the caller to know.
        """
        checked: dict[str, Any] = {}
        wrong: list[tuple[str, str]] = []
        for name, option in self.options.items():
            value = values.get(name)
            checked[name] = option.get("default") if value is None else None
            if value is None:
                continue
            kind, choices = option.get("type", "str"), option.get("choices")
            try:
                if kind == "str" and isinstance(value, (Mapping, list)):
                    raise TypeError
                checked[name] = DEFAULT_TYPE_VALIDATORS[kind](value)  # type: ignore[no-untyped-call]
            except (TypeError, ValueError):
                wrong.append((name, f"it is not of the type {kind}."))
            else:
                if choices and checked[name] not in choices:
                    wrong.append((name, f"{checked[name]!r} is none of {', '.join(choices)}."))
        for names in self.mutually_exclusive:
            given = [name for name in names if values.get(name) is not None]
            wrong.extend((name, f"it excludes {given[0]}.") for name in given[1:])
        return checked, wrong

    def secret_options(self) -> frozenset[str]:
        """Return the names of the options that hold secrets."""
        return frozenset(name for name, option in self.options.items() if option.get("no_log"))


def _from_environment(*names: str) -> tuple[Any, list[str]]:
    return (env_fallback, list(names))


API_KEY_VARIABLES = ("LANGSMITH_API_KEY", "LANGGRAPH_HOST_API_KEY", "LANGCHAIN_API_KEY")
WORKSPACE_VARIABLES = ("LANGSMITH_WORKSPACE_ID", "LANGSMITH_TENANT_ID")

# The URLs have environment variables as well; control_plane/urls.py reads them, because an option of the task, also a
# region, has to win over them all, which Ansible's own fallback cannot express.
CONNECTION = ArgumentSpec(
    options={
        "control_plane_url": {"type": "str"},
        "langsmith_url": {"type": "str"},
        "region": {"type": "str", "choices": ["", "us", "eu", "apac", "aws"]},
        "api_key": {"type": "str", "no_log": True, "fallback": _from_environment(*API_KEY_VARIABLES)},
        "workspace_id": {"type": "str", "fallback": _from_environment(*WORKSPACE_VARIABLES)},
        "ca_cert": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "address": {"type": "str"},
        "request_timeout": {"type": "float", "default": 30.0},
        "http2": {"type": "bool", "default": False},
    },
    required_by={"client_key": ["client_cert"]},
)

WAIT = ArgumentSpec(
    options={
        "wait": {"type": "bool"},
        "wait_timeout": {"type": "float", "default": 600.0},
    },
)

PROGRESS = ArgumentSpec(
    options={
        "progress": {
            "type": "str",
            "choices": ["auto", "lines", "quiet"],
            "default": "auto",
            "fallback": _from_environment("LANGGRAPH_PROGRESS"),
        },
    },
)

REQUIRE_DIGEST = ArgumentSpec(options={"require_digest": {"type": "bool", "default": False}})

STATE = ArgumentSpec(options={"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}})

# Names, aliases and environment variables are those of kubernetes.core, so that what works there works here.
KUBECONFIG = ArgumentSpec(
    options={
        "kubeconfig": {"type": "raw", "no_log": True, "fallback": _from_environment("K8S_AUTH_KUBECONFIG")},
        "context": {"type": "str", "fallback": _from_environment("K8S_AUTH_CONTEXT")},
        "host": {"type": "str", "fallback": _from_environment("K8S_AUTH_HOST")},
        "api_key": {"type": "str", "no_log": True, "fallback": _from_environment("K8S_AUTH_API_KEY")},
        "validate_certs": {
            "type": "bool",
            "aliases": ["verify_ssl"],
            "fallback": _from_environment("K8S_AUTH_VERIFY_SSL"),
        },
        "ca_cert": {
            "type": "path",
            "aliases": ["ssl_ca_cert"],
            "fallback": _from_environment("K8S_AUTH_SSL_CA_CERT"),
        },
        "client_cert": {"type": "path", "aliases": ["cert_file"], "fallback": _from_environment("K8S_AUTH_CERT_FILE")},
        "client_key": {
            "type": "path",
            "no_log": False,
            "aliases": ["key_file"],
            "fallback": _from_environment("K8S_AUTH_KEY_FILE"),
        },
        "proxy": {"type": "str", "fallback": _from_environment("K8S_AUTH_PROXY")},
    },
)
