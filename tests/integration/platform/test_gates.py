# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation that fails in one of the chart's jobs: told by the job's own words, mended, and finished by a run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.platform.helpers import Platform

NAME = "db.databases.svc.cluster.local:5432/langsmith"
LABELS = {"app": "db"}


def env(**variables: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


OBJECTS: list[tuple[str, dict[str, Any]]] = [
    ("/api/v1/namespaces", {"kind": "Namespace", "metadata": {"name": "databases"}}),
    (
        "/api/v1/namespaces/databases/services",
        {"kind": "Service", "metadata": {"name": "db"}, "spec": {"selector": LABELS, "ports": [{"port": 5432}]}},
    ),
    (
        "/apis/apps/v1/namespaces/databases/deployments",
        {
            "kind": "Deployment",
            "metadata": {"name": "db"},
            "spec": {
                "selector": {"matchLabels": LABELS},
                "template": {
                    "metadata": {"labels": LABELS},
                    "spec": {
                        "containers": [
                            {
                                "name": "db",
                                "image": "postgres:14",
                                "env": env(POSTGRES_USER="smith", POSTGRES_PASSWORD="right", POSTGRES_DB="langsmith"),
                                "ports": [{"containerPort": 5432}],
                            }
                        ]
                    },
                },
            },
        },
    ),
]


@pytest.fixture(scope="module")
def with_postgres(empty: Platform) -> Platform:
    """Return a cluster with a Postgres of somebody's own."""
    for path, thing in OBJECTS:
        empty.api.post(path, json=thing).raise_for_status()
    return empty


def test_what_cannot_be_called_from_inside_the_cluster_is_told_before_anything_is_installed(empty: Platform) -> None:
    """The pod that called is gone, and no release was begun."""
    run = empty.run(control_plane_egress=["http://127.0.0.1:9/beacon", f"{empty.world.control_plane_url}/ok"])
    assert "http://127.0.0.1:9/beacon: [Errno 111] Connection refused" in run.failure
    assert f"{empty.world.control_plane_url}/ok answers" in run.failure
    assert not empty.api.get("/apis/batch/v1/namespaces/langsmith/jobs").json()["items"]
    assert "langsmith" not in {record["name"] for record in empty.helm_records()}


def test_a_job_that_fails_is_told_by_its_own_words(with_postgres: Platform) -> None:
    """Helm says that a job failed; the run says which, why, and what to do."""
    run = with_postgres.run("--diff", control_plane_postgres_url=f"smith:wrong@{NAME}")
    assert run.code
    told = " ".join(run.failures.values())
    assert "Job langsmith/langsmith-backend-migrations" in told
    assert 'password authentication failed for user "smith"' in told
    assert "control_plane_postgres_secret_name" in told
    assert "smith:wrong" not in run.output


def test_the_next_run_finishes_with_an_external_postgres(with_postgres: Platform) -> None:
    """With the right address the same command goes on from where it stopped; no bundled Postgres is made."""
    right = f"smith:right@{NAME}"
    run = with_postgres.run(control_plane_postgres_url=right).succeeded()
    assert right not in run.output
    assert with_postgres.values()["postgres"] == {
        "external": {"enabled": True, "existingSecretName": "langsmith-postgres-external"}
    }
    assert not with_postgres.api.get("/apis/apps/v1/namespaces/langsmith/statefulsets/langsmith-postgres").is_success
    assert with_postgres.ask(with_postgres.agent_path()).status_code == 200
    assert with_postgres.run(control_plane_postgres_url=right).succeeded().changed == 0
