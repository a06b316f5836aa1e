# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of an action plugin: plugins/action/observe_cluster.py does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: observe_cluster
short_description: Say of a whole installation whether the cluster is as wanted
version_added: 0.1.0
description:
  - Reads in one task, and concurrently, everything that has to be known to tell whether an installation is as wanted.
    That is
    Helm's release records, the live objects of the releases, workloads, Secrets, namespaces, custom resource
    definitions,
    and facts of the cluster.
  - Says of each component in which state it is, and why.
  - Runs the preflight checks. What only matters before something is written, such as permissions, is only read when a
    component is not converged, or no component is given.
  - Runs no helm and writes nothing. Asking for permissions creates SelfSubjectAccessReviews, which the API server
    does not
    keep.
  - It runs on the controller as an action plugin; the environment is that of the controller.
options:
  components:
    description: The parts of the installation.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the component, key of the result.
        type: str
        required: true
      release:
        description: The Helm release that it is.
        type: dict
        suboptions:
          name:
            description: Name of the release.
            type: str
            required: true
          namespace: {description: Its namespace., type: str, required: true}
          chart:
            description: Name of its chart. Not compared if not given.
            type: str
          version:
            description: Version of its chart. Not compared if not given.
            type: str
          values:
            description:
              - The values it has to be installed with, as a user gives them to Helm. Not compared if not given.
            type: dict
          reuse_values:
            description:
              - Whether the release keeps its own values where O(components[].release.values) say nothing, as Helm's
                option of that name has it. Then only what they say is compared, and the version of the chart must be
                the installed one.
            type: bool
            default: false
          repository:
            description: Not used here; allowed so that the same data can be handed to what installs the release.
            type: str
      objects:
        description:
          - Manifests of objects that exist outside Helm. What they say has to be in the live objects; what they leave
            out
            is not looked at.
          - Of an Ingress with the annotation C(lgp-operator.io/shared-ingress) the paths that others added are left
            out.
        type: list
        elements: dict
      secrets:
        description: Secrets, compared by value; only the names of keys are ever shown.
        type: list
        elements: dict
        suboptions:
          namespace:
            description: Namespace of the Secret.
            type: str
            required: true
          name:
            description: Name of the Secret.
            type: str
            required: true
          data:
            description: Keys and plain values that it has to have. Further keys are let be.
            type: dict
          keys:
            description: Keys that it has to have with whatever value.
            type: list
            elements: str
          kept:
            description:
              - Keys and plain values that it has to have and that must never be replaced, such as a salt. Another value
                is an error of the check C(secret_kept).
            type: dict
          generated:
            description:
              - Keys that are made up if they are missing. Where the component's release is installed already, a missing
                one is an error of the check C(secret_generated), unless O(components[].secrets[].kept) has its value.
            type: list
            elements: str
      namespaces:
        description: Namespaces that have to exist.
        type: list
        elements: str
      crds:
        description: Custom resource definitions that have to exist.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the definition.
            type: str
            required: true
          chart:
            description:
              - Chart and version, such as V(langgraph-dataplane-0.2.22), that its annotation
                C(langgraph.selfhosted/chart) has to name.
            type: str
      workloads:
        description: Workloads that have to be ready. Those of the release are looked at anyway.
        type: list
        elements: dict
        suboptions:
          kind:
            description: Kind of the workload.
            type: str
            choices: [DaemonSet, Deployment, Job, Pod, StatefulSet]
            required: true
          namespace: {description: Its namespace., type: str, required: true}
          name: {description: Its name., type: str, required: true}
  checks:
    description: What the preflight demands of the cluster.
    type: dict
    suboptions:
      enabled:
        description: Whether the checks run.
        type: bool
        default: true
      kubernetes_minimum:
        description: The oldest version of Kubernetes that is accepted.
        type: str
        default: "1.25"
      permissions:
        description: Rights that are needed beside those that the components need.
        type: list
        elements: dict
        suboptions:
          verbs:
            description: Such as V(get) and V(create).
            type: list
            elements: str
            required: true
          resource:
            description: Resource, such as V(secrets), or V(pods/log).
            type: str
            required: true
          group:
            description: API group; empty for the core group.
            type: str
            default: ""
          namespace:
            description: Namespace; the whole cluster if not given.
            type: str
      volumes:
        description: The volumes that will be asked for. Where one names no StorageClass, a default one is needed.
        type: list
        elements: dict
        default: []
        suboptions:
          named_by: {description: The variable that names its StorageClass., type: str, required: true}
          storage_class: {description: The StorageClass that it names., type: str}
      pull_secrets:
        description: Names of the Secrets that pods pull images with; each namespace has to have them.
        type: list
        elements: str
        default: []
      requests:
        description: C(cpu) and C(memory) that will be requested in all.
        type: dict
        default: {}
      ingress_mode:
        description:
          - V(managed) if the ingress controller is to be installed, so that its class must not be somebody else's.
          - V(existing) if the class has to be there.
          - V(openshift) if the class has to be there, and OpenShift is to make Routes of an Ingress of it.
          - V(none) if it does not matter.
        type: str
        choices: [managed, existing, openshift, none]
        default: none
      ingress_class:
        description: Name of the IngressClass.
        type: str
      gateway:
        description: The Gateway that has to be there.
        type: dict
        suboptions:
          name: {description: Its name., type: str, required: true}
          namespace: {description: Its namespace., type: str, required: true}
          kind:
            description: V(gateway) for one of the Gateway API, V(istio) for one of Istio.
            type: str
            choices: [gateway, istio]
            default: gateway
      entry:
        description:
          - How agents are to be reached. The Gateway, if one is asked for, has to take it; else no Ingress and no Route
            of another namespace may hold the hostname.
        type: dict
        suboptions:
          hostname:
            description: The hostname.
            type: str
            default: ""
          tls:
            description: Whether by https.
            type: bool
            default: true
          namespaces:
            description: Namespaces that agents go to.
            type: list
            elements: str
            default: []
      queue:
        description: The listener's queue; no other listener may work it.
        type: dict
        suboptions:
          name: {description: Its name., type: str, required: true}
          redis:
            description: URL of its Redis, without login, if that is known; else the Secret is asked.
            type: str
          namespace:
            description: Namespace of the listener.
            type: str
            required: true
          secret_name:
            description: Name of the Secret there that holds the URL of the Redis under C(connection_url).
            type: str
            required: true
      log_reader:
        description: ServiceAccount that is to read agents' logs, and has to be there.
        type: dict
        suboptions:
          name: {description: Its name., type: str, required: true}
          namespace: {description: Its namespace., type: str, required: true}
      hostname:
        description: Hostname that is to lead to the cluster; a warning if it resolves to nothing here.
        type: str
      fixed_values:
        description:
          - Values of the releases, by path such as V(config.basePath), that must not change while there are agents,
            for their addresses are made of them.
        type: list
        elements: str
        default: []
      watch_namespaces:
        description: Namespaces that the operator will watch; no other operator may.
        type: list
        elements: str
        default: []
      keda_mode:
        description:
          - V(auto) uses a KEDA that is there, else installs one.
          - V(managed) installs one, so that none of others may be there.
          - V(existing) demands one.
          - V(disabled) does without.
        type: str
        choices: [auto, managed, existing, disabled]
        default: auto
