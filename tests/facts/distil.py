# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the official charts contain, as facts: names, kinds, labels, ports, rights, environment, values and defaults.

helm pull langgraph-dataplane --repo https://langchain-ai.github.io/helm --version 0.2.22 --untar -d SOURCE
helm pull keda --repo https://kedacore.github.io/charts --version 2.20.2 --untar -d SOURCE
helm pull traefik --repo https://traefik.github.io/charts --version 41.3.0 --untar -d SOURCE
helm pull langsmith --repo https://langchain-ai.github.io/helm --version 0.16.11 --untar -d SOURCE
helm pull langgraph-cloud --repo https://langchain-ai.github.io/helm --version 0.3.2 --untar -d SOURCE
python -m tests.facts.distil SOURCE            # compare with what is stored
python -m tests.facts.distil SOURCE --write    # store anew
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from playground import binaries, releases

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

HERE = Path(__file__).parent
CHARTS = HERE.parents[1] / "playground" / "charts"
NAMESPACES = {
    "keda": "keda",
    "langgraph-cloud": "agents",
    "langgraph-dataplane": "langgraph",
    "langsmith": "langsmith",
    "traefik": "traefik",
}
# Of a chart of thousands of values only those are kept that the stand-in has; its parts are named here, without these.
ONLY_VALUES_OF = {"langsmith"}
# A web server's configuration is compared by the routes to what has life in the playground.
LIVING_UPSTREAM = re.compile(r"(?<!-platform)-backend\.")
# Kubernetes as the playground has it, which `helm template` cannot ask.
KUBERNETES = ("--kube-version", "1.34.4", "--api-versions", "policy/v1/PodDisruptionBudget")

ABSENT = "(absent)"
# Different in every rendering, or of the manifest's text.
VOLATILE = (
    "rollme",
    *(f"checksum/{what}" for what in ("config", "frontend-config", "secrets", "redis", "postgres", "clickhouse")),
)
# Fields that tell the items of a list apart, the better ones first.
IDENTITIES = ("name", "mountPath", "path", "host", "key", "containerPort", "port")
# How deep the schema of a group's kinds is compared: the stand-ins take the rest as it comes.
SCHEMA_DEPTH = {"apps.langchain.ai": 99, "keda.sh": 1, "eventing.keda.sh": 1, "traefik.io": 0}
POD_PARTS = {"affinity", "tolerations", "env", "initContainers", "sidecars", "volumes", "volumeMounts"}
SCHEMA_FACTS = ("type", "format", "default", "enum", "required")

Flat = dict[str, Any]


def helm() -> str:
    """Path of the playground's helm, which is fetched or built when it is not there."""
    return str(binaries.ensure(tool for tool in releases.TOOLS if tool.name == "helm")["helm"])


def scenarios(chart: str) -> dict[str, Any]:
    """The values that a chart is rendered with, by the scenario's name."""
    return {"defaults": {}, **yaml.safe_load((HERE / "scenarios.yaml").read_text())[chart]}


def stored(chart: str) -> dict[str, Any]:
    """The facts of an official chart as they are kept here, in the form of `distil`."""
    return dict(json.loads((HERE / f"{chart}.json").read_text()))


def distil(folder: Path) -> dict[str, Any]:
    """The facts of the chart in a folder.

    Returns:
        `chart` (name, version, appVersion, kubeVersion), `values` (path to default), `objects` (name to path to value,
        rendered with the defaults), `scenarios` (name to what differs from that).

    Raises:
        subprocess.CalledProcessError: Helm refuses the chart or the values.
    """
    program = helm()
    rendered = {name: objects(render(program, folder, values)) for name, values in scenarios(folder.name).items()}
    defaults = rendered.pop("defaults")
    return {
        "chart": chart_facts(folder),
        "values": chart_values(folder),
        "objects": defaults,
        "scenarios": {name: difference(defaults, result) for name, result in rendered.items()},
    }


