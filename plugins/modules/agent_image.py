#!/usr/bin/python
# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module: an agent's image in a registry."""

from __future__ import annotations

DOCUMENTATION = r"""
module: agent_image
short_description: Build an agent's image and push it, when its inputs changed
version_added: 0.1.0
description:
  - Builds what C(langgraph build) of the LangGraph CLI builds, with docker, podman or buildah, pushes it, and returns
    the reference with its digest, for O(langgraph.selfhosted.deployment#module:image).
  - The CLI is asked what it would run; that is run by the engine. So an app that docker can build is built the same
    way by the others, and no engine is called by another program's name.
  - The tag of an image is made of its inputs - the files that the builder gets, the Dockerfile that the CLI makes,
    the digest of the base image and the options. Where the registry has this tag, there is nothing to do. It also
    keeps the image from being cleared away as untagged while deployments run it. O(tags) are further names of the
    same image.
  - Files that tools leave (C(.git), C(.venv), C(node_modules), C(__pycache__) and the like) are no inputs.
  - Everything that can be known is checked before anything is built, also whether one may push.
  - An image that was built by a run that was interrupted is not built again.
extends_documentation_fragment:
  - langgraph.selfhosted.agent_app
  - langgraph.selfhosted.attributes
options:
  name:
    description:
      - Where the image goes, without a tag, such as C(registry.example.com/agents/support).
    type: str
    required: true
  tags:
    description:
      - Further tags, such as a version or a commit. Setting them takes neither a build nor a push.
    type: list
    elements: str
    default: []
  move_tags:
    description:
      - Whether one of O(tags) that is there for an image of other inputs is moved. By default that is an error,
        because others may rely on it.
    type: bool
    default: false
  engine:
    description:
      - What builds and pushes. With V(auto), the first of docker, podman and buildah that works here.
    type: str
    choices: [auto, docker, podman, buildah]
    default: auto
  platform:
    description:
      - Platform of the image, such as C(linux/amd64); the machine's own if not given.
    type: str
  base_image:
    description:
      - Image to build upon, in place of the CLI's own choice (its option C(--base-image)).
    type: str
  api_version:
    description:
      - Version of the Agent Server in the base image (the CLI's option C(--api-version)); the newest if not given.
    type: str
  build_arguments:
    description:
      - Further arguments of the engine's C(build), each with its value as an item of its own or after C(=).
      - Other processes can see them, so hand secrets over as C(--secret=id=pip,src=/path).
    type: list
    elements: str
    default: []
  pull:
    description:
      - Whether a newer base image under the same name is looked for, and makes a new image.
      - Set it to V(false) where only this machine has the base image. What is new in it is then not noticed.
    type: bool
    default: true
  push:
    description:
      - Whether the image is pushed. If not, it is kept in the engine's own store, and there is no digest.
    type: bool
    default: true
  force:
    description:
      - Whether the image is built and pushed although its inputs have not changed.
    type: bool
    default: false
  authfile:
    description:
      - File with the registries' logins, as C(docker login) or C(podman login) writes it. For docker it has to be
        called C(config.json).
      - If not given, the engine's own files and credential helpers are used. Log in before, as the user that runs
        this.
    type: path
  insecure:
    description:
      - Whether the registry may speak plain HTTP or show any certificate. Docker wants that in its daemon's
        configuration, too.
    type: bool
    default: false
  ca_cert:
    description:
      - File of the CA certificates (PEM) that registries are trusted with when they are asked, in place of the
        system's. Engines have a folder for them of their own, such as C(/etc/containers/certs.d) or
        C(/etc/docker/certs.d).
    type: path
attributes:
  diff_mode:
    details: Shows which tags are set, and the digests that they had.
requirements:
  - one of docker, podman, buildah
seealso:
  - module: langgraph.selfhosted.agent_test
  - module: langgraph.selfhosted.deployment
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
"""

EXAMPLES = r"""
- name: The agent's image is in the registry
  langgraph.selfhosted.agent_image:
    path: agents/support
    name: registry.example.com/agents/support
    platform: linux/amd64
  register: support

- name: The agent runs it
  langgraph.selfhosted.deployment:
    name: support
    image: "{{ support.reference }}"
    require_digest: true
"""

RETURN = r"""
reference:
  description:
    - Name and digest of the image. Where there is no digest - it is not pushed, or would be built in check mode -
      name and tag.
  type: str
  returned: success
  sample: registry.example.com/agents/support@sha256:3f9b2c641d0e4a519c1b6a2f4e8d7c103f9b2c641d0e4a519c1b6a2f4e8d7c10
digest:
  description: Its digest, empty where there is none.
  type: str
  returned: success
image:
  description: Its name with the tag that its inputs make.
  type: str
  returned: success
  sample: registry.example.com/agents/support:inputs-3f9b2c641d0e4a51
built:
  description: Whether it was, or in check mode would be, built.
  type: bool
  returned: success
"""

from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.building import ARGUMENTS, build_image
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import run


def main() -> None:
    """Run the module."""
    run(ARGUMENTS, build_image)


if __name__ == "__main__":
    main()
