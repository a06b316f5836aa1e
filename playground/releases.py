# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which binaries the playground needs, where their makers publish them, and what they are built from otherwise."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass

KUBERNETES = "1.34.4"
ETCD = "3.6.8"
HELM = "3.22.0"
KWOK = "0.8.0"
DISTRIBUTION = "3.1.2"

# Each can be replaced by LANGGRAPH_RELEASES_<NAME>, for a site's own mirror with the same layout.
_HOSTS = {
    "GITHUB": "https://github.com",
    "GITHUB_API": "https://api.github.com",
    "KUBERNETES": "https://dl.k8s.io",
    "HELM": "https://get.helm.sh",
}
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Tool:
    """A binary of one version, as its release publishes it and as it is built.

    `url`, `checksums` and `member` are templates over the names in `places()`. `checksums` is a page with the
    SHA-256 of the file that `url` names; `member` is the binary's path where that file is a tar archive.
    """

    name: str
    version: str
    module: str
    package: str
    url: str
    checksums: str
    member: str = ""
    stamps: tuple[str, ...] = ()

    def at(self, template: str, hosts: Mapping[str, str]) -> str:
        """Fill in a template of this tool for this machine."""
        return template.format(**hosts, version=self.version, name=self.name, arch=architecture())


def architecture() -> str:
    """Return this machine's architecture as releases name it; one that they do not know stays as it is."""
    machine = platform.machine().lower()
    return _ARCHITECTURES.get(machine, machine)


def hosts() -> dict[str, str]:
    """Return the addresses to download from, with what the environment replaces."""
    return {name: os.environ.get(f"LANGGRAPH_RELEASES_{name}", url).rstrip("/") for name, url in _HOSTS.items()}


def _kubernetes(name: str) -> Tool:
    major, minor, _ = KUBERNETES.split(".")
    version = "k8s.io/component-base/version"
    url = "{KUBERNETES}/release/v{version}/bin/linux/{arch}/{name}"
    return Tool(
        name=name,
        version=KUBERNETES,
        module="kubernetes",
        package=f"k8s.io/kubernetes/cmd/{name}",
        url=url,
        checksums=f"{url}.sha256",
        # Charts compare the API server's version with the one that they need.
        stamps=(f"{version}.gitVersion=v{KUBERNETES}", f"{version}.gitMajor={major}", f"{version}.gitMinor={minor}"),
    )


def _kwok(name: str) -> Tool:
    # Its releases have no file of checksums: GitHub publishes the digest of each asset.
    return Tool(
        name=name,
        version=KWOK,
        module="kwok",
        package=f"sigs.k8s.io/kwok/cmd/{name}",
        url="{GITHUB}/kubernetes-sigs/kwok/releases/download/v{version}/{name}-linux-{arch}",
        checksums="{GITHUB_API}/repos/kubernetes-sigs/kwok/releases/tags/v{version}",
        stamps=(f"sigs.k8s.io/kwok/pkg/consts.Version={KWOK}",),
    )


_HELM_URL = "{HELM}/helm-v{version}-linux-{arch}.tar.gz"

TOOLS: tuple[Tool, ...] = (
    _kwok("kwokctl"),
    _kwok("kwok"),
    Tool(
        name="helm",
        version=HELM,
        module="helm",
        package="helm.sh/helm/v3/cmd/helm",
        url=_HELM_URL,
        checksums=f"{_HELM_URL}.sha256sum",
        member="linux-{arch}/helm",
        stamps=(f"helm.sh/helm/v3/internal/version.version=v{HELM}",),
    ),
    Tool(
        name="etcd",
        version=ETCD,
        module="etcd",
        package="go.etcd.io/etcd/server/v3",
        url="{GITHUB}/etcd-io/etcd/releases/download/v{version}/etcd-v{version}-linux-{arch}.tar.gz",
        checksums="{GITHUB}/etcd-io/etcd/releases/download/v{version}/SHA256SUMS",
        member="etcd-v{version}-linux-{arch}/etcd",
    ),
    _kubernetes("kube-apiserver"),
    _kubernetes("kube-controller-manager"),
    _kubernetes("kube-scheduler"),
)

_REGISTRY_URL = "{GITHUB}/distribution/distribution/releases/download/v{version}/registry_{version}_linux_{arch}.tar.gz"

# Not for the playground itself: tests of what builds and pushes images ask for it.
REGISTRY = Tool(
    name="registry",
    version=DISTRIBUTION,
    module="registry",
    package=".",
    url=_REGISTRY_URL,
    checksums=f"{_REGISTRY_URL}.sha256",
    member="registry",
    stamps=(f"github.com/distribution/distribution/v3/version.version=v{DISTRIBUTION}",),
)
