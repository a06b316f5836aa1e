# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which program stands behind an image reference, and what a registry would say when there is none."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

# The same expression keeps kwok's stages away from these pods (playground/kwok).
LIVING = re.compile(
    r"(langsmith-(backend|frontend)|langgraph-operator|traefik|redis:7|postgres:14)|^registry\.example\.com/"
)
REGISTRY = "registry.example.com"
PRIVATE = "private"

ROOT_FILES = Path(__file__).resolve().parent.parent / "rootfs"
PLAYGROUND = Path(__file__).resolve().parents[2]
PACKAGES = ("workloads", "control_plane")


@dataclass(frozen=True)
class Reference:
    """An image reference taken apart; ``registry`` is "" for Docker Hub's short form."""

    registry: str
    repository: str
    tag: str
    digest: str


@dataclass(frozen=True)
class Image:
    """What an image holds: its default command, variables, and files of its own beside the shared ones."""

    name: str
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    files: Path | None = None

    def unpack(self, root: Path) -> None:
        """Write the image's files below ``root`` (a fresh copy for each container, as a container's layer is)."""
        shutil.copytree(ROOT_FILES, root, dirs_exist_ok=True)
        (root / "opt/playground").mkdir(parents=True)
        for package in PACKAGES:
            (root / "opt/playground" / package).symlink_to(PLAYGROUND / package)
        (root / "tmp").mkdir(exist_ok=True)
        if self.files is not None:
            ignore = shutil.ignore_patterns("__pycache__", ".langgraph_api")
            shutil.copytree(self.files, root / "app", dirs_exist_ok=True, ignore=ignore)


PLACEHOLDER = Image("placeholder")
STAND_INS = {
    "langchain/langsmith-backend": Image("langsmith-backend"),
    "langchain/langsmith-frontend": Image("langsmith-frontend", entrypoint=("/entrypoint.sh",)),
    "langchain/langgraph-operator": Image("langgraph-operator", entrypoint=("/manager",)),
    "traefik": Image("traefik", entrypoint=("traefik",)),
    "postgres": Image("postgres", entrypoint=("docker-entrypoint.sh",), command=("postgres",)),
    "redis": Image("redis", entrypoint=("docker-entrypoint.sh",), command=("redis-server",)),
}
# Other versions of these are somebody else's and stay without life.
ONLY_TAGS = {"postgres": "14", "redis": "7"}
AGENT = Image(
    "agent",
    command=("agent-server",),
    environment={"LANGGRAPH_NO_VERSION_CHECK": "true", "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGSMITH_TRACING": "false"},
)


class PullError(Exception):
    """An image cannot be pulled; ``str()`` is what a container runtime says."""


class NotALivingImageError(Exception):
    """No program stands behind this image: kwok's kind of container, ready without a process."""


def parse(reference: str) -> Reference:
    """Split an image reference into registry, repository, tag and digest."""
    rest, _, digest = reference.partition("@")
    head, _, tail = rest.rpartition("/")
    name, _, tag = tail.partition(":")
    path = f"{head}/{name}" if head else name
    first, _, remainder = path.partition("/")
    has_registry = bool(remainder) and ("." in first or ":" in first or first == "localhost")
    registry, repository = (first, remainder) if has_registry else ("", path)
    return Reference(registry, repository, tag, digest)


def is_living(images: list[str]) -> bool:
    """Say whether a pod with these images is the runner's; all others are kwok's."""
    return any(LIVING.search(image) for image in images)


class Images:
    """The table of known images: the platform's stand-ins, and agents by their full repository."""

    def __init__(self, agents: dict[str, str]) -> None:
        """``agents`` maps ``registry/repository`` to the folder with the agent's ``langgraph.json``."""
        self._agents = {name: Path(folder).resolve() for name, folder in agents.items()}

    def pull(self, reference: str, registries_with_credentials: set[str]) -> Image:
        """Return the image behind a reference.

        Raises PullError when the playground's registry has no such repository or asks for a login, and
        NotALivingImageError for images of other registries that the playground gives no life.
        """
        parts = parse(reference)
        repository = parts.repository
        if parts.registry == REGISTRY and repository.startswith(f"{PRIVATE}/"):
            if REGISTRY not in registries_with_credentials:
                raise PullError(
                    _failed(
                        reference, parts, "pull access denied, repository does not exist or may require authorization"
                    )
                )
            repository = repository.removeprefix(f"{PRIVATE}/")
        folder = self._agents.get(f"{parts.registry}/{repository}")
        if folder is not None:
            return Image(AGENT.name, AGENT.entrypoint, AGENT.command, AGENT.environment, folder)
        image = _stand_in(repository, parts.tag)
        if image is not None:
            return image
        if parts.registry == REGISTRY:
            raise PullError(_failed(reference, parts, "not found"))
        raise NotALivingImageError(reference)


def base_environment(root: Path) -> dict[str, str]:
    """Return the environment every image brings: a PATH to its programs and this package for them to run from."""
    return {
        "PATH": f"{root}/usr/local/bin:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(root / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(root / "opt"),
        "PYTHONUNBUFFERED": "1",
    }


def _stand_in(repository: str, tag: str) -> Image | None:
    for name, image in STAND_INS.items():
        if repository == name or repository.endswith(f"/{name}"):
            if not tag.startswith(ONLY_TAGS.get(name, "")):
                return None
            return image
    return None


def _failed(reference: str, parts: Reference, why: str) -> str:
    full = f"{parts.registry}/{parts.repository}" + (
        f"@{parts.digest}" if parts.digest else f":{parts.tag or 'latest'}"
    )
    return (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{full}": '
        f'failed to resolve reference "{reference}": {full}: {why}'
    )
