# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A pod's volumes as folders, and a container's mounts as links below its root."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..kube import Kube, Object, path
from .environment import field
from .lookup import Lookup

TOKEN_SECONDS = 3607


class MountError(Exception):
    """A volume cannot be set up; ``str()`` is the kubelet's wording."""


@dataclass(frozen=True)
class TokenVolume:
    """A place where a ServiceAccount token lies that has to be renewed."""

    file: Path
    audience: str
    seconds: int


class Volumes:
    """The volumes of one pod below ``folder``; claims lie in ``persistent`` and outlive the pod."""

    def __init__(self, kube: Kube, pod: Object, folder: Path, persistent: Path, addresses: dict[str, str]) -> None:
        """Describe the volumes; nothing is written yet."""
        self._kube = kube
        self._pod = pod
        self._folder = folder
        self._persistent = persistent
        self._addresses = addresses
        self._tokens: list[TokenVolume] = []
        self._claims: dict[str, Path] = {}

    async def set_up(self, lookup: Lookup) -> None:
        """Write all volumes. Raises MountError when one refers to something that does not exist."""
        self._tokens.clear()
        for volume in self._pod["spec"].get("volumes") or []:
            target = self._folder / volume["name"]
            target.mkdir(parents=True, exist_ok=True)
            try:
                await self._write(volume, target, lookup)
            except KeyError as error:
                raise MountError(f'MountVolume.SetUp failed for volume "{volume["name"]}" : {error.args[0]}') from error

    def mount(self, container: Object, root: Path) -> None:
        """Link the container's mounts into its root."""
        for mount in container.get("volumeMounts") or []:
            place = root / mount["mountPath"].lstrip("/")
            source = self._claims.get(mount["name"], self._folder / mount["name"])
            if mount.get("subPath"):
                source /= mount["subPath"]
                if mount["name"] in self._claims:
                    source.mkdir(parents=True, exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)  # as on a kubelet, a mount hides what the image has there
            place.unlink(missing_ok=True)
            place.symlink_to(source)

    async def renew_tokens(self) -> None:
        """Write fresh ServiceAccount tokens when four fifths of their time is over, until cancelled."""
        while self._tokens:
            await asyncio.sleep(min(token.seconds for token in self._tokens) * 0.8)
            for token in self._tokens:
                await self._write_token(token)

    async def _write(self, volume: Object, target: Path, lookup: Lookup) -> None:
        if "configMap" in volume:
            await _write_config_map(volume["configMap"], volume["configMap"]["name"], target, lookup)
        elif "secret" in volume:
            await _write_secret(volume["secret"], volume["secret"]["secretName"], target, lookup)
        elif "downwardAPI" in volume:
            self._write_fields(volume["downwardAPI"], target)
        elif "projected" in volume:
            for source in volume["projected"].get("sources") or []:
                await self._project(source, target, lookup)
        elif "persistentVolumeClaim" in volume:
            self._claims[volume["name"]] = await self._claim(volume["persistentVolumeClaim"]["claimName"], lookup)

    async def _project(self, source: Object, target: Path, lookup: Lookup) -> None:
        if "configMap" in source:
            await _write_config_map(source["configMap"], source["configMap"]["name"], target, lookup)
        elif "secret" in source:
            await _write_secret(source["secret"], source["secret"]["name"], target, lookup)
        elif "downwardAPI" in source:
            self._write_fields(source["downwardAPI"], target)
        elif "serviceAccountToken" in source:
            token = source["serviceAccountToken"]
            seconds = token.get("expirationSeconds", TOKEN_SECONDS)
            volume = TokenVolume(target / token["path"], token.get("audience", ""), seconds)
            await self._write_token(volume)
            self._tokens.append(volume)

    async def _write_token(self, token: TokenVolume) -> None:
        metadata = self._pod["metadata"]
        account = self._pod["spec"].get("serviceAccountName") or "default"
        bound = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]}
        spec: Object = {"expirationSeconds": token.seconds, "boundObjectRef": bound}
        if token.audience:
            spec["audiences"] = [token.audience]
        where = path("v1", "serviceaccounts", metadata["namespace"], account, "token")
        answer = await self._kube.create(
            where, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        )
        _write_file(token.file, answer["status"]["token"].encode())

    def _write_fields(self, source: Object, target: Path) -> None:
        for item in source.get("items") or []:
            if "fieldRef" in item:
                _write_file(
                    target / item["path"], field(self._pod, item["fieldRef"]["fieldPath"], self._addresses).encode()
                )

    async def _claim(self, name: str, lookup: Lookup) -> Path:
        claim = await lookup.find("persistentvolumeclaims", name)
        if claim is None:
            raise KeyError(f'persistentvolumeclaim "{name}" not found')
        folder: Path = self._persistent / claim["metadata"]["uid"]
        folder.mkdir(parents=True, exist_ok=True)
        return folder


async def _write_config_map(source: Object, name: str, target: Path, lookup: Lookup) -> None:
    _write_items(source, await lookup.config_map(name), f'configmap "{name}" not found', target)


async def _write_secret(source: Object, name: str, target: Path, lookup: Lookup) -> None:
    _write_items(source, await lookup.secret(name), f'secret "{name}" not found', target)


def _write_items(source: Object, data: dict[str, bytes] | None, missing: str, target: Path) -> None:
    if data is None:
        if source.get("optional"):
            return
        raise KeyError(missing)
    wanted = {item["key"]: item["path"] for item in source.get("items") or []} or {key: key for key in data}
    for key, file in wanted.items():
        if key not in data:
            if source.get("optional"):
                continue
            raise KeyError(f"references non-existent config key: {key}")
        _write_file(target / file, data[key])


def _write_file(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    os.replace(fresh, file)
