"""A group has exactly one ENI and at most one instance, its tags can be read, and what it names exists.

Fact: the EIPs of a group are bound to one ENI, and an ENI is attached to one instance at a time
(AttachNetworkInterface; our tags, design of the product).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Severity
from multieip.rules import sources
from multieip.rules.rule import Rule, Verdict, counted, failed, listed, passed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.model.facts import Facts, IntentFault
    from multieip.model.resources import Eip, Eni, Instance


def check(facts: Facts) -> Verdict:
    """Fail for faults of the tags, for a wrong number of ENIs or instances, and for ids that do not exist."""
    faults = [fault for fault in facts.group.faults if not about_eips(facts, fault)]
    told = {found for fault in faults for found in fault.ids}
    problems = [(fault.text, fault.ids) for fault in faults]
    problems += [(text, ids) for text, ids in _counts(facts) if not ids or not set(ids) <= told]
    problems += _missing(facts)
    if problems:
        ids = dict.fromkeys(found for _, concerned in problems for found in concerned)
        return failed("; ".join(text for text, _ in problems), *ids)
    if not facts.group.eips:
        return passed("one ENI; no EIP belongs to the group yet", *facts.group.enis)
    eips, instances = counted(len(facts.group.eips), "EIP"), counted(len(facts.group.instances), "instance")
    return passed(f"one ENI, {eips}, {instances}")


def about_eips(facts: Facts, fault: IntentFault) -> bool:
    """Whether a fault concerns nothing but EIPs; then `one-group-per-eip` tells it."""
    eips = {*facts.group.eips, *(eip.id for eip in facts.eips)}
    return bool(fault.ids) and set(fault.ids) <= eips


def _counts(facts: Facts) -> list[tuple[str, tuple[str, ...]]]:
    group = facts.group
    problems: list[tuple[str, tuple[str, ...]]] = []
    if not (group.enis or group.eips or group.instances):
        problems.append(
            (f"nothing in {group.region} is tagged as group {group.label}; is the name right?", ())
        )
    elif not group.enis:
        problems.append((f"group {group.label} has no ENI; tag one", (*group.eips, *group.instances)))
    if len(group.enis) > 1:
        problems.append((f"{len(group.enis)} ENIs in one group: {listed(group.enis)}", group.enis))
    if len(group.instances) > 1:
        problems.append(
            (f"{len(group.instances)} instances in one group: {listed(group.instances)}", group.instances)
        )
    return problems


def _missing(facts: Facts) -> list[tuple[str, tuple[str, ...]]]:
    group = facts.group
    kinds: list[tuple[str, Sequence[str], Sequence[Eni | Eip | Instance]]] = [
        ("ENI", group.enis, facts.enis),
        ("EIP", group.eips, facts.eips),
        ("instance", group.instances, facts.instances),
    ]
    return [
        (f"no {kind} {named} in {group.region}", (named,))
        for kind, ids, found in kinds
        for named in sorted(set(ids) - {resource.id for resource in found})
    ]


RULE = Rule(
    id="group-shape",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The group has exactly one ENI and at most one instance",
    why="All EIPs of a group go to one ENI, which one instance holds. With two of either, nobody can tell "
    "which is meant, and a wrong guess moves somebody's address.",
    source=f"{sources.OUR_TAGS}; {sources.ATTACH}",
    remedy="Leave the group's tag on one ENI and on at most one instance, and correct the tag or id that the "
    "message names.",
    predicts=(
        "Instance.NotExist",
        "InvalidAllocationId.NotFound",
        "InvalidEcsId.NotFound",
        "InvalidEniId.NotFound",
        "InvalidInstanId.NotFound",
        "InvalidInstance.NotExist",
        "InvalidInstance.NotFound",
        "InvalidInstanceID.Malformed",
        "InvalidInstanceId.NotFound",
        "InvalidNetworkInterface.NotFound",
        "InvalidNicOrVm.NotFound",
        "InvalidParameter.EniInstanceId",
        "InvalidParams.EniId",
    ),
    needs=(Reading.ENI, Reading.EIPS, Reading.INSTANCE),
    check=check,
    guards_release=True,
)
