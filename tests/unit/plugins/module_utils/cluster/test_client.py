# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client against real HTTP: what comes back, and what is said when nothing does."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.langgraph.selfhosted.plugins.module_utils import errors
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    BadConnection,
    Connection,
    connected,
    settled,
)

from tests.unit.plugins.module_utils.cluster.fake_api import Answer, FakeApi, forbidden

PODS = "/api/v1/pods"


def kubeconfig(server: str, **user: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user}],
    }


def test_reads_an_object_and_knows_one_that_is_not_there(api: FakeApi, server: ApiServer) -> None:
    api.objects["/version"] = {"gitVersion": "v1"}
    assert server.get("/version") == {"gitVersion": "v1"}
    assert server.find("/nowhere") is None
    with pytest.raises(errors.NotFound):
        server.get("/nowhere")


def test_follows_pages_and_stops_when_it_has_enough(api: FakeApi, server: ApiServer) -> None:
    def page(query: dict[str, str]) -> tuple[int, Any]:
        number = int(query.get("continue", 0))
        return 200, {"items": [{"n": number}], "metadata": {"continue": str(number + 1) if number < 3 else ""}}

    api.answers[PODS] = page
    assert [item["n"] for item in server.list(PODS)] == [0, 1, 2, 3]
    assert [item["n"] for item in server.list(PODS, at_most=2)] == [0, 1]


def test_a_collection_that_is_not_served_is_empty(server: ApiServer) -> None:
    assert server.list("/apis/keda.sh/v1alpha1/scaledobjects") == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.Rejected),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (409, errors.Conflict),
        (422, errors.Rejected),
        (429, errors.RateLimited),
        (500, errors.ServerFailed),
        (503, errors.ServerFailed),
    ],
)
def test_a_status_is_an_error_with_the_servers_words(
    status: int, kind: type[errors.AnswerError], api: FakeApi, server: ApiServer
) -> None:
    api.answers[PODS] = lambda _query: (status, {"message": "the server's words"})
    with pytest.raises(kind) as error:
        server.list(PODS)
    assert error.value.status == status
    assert "the server's words" in str(error.value)


BUSY = (429, {"message": "too many requests, please try again later"}, {"Retry-After": "1"})
INITIALIZING = (503, {"message": "storage is (re)initializing"}, {"Retry-After": "2"})


@pytest.mark.parametrize(("trouble", "pause"), [(BUSY, 1.0), (INITIALIZING, 2.0)])
def test_a_read_is_repeated_when_the_server_asks_for_it(
    trouble: Answer, pause: float, api: FakeApi, server: ApiServer, slept: list[float]
) -> None:
    answers = iter([trouble, trouble, (200, {"items": [{"n": 1}]})])
    api.answers[PODS] = lambda _query: next(answers)
    assert server.list(PODS) == [{"n": 1}]
    assert slept == [pause, pause]


def test_a_server_that_stays_busy_is_not_called_unreachable(
    api: FakeApi, server: ApiServer, slept: list[float]
) -> None:
    api.answers[PODS] = lambda _query: BUSY
    with pytest.raises(errors.RateLimited, match="please try again later") as error:
        server.list(PODS)
    assert (api.asked(PODS), len(slept)) == (6, 5)
    assert "Given up after 6 tries" in str(error.value)


@pytest.mark.parametrize(("trouble", "asked"), [(BUSY, 2), (INITIALIZING, 1)])
def test_a_write_is_repeated_only_where_the_server_did_nothing(
    trouble: Answer, asked: int, api: FakeApi, server: ApiServer
) -> None:
    answers = iter([trouble, (201, {"kind": "Pod"})])
    api.answers[PODS] = lambda _query: next(answers)
    if asked == 1:
        with pytest.raises(errors.ServerFailed, match=r"answered with 503\."):
            server.create(PODS, {})
    else:
        assert server.create(PODS, {}) == {"kind": "Pod"}
    assert api.asked(PODS) == asked