extends_documentation_fragment:
  - langgraph.selfhosted.kubeconfig
  - langgraph.selfhosted.attributes.read_only
  - langgraph.selfhosted.attributes.action
  - langgraph.selfhosted.attributes.cluster
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
seealso:
  - module: langgraph.selfhosted.workloads_ready
  - module: langgraph.selfhosted.release_info
"""

EXAMPLES = r"""
- name: See whether KEDA is as wanted
  langgraph.selfhosted.observe_cluster:
    context: prod-eu
    components:
      - name: keda
        release: {name: keda, namespace: keda, chart: keda, version: 2.20.2, values: {}}
    checks:
      requests: {cpu: "2", memory: 4Gi}
  register: observed

- name: Say what is different
  ansible.builtin.debug:
    msg: "{{ observed.components.keda.reasons }}"
  when: observed.components.keda.state != 'converged'

- name: Stop on what would go wrong later
  ansible.builtin.assert:
    that: observed.findings | selectattr('severity', 'equalto', 'error') | length == 0
    fail_msg: "{{ observed.findings | langgraph.selfhosted.findings }}"
"""

RETURN = r"""
reachable:
  description: Whether the API server answered. If not, the finding C(api_reachable) says why.
  type: bool
  returned: always
components:
  description: State of each component, by its name.
  type: dict
  returned: always
  contains:
    state:
      description:
        - V(converged) - as wanted.
        - V(absent) - nothing of it is there.
        - V(changed) - it is there with other content than is wanted.
        - V(drifted) - the release is as wanted, its live objects were deleted or edited since.
        - V(unready) - as wanted, but workloads are not ready.
        - V(failed) - the newest revision of the release failed.
        - V(stuck) - the newest revision of the release is pending; a helm is at work on it, or died while it was.
        - V(foreign) - something that the component needs is owned by another Helm release.
        - V(unknown) - its release, Secrets or own objects could not be read, as the finding C(not_readable) says.
      type: str
    drifted:
      description: Whether live objects of the release were deleted or edited since it was made, whatever the state.
      type: bool
    reasons:
      description: Why it is in this state, with object and field; values of Secrets are never shown.
      type: list
      elements: str
    unseen: {description: What could not be looked at; the state is that of the rest., type: list, elements: str}
    revision:
      description: Newest revision of the release.
      type: int
    chart_version:
      description: Chart version of that revision.
      type: str
    ready: {description: Whether all workloads are ready., type: bool}
findings:
  description: What the preflight found, errors first.
  type: list
  elements: dict
  returned: always
  contains:
    check:
      description: Name of the check.
      type: str
    severity:
      description: V(error) or V(warning).
      type: str
    what:
      description: What is the matter, and where.
      type: str
    why:
      description: Why it matters, or what causes it.
      type: str
    remedy:
      description: What to do about it.
      type: str
cluster:
  description: Facts of the cluster.
  type: dict
  returned: always
  contains:
    version:
      description: Version of Kubernetes.
      type: str
    default_storage_classes:
      description: StorageClasses that are marked as default.
      type: list
      elements: str
    storage_classes:
      description: All StorageClasses.
      type: list
      elements: str
    ingress_classes:
      description: All IngressClasses.
      type: list
      elements: str
    namespaces:
      description: All namespaces that are visible.
      type: list
      elements: str
    keda:
      description: C(present), C(owner) in words, C(release) (C(name) and C(namespace), or null), C(namespace).
      type: dict
    crd:
      description: The definition of agents. C(present), C(owner) in words, C(release), C(managed_by_helm), C(chart).
      type: dict
    not_readable:
      description: What this user may not read, so that checks of it were left out.
      type: list
      elements: str
"""
