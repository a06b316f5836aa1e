# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the development environment: `.venv` from the lock file, and the collections under `.cache`.

Run by the Python that the environment shall have (`tools/find-python` prints it). Standard library only.
`environment.py --current` exits 0 when nothing has to be done, 1 otherwise.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
LOCK = ROOT / "requirements" / "dev.txt"
COLLECTIONS_LOCK = ROOT / "requirements" / "collections.txt"
COLLECTIONS = ROOT / ".cache" / "ansible_collections"
KUBERNETES_CORE = COLLECTIONS / "kubernetes" / "core"
OURSELVES = COLLECTIONS / "langgraph" / "selfhosted"

PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2")

# What a failed installation's output says, and what that means for the person in front of it.
SYMPTOMS = (
    (r"No space left on device|Errno 28", "The disk is full: free about 1.5 GB and run again."),
    (
        r"NewConnectionError|NameResolutionError|name resolution|dns error|error sending request|Network is unreachable"
        r"|ConnectTimeout|from versions: none",
        "The Python package index cannot be reached: connect to the internet, or point pip and uv at your mirror"
        " (PIP_INDEX_URL, UV_DEFAULT_INDEX, or pip.conf), and run again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate",
        "The package index's certificate is not trusted here: set"
        " SSL_CERT_FILE to your organisation's CA bundle and run again.",
    ),
    (
        r"(gcc|cc|rustc|cargo).*(not found|No such file)",
        "A package had to be compiled and there is no compiler: use a"
        " Python from 3.11 to 3.13, for which all packages come ready made.",
    ),
)


class BootstrapError(Exception):
    """The environment cannot be made; the text says why and what to do."""


def main(arguments: Sequence[str]) -> int:
    """Bring the environment up to date; 0 when it is."""
    if list(arguments) == ["--current"]:
        return 0 if is_current() else 1
    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second `make` waits for the first and then finds nothing to do
        try:
            if not is_current():
                install()
        except BootstrapError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


def is_current() -> bool:
    """Whether the environment is what the lock files say."""
    return (
        PYTHON.exists()
        and STAMP.exists()
        and STAMP.read_text() == wanted_stamp()
        and (KUBERNETES_CORE / "MANIFEST.json").exists()
        and OURSELVES.resolve() == ROOT
    )


def wanted_stamp() -> str:
    """Digest of all that decides what is installed."""
    return hashlib.sha256(LOCK.read_bytes() + COLLECTIONS_LOCK.read_bytes()).hexdigest()


def install() -> None:
    """Make or update `.venv`, then the collections."""
    started = time.monotonic()
    if not is_usable():
        say(f"Making .venv with Python {sys.version.split()[0]}")
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(VENV)
    STAMP.unlink(missing_ok=True)
    say(f"Installing {sum(1 for _ in locked())} locked packages (about half a minute)")
    install_packages()
    install_kubernetes_core()
    link_ourselves()
    STAMP.write_text(wanted_stamp())
    say(f"The environment is ready after {time.monotonic() - started:.0f} s")


def is_usable() -> bool:
    """Whether `.venv` exists and its Python still runs (the one it was made from may have been removed)."""
    probe = "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))"
    return PYTHON.exists() and subprocess.run([PYTHON, "-c", probe], check=False, capture_output=True).returncode == 0


def locked() -> list[str]:
    """The lock's requirement lines."""
    return [line for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]


def install_packages() -> None:
    """Install the lock with uv, or with pip where uv has no build for this machine."""
    uv = next(line for line in locked() if line.startswith("uv=="))
    has_uv = VENV / "bin" / "uv"
    if not has_uv.exists():
        attempt = subprocess.run(
            [PYTHON, *PIP, "install", "--quiet", "--only-binary=:all:", uv], check=False, capture_output=True, text=True
        )
        if attempt.returncode and "No matching distribution" not in attempt.stderr:
            raise BootstrapError(explain("uv", attempt.stdout + attempt.stderr))
    if has_uv.exists():
        # Compiled here once; where PYTHONDONTWRITEBYTECODE is set every start would compile everything again.
        run([has_uv, "pip", "install", "--quiet", "--python", PYTHON, "--compile-bytecode", "-r", LOCK])
    else:
        run([PYTHON, *PIP, "install", "--quiet", "-r", LOCK])


def install_kubernetes_core() -> None:
    """Put kubernetes.core into the collections folder, from the pinned bundle's wheel."""
    mark = KUBERNETES_CORE.parent / ".bundle"
    if KUBERNETES_CORE.exists() and mark.exists() and mark.read_bytes() == COLLECTIONS_LOCK.read_bytes():
        return
    say("Fetching the collection kubernetes.core")
    KUBERNETES_CORE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder:
        # The bundle asks for a newer Python than the collection in it.
        flags = ["--quiet", "--no-deps", "--only-binary=:all:", "--python-version=3.12", "--require-hashes"]
        run([PYTHON, *PIP, "download", *flags, "--dest", folder, "-r", COLLECTIONS_LOCK])
        wheel = next(Path(folder).glob("ansible-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            prefix = "ansible_collections/kubernetes/core/"
            archive.extractall(folder, [name for name in archive.namelist() if name.startswith(prefix)])
        shutil.rmtree(KUBERNETES_CORE, ignore_errors=True)
        (Path(folder) / prefix).rename(KUBERNETES_CORE)
    mark.write_bytes(COLLECTIONS_LOCK.read_bytes())


def link_ourselves() -> None:
    """Make this repository importable as the collection langgraph.selfhosted."""
    OURSELVES.parent.mkdir(parents=True, exist_ok=True)
    if OURSELVES.is_symlink():
        OURSELVES.unlink()
    OURSELVES.symlink_to(os.path.relpath(ROOT, OURSELVES.parent.resolve()))


def run(command: Sequence[str | Path]) -> None:
    """Run one installation step; its output is shown only when it fails."""
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise BootstrapError(explain(Path(command[0]).name, done.stdout))


def explain(what: str, output: str) -> str:
    """The failure's meaning on the first line, then everything that was printed."""
    for pattern, meaning in SYMPTOMS:
        if re.search(pattern, output):
            return f"{meaning}\n\n{output}"
    return f"The installation of the development environment failed ({what}); its output:\n\n{output}"


def say(line: str) -> None:
    """Report progress."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
