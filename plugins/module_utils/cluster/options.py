# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs of the modules and actions that look at a cluster."""

from __future__ import annotations

from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import KUBECONFIG, ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.workloads import RULES


def _required(kind: str = "str", **more: Any) -> dict[str, Any]:
    return {"type": kind, "required": True, **more}


def _list(elements: str = "str", **more: Any) -> dict[str, Any]:
    return {"type": "list", "elements": elements, **more}


WORKLOADS = _list(
    "dict", options={"kind": _required(choices=sorted(RULES)), "namespace": _required(), "name": _required()}
)
RELEASE_NAME = {"name": _required(), "namespace": _required()}

_COMPONENT = {
    "name": _required(),
    "release": {
        "type": "dict",
        "options": {
            **RELEASE_NAME,
            "chart": {"type": "str"},
            "version": {"type": "str"},
            "values": {"type": "dict"},
            "reuse_values": {"type": "bool", "default": False},
            "repository": {"type": "str"},
        },
    },
    "objects": _list("dict"),
    "secrets": _list(
        "dict",
        no_log=False,  # the values are, the list is not
        options={
            "namespace": _required(),
            "name": _required(),
            "data": {"type": "dict", "no_log": True},
            "keys": _list(no_log=False),
            "kept": {"type": "dict", "no_log": True},
            "generated": _list(no_log=False),
        },
    ),
    "namespaces": _list(),
    "crds": _list("dict", options={"name": _required(), "chart": {"type": "str"}}),
    "workloads": WORKLOADS,
}

_CHECKS = {
    "enabled": {"type": "bool", "default": True},
    "kubernetes_minimum": {"type": "str", "default": "1.25"},
    "permissions": _list(
        "dict",
        options={
            "verbs": _list(required=True),
            "resource": _required(),
            "group": {"type": "str", "default": ""},
            "namespace": {"type": "str"},
        },
    ),
    "volumes": _list("dict", default=[], options={"named_by": _required(), "storage_class": {"type": "str"}}),
    "pull_secrets": _list(default=[], no_log=False),
    "requests": {"type": "dict", "default": {}},
    "ingress_mode": {"type": "str", "choices": ["managed", "existing", "openshift", "none"], "default": "none"},
    "ingress_class": {"type": "str"},
    "gateway": {
        "type": "dict",
        "options": {**RELEASE_NAME, "kind": {"type": "str", "choices": ["gateway", "istio"], "default": "gateway"}},
    },
    "entry": {
        "type": "dict",
        "options": {
            "hostname": {"type": "str", "default": ""},
            "tls": {"type": "bool", "default": True},
            "namespaces": _list(default=[]),
        },
    },
    "queue": {
        "type": "dict",
        "options": {
            "name": _required(),
            "redis": {"type": "str"},
            "namespace": _required(),
            "secret_name": _required(no_log=False),
        },
    },
    "log_reader": {"type": "dict", "options": RELEASE_NAME},
    "hostname": {"type": "str"},
    "fixed_values": _list(default=[]),
    "watch_namespaces": _list(default=[]),
    "keda_mode": {"type": "str", "choices": ["auto", "managed", "existing", "disabled"], "default": "auto"},
}

OBSERVE = KUBECONFIG + ArgumentSpec(
    options={
        "components": _list("dict", default=[], options=_COMPONENT),
        "checks": {"type": "dict", "options": _CHECKS, "apply_defaults": True},
    }
)

OBJECTS = KUBECONFIG + ArgumentSpec(
    options={
        "namespaces": {"type": "list", "elements": "str", "default": []},
        "secrets": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "no_log": False,  # the values below are what is secret
            "options": {
                "namespace": {"type": "str", "required": True},
                "name": {"type": "str", "required": True},
                "data": {"type": "dict", "default": {}, "no_log": True},
                "initial": {"type": "dict", "default": {}, "no_log": True},
                "once": {"type": "dict", "default": {}, "no_log": True},
                "labels": {"type": "dict", "default": {}},
            },
        },
        "objects": {"type": "list", "elements": "dict", "default": []},
    }
)

SHARED_INGRESS = KUBECONFIG + ArgumentSpec(options={"definition": _required("dict")})

RELEASE_INFO = KUBECONFIG + ArgumentSpec(
    options={**RELEASE_NAME, "values": {"type": "bool", "default": False}, "objects": {"type": "bool", "default": True}}
)

WORKLOADS_READY = KUBECONFIG + ArgumentSpec(
    options={
        "workloads": WORKLOADS,
        "release": {"type": "dict", "options": RELEASE_NAME},
        "timeout": {"type": "float", "default": 300.0},
        "fail_fast": {"type": "bool", "default": True},
        "grace": {"type": "float", "default": 30.0},
        "log_line": {"type": "str"},
        "order": _list(),
    },
    mutually_exclusive=[["workloads", "release"]],
    required_one_of=[["workloads", "release"]],
)

ROUTES_ADMITTED = KUBECONFIG + ArgumentSpec(
    options={"namespace": _required(), "ingress": _required(), "timeout": {"type": "float", "default": 300.0}}
)
