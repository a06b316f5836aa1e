# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the chart would refuse, and what users get wrong: told at once, with the remedy, before anything is written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.platform.helpers import HOST, LICENCE, Platform

TLS = [{"hosts": [HOST], "secretName": "certificate"}]


@pytest.mark.parametrize(
    ("variables", "values", "says"),
    [
        ({"control_plane_hostname": ""}, {}, "Set control_plane_hostname"),
        ({"control_plane_admin_email": ""}, {}, "Set control_plane_admin_email"),
        ({"control_plane_admin_password": "weak"}, {}, "password lacks 12 characters, an uppercase letter, a symbol"),
        ({"control_plane_license_key": ""}, {}, "Set control_plane_license_key"),
        ({"control_plane_tls": TLS}, {}, "control_plane_tls_enabled is false"),
        ({}, {"frontend": {"enabled": False}}, "Leave frontend.enabled out"),
        ({}, {"config": {"customCa": {"secretName": "ca"}}}, "Set config.customCa.secretKey"),
        ({}, {"config": {"blobStorage": {"enabled": True, "engine": "x"}}}, "none of S3, GCS and Azure"),
        ({}, {"config": {"hostnme": "x"}}, "Write config.hostname."),
        ({}, {"ingress": {"hostname": "a"}, "config": {"hostname": "b"}}, "say different things"),
        (
            {"control_plane_route": "istio", "control_plane_base_path": "x", "ingress_mode": "existing"},
            {},
            "Set control_plane_agents_base_path",
        ),
        ({"control_plane_existing": True}, {}, "There is no release langsmith in namespace langsmith"),
        ({"control_plane_requests": {"cpu": "10000"}}, {}, "10000 cpu will be requested"),
        ({"control_plane_storage_class": "fast"}, {}, "There is no StorageClass fast"),
    ],
)
def test_a_mistake_is_told_before_anything_is_written(
    empty: Platform, variables: dict[str, Any], values: dict[str, Any], says: str
) -> None:
    files = [empty.write_values(values)] if values else []
    empty.mark()
    run = empty.run("--tags", "preflight", control_plane_values_files=files, **variables)
    assert says in run.failure
    assert "Nothing was written" in run.failure
    assert not empty.writes()


def test_all_mistakes_are_told_at_once(empty: Platform) -> None:
    values = {"frontend": {"enabled": False}, "config": {"blobStorage": {"enabled": True, "engine": "x"}}}
    run = empty.run(
        "--tags",
        "preflight",
        control_plane_values_files=[empty.write_values(values)],
        control_plane_admin_email="",
        control_plane_license_key="",
    )
    for remedy in ("frontend.enabled", "S3, GCS", "control_plane_admin_email", "control_plane_license_key"):
        assert remedy in run.failure


def test_what_is_not_wrong_but_worth_knowing_is_a_warning(empty: Platform) -> None:
    """Bundled datastores in production, a certificate that is not named, a hostname that leads nowhere."""
    run = empty.run(
        "--tags",
        "preflight",
        control_plane_trial=False,
        control_plane_tls_enabled=True,
        control_plane_hostname="platform.invalid",
        ingress_address="",
    ).succeeded()
    for check in ("bundled_datastores", "tls_true_to_fact", "hostname_resolves"):
        assert f"(check {check})" in run.output


def test_secrets_in_a_values_file_are_not_told(empty: Platform) -> None:
    values = {"config": {"langsmithLicenseKey": LICENCE, "apiKeySalt": "s4lt-of-a-file"}}
    run = empty.run("--check", "--diff", "-vvv", control_plane_values_files=[empty.write_values(values)])
    run.succeeded()
    assert "s4lt-of-a-file" not in run.output
