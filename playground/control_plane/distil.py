# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Distil the published OpenAPI document to the facts that the simulator is measured against.

``python -m playground.control_plane.distil SOURCE [TARGET]`` keeps the routes served here and the schemas they need:
names, types, required fields, enums, bounds, status codes. All prose (titles, descriptions, examples) is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

TARGET: Final = Path(__file__).with_name("contract.json")
SERVED: Final = ("/v2/deployments", "/v2/listeners")
PROSE: Final = frozenset({"title", "description", "summary", "example", "examples", "externalDocs", "tags"})
#: Where keys are names that somebody chose, which may look like prose.
NAMED: Final = frozenset({"properties", "schemas", "paths", "responses"})
REFERENCE: Final = "#/components/schemas/"


def distil(document: dict[str, Any]) -> dict[str, Any]:
    """The facts of an OpenAPI document about the routes served here."""
    paths = {path: _bare(item) for path, item in sorted(document["paths"].items()) if path.startswith(SERVED)}
    for item in paths.values():
        for operation in item.values():
            for response in operation["responses"].values():
                response["description"] = ""  # OpenAPI insists on one
    every = document["components"]["schemas"]
    needed: dict[str, Any] = {}
    wanted = _references(paths)
    while wanted:
        name = wanted.pop()
        if name not in needed:
            needed[name] = _bare(every[name])
            wanted |= _references(needed[name])
    return {
        "openapi": document["openapi"],
        "info": {"title": "control plane", "version": document["info"]["version"]},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(needed.items())),
            "securitySchemes": document["components"]["securitySchemes"],
        },
    }


def _bare(value: Any, *, named: bool = False) -> Any:
    """A copy without prose; ``named`` says that the keys are names, not keywords."""
    if isinstance(value, dict):
        return {
            key: _bare(item, named=key in NAMED and not named)
            for key, item in value.items()
            if named or (key not in PROSE and key != "operationId")
        }
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return value


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["$ref"].removeprefix(REFERENCE)} if isinstance(value.get("$ref"), str) else set()
        return found.union(*map(_references, value.values()))
    if isinstance(value, list):
        return set().union(*map(_references, value))
    return set()


def rendered(document: dict[str, Any], depth: int = 3) -> str:
    """JSON text with a line for each path and schema, so that a difference can be read."""

    def lines(value: Any, level: int) -> str:
        if level == depth or not isinstance(value, dict):
            return json.dumps(value)
        inner = f",\n{' ' * (level + 1)}".join(
            f"{json.dumps(key)}: {lines(item, level + 1)}" for key, item in value.items()
        )
        return f"{{\n{' ' * (level + 1)}{inner}\n{' ' * level}}}"

    return lines(document, 0) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the distilled document, or with ``--check`` say whether it differs. :returns: the exit status."""
    parser = argparse.ArgumentParser(description="Distil the published OpenAPI document.")
    parser.add_argument("source", type=Path, help="the OpenAPI document (JSON)")
    parser.add_argument("target", type=Path, nargs="?", default=TARGET, help="where to write (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the target differs")
    options = parser.parse_args(argv)
    text = rendered(distil(json.loads(options.source.read_text(encoding="utf-8"))))
    if not options.check:
        options.target.write_text(text, encoding="utf-8")
    elif options.target.read_text(encoding="utf-8") != text:
        print(f"{options.target} is not what {options.source} distils to; run without --check.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
