# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Preflight: what would make a later step fail, found before anything is written.

A check is one small function: it takes the situation and yields findings. Adding a check is adding a function
to its file and to one of the lists below; the function's name is the name by which its findings can be ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks import (
    capacity,
    gateways,
    ingress,
    keda,
    namespaces,
    neighbours,
    ownership,
    permissions,
    releases,
    secrets,
    server,
    storage,
    values,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding

Check = Callable[[Situation], Iterator[Finding]]

# Read on every run: what they look at is there anyway.
CHECKS: tuple[Check, ...] = (
    server.kubernetes_version,
    namespaces.namespace_terminating,
    releases.release_stuck,
    keda.keda_owner,
    keda.keda_missing,
    ownership.crd_owner,
    ownership.watch_namespaces_overlap,
    storage.storage_class,
    storage.volume_claims,
    ingress.ingress_class,
    ingress.default_ingress_classes,
    secrets.secret_kept,
    permissions.not_readable,
)

# They look at what is only read when something has to be written.
BEFORE_WRITING: tuple[Check, ...] = (
    permissions.permissions,
    namespaces.namespace_missing,
    namespaces.pull_secrets,
    capacity.spare_capacity,
    capacity.quota_exceeded,
    capacity.limit_range,
    keda.external_metrics,
    server.api_services,
    ownership.role_owner,
    gateways.gateway_present,
    gateways.gateway_admits,
    gateways.gateway_tls,
    neighbours.openshift_routes,
    neighbours.hostname_taken,
    neighbours.route_taken,
    neighbours.queue_taken,
    neighbours.log_reader_present,
    server.hostname_resolves,
    secrets.secret_generated,
    values.installed_chart,
    values.fixed_values,
)


def run(checks: tuple[Check, ...], situation: Situation) -> list[Finding]:
    """Return the findings of some checks, errors first."""
    found = [finding for check in checks for finding in check(situation)]
    return sorted(found, key=lambda finding: finding.severity)
