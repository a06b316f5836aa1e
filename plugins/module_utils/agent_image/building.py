# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module agent_image: an app's folder as an image in a registry, built only when its inputs changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image import inputs, logins
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.cli import Recipe, find_cli, recipe_of
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.engines import (
    ENGINES,
    Engine,
    find_engine,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.names import (
    ImageName,
    is_tag,
    repository_problem,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.project import read_project
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.registry import (
    Access,
    Repository,
    is_loopback,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput, Problem, Refused
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

ARGUMENTS = ArgumentSpec(
    options={
        "path": {"type": "path", "required": True},
        "config": {"type": "str", "default": "langgraph.json"},
        "cli": {"type": "path"},
        "name": {"type": "str", "required": True},
        "tags": {"type": "list", "elements": "str", "default": []},
        "move_tags": {"type": "bool", "default": False},
        "engine": {"type": "str", "choices": ["auto", *ENGINES], "default": "auto"},
        "platform": {"type": "str"},
        "base_image": {"type": "str"},
        "api_version": {"type": "str"},
        "build_arguments": {"type": "list", "elements": "str", "default": []},
        "pull": {"type": "bool", "default": True},
        "push": {"type": "bool", "default": True},
        "force": {"type": "bool", "default": False},
        "authfile": {"type": "path"},
        "insecure": {"type": "bool", "default": False},
        "ca_cert": {"type": "path"},
    },
)

# Options of the engine that are this module's own, or that would break what it does.
_OWN = ("-t", "--tag", "-f", "--file", "--platform", "--push", "--iidfile", "--build-context")


@dataclass(frozen=True)
class _Image:
    """An image as it is wanted: its name, and the tag that its inputs make."""

    name: str
    inputs: str
    tags: Sequence[str]

    @property
    def full(self) -> str:
        return f"{self.name}:{self.inputs}"


def build_image(task: Task) -> Outcome:
    """Build and push an app's image where the registry does not have it; return the reference with its digest."""
    options = task.options
    _validate(options)
    environment = _with_logins(task.environment, options)
    project = read_project(options["path"], options["config"])
    engine = find_engine(options["engine"], environment, insecure=options["insecure"])
    recipe = recipe_of(
        project,
        find_cli(options["cli"], environment),
        environment,
        base_image=options["base_image"],
        api_version=options["api_version"],
        arguments=[*(["--platform", options["platform"]] if options["platform"] else []), *options["build_arguments"]],
    )
    reach = _Reach(engine, environment, options)
    base = reach.base_digest(recipe) if options["pull"] else ""
    image = _Image(options["name"], f"inputs-{inputs.inputs_of(recipe, base)}", options["tags"])
    work = _pushed if options["push"] else _local
    return work(task, image, recipe, engine, reach)


class _Reach:
    """Repositories as the engine reaches them."""

    def __init__(self, engine: Engine, environment: Mapping[str, str], options: Mapping[str, Any]) -> None:
        self._engine = engine
        self._environment = environment
        self._options = options

    def repository(self, name: ImageName) -> Repository:
        login = logins.login_of(name.registry, name.repository, self._engine.login_files, self._environment)
        insecure = self._options["insecure"] or (
            self._engine.pushes_insecurely_to_loopback and is_loopback(name.registry)
        )
        return Repository(name, Access(login, insecure, self._options["ca_cert"], f"{self._engine.name} login"))

    def base_digest(self, recipe: Recipe) -> str:
        """Return the digest that the base image has in its registry now."""
        name = ImageName.parse(recipe.base)
        digest = name.digest or self.repository(name).digest(name.reference)
        if digest is None:
            raise Refused(
                f"The base image {recipe.base} is not in its registry.",
                remedy="Correct base_image or api_version, or set pull to false where only this machine has it.",
            )
        return digest


def _pushed(task: Task, image: _Image, recipe: Recipe, engine: Engine, reach: _Reach) -> Outcome:
    """Bring the image to the registry."""
    repository = reach.repository(ImageName.parse(image.name))
    there = repository.digest(image.inputs)
    tags = {tag: repository.digest(tag) for tag in image.tags}
    builds = there is None or task.options["force"]
    wrong = [tag for tag, digest in tags.items() if digest is None or builds or digest != there]
    moved = [tag for tag in wrong if tags[tag] is not None]
    if moved and not task.options["move_tags"]:
        raise Refused(
            f"{image.name} has these tags already, for an image of other inputs: {', '.join(moved)}.",
            remedy="Give tags that are not there yet, or set move_tags to true where they are meant to move.",
        )
    changed = builds or bool(wrong)
    digest = there
    if changed and not task.check:
        repository.may_push()
        if builds:
            _build(task, image, recipe, engine)
            engine.push(image.full)
            digest = repository.digest(image.inputs)
        for tag in wrong:
            repository.tag(image.inputs, tag)
    known = None if builds and task.check else digest
    after = dict.fromkeys([image.inputs, *image.tags], known or "built by this run")
    diff = {"before": {image.inputs: there, **tags} if changed else after, "after": after}
    return _outcome(image, changed, builds, known, diff, recipe)


def _local(task: Task, image: _Image, recipe: Recipe, engine: Engine, _reach: _Reach) -> Outcome:
    """Have the image in the engine's own store."""
    builds = task.options["force"] or not engine.has(image.full)
    missing = [tag for tag in image.tags if builds or not engine.has(f"{image.name}:{tag}")]
    if not task.check:
        if builds:
            _build(task, image, recipe, engine)
        for tag in image.tags if builds or missing else []:
            engine.tag(image.full, f"{image.name}:{tag}")
    tags = [image.inputs, *image.tags]
    new = [*([image.inputs] if builds else []), *missing]
    diff = {"before": {tag: tag not in new for tag in tags}, "after": dict.fromkeys(tags, True)}
    return _outcome(image, bool(new), builds, None, diff, recipe)


def _build(task: Task, image: _Image, recipe: Recipe, engine: Engine) -> None:
    """Build it, unless an interrupted run has done so."""
    if task.options["push"] and not task.options["force"] and engine.has(image.full):
        return
    if task.options["pull"]:
        engine.pull(recipe.base, task.options["platform"])
    engine.build(recipe.command(image.full), recipe.dockerfile, Path(task.options["path"]).absolute())


def _outcome(
    image: _Image, changed: bool, builds: bool, digest: str | None, diff: Mapping[str, Any], recipe: Recipe
) -> Outcome:
    secret = inputs.environment_files(recipe)
    warnings = [
        f"{', '.join(secret)} of {recipe.context} would be in the image: add a line `.env*` to its .dockerignore."
    ]
    result = {
        "reference": f"{image.name}@{digest}" if digest else image.full,
        "digest": digest,
        "image": image.full,
        "built": builds,
    }
    return Outcome(changed=changed, result=result, diff=diff, warnings=warnings if secret else [])


def _with_logins(environment: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment in which every engine finds the logins of ``authfile``."""
    file = options["authfile"]
    if not file:
        return dict(environment)
    return {**environment, "REGISTRY_AUTH_FILE": file, "DOCKER_CONFIG": str(Path(file).parent)}


def _validate(options: Mapping[str, Any]) -> None:
    problems = list(_problems(options))
    if problems:
        raise InvalidInput(problems)


def _problems(options: Mapping[str, Any]) -> Iterator[Problem]:
    if why := repository_problem(options["name"]):
        yield Problem("name", f"{options['name']!r}: {why}")
    for number, tag in enumerate(options["tags"]):
        if not is_tag(tag):
            yield Problem(f"tags[{number}]", f"{tag!r} is no tag: letters, digits, ., _ and -, at most 128 of them.")
    for number, argument in enumerate(options["build_arguments"]):
        if argument.split("=")[0] in _OWN:
            yield Problem(f"build_arguments[{number}]", f"{argument!r} is what this module does itself.")
    file = options["authfile"]
    if file and not Path(file).is_file():
        yield Problem("authfile", f"{file} is missing.", "It is what `docker login` or `podman login` writes.")
    if file and options["engine"] in ("auto", "docker") and Path(file).name != "config.json":
        yield Problem("authfile", f"{file}: docker wants it to be called config.json.", "Or choose another engine.")
    if options["ca_cert"] and not Path(options["ca_cert"]).is_file():
        yield Problem("ca_cert", f"{options['ca_cert']} is missing.")
