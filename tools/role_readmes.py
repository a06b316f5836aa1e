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

ROLES = Path(__file__).resolve().parent.parent / "roles"
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
    extra = role / "NOTES.md"
    if extra.exists():
        parts.append(extra.read_text().strip())
    if role.name not in ("_common", "preflight") and not role.name.startswith("_"):
        parts.append(
            "What all roles share (`langgraph_*`) is described in [_common](../_common/README.md); "
            "what is checked before anything is written, in [preflight](../preflight/README.md)."
        )
    parts.append("<!-- Made by tools/role_readmes.py from meta/argument_specs.yml. -->")
    return "\n\n".join(parts) + "\n"


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
