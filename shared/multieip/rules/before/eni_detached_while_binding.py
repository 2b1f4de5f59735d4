"""The ENI is detached while its EIPs change, or the operator consents to detaching it.

Fact: "The secondary ENI is not associated with an ECS instance. If [it] is, you must disassociate [it]
before you can associate EIPs" (user guide, prerequisites); the API has the code Eni.Attached. Whether the
service really refuses it in this mode is not confirmed, hence the setting for binding while attached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where going on would detach the ENI without consent."""
    eni, group = facts.eni, facts.group
    if eni is None:
        return NO_ENI
    if eni.instance is None:
        return passed(f"{eni.id} is detached", eni.id)
    reasons = _reasons(facts)
    if not reasons:
        return passed(f"{eni.id} is attached to {eni.instance}, and nothing has to change", eni.id)
    if group.detach:
        return passed(f"{eni.id} will be detached, with the consent of its tag", eni.id)
    # Tags of an ENI say nothing to a manual call: its consent is in its payload.
    consent = "the tag multi-eip:detach=allow on the ENI" if group.name else '"detach": true in the call'
    return failed(
        f"{eni.id} is attached to {eni.instance}: {'; '.join(reasons)}; that takes {consent}",
        eni.id,
        eni.instance,
    )


def _reasons(facts: Facts) -> list[str]:
    eni, instance = facts.eni, facts.instance
    reasons: list[str] = []
    if eni is not None and instance is not None and eni.instance not in {None, instance.id}:
        reasons.append(f"the group's instance is {instance.id}")
    if facts.bind_while_attached:
        return reasons
    if facts.unbound_members:
        reasons.append(f"to be bound: {listed(eip.id for eip in facts.unbound_members)}")
    if facts.group.prune and facts.eips_outside:
        reasons.append(f"to be unbound: {listed(eip.id for eip in facts.eips_outside)}")
    return reasons


RULE = Rule(
    id="eni-detached-while-binding",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The ENI is detached while its EIPs change",
    why="EIPs are bound in this mode to an ENI that is not attached to an instance. Detaching takes the "
    "interface with all its connections out of the guest, so it needs the operator's consent.",
    source=f"{sources.MODE}; {sources.ASSOCIATE}",
    remedy="Tag the ENI multi-eip:detach=allow, or say detach=true in a call that names ids: the next run "
    "detaches it, changes the EIPs and attaches it again. Or detach it yourself at a time that suits you. "
    "Where the account is known to allow binding while attached, set MULTI_EIP_BIND_WHILE_ATTACHED=true.",
    predicts=("Eni.Attached",),
    needs=(Reading.ENI, Reading.EIPS, Reading.BOUND, Reading.INSTANCE),
    check=check,
    reach=Reach.CHANGE,
)
