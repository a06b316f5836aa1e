# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""schemathesis finds nothing wrong with the simulator, measured against the distilled published schema."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from playground.control_plane.distil import TARGET

from .conftest import KEY, Start, deployment, listener

pytest.importorskip("schemathesis", reason="schemathesis is not installed")

#: What the schema cannot say, and why a check has to be told.
CONFIGURATION = """
[generation]
# Unknown query parameters are ignored by the service.
allow-extra-parameters = false

[checks.positive_data_acceptance]
# 400 is documented for requests that fit the schema but break a rule between fields (source and its fields, listener,
# names): status_code_conformance still sees to it that only those routes answer it.
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "5xx"]

[parameters]
"path.deployment_id" = "{kept}"
"path.revision_id" = "{revision}"
"path.listener_id" = "{listener}"

[[operations]]
include-name = "DELETE /v2/deployments/{{deployment_id}}"
parameters = {{ "path.deployment_id" = "{doomed}" }}

[[operations]]
include-name = "DELETE /v2/listeners/{{listener_id}}"
parameters = {{ "path.listener_id" = "{doomed_listener}" }}

[[operations]]
include-name = "DELETE /v2/deployments"
# A required list that is empty cannot be told from a missing one in a query: 422.
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "422"]
"""


@pytest.mark.parametrize("known_ids", [True, False])
def test_no_failure_is_found(start: Start, tmp_path: Path, known_ids: bool) -> None:
    server = start("--auto-deploy", "--deploy-seconds", "3600")
    configuration = CONFIGURATION
    with server.client() as client:
        settings = {"generation": "A", "strict_names": False}
        assert client.patch("/playground/settings", json=settings).status_code == 200
        kept, doomed = (client.post("/v2/deployments", json=deployment(name)).json() for name in ("kept", "doomed"))
        kept_listener, doomed_listener = listener(client, "kept"), listener(client, "doomed")
    if not known_ids:
        configuration, _, rest = configuration.partition("[parameters]")
        configuration += "[[operations]]" + rest.rpartition("[[operations]]")[2]
    text = configuration.format(
        kept=kept["id"],
        revision=kept["latest_revision_id"],
        doomed=doomed["id"],
        listener=kept_listener,
        doomed_listener=doomed_listener,
    )
    (tmp_path / "schemathesis.toml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(tmp_path / "schemathesis.toml")),
            *("run", str(TARGET), "--url", server.url, "--header", f"X-Api-Key: {KEY}"),
            *("--seed", "1", "--max-examples", "10", "--generation-database", "none", "--no-color"),
            *(("--phases", "coverage,fuzzing") if known_ids else ("--phases", "fuzzing,stateful")),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: 14" in done.stdout, done.stdout
    with server.client() as client:
        codes = {(entry["method"], entry["status"]) for entry in client.get("/playground/requests").json()}
    assert not [code for code in codes if code[1] >= 500]
    if known_ids:  # the run reached the routes' work, and not only their refusals
        assert {("GET", 200), ("POST", 201), ("PATCH", 200), ("DELETE", 204)} <= codes
