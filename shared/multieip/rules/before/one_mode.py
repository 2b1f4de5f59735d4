"""All EIPs of an ENI are bound in the same mode.

Fact: "The eni can bind only one mode of eip." (AssociateEipAddress, codes Mode.Conflict and
OperationFailed.EipBindModeConflict)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.model.resources import BindMode
from multieip.rules import sources
from multieip.rules.rule import NO_ENI, Rule, Verdict, failed, listed, passed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail where an EIP is on the ENI in another mode; say so where the cloud shows no mode."""
    eni = facts.eni
    if eni is None:
        return NO_ENI
    others = [eip for eip in facts.bound if eip.mode not in {BindMode.MULTI, None}]
    if others:
        what = ", ".join(f"{eip.id} in mode {eip.mode.value if eip.mode else 'unknown'}" for eip in others)
        return failed(f"{eni.id} has {what}", eni.id, *(eip.id for eip in others))
    unclear = [eip.id for eip in facts.bound if eip.mode is None]
    if unclear:
        return unknown(f"the cloud shows no mode for {listed(unclear)} on {eni.id}", *unclear)
    return passed(f"{eni.id} has {len(facts.bound)} EIPs, all in multi-EIP mode", eni.id)


RULE = Rule(
    id="one-mode",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The ENI has EIPs of one mode only",
    why="An ENI that has an EIP in NAT or cut-through mode takes none in multi-EIP mode.",
    source=sources.ASSOCIATE,
    remedy="Unbind the EIPs that are in another mode, or use another ENI for this group. This product does "
    "not unbind what it did not bind.",
    predicts=(
        "BIND_INSTANCE_HAVE_PORTMAP_OR_BIND_EIP",
        "Invalid.DirectEip.BindType",
        "InvalidEip.EipQuotaExceeded",
        "Mode.Conflict",
        "OperationFailed.EipBindModeConflict",
    ),
    needs=(Reading.ENI, Reading.BOUND),
    check=check,
    guards_release=True,
)
