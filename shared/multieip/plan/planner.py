"""Facts and intent → a plan: frozen steps in the only order that is allowed. Pure.

The order is the vendor's: EIPs are bound while the ENI is detached, the ENI is attached afterwards, and the
guest is configured last. To change the set of an attached ENI everything is taken back in the reverse order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multieip.dataclass import dataclass
from multieip.model.guest import GuestTarget
from multieip.model.resources import (
    BindMode,
    Eip,
    EipStatus,
    Eni,
    EniStatus,
    Instance,
    InstanceId,
    InstanceStatus,
)
from multieip.plan.steps import (
    Associate,
    Attach,
    AwaitEips,
    AwaitEni,
    ConfigureGuest,
    Detach,
    ReadGateways,
    ReleaseGuest,
    Step,
    Unassociate,
)

if TYPE_CHECKING:
    from multieip.model.facts import Facts


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now, in order, and what stays open when it is done.

    `waits_for` is empty where the steps lead to the end; else it says what has to happen first, in words.
    `settling` is set when the one thing missing is time: the set of EIPs may still grow.
    """

    steps: tuple[Step, ...]
    waits_for: str = ""
    settling: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the plan as data: every cloud call, and the guest's wanted set."""
        return {
            "steps": [_step_json(step) for step in self.steps],
            "waits_for": self.waits_for,
            "text": self.as_text(),
        }

    def as_text(self) -> str:
        """Return the plan for people, a line per step and per call."""
        lines: list[str] = []
        for number, step in enumerate(self.steps, 1):
            lines.append(f"{number}. {step.title}")
            for call in step.calls():
                params = " ".join(f"{name}={value}" for name, value in call.params.items())
                lines.append(f"     {call.product}.{call.action} {params}")
            if isinstance(step, ConfigureGuest):
                lines += [
                    f"     {w['address']} mask {w['mask']} gateway {w['gateway']}" for w in step.wanted()
                ]
        if not lines:
            lines.append("nothing to do")
        if self.waits_for:
            lines.append(f"then waits: {self.waits_for}")
        return "\n".join(lines)


def plan_apply(facts: Facts, *, settled: bool) -> Plan:
    """Return the steps that make the group ready.

    Expects facts that no rule blocks; `settled` says whether the set of EIPs has been the same for the
    settle time. Never plans to touch an instance that is not in the group, except to take the group's ENI
    off it with the intent's consent, and takes it off only when it can go on again in the same run.
    """
    eni = _one_eni(facts)
    missing = tuple(sorted(eip.id for eip in facts.unbound_members))
    excess = facts.strangers if facts.group.prune else ()
    steps: list[Step] = []
    detached = eni.instance is None
    reason, settling = _not_yet(facts, settled=settled)
    if not detached and _must_detach(facts, eni, changes=bool(missing or excess)):
        if reason:
            return Plan((), reason, settling)
        steps += _taking_off(facts, eni)
        detached = True
    steps += _arriving(facts)
    steps += _unbinding(facts, eni, excess)
    if missing:
        steps += [
            Associate(facts.group.region, eni.id, missing),
            AwaitEips(facts.group.region, missing, EipStatus.IN_USE),
        ]
    instance = facts.instance
    if detached:
        if reason or instance is None:
            return Plan(tuple(steps), reason, settling)
        steps += [
            Attach(facts.group.region, eni.id, instance.id),
            AwaitEni(facts.group.region, eni.id, EniStatus.IN_USE),
        ]
    elif instance is None or eni.instance != instance.id:
        return Plan(tuple(steps), _outside(eni))
    return _with_guest(steps, facts, eni, instance)


def plan_release(facts: Facts) -> Plan:
    """Return the steps that undo the group: guest, detach, unbind. Only its own EIPs are unbound."""
    eni = _one_eni(facts)
    steps: list[Step] = []
    if eni.instance is not None:
        steps += _taking_off(facts, eni)
    steps += _unbinding(facts, eni, tuple(eip for eip in facts.eips if _is_on(eip, eni)))
    return Plan(tuple(steps))


