# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-test on a copy of the collection.

ansible-test wants `…/ansible_collections/langgraph/selfhosted` as a real folder in a git repository of its own, so it
gets a copy of what git would commit. `ansible_test.py sanity|integration [ARGUMENT...]`; further arguments go to
ansible-test. It runs with the Python and the ansible-core of the environment that runs this script.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
SCRATCH = ROOT / ".cache" / "ansible-test" / f"core-{version('ansible-core')}-python-{PYTHON}"
COLLECTION = SCRATCH / "ansible_collections" / "langgraph" / "selfhosted"
HOME = SCRATCH / "home"

# What the collection's archive does not hold (galaxy.yml, build_ignore) and ansible-test has no use for.
LEFT_OUT = (
    ".",
    "playground/",
    "tools/",
    "molecule/",
    "requirements/",
)

# What ansible-test runs, or looks at. ruff and mypy judge the other tests, more strictly than its sanity.
TESTS, TESTS_OF_ANSIBLE_TEST = "tests/", ("tests/config.yml", "tests/integration/targets/")

# ansible-test downloads a script that installs pip into its environments; Python brings a pip along that does as well.
# One name for each generation of ansible-core: 2.21, 2.19, 2.16.
GET_PIP_NAMES = ("get_pip_25_2.py", "get_pip_24_2.py", "get_pip_23_1_2.py")
GET_PIP = "import ensurepip\nensurepip.bootstrap(default_pip=True)\n"


def main(arguments: Sequence[str]) -> int:
    """Run the command given; ansible-test's exit code."""
    command, *rest = arguments or ["sanity"]
    copy_collection()
    if command == "sanity":
        return ansible_test("sanity", "--color", "no", "--python", PYTHON, *rest)
    if command == "integration":
        with servers() as settings:
            write_integration_config(settings)
            return ansible_test("integration", "--color", "no", "--python", PYTHON, *rest)
    print(f"Unknown command {command!r}: choose sanity or integration.", file=sys.stderr)
    return 2


def ansible_test(*arguments: str) -> int:
    """Run ansible-test in the copy, with a home of its own."""
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in GET_PIP_NAMES:
        (cache / name).write_text(GET_PIP)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON", "VIRTUAL_ENV"))
    }
    environment["HOME"] = str(HOME)
    command = [str(Path(sys.executable).parent / "ansible-test"), *arguments]
    return subprocess.run(command, check=False, cwd=COLLECTION, env=environment).returncode


def copy_collection() -> None:
    """Copy what git would commit, of the tests its own only, and the collection it needs, into the scratch folder."""
    shutil.rmtree(COLLECTION, ignore_errors=True)
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, cwd=ROOT, capture_output=True, text=True).stdout.split("\0")
    for name in names:
        if (
            not name
            or name.startswith(LEFT_OUT)
            or (name.startswith(TESTS) and not name.startswith(TESTS_OF_ANSIBLE_TEST))
        ):
            continue
        source, target = ROOT / name, COLLECTION / name
        if source.exists() or source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    # Without a repository of its own all files count as ignored: "All targets skipped", exit code 0.
    subprocess.run(["git", "init", "--quiet"], check=True, cwd=COLLECTION)
    kubernetes = SCRATCH / "ansible_collections" / "kubernetes" / "core"
    shutil.rmtree(kubernetes, ignore_errors=True)
    shutil.copytree(ROOT / ".cache" / "ansible_collections" / "kubernetes" / "core", kubernetes)


@contextmanager
def servers() -> Iterator[Mapping[str, str]]:
    """A playground without workloads for the targets; what they have to know of it."""
    import playground

    world = playground.up(name=f"ansible-test-{os.getpid()}", control_plane_port=0, ingress_port=0, workloads=False)
    try:
        yield {
            "control_plane_url": world.control_plane_url,
            "langsmith_url": world.control_plane_url,
            "api_key": world.api_key,
            "workspace_id": world.workspace_id,
            "kubeconfig": world.kubeconfig,
            "helm": world.helm,
            "charts": world.charts,
            "langgraph": str(Path(sys.executable).with_name("langgraph")),
        }
    finally:
        world.down()


def write_integration_config(settings: Mapping[str, str]) -> None:
    """Hand the playground to the targets the way ansible-test does: a variable of every target's play."""
    path = COLLECTION / "tests" / "integration" / "integration_config.yml"
    path.write_text(json.dumps({"playground": dict(settings)}, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
