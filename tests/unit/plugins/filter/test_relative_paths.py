# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.filter.relative_paths import FilterModule, relative_paths


@pytest.mark.parametrize("path", ["/a/b", "~/.kube/config", "~ann/x", "", None, [], ["/a", "~/b"], [""]])
def test_what_means_one_place_only_is_fine(path: Any) -> None:
    assert relative_paths({"variable": path}) == []


@pytest.mark.parametrize("path", ["x.yml", "./x.yml", "../x.yml", "$HOME/x.yml", "mirror"])
def test_a_relative_path_is_told_with_its_variable_and_a_remedy(path: str) -> None:
    (found,) = relative_paths({"fine": "/a", "langgraph_values_files": ["/b", path]})
    assert found["severity"] == "error"
    assert found["what"] == f"langgraph_values_files has a relative path: {path}"
    assert f'"{{{{ inventory_dir }}}}/{path}"' in found["remedy"]
    assert f"$PWD/{path}" in found["remedy"]


def test_each_is_told() -> None:
    found = relative_paths({"one": ["a", "b"], "two": "c", "KUBECONFIG": ["d"]})
    assert [one["what"].split(" ")[0] for one in found] == ["one", "one", "two", "KUBECONFIG"]
    assert "inventory_dir" not in found[-1]["remedy"]


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"relative_paths": relative_paths}
