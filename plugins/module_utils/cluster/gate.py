# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate: waits until workloads are ready, and says like a colleague why they are not."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    Connection,
    Object,
    connected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.diagnosis import (
    CONFIG,
    CRASH,
    IMAGE,
    LOG,
    Trouble,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.evidence import Evidence
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.hints import hint
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.reading import read_release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, Kinds
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import workload_address
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.workloads import (
    RULES,
    Readiness,
    readiness,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import MAY_PASS, NotFound, TimedOut
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import Deadline, pauses, wait_until

_HOPELESS_RESTARTS = 4
_NOT_LOGGED = "its log has no line with"


class NotReady(TimedOut):
    """Workloads that were waited for are not ready."""

    def __str__(self) -> str:
        lines = [self.message]
        if self.cause:
            lines.append(f"Likely cause: {self.cause}")
        if self.remedy:
            lines.append(f"Remedy: {self.remedy}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Look:
    """What one poll saw: each workload's readiness, and why waiting any longer is hopeless, if it is."""

    verdicts: Mapping[Address, Readiness]
    live: Mapping[Address, Object]
    hopeless: str = ""

    @property
    def ready(self) -> bool:
        """Whether all are ready."""
        return all(verdict.ready for verdict in self.verdicts.values())


@dataclass(frozen=True)
class Rules:
    """How long to wait and for what."""

    timeout: float = 300.0
    fail_fast: bool = True
    grace: float = 30.0
    log_line: str | None = None
    order: Sequence[str] = ()

    def rank(self, address: Address) -> int:
        """Return a workload's place among those that depend on each other; 0 where none is given."""
        ends = [place for place, end in enumerate(self.order) if address.name.endswith(end)]
        return max(ends, default=len(self.order))


def workloads_ready(task: Task) -> Outcome:
    """Wait for the workloads that are named, or for those of a release; in check mode look once."""
    options = task.options
    rules = Rules(
        timeout=0.0 if task.check else options["timeout"],
        fail_fast=options["fail_fast"],
        grace=options["grace"],
        log_line=options.get("log_line"),
        order=options.get("order") or (),
    )
    with connected(Connection.of(options)) as server:
        addresses = [workload_address(workload) for workload in options.get("workloads") or ()]
        title = "workloads"
        if options.get("release"):
            release = options["release"]
            title = f"workloads of release {release['name']}"
            try:
                addresses = release_workloads(server, release["namespace"], release["name"])
            except NotFound:
                if not task.check:
                    raise
                return Outcome(result={"ready": False, "workloads": [], "seconds": 0.0})
        return Gate(server, addresses, rules, title).wait(must=not task.check)


def release_workloads(server: ApiServer, namespace: str, name: str) -> list[Address]:
    """Return the workloads that a release's record names, in its order."""
    _record, release = read_release(server, namespace, name)
    if release is None:
        raise NotFound(f"There is no Helm release {name} in namespace {namespace}.", remedy="Install it first.")
    kinds = Kinds(server)
    found = [kinds.address(manifest, namespace) for manifest in release.objects if manifest["kind"] in RULES]
    return [address for address in found if address]


class Gate:
    """Waits for some workloads with one loop."""

    def __init__(
        self,
        server: ApiServer,
        addresses: Sequence[Address],
        rules: Rules,
        title: str = "workloads",
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._server, self._addresses, self._rules, self._title = server, list(addresses), rules, title
        self._clock, self._sleep = clock, sleep
        self._evidence = Evidence(server)
        self._restarts: dict[tuple[str, str | None], int] = {}
        self._since: dict[tuple[str, str], float] = {}

    def wait(self, *, must: bool = True) -> Outcome:
        """Wait until all are ready; raise :class:`NotReady` if they are not in time, unless they need not be."""
        deadline = Deadline(self._rules.timeout, self._clock)
        waited = wait_until(
            self.look,
            lambda look: look.ready or bool(look.hopeless),
            deadline,
            every=pauses(first=0.3, longest=3.0),
            sleep=self._sleep,
            passing=MAY_PASS,
        )
        look, elapsed = waited.value, waited.elapsed
        if look.ready or not must:
            return Outcome(result={**self._told(look), "seconds": round(elapsed, 1)})
        raise self.explained(look, elapsed)

    def look(self) -> Look:
        """Read all workloads once; look at the pods of those that are not ready."""
        reads = {address: self._server.begin(self._server.find, address.path) for address in self._addresses}
        answers = {address: read.result() for address, read in reads.items()}
        live = {address: thing for address, thing in answers.items() if thing is not None}
        verdicts = {address: readiness(address.kind.kind, answers[address]) for address in self._addresses}
        if self._rules.log_line and all(verdict.ready for verdict in verdicts.values()):
            verdicts = {
                address: self._with_log(address, live[address], verdict) for address, verdict in verdicts.items()
            }
        hopeless = self._hopeless(verdicts, live) if self._rules.fail_fast else ""
        return Look(verdicts, live, hopeless)

    def explained(self, look: Look, elapsed: float) -> NotReady:
        """Return the error that tells what is not ready, why, and what to do."""
        bad = [address for address in self._addresses if not look.verdicts[address].ready]
        after = f"after {elapsed:.0f} s"
        head = (
            f"{bad[0]} is not ready {after}."
            if len(self._addresses) == 1
            else f"{len(bad)} of {len(self._addresses)} {self._title} are not ready {after}."
        )
        lines, found = [head], []
        if look.hopeless:
            lines[0] += f" Waiting longer would not help: {look.hopeless}."
        first = min(map(self._rules.rank, bad))
        behind = [address for address in bad if self._rules.rank(address) > first]
        for address in (address for address in bad if address not in behind):
            verdict = look.verdicts[address]
            lines.append(f"  {address}: {verdict.have} of {verdict.want} ready{_besides(verdict)}")
            own = self._troubles(address, look)
            lines += [line for trouble in own for line in _rendered(trouble)]
            found += own
        if behind:
            lines.append(f"  Not ready either, which may be for that reason: {', '.join(map(str, behind))}.")
        told = hint(found)
        return NotReady(
            "\n".join(lines),
            cause=told[0] if told else None,
            remedy=told[1] if told else "Look closer with: kubectl describe, kubectl logs; then run again.",
            details=self._told(look),
        )

    def _told(self, look: Look) -> dict[str, Any]:
        return {
            "ready": look.ready,
            "workloads": [
                {
                    "kind": address.kind.kind,
                    "namespace": address.namespace,
                    "name": address.name,
                    **{key: value for key, value in vars(verdict).items() if key != "final"},
                }
                for address, verdict in look.verdicts.items()
            ],
        }

    def _hopeless(self, verdicts: Mapping[Address, Readiness], live: Mapping[Address, Object]) -> str:
        """Say why waiting will not help: a failed Job, a crash loop that goes on, an error that outlasts the grace."""
        for address, verdict in verdicts.items():
            if verdict.final:
                return f"{address} {verdict.why}"
            if verdict.ready or address not in live:
                continue
            for trouble in self._evidence.pod_troubles(live[address], address):
                if self._stays(trouble):
                    return f"{trouble.subject}: {trouble.summary}"
        return ""

    def _stays(self, trouble: Trouble) -> bool:
        key = (trouble.subject, trouble.container)
        if trouble.symptom == CRASH:
            # A loop that was there before may be cured already; only a crash that we saw counts.
            first = self._restarts.setdefault(key, trouble.restarts)
            return trouble.restarts >= _HOPELESS_RESTARTS and trouble.restarts > first
        if trouble.symptom in (IMAGE, CONFIG):
            since = self._since.setdefault((trouble.subject, trouble.symptom), self._clock())
            return self._clock() - since >= self._rules.grace
        return False

    def _with_log(self, address: Address, workload: Object, verdict: Readiness) -> Readiness:
        """Demand a line in the log of a workload that is ready otherwise."""
        if self._evidence.logged(workload, address, str(self._rules.log_line)):
            return verdict
        return replace(verdict, ready=False, why=f'{_NOT_LOGGED} "{self._rules.log_line}" yet')

    def _troubles(self, address: Address, look: Look) -> list[Trouble]:
        workload = look.live.get(address)
        if workload is None:
            return []
        if look.verdicts[address].why.startswith(_NOT_LOGGED):
            return [self._evidence.with_log(_silent(pod)) for pod in self._evidence.pods(workload, address)[:1]]
        return self._evidence.troubles(workload, address)


def _silent(pod: Object) -> Trouble:
    containers = (pod.get("spec") or {}).get("containers") or [{}]
    label = f"Pod {pod['metadata']['namespace']}/{pod['metadata']['name']}"
    return Trouble(LOG, label, "is ready", (), containers[0].get("name"))


def _besides(verdict: Readiness) -> str:
    return "" if verdict.why == f"{verdict.have} of {verdict.want} ready" else f" ({verdict.why})"


def _rendered(trouble: Trouble) -> list[str]:
    head = f"  {trouble.subject}: {trouble.summary}"
    messages, log = ([f"      {line}" for line in lines] for lines in (trouble.lines, trouble.log))
    if not log:
        return [f"{head}:" if messages else head, *messages]
    if not messages:
        return [f"{head}, last lines of its log:", *log]
    return [f"{head}:", *messages, "    last lines of its log:", *log]
