# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of an action plugin: plugins/action/workloads_ready.py does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workloads_ready
short_description: Wait until workloads are ready, or say why they are not
version_added: 0.1.0
description:
  - Waits for Deployments, StatefulSets, DaemonSets, Jobs and Pods with one loop. A workload is ready when its
    controller has
    acted on its newest change and all replicas of the newest revision are available.
  - If they are not in time, the message tells of each what its pods are waiting for, the last lines of a failing
    container's log,
    the likely cause, and what to do. Keys and passwords in logs are hidden.
options:
  workloads:
    description: The workloads, in the order in which they are told of. Either these or O(release) is needed.
    type: list
    elements: dict
    suboptions:
      kind:
        description: Kind of the workload.
        type: str
        choices: [DaemonSet, Deployment, Job, Pod, StatefulSet]
        required: true
      namespace:
        description: Its namespace.
        type: str
        required: true
      name:
        description: Its name.
        type: str
        required: true
  release:
    description: A Helm release, all of whose workloads are waited for.
    type: dict
    suboptions:
      name:
        description: Name of the release.
        type: str
        required: true
      namespace:
        description: Its namespace.
        type: str
        required: true
  timeout:
    description: Seconds to wait at most.
    type: float
    default: 300
  fail_fast:
    description:
      - Whether to stop waiting as soon as waiting is hopeless. That is when a Job failed; when a container that has
        crashed at
        least four times crashes again while being waited for; when an image cannot be pulled, or a container cannot
        be made
        because its configuration is wrong, for O(grace) seconds.
    type: bool
    default: true
  grace:
    description:
      - Seconds for which a wrong image or configuration is put up with, because somebody may be putting it right.
    type: float
    default: 30
  order:
    description:
      - Ends of workloads' names, those first that others depend on. If the time is up, only the first of them that is
        not ready is explained; the ones behind it are named.
    type: list
    elements: str
  log_line:
    description:
      - Text that has to stand in the log of each workload before it counts as ready, as a proof that it does its
        work. The last
        200 lines of each container of the newest pods are searched.
    type: str
extends_documentation_fragment:
  - langgraph.selfhosted.kubeconfig
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.action
  - langgraph.selfhosted.attributes.cluster
notes:
  - In check mode it looks once, does not wait, and does not fail when workloads or the release are missing.
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
seealso:
  - module: langgraph.selfhosted.observe_cluster
"""

EXAMPLES = r"""
- name: Wait for everything in a release
  langgraph.selfhosted.workloads_ready:
    release: {name: langgraph-dataplane, namespace: langgraph}
    timeout: 600

- name: Wait until the listener talks to the control plane
  langgraph.selfhosted.workloads_ready:
    workloads:
      - {kind: Deployment, namespace: langgraph, name: langgraph-dataplane-listener}
    log_line: Reconciling projects
"""

RETURN = r"""
ready:
  description: Whether all workloads are ready. Always true after success outside check mode.
  type: bool
  returned: always
seconds:
  description: How long it took.
  type: float
  returned: success
workloads:
  description: Each workload.
  type: list
  elements: dict
  returned: always
  contains:
    kind:
      description: Its kind.
      type: str
    namespace:
      description: Its namespace.
      type: str
    name:
      description: Its name.
      type: str
    ready:
      description: Whether it is ready.
      type: bool
    have:
      description: Replicas that are ready and up to date.
      type: int
    want:
      description: Replicas that are asked for.
      type: int
    why:
      description: What is missing; empty when ready.
      type: str
cause:
  description: The likely cause, when it is known.
  type: str
  returned: failure
remedy:
  description: What to do.
  type: str
  returned: failure
"""