def _one_eni(facts: Facts) -> Eni:
    if facts.eni is None:
        raise ValueError(
            f"group {facts.group.label} has {len(facts.enis)} ENIs; the rules must refuse it first"
        )
    return facts.eni


def _is_on(eip: Eip, eni: Eni) -> bool:
    return eip.bound_to == eni.id and eip.mode is BindMode.MULTI


def _must_detach(facts: Facts, eni: Eni, *, changes: bool) -> bool:
    moves = facts.instance is not None and eni.instance != facts.instance.id
    if not facts.group.detach:
        return False
    return moves or (changes and not facts.bind_while_attached)


def _taking_off(facts: Facts, eni: Eni) -> list[Step]:
    holder = facts.holder
    steps: list[Step] = []
    if holder is not None and holder.status is InstanceStatus.RUNNING:
        steps.append(ReleaseGuest(_guest(holder, eni)))
    detach = Detach(facts.group.region, eni.id, InstanceId(str(eni.instance)))
    return [*steps, detach, AwaitEni(facts.group.region, eni.id, EniStatus.AVAILABLE, nudge=detach)]


def _arriving(facts: Facts) -> list[Step]:
    """Wait for members that an earlier run has begun to bind, before anything else happens to the ENI."""
    ids = tuple(sorted(e.id for e in facts.eips if facts.is_bound(e) and e.status is EipStatus.ASSOCIATING))
    return [AwaitEips(facts.group.region, ids, EipStatus.IN_USE)] if ids else []


def _unbinding(facts: Facts, eni: Eni, eips: tuple[Eip, ...]) -> list[Step]:
    """Unbind one EIP after the other: the cloud answers TaskConflict while another one is changing."""
    region = facts.group.region
    steps: list[Step] = []
    for eip in sorted(eips, key=lambda e: (not e.status.settles, e.id)):
        if eip.status is EipStatus.ASSOCIATING:
            steps.append(AwaitEips(region, (eip.id,), EipStatus.IN_USE))
        if eip.status is not EipStatus.UNASSOCIATING:
            steps.append(Unassociate(region, eni.id, eip.id))
        steps.append(AwaitEips(region, (eip.id,), EipStatus.AVAILABLE))
    return steps


def _not_yet(facts: Facts, *, settled: bool) -> tuple[str, bool]:
    """Return why the ENI must not be attached yet, and whether time alone cures it."""
    group = facts.group
    if facts.instance is None:
        how = "tag one" if group.name else "name one in the call"
        return f"an instance in the group; {how}, and the ENI is attached to it", False
    have = len(facts.eips)
    if not have:
        return "EIPs in the group; an attached ENI takes none", False
    if group.size is not None and have < group.size:
        return f"{group.size - have} more EIPs (size {group.size}, {have} so far)", False
    if group.size is not None:
        return "", False
    return ("", False) if settled else ("the set of EIPs to settle", True)


def _outside(eni: Eni) -> str:
    return f"{eni.id} to leave {eni.instance}, which is not in the group; tag that instance or detach the ENI"


def _with_guest(steps: list[Step], facts: Facts, eni: Eni, instance: Instance) -> Plan:
    if not facts.eips:
        return Plan(tuple(steps), "EIPs in the group")
    if instance.status is not InstanceStatus.RUNNING:
        return Plan(
            tuple(steps), f"{instance.id} to run; it is {instance.status.value}, the guest is configured then"
        )
    addresses = tuple(sorted(eip.address for eip in facts.eips))
    steps += [
        ReadGateways(facts.group.region, eni.id),
        ConfigureGuest(_guest(instance, eni), addresses, facts.gateways or ()),
    ]
    return Plan(tuple(steps))


def _guest(instance: Instance, eni: Eni) -> GuestTarget:
    return GuestTarget(instance, eni.id, eni.mac, eni.private_ip)


def _step_json(step: Step) -> dict[str, Any]:
    calls = [{"product": c.product, "action": c.action, "params": c.params} for c in step.calls()]
    body: dict[str, Any] = {"step": type(step).__name__, "title": step.title, "calls": calls}
    if isinstance(step, ConfigureGuest):
        body["wanted"] = step.wanted()
    return body
