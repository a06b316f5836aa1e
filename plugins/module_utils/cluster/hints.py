# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known symptoms, what most likely causes them, and what to do. Data only: the first entry that fits is told.

The named groups of a pattern can be used in the texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.diagnosis import (
    CONFIG,
    CRASH,
    CREATE,
    EVICTED,
    IMAGE,
    LOG,
    MEMORY,
    MOUNT,
    PROBE,
    STARTING,
    UNSCHEDULABLE,
    VOLUME,
    Trouble,
)

_RUN_AGAIN = "run again; nothing else has to be undone."


@dataclass(frozen=True)
class Hint:
    """What a symptom most likely means.

    ``log``: the pattern is looked for in the log in place of Kubernetes' messages.
    """

    symptoms: tuple[str, ...]
    pattern: str
    cause: str
    remedy: str
    log: bool = False


def _logged(pattern: str, cause: str, remedy: str) -> Hint:
    """Return a hint for what a process says itself before it ends, or while it is not ready."""
    return Hint((CRASH, PROBE, LOG), pattern, cause, remedy, log=True)


HINTS = (
    # What the process itself says comes before what Kubernetes says about it.
    _logged(
        r"WRONGPASS|NOAUTH|invalid username-password pair|AUTH failed",
        "Redis does not accept the password.",
        "Put the right URL into the Secret that redis_secret_name names (or into redis_url), restart the Deployment, "
        + _RUN_AGAIN,
    ),
    _logged(
        r"(?i)redis\S*.*(refused|timed? ?out|unreachable|name or service not known|no such host|getaddrinfo)"
        r"|(refused|connecting to).*(:6379|redis)",
        "Redis does not answer.",
        "See that its pod is ready (bundled or dedicated) or that the external one can be reached from the cluster, "
        "then " + _RUN_AGAIN,
    ),
    _logged(
        r"(?i)password authentication failed for user|database \S+ does not exist",
        "Postgres does not accept the user, the password or the database.",
        "Put the right address into the Secret that control_plane_postgres_secret_name names (or into "
        "control_plane_postgres_url), " + _RUN_AGAIN,
    ),
    _logged(
        r'(?i)connection to server at "?\S*|:5432\b',
        "Postgres does not answer.",
        "See that its pod is ready (the chart's own) or that the external one can be reached from the cluster, then "
        + _RUN_AGAIN,
    ),
    _logged(
        r"(?i)licen[cs]e.*(invalid|expired|verif|denied|fail)|beacon\.\S*langchain\.com",
        "The licence is not accepted, or cannot be verified from the cluster.",
        "Check control_plane_license_key, and let HTTPS out to beacon.langchain.com unless the licence is an offline "
        "one (control_plane_egress: []); " + _RUN_AGAIN,
    ),
    _logged(
        r"(?i)\b401\b|unauthorized|invalid (api )?key|invalid token",
        "The API key is not valid for this workspace, or belongs to another region or control plane.",
        "Create a key in the workspace of langgraph_workspace_id, set langgraph_api_key, " + _RUN_AGAIN,
    ),
    _logged(
        r"(?i)cannot (get|list|watch|create|update|patch|delete) resource|is forbidden: user \"?system:serviceaccount",
        "The pod's service account lacks a right in one of its namespaces.",
        "Keep the chart's RBAC on (rbac.create: true), and let listener_namespaces name every namespace that is used; "
        + _RUN_AGAIN,
    ),
    _logged(
        r"(?i)\b403\b|forbidden",
        "The API key is known, and may not do this: it has too few rights, or is for another workspace.",
        "Use a key with access to deployments in the workspace of langgraph_workspace_id, " + _RUN_AGAIN,
    ),
    _logged(
        r"(?i)\b404\b.*listener|listener.*not found",
        "The control plane does not know this listener: its record was deleted, or is in another workspace.",
        "Run the listener role again with listener_record: true, so that the record is made and its id handed on.",
    ),
    _logged(
        r"(?i)certificate.?verify.?failed|x509|self.signed certificate|unknown authority",
        "The certificate of a server that it calls is not trusted: often a proxy that breaks TLS open, or a private "
        "CA.",
        "Mount the CA (commonVolumes, commonVolumeMounts) and name it in commonEnv (SSL_CERT_FILE, "
        "REQUESTS_CA_BUNDLE), or "
        "let the hosts through without inspection.",
    ),
    _logged(
        r"(?i)name or service not known|no such host|getaddrinfo|failure in name resolution|nodename nor servname",
        "A host name cannot be resolved from within the cluster.",
        "Check langgraph_control_plane_url and langgraph_langsmith_url for typing errors, and the cluster's DNS and "
        "egress.",
    ),
    _logged(
        r"(?i)connect(ion)? ?timed? ?out|ConnectTimeout|network is unreachable|no route to host|i/o timeout",
        "The control plane cannot be reached from the cluster.",
        "Let HTTPS out to the hosts of langgraph_control_plane_url and langgraph_langsmith_url (firewall, proxy, "
        "NetworkPolicy).",
    ),
    _logged(
        r"(?i)connection refused|ConnectError|could not connect|\b50[234]\b",
        "A server that it needs does not answer.",
        "See from the log which one, and whether its URL is right and it is up, then " + _RUN_AGAIN,
    ),
    _logged(
        r"(?i)no matches for kind|could not find the requested resource|no kind is registered",
        "A custom resource definition is missing that the operator needs (lgps.apps.langchain.ai, or KEDA's).",
        "Run the operator role (it applies the definition); without KEDA set operator_keda_enabled: false.",
    ),
    _logged(
        r"(?i)exec format error",
        "The image is for another processor architecture.",
        "Use an image for the nodes' architecture.",
    ),
    Hint(
        (MEMORY,),
        "",
        "The container needs more memory than its limit allows.",
        "Raise its memory limit: redis_resources, listener_resources, operator_resources, agent_server_resources, or "
        "the agent's resource_spec (memory_mb). redis_memory is what Redis may hold, and stays below its limit.",
    ),
    Hint(
        (IMAGE,),
        r"(?i)unauthorized|authentication required|denied|no basic auth|\b401\b|\b403\b",
        "The registry wants credentials that the pod does not have, or there is no such image and the registry does "
        "not say so.",
        "See that the pod's namespace has the Secrets that langgraph_image_pull_secrets names (make one and name it, "
        "if none is named), that their login is valid for the image's registry, and that the image's name is right.",
    ),
    Hint(
        (IMAGE,),
        r"(?i)not found|manifest unknown|does not exist|NotFound",
        "There is no such image: the name or the tag is wrong, or the mirror does not have it.",
        "Check the image's name and tag; with langgraph_image_registry set, copy the image there.",
    ),
    Hint(
        (IMAGE,),
        r"(?i)toomanyrequests|rate limit",
        "The registry limits pulls.",
        "Use a mirror (langgraph_image_registry) or credentials.",
    ),
    Hint(
        (IMAGE,),
        r"(?i)no such host|timeout|refused|unreachable|deadline exceeded|x509",
        "The nodes cannot reach the registry, or do not trust it.",
        "Let the nodes out to the registry, or mirror the images and set langgraph_image_registry.",
    ),
    Hint(
        (IMAGE,),
        r"(?i)InvalidImageName|couldn't parse image",
        "The image's name is not well-formed.",
        "Correct the image's name.",
    ),
    Hint(
        (IMAGE,),
        "",
        "The image cannot be pulled.",
        "Check the image's name, and that the nodes can reach its registry.",
    ),
    Hint(
        (CONFIG, MOUNT),
        r"(?i)couldn't find key (?P<key>\S+) in (?P<kind>Secret|ConfigMap) (?P<name>\S+)",
        "{kind} {name} has no key {key}.",
        "Add the key {key} to it, or name another {kind} in the values; " + _RUN_AGAIN,
    ),
    Hint(
        (CONFIG, MOUNT),
        r"(?i)(?P<kind>secret|configmap) \"?(?P<name>[^\s\"]+)\"? not found",
        "There is no {kind} {name} in the pod's namespace.",
        "Create it there, or name another one in the values; " + _RUN_AGAIN,
    ),
    Hint(
        (CONFIG,),
        r"(?i)runAsNonRoot|run as non-root|runs as root",
        "The image runs as root, and the pod may not.",
        "Set runAsUser in the securityContext.",
    ),
    Hint(
        (CONFIG,),
        r"(?i)executable file not found|no such file or directory",
        "The image does not hold the command that the chart starts: it is another image, or another version.",
        "Use the image and tag of the chart.",
    ),
    Hint(
        (CREATE,),
        r"exceeded quota: (?P<quota>[^,]+), requested: (?P<requested>.+?), "
        r"used: (?P<used>.+?), limited: (?P<limited>.+)",
        "ResourceQuota {quota} does not leave enough: requested {requested}, used {used}, limit {limited}.",
        "Raise the quota, or ask for less (listener_resources, operator_resources, redis_resources).",
    ),
    Hint(
        (CREATE,),
        r"(?i)failed quota: (?P<quota>\S+): must specify (?P<what>[^;]+)",
        "ResourceQuota {quota} demands that every container says its {what}.",
        "Give the pods these resources, or add a LimitRange with defaults to the namespace.",
    ),
    Hint(
        (CREATE,),
        r"(?i)violates PodSecurity \"?(?P<level>[^\":]+)",
        "The namespace enforces Pod Security {level}, and the pods do not meet it.",
        "Set podSecurityContext and securityContext in the values, or relax the namespace's label "
        "pod-security.kubernetes.io/enforce.",
    ),
    Hint(
        (CREATE,),
        r"(?i)serviceaccount \"?(?P<name>[^\s\"]+)\"? not found",
        "There is no ServiceAccount {name}.",
        "Let the chart create it (serviceAccount.create: true), or create it.",
    ),
    Hint(
        (CREATE,),
        r"(?i)maximum (cpu|memory) usage per (Container|Pod)",
        "A LimitRange of the namespace forbids such resources.",
        "Raise the LimitRange, or ask for less.",
    ),
    Hint(
        (CREATE,),
        r"(?i)admission webhook \"?(?P<name>[^\s\"]+)\"?",
        "Admission webhook {name} refuses the pods.",
        "Meet its policy, or exempt the namespace.",
    ),
    Hint(
        (VOLUME,),
        r"(?i)storageclass\S* \"?(?P<name>[^\s\"]+)\"? not found",
        "There is no StorageClass {name}.",
        "Create it, or name another (redis_storage_class, agents_storage_class). A claim keeps its class: delete the "
        "StatefulSet and its pending claim, then " + _RUN_AGAIN,
    ),
    Hint(
        (VOLUME,),
        r"(?i)no storage class is set|names no StorageClass",
        "The cluster has no default StorageClass.",
        "Mark one as default; or name one (redis_storage_class, agents_storage_class), delete the StatefulSet and its "
        "pending claim, then " + _RUN_AGAIN,
    ),
    Hint(
        (VOLUME,),
        "",
        "The volume is not provisioned.",
        "See that the StorageClass's provisioner runs: kubectl describe pvc",
    ),
    Hint(
        (UNSCHEDULABLE,),
        r"(?i)Insufficient (?P<what>\S+?)[,.\s]",
        "No node has enough {what} to spare (requests count, not use).",
        "Add nodes, or ask for less (listener_resources, operator_resources, redis_resources).",
    ),
    Hint(
        (UNSCHEDULABLE,),
        r"(?i)untolerated taint",
        "All nodes have taints that the pod does not tolerate.",
        "Set tolerations in the values.",
    ),
    Hint(
        (UNSCHEDULABLE,),
        r"(?i)node affinity|node selector",
        "No node fits the pod's nodeSelector or affinity.",
        "Correct them, or label a node.",
    ),
    Hint((UNSCHEDULABLE,), r"(?i)no nodes available|0/0 nodes", "The cluster has no node.", "Add a node."),
    Hint((EVICTED,), "", "The node ran out of a resource.", "Make room on the nodes, or raise the pod's requests."),
    Hint(
        (PROBE,),
        r"(?i)probe failed",
        "It runs and does not answer its probe in the expected way: it waits for something, or failed inside.",
        "Read its log (kubectl logs); if it is only slow to start, raise the time-out (langgraph_timeout).",
    ),
    Hint(
        (STARTING,),
        r"ContainerCreating|Pending",
        "A node has the pod and has not started its containers yet: it pulls images, or it is not well.",
        "Wait longer (langgraph_timeout), or look at the node: kubectl describe node",
    ),
    Hint(
        (CRASH,),
        "",
        "The process ends by itself; its log says why.",
        "Read the log above, or all of it: kubectl logs --previous",
    ),
)


def hint(troubles: Iterable[Trouble]) -> tuple[str, str] | None:
    """Return (likely cause, remedy) of what is known best.

    The order of the hints decides, not that of the troubles: a Secret that nobody made yet is less of a cause than the
    image, which cannot be pulled, of the pod that would make it.
    """
    found = list(troubles)
    for entry in HINTS:
        for trouble in found:
            if trouble.symptom not in entry.symptoms:
                continue
            text = trouble.log if entry.log else [trouble.summary, *trouble.lines]
            match = re.search(entry.pattern, "\n".join(text))
            if match:
                groups = {name: value or "" for name, value in match.groupdict().items()}
                return entry.cause.format(**groups), entry.remedy.format(**groups)
    return None
