"""What a group waits for, in one sentence that says who has to decide what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.model.facts import WANTED_UNDONE
from multieip.model.finding import Severity, Status
from multieip.model.resources import InstanceStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.model.finding import Finding
    from multieip.ports import Json
    from multieip.report.sweep_report import GroupReport

_DECISIONS: Final[Mapping[str, str]] = {
    "eni-detached-while-binding": "Allow the ENI to be taken off for the change: tag it "
    "{prefix}detach=allow.",
    "foreign-eips-consent": "Say what happens to the other EIPs on the ENI: tag them with the group's name, "
    "or tag the ENI {prefix}prune=allow.",
    "no-foreign-eip": "Tag the EIP outside the group with the group's name, or allow it to be unbound.",
    "service-network-on-primary": "Remove the route in the guest that takes 100.64.0.0/10 to an ENI with "
    "EIPs; Cloud Assistant may not be reachable to do it.",
    "default-route-untouched": "Give the ENI's default route in the guest a worse metric than that of the "
    "primary interface.",
}


def waits_for(report: GroupReport, status: str, prefix: str) -> Json | None:
    """Return who is waited for (`person` or `time`) and the sentence; None where a run can go on."""
    if status == "good":
        return None
    if status == "held":
        return {"who": "person", "text": _held(report, prefix)}
    person = _of_person(report, prefix)
    if person:
        return {"who": "person", "text": person}
    message = next((f.message for f in report.findings if f.blocks), "")
    return {"who": "time", "text": _sentence(message)} if message else None


def _held(report: GroupReport, prefix: str) -> str:
    if any(eni.tags.get(f"{prefix}hold") == WANTED_UNDONE for eni in report.facts.enis):
        return f"The tag {prefix}hold={WANTED_UNDONE} wants this group undone; take it off to keep the group."
    return f"Nothing is written while the tag {prefix}hold stands on the ENI; take it off to go on."


def _of_person(report: GroupReport, prefix: str) -> str:
    bad = [f for f in report.findings if f.bad and f.severity is not Severity.ADVICE]
    hard = [f for f in bad if f.blocks and not f.settles]
    told = [f for f in bad if f.rule in _DECISIONS and f.status is Status.FAIL]
    if hard or told:
        return _decision((*hard, *told)[0], prefix)
    denied = dict.fromkeys(reading.permission for reading, why in report.facts.unread.items() if why.denied)
    if denied:
        return f"Grant {', '.join(denied)}, so that this group can be read."
    instance = report.facts.instance
    if instance is not None and instance.status is InstanceStatus.STOPPED:
        return f"Start {instance.id}: it is Stopped, and its EIPs are silent until it runs."
    foreseen = report.foreseen
    settling = any(f.blocks for f in bad)
    return f"Waits for {foreseen.waits_for}." if foreseen and foreseen.waits_for and not settling else ""


def _decision(finding: Finding, prefix: str) -> str:
    text = _DECISIONS.get(finding.rule)
    return (
        text.format(prefix=prefix) if text else _first_sentence(finding.remedy) or _sentence(finding.message)
    )


def _first_sentence(text: str) -> str:
    head = text.split(". ", maxsplit=1)[0].strip()
    return head if not head or head.endswith(".") else f"{head}."


def _sentence(text: str) -> str:
    # An id keeps its letters, or it could not be found by a search.
    first = text.split(" ", 1)[0]
    return f"{text[:1].upper() if first.isalpha() else text[:1]}{text[1:]}."