def chart_facts(folder: Path) -> Flat:
    """A chart's name and versions."""
    chart = yaml.safe_load((folder / "Chart.yaml").read_text())
    return {key: chart.get(key) for key in ("name", "version", "appVersion", "kubeVersion")}


def chart_values(folder: Path) -> Flat:
    """Path to default of every value of a chart; empty maps and lists are values too."""
    values = yaml.safe_load((folder / "values.yaml").read_text())
    if folder.name in ONLY_VALUES_OF:
        values = common(values, yaml.safe_load((CHARTS / folder.name / "values.yaml").read_text()))
    for name, template in values.get("operator", {}).get("templates", {}).items():
        values["operator"]["templates"][name] = yaml.safe_load(template)
    return dict(flatten(values, keep_empty=True))


def common(values: Any, wanted: Any) -> Any:
    """Those parts of a chart's values whose keys are wanted too."""
    if not (isinstance(values, dict) and isinstance(wanted, dict) and wanted):
        return values
    return {key: common(value, wanted[key]) for key, value in values.items() if key in wanted}


def render(program: str, folder: Path, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The manifests of a chart with these values, as a release of the chart's own name."""
    command = [program, "template", folder.name, str(folder), "--namespace", NAMESPACES[folder.name]]
    result = subprocess.run(
        [*command, "--include-crds", *KUBERNETES, "--values", "-"],
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=True,
    )
    return [manifest for manifest in yaml.load_all(result.stdout, LOADER) if manifest]


def objects(manifests: Iterable[dict[str, Any]]) -> dict[str, Flat]:
    """Manifests as facts, by kind and name. Traefik Hub's kinds are left out: it is a product of its own."""
    return {
        identity(manifest): dict(flatten(readable(manifest)))
        for manifest in manifests
        if not manifest["metadata"]["name"].endswith(".hub.traefik.io")
    }


def identity(manifest: Mapping[str, Any]) -> str:
    """Kind, namespace and name of an object."""
    metadata = manifest["metadata"]
    return f"{manifest['kind']} {'/'.join(filter(None, (metadata.get('namespace'), metadata['name'])))}"


def readable(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest with its encoded, embedded or unordered parts in a form that can be compared."""
    kind = manifest["kind"]
    if kind.endswith("Role"):
        return {**manifest, "rules": rights(manifest.get("rules") or [])}
    if kind == "Secret":
        return {
            **manifest,
            "data": {key: value and base64.b64decode(value).decode() for key, value in manifest["data"].items()},
        }
    if kind == "ConfigMap":
        return {**manifest, "data": {key: content(key, text) for key, text in manifest["data"].items()}}
    if kind == "CustomResourceDefinition":
        return {**manifest, "spec": definition(manifest["spec"])}
    return manifest


def content(name: str, text: str) -> Any:
    """What an entry of a ConfigMap says: a manifest, routes of a web server, a variable; XML only that it is there."""
    if ".yaml" in name:
        return yaml.safe_load(text)
    if name.endswith(".conf"):
        return routes(text)
    return "(text)" if name.endswith(".xml") else text


def routes(text: str) -> dict[str, str]:
    """Location to rewrite rule and target, of prefix locations that lead to a living upstream."""
    found = {}
    for location, body in re.findall(r"location\s+(/\S*)\s*\{([^}]*)\}", text):
        rewrite, target = re.search(r"rewrite\s+([^;]*);", body), re.search(r"proxy_pass\s+([^;]*);", body)
        if target and LIVING_UPSTREAM.search(target[1]):
            found[location] = " ".join([*(rewrite[1] if rewrite else "").split(), "->", target[1]])
    return found


def rights(rules: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """RBAC rules as group/resource to its verbs; rules of the same resource are one."""
    found: dict[str, set[str]] = {}
    for rule in rules:
        names = "".join(f"={name}" for name in rule.get("resourceNames", []))
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                found.setdefault(f"{group}/{resource}{names}", set()).update(rule["verbs"])
    return {resource: sorted(verbs) for resource, verbs in found.items()}


def definition(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec of a CustomResourceDefinition with the fields' types in place of its schemas."""
    depth = SCHEMA_DEPTH[spec["group"]]
    versions = []
    for version in spec["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        parts = ("spec", "status") if depth > 1 else ("spec",) if depth else ()
        fields = dict(field for part in parts for field in schema_fields(schema["properties"][part], depth, part))
        columns = version.get("additionalPrinterColumns") if depth else None
        versions.append({**version, "schema": fields, "additionalPrinterColumns": columns or {}})
    return {**spec, "versions": versions}


def schema_fields(schema: Mapping[str, Any], depth: int, path: str) -> Iterator[tuple[str, str]]:
    """Path of each field and what the API server checks of it; parts of a Pod's spec are not entered."""
    known = SCHEMA_FACTS if depth else SCHEMA_FACTS[:2]
    yield path, " ".join(f"{fact}={schema[fact]}" for fact in known if fact in schema)
    if not depth or path.rpartition(".")[2] in POD_PARTS:
        return
    for name, field in schema.get("properties", {}).items():
        yield from schema_fields(field, depth - 1, f"{path}.{name}")
    for kind in ("items", "additionalProperties"):
        if isinstance(schema.get(kind), dict) and depth > 1:
            yield from schema_fields(schema[kind], depth - 1, f"{path}.{kind}")


def flatten(value: Any, path: str = "", *, keep_empty: bool = False) -> Iterator[tuple[str, Any]]:
    """Path and value of each leaf; a list of plain values is one. A list's maps are named by what tells them apart."""
    if any(path.endswith(name) for name in VOLATILE):
        yield path, "(varies)"
    elif path.endswith(".env") and value and isinstance(value, list) and not keep_empty:
        yield path, dict(map(variable, value))
    elif isinstance(value, dict) and (value or not keep_empty):
        for key, item in value.items():
            yield from flatten(item, f"{path}.{key}" if path else str(key), keep_empty=keep_empty)
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for name, item in zip(names(value), value, strict=True):
            yield from flatten(item, f"{path}[{name}]", keep_empty=keep_empty)
    else:
        yield path, value


def variable(item: Mapping[str, Any]) -> tuple[str, str]:
    """Name of an environment variable and where its value comes from, on one line."""
    source = item.get("valueFrom")
    return item["name"], json.dumps(source, sort_keys=True) if source else f"={item.get('value', '')}"


def names(items: list[dict[str, Any]]) -> list[str]:
    """A name for each item of a list: a field that all have and that differs, else the position."""
    for field in IDENTITIES:
        found = [str(item.get(field, ABSENT)) for item in items]
        if ABSENT not in found and len(set(found)) == len(found):
            return found
    return [str(position) for position in range(len(items))]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What to change to get from one set of facts to the other; `ABSENT` for what goes."""
    changes: dict[str, Any] = {}
    for key in sorted({*before, *after}):
        old, new = before.get(key, ABSENT), after.get(key, ABSENT)
        if isinstance(old, dict) and isinstance(new, dict):
            new = difference(old, new)
            if not new:
                continue
        elif old == new and type(old) is type(new):
            continue
        changes[key] = new
    return changes


def applied(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that come out of others by changes of `difference`."""
    after = dict(before)
    for key, change in changes.items():
        if change == ABSENT:
            del after[key]
        elif isinstance(change, dict) and isinstance(before.get(key), dict):
            after[key] = applied(before[key], change)
        else:
            after[key] = change
    return after


def main() -> int:
    """Compare or store the facts of the charts in a folder; 1 when they differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="folder with the official charts, unpacked")
    parser.add_argument("--write", action="store_true", help="store the facts")
    arguments = parser.parse_args()
    different = False
    for name in NAMESPACES:
        facts = distil(arguments.source / name)
        if arguments.write:
            (HERE / f"{name}.json").write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n")
        elif changes := difference(stored(name), facts):
            different = True
            print(name, json.dumps(changes, indent=1), sep="\n")
    return int(different)


if __name__ == "__main__":
    sys.exit(main())
