# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write each role's README from its argument specification, so that the two cannot differ.

``python tools/role_readmes.py`` writes them; ``--check`` only says which ones are out of date, and exits 1 if any is.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools import checks

ROLES = Path(__file__).resolve().parent.parent / "roles"
# What a reader of a role's README finds in that of a role which it brings along.
WHERE = {
    "_common": "what all roles of a cluster share (`langgraph_*`) is described in",
    "preflight": "what is checked before anything is written, in",
}
# What Ansible's markup for documentation becomes in Markdown.
MARKUP = (
    (re.compile(r"\b[CVOE]\(([^()]*(?:\([^()]*\))?[^()]*)\)"), r"`\1`"),
    (re.compile(r"\bM\(([^)]*)\)"), r"`\1`"),
)


def readme(role: Path) -> str:
    """Return the README of a role as Markdown."""
    spec = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]
    parts = [
        f"# langgraph.selfhosted.{role.name}",
        _text(spec["short_description"]) + ".",
        "\n".join(_sentences(spec["description"])),
        "## Variables",
        _table(spec.get("options", {})),
    ]
    if role.name == "preflight":
        parts += ["## Checks", "Any of these names can be given to `preflight_ignore`.", checks.table()]
    if elsewhere := _elsewhere(role):
        parts.append(elsewhere)
    parts.append("<!-- Made by tools/role_readmes.py from meta/argument_specs.yml. -->")
    return "\n\n".join(parts) + "\n"


def _elsewhere(role: Path) -> str:
    """Return where to read on about what a role that users name brings along."""
    brought = set() if role.name.startswith("_") else _dependencies(role)
    places = [f"{WHERE[name]} [{name}](../{name}/README.md)" for name in WHERE if name in brought]
    return f"{'; '.join(places)[:1].upper()}{'; '.join(places)[1:]}." if places else ""


def _dependencies(role: Path) -> set[str]:
    """Return the roles that a role always brings along, and what these bring."""
    listed = yaml.safe_load((role / "meta" / "main.yml").read_text()).get("dependencies") or []
    own = {entry["role"].rpartition(".")[2] for entry in listed if entry.get("when", True)}
    return own.union(*(_dependencies(role.parent / name) for name in own))


def _table(options: dict[str, dict[str, Any]]) -> str:
    rows = ["| Variable | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
    for name, option in options.items():
        kind = option["type"] + (f" of {option['elements']}" if "elements" in option else "")
        default = (
            f"`{json.dumps(option['default'])}`"
            if "default" in option
            else ("required" if option.get("required") else "")
        )
        meaning = " ".join(_sentences(option["description"]))
        rows.append(f"| `{name}` | {kind} | {default} | {meaning} |".replace("\n", " "))
    return "\n".join(rows)


def _sentences(description: str | list[str]) -> list[str]:
    return [_text(line) for line in ([description] if isinstance(description, str) else description)]


def _text(line: str) -> str:
    for pattern, replacement in MARKUP:
        line = pattern.sub(replacement, line)
    return line.strip()


def main() -> int:
    """Write or check all READMEs; return the exit code."""
    check = "--check" in sys.argv[1:]
    stale = []
    for role in sorted(path for path in ROLES.iterdir() if (path / "meta" / "argument_specs.yml").exists()):
        target, text = role / "README.md", readme(role)
        if not target.exists() or target.read_text() != text:
            stale.append(target)
            if not check:
                target.write_text(text)
    for target in stale:
        print(f"{'out of date' if check else 'written'}: {target.relative_to(ROLES.parent)}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