def test_a_patch_is_repeated_when_somebody_else_wrote_at_the_same_time(api: FakeApi, server: ApiServer) -> None:
    conflict = (409, {"message": "the object has been modified"})
    answers = iter([conflict, (200, {"kind": "Pod"}), conflict])
    api.answers[PODS] = lambda _query: next(answers)
    assert server.merge(PODS, {}) == {"kind": "Pod"}
    with pytest.raises(errors.Conflict, match=r"answered with 409\."):
        server.replace(PODS, {})


def test_an_answer_that_is_no_json_is_said(api: FakeApi, server: ApiServer) -> None:
    api.objects[PODS] = "<html>a proxy's page</html>"
    with pytest.raises(errors.MalformedAnswer, match="did not answer as a Kubernetes API does"):
        server.list(PODS)


def test_reads_at_once_bring_values_and_errors(api: FakeApi, server: ApiServer) -> None:
    api.objects["/version"] = {"gitVersion": "v1"}
    api.answers[PODS] = forbidden
    good = server.begin(server.get, "/version")
    bad = server.begin(server.list, PODS)
    assert settled(good) == {"gitVersion": "v1"}
    problem = settled(bad)
    assert isinstance(problem, errors.Forbidden)


def test_credentials_that_are_not_accepted_end_everything(api: FakeApi, server: ApiServer) -> None:
    api.answers[PODS] = lambda _query: (401, {"message": "Unauthorized"})
    with pytest.raises(errors.Unauthorized) as error:
        settled(server.begin(server.list, PODS))
    assert "Renew the credentials" in str(error.value)


def test_nothing_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with connected(Connection(host=url)) as server, pytest.raises(errors.Unreachable) as error:
        server.get("/version")
    assert f"The Kubernetes API at {url} cannot be reached." in str(error.value)
    assert "Nothing listens there." in str(error.value)
    assert "Remedy:" in str(error.value)


def test_a_name_that_does_not_exist() -> None:
    with connected(Connection(host="http://cluster.invalid")) as server, pytest.raises(errors.Unreachable) as error:
        server.get("/version")
    assert "not known to DNS" in str(error.value)


def test_an_answer_to_a_write_that_is_lost_is_not_called_unreachable() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with (
            connected(Connection(host=url, request_timeout=0.2)) as server,
            pytest.raises(errors.AnswerLost, match="got no answer"),
        ):
            server.create(PODS, {})


def test_a_kubeconfig_that_is_missing() -> None:
    with pytest.raises(BadConnection) as error, connected(Connection(kubeconfig="/nowhere/config")):
        pass
    assert "/nowhere/config" in str(error.value)
    assert "KUBECONFIG" in str(error.value)


@pytest.mark.parametrize("content", ["{", "[]", "clusters: 5", ""])
def test_a_kubeconfig_that_is_none(content: str, tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(content)
    with pytest.raises(BadConnection) as error, connected(Connection(kubeconfig=str(path))):
        pass
    assert str(path) in str(error.value)


def test_a_context_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(kubeconfig("http://127.0.0.1:1")))
    with pytest.raises(BadConnection) as error, connected(Connection(kubeconfig=str(path), context="there")):
        pass
    assert "Name one of its contexts: here." in str(error.value)


@pytest.mark.parametrize("as_path", [True, False])
def test_a_kubeconfig_as_file_and_as_content(as_path: bool, api: FakeApi, tmp_path: Path) -> None:
    content: Any = kubeconfig(api.url, token="t")
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(content))
    api.objects["/version"] = {}
    with connected(Connection(kubeconfig=str(path) if as_path else content)) as server:
        assert server.get("/version") == {}


def test_the_kubeconfig_of_the_environment(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(kubeconfig("http://127.0.0.1:1")))
    monkeypatch.setenv("KUBECONFIG", str(path))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    with connected(Connection()) as server:
        assert server.url == "http://127.0.0.1:1"
    with connected(Connection(host=api.url, context="here")) as server:
        assert server.url == api.url


def test_no_key_file_is_left_behind(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    user = {"client-certificate-data": "Y2VydA==", "client-key-data": "a2V5"}
    with connected(Connection(kubeconfig=kubeconfig(api.url, **user))):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_empty_is_not_given() -> None:
    assert Connection.of({"kubeconfig": "", "context": None, "components": []}) == Connection()
    assert Connection.of({"validate_certs": False}).validate_certs is False
