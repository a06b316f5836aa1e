# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a LangSmith of an old chart with an old values file to today's chart with deployments, end to end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.platform.helpers import ADMIN, BY_HAND, CONFIG, HOST, LICENCE, Platform
from tests.integration.platform.test_existing import CHART_SECRET, service_key

# The same installation as the guides of August 2025 wrote it down.
OLD_FILE: dict[str, Any] = {
    "config": {
        "langsmithLicenseKey": LICENCE,
        "apiKeySalt": "s4lt-by-hand",
        "authType": "mixed",
        "basicAuth": {
            "enabled": True,
            "initialOrgAdminEmail": ADMIN,
            "initialOrgAdminPassword": "By-Hand-Word-1",
            "jwtSecret": "jwt-by-hand",
        },
        "langgraphPlatform": {"enabled": True, "langgraphPlatformLicenseKey": "unused"},
    },
    "ingress": {"enabled": True, "hostname": HOST},
    "images": {"hostBackendImage": {"tag": "0.11.30"}},
    "ingestQueue": {"deployment": {"replicas": 1}},
}


@pytest.fixture(scope="module")
def old(empty: Platform) -> Platform:
    """Return a cluster with a LangSmith of an older chart; the ingress controller is there, and a key in use."""
    empty.install_by_hand(BY_HAND, version="0.11.30")
    empty.variables = {
        "control_plane_values_files": [empty.write_values(OLD_FILE)],
        "control_plane_hostname": HOST,
        "control_plane_license_key": LICENCE,
    }
    return empty


def test_without_the_old_salt_nothing_is_made_up(old: Platform) -> None:
    """Somebody who forgets the values file would lose every API key."""
    old.mark()
    run = old.run(control_plane_values_files=[])
    assert "lacks api_key_salt, jwt_secret, initial_org_admin_password, and release langsmith is" in run.failure
    assert not old.writes()


def test_the_upgrade_reads_the_old_file_and_keeps_what_was_made(old: Platform) -> None:
    """Old keys are told and read; the service key that was in use still works; an agent answers."""
    as_it_is = {"control_plane_existing": True, "control_plane_chart_version": "0.11.30"}
    old.run("--tags", "ingress", **as_it_is).succeeded()
    key = service_key(old)
    run = old.run().succeeded()
    for told in ("config.langgraphPlatform.enabled", "ingress.hostname", "images.hostBackendImage"):
        assert f"The values file has {told}, of an older chart." in run.output
    secrets = old.secret(CONFIG)
    assert (secrets["api_key_salt"], secrets["langsmith_license_key"]) == ("s4lt-by-hand", LICENCE)
    assert not old.api.get(CHART_SECRET).is_success
    assert "s4lt-by-hand" not in str(old.values())
    assert old.client({"X-Api-Key": key}).get("/v2/deployments").status_code == 200
    assert old.ask(old.agent_path()).status_code == 200
    assert old.run().succeeded().changed == 0
