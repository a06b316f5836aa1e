# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that build and push images: docker, podman, buildah. One class each; all take argv lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image import logins, programs
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Refused, SelfHostedError

_DENIED = ("unauthorized", "denied", "authentication required", "no basic auth", "401", "403")


class EngineFailed(SelfHostedError):
    """An engine did not build, push or pull; its last lines are in the message."""


class Engine:
    """What the engines have in common.

    Attributes:
        name: Its program.
        lives: Arguments that work only where it can build.
        helps: What to do where they do not work.
    """

    name: str
    lives: Sequence[str]
    helps: str

    def __init__(self, program: str, environment: Mapping[str, str], *, insecure: bool = False) -> None:
        """Take where the program is, its environment, and whether registries may speak plain HTTP."""
        self._program = program
        self._environment = environment
        self._insecure = insecure

    @property
    def login_files(self) -> list[Path]:
        """The files that it finds logins in."""
        return logins.podman_files(self._environment)

    @property
    def pushes_insecurely_to_loopback(self) -> bool:
        """Whether it speaks plain HTTP to registries on this machine without being told."""
        return False

    def problem(self) -> str | None:
        """Return why it cannot build here, None where it can."""
        done = self._run(self.lives)
        return None if done.code == 0 else (programs.last_lines(done.said, 1).strip() or f"it ended with {done.code}")

    def pull(self, image: str, platform: str | None) -> None:
        """Get the newest version of an image."""
        options = ["--platform", platform] if platform else []
        self._succeed(["pull", *self._tls(), *options, image], f"{image} was not pulled")

    def has(self, image: str) -> bool:
        """Whether an image is in the engine's own store."""
        return self._run(["image", "inspect", image]).code == 0

    def build(self, command: Sequence[str], dockerfile: str, cwd: Path) -> None:
        """Build as the command says, which begins with ``build``."""
        self._succeed([command[0], *self._tls(), *command[1:]], "The image was not built", stdin=dockerfile, cwd=cwd)

    def tag(self, image: str, another: str) -> None:
        """Give an image in the engine's own store another name."""
        self._succeed(["tag", image, another], f"{another} was not set")

    def push(self, image: str) -> None:
        """Push an image. Which digest it has then, the registry tells; each engine would in a way of its own."""
        self._succeed(["push", *self._tls(), image], f"{image} was not pushed")

    def _tls(self) -> list[str]:
        return ["--tls-verify=false"] if self._insecure else []

    def _run(self, arguments: Sequence[str], *, stdin: str = "", cwd: Path | None = None) -> programs.Done:
        environment = {**self._environment, "LC_ALL": "C.UTF-8"}
        return programs.run([self._program, *arguments], environment=environment, stdin=stdin, cwd=cwd)

    def _succeed(self, arguments: Sequence[str], what: str, *, stdin: str = "", cwd: Path | None = None) -> str:
        done = programs.run([self._program, *arguments], environment=self._environment, stdin=stdin, cwd=cwd, join=True)
        if done.code == 0:
            return done.output
        raise EngineFailed(
            f"{what}: {self.name} {arguments[0]} ended with {done.code}. Its last lines:\n"
            f"{programs.last_lines(done.said)}",
            remedy=self._remedy(arguments[0], done.said.lower()),
        )

    def _remedy(self, command: str, said: str) -> str:
        if "server gave http response to https client" in said:
            return "The registry speaks plain HTTP: set insecure, and for docker list it in insecure-registries."
        if command in ("push", "pull") and any(word in said for word in _DENIED):
            return f"Log in with `{self.name} login REGISTRY` as the user that runs this, or give authfile."
        if "--build-context" in said or "dockerfile:1.4" in said:
            return "This app has folders outside of its own: docker builds such ones with its plugin buildx only."
        return "Correct what these lines name and run again; nothing else has to be undone."


class Docker(Engine):
    """docker, with its daemon."""

    name = "docker"
    lives = ("version", "--format", "{{.Server.Version}}")
    helps = "start its daemon, and let this user talk to it (group docker), or set DOCKER_HOST."

    @property
    def login_files(self) -> list[Path]:
        """The one file that it keeps logins in."""
        return logins.docker_files(self._environment)

    @property
    def pushes_insecurely_to_loopback(self) -> bool:
        """Docker's daemon takes registries on loopback for insecure ones."""
        return True

    def _tls(self) -> list[str]:
        return []  # the daemon's configuration says which registries are insecure


class Podman(Engine):
    """podman."""

    name = "podman"
    lives = ("info", "--format", "{{.Version.Version}}")
    helps = "see what `podman info` says; without root it needs entries in /etc/subuid and /etc/subgid."


class Buildah(Engine):
    """buildah, which needs neither a daemon nor a container runtime."""

    name = "buildah"
    lives = ("info",)
    helps = "see what `buildah info` says; in a container it may need BUILDAH_ISOLATION=chroot, STORAGE_DRIVER=vfs."

    def has(self, image: str) -> bool:
        """Whether an image is in its store."""
        return self._run(["inspect", "--type", "image", image]).code == 0


ENGINES: Mapping[str, type[Engine]] = {kind.name: kind for kind in (Docker, Podman, Buildah)}


def find_engine(wanted: str, environment: Mapping[str, str], *, insecure: bool) -> Engine:
    """Return the engine that is wanted, or with ``auto`` the first that works.

    Raises:
        Refused: It, or all of them, cannot build here.
    """
    tried = []
    for kind in ENGINES.values() if wanted == "auto" else [ENGINES[wanted]]:
        program = programs.on_path(kind.name, environment)
        if program is None:
            tried.append(f"{kind.name}: it is not on the PATH.")
            continue
        engine = kind(program, environment, insecure=insecure)
        problem = engine.problem()
        if problem is None:
            return engine
        tried.append(f"{kind.name}: {problem} Remedy: {kind.helps}")
    lines = "\n".join(f"  {line}" for line in tried)
    raise Refused(
        f"Nothing here can build an image:\n{lines}",
        remedy="Install or start one of them. buildah needs neither a daemon nor a container runtime.",
    )
