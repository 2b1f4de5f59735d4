"""What must never happen, looked at before and after every call of every run.

Numbers in the messages are those of the list in `docs/runs.md`. Consent, membership and hold are judged over
the time since the run's latest look began: what was withdrawn before that must not be acted on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from multieip.model.resources import MAX_EIPS
from tests.functional.operator import PREFIX
from tests.simulation.deployment import Deployment, Run, Sent, Watch
from tests.simulation.served import Served

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_CALLS = 400
MOST_DETACHES = 2
TO_DETACH_S = 300.0
MOVING = frozenset({"Eni.Attached", "InvalidAllocationId.NotFound", "Mode.Conflict", "InvalidEniId.NotFound"})
"""Refusals that rest on facts which may have moved since the look."""

CANARIES = ("LTAI", "Signature", "SecurityToken", "AccessKeySecret")


class BrokenError(AssertionError):
    """Something happened that must never happen."""


@dataclass(frozen=True, slots=True)
class _Was:
    """What a tag was from a moment on."""

    since: float
    value: str | None


class Invariants(Watch):
    """Judges every call against what the world really was."""

    def __init__(self) -> None:
        """Look at nothing yet; `watching` says at what."""
        self._deployment: Deployment | None = None
        self._history: dict[tuple[str, str], list[_Was]] = defaultdict(list)
        self._restoring: dict[int, str] = {}
        self._detached_by: dict[str, Run] = {}
        self._narrowed: dict[int, bool] = {}
        self._hands: dict[str, float] = {}
        self._served = Served()
        self.checked = 0

    def watching(self, deployment: Deployment) -> None:
        """Begin to watch a deployment."""
        self._deployment = deployment

    @property
    def _world(self) -> Deployment:
        assert self._deployment is not None
        return self._deployment

    # --- history -------------------------------------------------------------------------------------------

    def note(self) -> None:
        """Take down the tags as they are, and that somebody else may have changed something."""
        now = self._world.clock.monotonic()
        state = self._world.state
        self._served.note(state)
        for kind in (state.enis.all, state.eips.all, state.instances):
            for each in list(kind):
                tags = state.tags.of(each)
                for key in ("group", "detach", "prune", "hold"):
                    past = self._history[each, key]
                    value = tags.get(PREFIX + key)
                    if not past or past[-1].value != value:
                        past.append(_Was(now, value))

    def touched(self, group: str) -> None:
        """Remember that a hand other than a run's changed something about a group."""
        self._hands[group] = self._world.clock.monotonic()

    def values(self, resource: str, key: str, since: float) -> list[str | None]:
        """Return every value that a tag has had since a moment."""
        past = self._history.get((resource, key), [])
        held = [was.value for number, was in enumerate(past) if self._lasts(past, number) > since]
        return held or [None]

    @staticmethod
    def _lasts(past: list[_Was], number: int) -> float:
        return past[number + 1].since if number + 1 < len(past) else float("inf")

    # --- calls ---------------------------------------------------------------------------------------------

    def sending(self, run: Run, sent: Sent) -> None:
        """Judge a call before it reaches the cloud."""
        self.checked += 1
        if not sent.reads:
            self.note()
        if len(run.sent) > MOST_CALLS and run.asked() > MOST_CALLS:
            self._broken(run, f"12: {run.asked()} calls in one run")
        if not sent.reads and run.function != "bind":
            if sent.action != "RunCommand":
                self._broken(run, f"16: {run.function} writes: {sent.action}")
            return
        judge = _JUDGES.get(sent.action)
        if judge is not None:
            judge(self, run, sent)

    def sent(self, run: Run, sent: Sent) -> None:
        """Take down what a call has done."""
        if not sent.reads:
            self.note()
        if sent.action == "RunCommand" and sent.outcome == "ok":
            self._narrowed[run.number] = True
        if sent.action == "DetachNetworkInterface" and sent.outcome in {"ok", "lost"}:
            self._detached_by[sent.params["NetworkInterfaceId"]] = run
        if sent.action == "AttachNetworkInterface" and sent.outcome in {"ok", "lost"}:
            self._detached_by.pop(sent.params["NetworkInterfaceId"], None)

    def said(self, line: str) -> None:
        """No line tells what signs a call."""
        for canary in (*CANARIES, self._world.key.secret, self._world.key.token):
            if canary and canary in line:
                raise BrokenError(f"10: a log line tells {canary}: {line[:200]}")

    # --- judgements ----------------------------------------------------------------------------------------

    def _group_of(self, eni: str, since: float) -> set[str]:
        return {value for value in self.values(eni, "group", since) if value is not None}

    def _wanted_undone(self, run: Run, eni: str) -> bool:
        return "release" in self.values(eni, "hold", run.look_began)

    def _detach(self, run: Run, sent: Sent) -> None:
        eni, instance = sent.params["NetworkInterfaceId"], sent.params["InstanceId"]
        self._ours(run, eni)
        if self._by_ids(run):
            return
        if self._wanted_undone(run, eni):
            self._only_ours(run, eni)
            return
        if "allow" not in self.values(eni, "detach", run.look_began):
            self._broken(run, f"2: detaches {eni} without consent since its look at {run.look_began:.2f}")
        detaches = [each for each in run.sent if each.action == sent.action and each.outcome != "refused"]
        again = Counter(
            each.params["NetworkInterfaceId"] for each in detaches if each.outcome in {"ok", "lost"}
        )
        if again[eni] > MOST_DETACHES + 1:
            self._broken(run, f"1: detaches {eni} {again[eni]} times")
        running = self._world.state.instances[instance].status == "Running"
        if running and not any(each.action == "RunCommand" and each.outcome == "ok" for each in run.sent):
            self._broken(run, f"1: detaches {eni} before the guest of {instance} has answered")
        left = run.began + 600.0 - self._world.settings.deadline_margin_seconds - sent.at
        if left < TO_DETACH_S - 1:
            self._broken(run, f"14: detaches {eni} with {left:.0f} s left")

    def _only_ours(self, run: Run, eni: str) -> None:
        """Judge a release: no EIP outside the group goes off without the consent to prune."""
        groups = self._group_of(eni, run.look_began)
        outside = [
            bound.allocation_id
            for bound in self._world.state.eips.bound_to(eni)
            if not groups & set(filter(None, self.values(bound.allocation_id, "group", run.look_began)))
        ]
        if outside and "allow" not in self.values(eni, "prune", run.look_began):
            self._broken(run, f"5: takes {eni} off with {', '.join(outside)}, which are not the group's")

    def _unassociate(self, run: Run, sent: Sent) -> None:
        eip, eni = sent.params["AllocationId"], sent.params["InstanceId"]
        self._ours(run, eni)
        if self._by_ids(run) or self._wanted_undone(run, eni):
            return
        groups = self._group_of(eni, run.look_began)
        own = self.values(eip, "group", run.look_began)
        if all(value in groups for value in own) and own != [None]:
            self._broken(run, f"3: unbinds {eip}, which names this group ({own})")
        if "allow" not in self.values(eni, "prune", run.look_began):
            self._broken(run, f"2: unbinds {eip} from {eni} without consent since its look")

    def _associate(self, run: Run, sent: Sent) -> None:
        eni = sent.params.get("BindedInstanceId") or sent.params["InstanceId"]
        self._ours(run, eni)
        if self._by_ids(run):
            return
        groups = self._group_of(eni, run.look_began)
        self._room(run, sent, eni)
        for eip in _eips_of(sent):
            if not groups & set(filter(None, self.values(eip, "group", run.look_began))):
                self._broken(run, f"2: binds {eip}, which is not in {sorted(groups)}")

    def _room(self, run: Run, sent: Sent, eni: str) -> None:
        """Judge an exemption: `ignore` in no tag makes room for an eleventh, or a place beside NAT mode."""
        bound = list(self._world.state.eips.bound_to(eni))
        if not self._world.state.tags.of(eni).get(f"{PREFIX}ignore"):
            # What others bind between look and call is refused by the cloud, and looked at once more.
            return
        if not any(each.asks_what_is_bound_to(eni) for each in run.sent if each.at >= run.look_began):
            # So is what a look by tag alone could not see.
            return
        if any(self._hands.get(group, -1.0) >= run.look_began for group in self._group_of(eni, 0.0)):
            return
        there = {each.allocation_id for each in bound}
        more = set(_eips_of(sent)) - there
        if len(there) + len(more) > MAX_EIPS:
            self._broken(run, f"8: binds {len(more)} more on {eni}, which has {len(there)}")
        if any(each.mode != "MULTI_BINDED" for each in bound):
            self._broken(run, f"8: binds on {eni}, which has an EIP in another mode")

    def _attach(self, run: Run, sent: Sent) -> None:
        eni, instance = sent.params["NetworkInterfaceId"], sent.params["InstanceId"]
        self._ours(run, eni)
        if self._by_ids(run):
            return
        groups = self._group_of(eni, run.look_began)
        member = groups & set(filter(None, self.values(instance, "group", run.look_began)))
        came_from = any(
            each.action == "DetachNetworkInterface" and each.params["InstanceId"] == instance
            for earlier in self._world.runs
            for each in earlier.sent
            if each.params.get("NetworkInterfaceId") == eni
        )
        if not member and not came_from:
            self._broken(run, f"2: attaches {eni} to {instance}, which is not in {sorted(groups)}")

    def _ours(self, run: Run, eni: str) -> None:
        found = self._world.state.enis.all.get(eni)
        if found is not None and found.kind != "Secondary":
            self._broken(run, f"17: touches {eni}, a {found.kind} interface")
        if not self._by_ids(run) and not self._group_of(eni, run.look_began):
            self._broken(run, f"2: touches {eni}, which is in no group since its look")

    @staticmethod
    def _by_ids(run: Run) -> bool:
        return "eni" in run.payload

    # --- ends ----------------------------------------------------------------------------------------------

    def ended(self, run: Run) -> None:
        """Judge how a run ended."""
        if run.ended is not None and run.ended > run.began + 600.0 and run.function == "bind":
            self._broken(run, f"14: ran for {run.ended - run.began:.0f} s")
        if run.function != "bind" or run.result is None:
            return
        self._left_off(run)
        self._gave_up_early(run)
        if run.result["state"] == "ready":
            self._truly_ready(run)

    def _gave_up_early(self, run: Run) -> None:
        """Judge a failure: a refusal that rests on moving facts ends a run only when it is met again."""
        if run.result is None or run.result["state"] != "failed" or not run.writes():
            return
        last = run.writes()[-1]
        met = sum(each.action == last.action and each.outcome == last.outcome for each in run.writes())
        if last.outcome in MOVING and met == 1:
            self._broken(run, f"11: ends failed with {last.action} {last.outcome}, met once")

    def _left_off(self, run: Run) -> None:
        for eni, by in list(self._detached_by.items()):
            if by is not run:
                continue
            found = self._world.state.enis.all.get(eni)
            bound = [e for e in self._world.state.eips.bound_to(eni) if e.status == "InUse"]
            handed_over = bool(
                run.result and (run.result.get("continues_as") or run.result.get("waits_with"))
            )
            said = bool(run.result and run.result.get("left_detached"))
            wanted_off = self._wanted_undone(run, eni) or not self._group_of(eni, run.look_began)
            if found is None or found.instance_id or not bound or handed_over or said or wanted_off:
                continue
            self._broken(
                run, f"1: ends {run.result['state'] if run.result else ''} with {eni} off: {run.result}"
            )

    def _truly_ready(self, run: Run) -> None:
        assert run.result is not None
        doubts = [each["rule"] for each in run.result["findings"] if _is_doubt(each)]
        absent = [each["id"] for each in run.result["eips"] if not (each["bound"] and each["in_guest"])]
        if doubts or absent:
            self._broken(run, f"9: says ready over {', '.join((*doubts, *absent))}")
        eni, group = run.result["eni"], run.result["group"]
        state = self._world.state
        last_look = run.look_began
        others = [
            sent.at
            for other in self._world.runs
            if other is not run
            for sent in other.writes()
            if sent.at >= last_look - 3.0 and eni in sent.params.values()
        ]
        if others or self._hands.get(group or "", -1.0) >= last_look - 3.0:
            return
        members = {e.allocation_id for e in state.eips.bound_to(eni) if e.mode == "MULTI_BINDED"}
        answering = {eip for eip in members if self._answers(eip)}
        unheard = sorted(members - answering)
        silent = [eip for eip in unheard if state.tags.of(eip).get(f"{PREFIX}group") == group]
        if silent:
            self._broken(run, f"4: says ready, and {', '.join(silent)} does not answer")
        cut_off = [eip for eip in unheard if eip in self._served.of(eni)]
        if cut_off:
            self._broken(run, f"6: {', '.join(cut_off)} is bound, may not be unbound, and answers no more")
        self._served.remember(eni, state.enis.all[eni].instance_id, answering)

    def _answers(self, eip: str) -> bool:
        address = str(self._world.state.eips.all[eip].public.address)
        return self._world.cloud.world.internet(["ping", "-c", "1", "-W", "1", address]).exit_code == 0

    def _broken(self, run: Run, what: str) -> None:
        raise BrokenError(f"{run.label} at {self._world.clock.monotonic():.2f}: {what}")


def _eips_of(sent: Sent) -> list[str]:
    return [v for n, v in sent.params.items() if n == "AllocationId" or n.startswith("InstanceIds.")]


def _is_doubt(finding: Mapping[str, Any]) -> bool:
    # Before the writes something may have been in doubt that the guest has answered since.
    return (
        finding["phase"] == "after"
        and finding["status"] in {"unknown", "fail"}
        and finding["severity"] == "error"
    )


_JUDGES: dict[str, Callable[[Invariants, Run, Sent], Any]] = {
    "DetachNetworkInterface": Invariants._detach,  # noqa: SLF001  the table of its own methods
    "UnassociateEipAddress": Invariants._unassociate,  # noqa: SLF001
    "AssociateEipAddress": Invariants._associate,  # noqa: SLF001
    "AssociateEipAddressBatch": Invariants._associate,  # noqa: SLF001
    "AttachNetworkInterface": Invariants._attach,  # noqa: SLF001
}
