"""One group of a report as data: what it is, how each EIP is reached, what is wrong, what would mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from multieip.model.finding import Reach, Severity, Status
from multieip.model.resources import BindMode, EipStatus
from multieip.report.finding_json import finding_json
from multieip.report.foreseen_json import foreseen_json
from multieip.report.mending import mending
from multieip.report.waiting_json import waits_for
from multieip.report.ways import LINKS, interface_of, ways

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from multieip.model.facts import Facts
    from multieip.model.finding import Finding
    from multieip.model.resources import Eip, Eni, Instance
    from multieip.ports import Json
    from multieip.report.sweep_report import GroupReport
    from multieip.report.ways import Way

GROUP_STATUSES: Final = ("fail", "unknown", "held", "warning", "good")
"""A group's one status, worst first."""


def group_json(report: GroupReport, prefix: str) -> Json:
    """Return the whole of one group; `prefix` is that of our tags."""
    facts = report.facts
    group = facts.group
    status = status_of(report, prefix)
    found = ways(facts)
    return {
        "group": report.name,
        "region": group.region,
        "status": status,
        "ok": report.ok,
        "waits_for": waits_for(report, status, prefix),
        "enis": list(group.enis),
        "eips": list(group.eips),
        "instances": list(group.instances),
        "eni": _eni(facts.eni),
        "instance": _instance(facts.instance),
        "guest": _guest(facts),
        "ways": [_way(way, prefix) | _blocked(way, report.findings) for way in found],
        "tags": _tags(facts, prefix),
        "idle": [eip.id for eip in facts.eips if eip.status is EipStatus.AVAILABLE and not eip.bound_to],
        "outside": [_outside(eip, prefix) for eip in facts.eips_outside],
        "stale": stale_addresses(facts),
        "successor": _successor(facts),
        "unread": {reading.value: why.text for reading, why in facts.unread.items()},
        "apply": None if status == "good" else foreseen_json(report, found),
        "findings": [_finding(finding, facts, prefix) for finding in report.findings],
    }


def status_of(report: GroupReport, prefix: str) -> str:
    """Return the group's one status: `held`, `fail`, `unknown`, `warning` or `good`.

    A hold comes first because it says who decides; advice never counts. A group that no rule blames, but of
    which an EIP does not answer (its instance is stopped), is no good one.
    """
    if any(f"{prefix}hold" in eni.tags for eni in report.facts.enis):
        return "held"
    bad = [finding for finding in report.findings if finding.bad and finding.severity is not Severity.ADVICE]
    if any(each.status is Status.FAIL and each.severity is Severity.ERROR for each in bad):
        return "fail"
    if any(each.status is Status.UNKNOWN for each in bad):
        return "unknown"
    silent = any(way.silent for way in ways(report.facts) if way.member)
    return "warning" if bad or silent else "good"


def stale_addresses(facts: Facts) -> list[str]:
    """Return the public addresses on the group's interface that the cloud does not show as bound to it."""
    nic = interface_of(facts)
    if nic is None or "bound" in facts.unread:
        return []
    bound = {eip.address for eip in (*facts.bound, *facts.eips) if facts.eni and eip.bound_to == facts.eni.id}
    there = {str(ip) for ip in nic.foreign_eips} | {str(eip.ip) for eip in nic.eips if eip.present}
    return sorted(there - bound)


def _eni(eni: Eni | None) -> Json | None:
    if eni is None:
        return None
    return {
        "id": eni.id,
        "mac": eni.mac,
        "private_ip": eni.private_ip,
        "status": eni.status.value,
        "attached_to": eni.instance,
        "vpc": eni.vpc,
        "zone": eni.zone,
    }


def _instance(instance: Instance | None) -> Json | None:
    if instance is None:
        return None
    return {
        "id": instance.id,
        "type": instance.type,
        "status": instance.status.value,
        "os": instance.os_type,
    }


def _guest(facts: Facts) -> Json | None:
    guest, nic = facts.guest, interface_of(facts)
    if guest is None:
        return None
    return {
        "simulated": guest.simulated,
        "manager": guest.manager,
        "interface": nic.name if nic else None,
        "dhcp": nic.dhcp.value if nic else None,
        "survives_reboot": nic.persistent if nic else None,
        "default_route": {
            "dev": guest.default_route.dev,
            "via": str(guest.default_route.via) if guest.default_route.via else None,
        },
    }


def _way(way: Way, prefix: str) -> Json:
    """Return one EIP's way; each fact stands under the one who said it."""
    refused = way.eip.tags.get(f"{prefix}refused")
    body: Json = {
        "id": way.eip.id,
        "address": way.eip.address,
        "prefix": way.prefix,
        "gateway": way.gateway,
        "status": way.eip.status.value,
        "member": way.member,
        "links": dict(zip(LINKS, (link.value for link in way.links), strict=True)),
        "silent": way.member and way.silent,
        "reason": f"the cloud refused it ({refused})" if refused and way.silent else way.reason,
        "reply": None,
    }
    if refused:
        body["refused"] = refused
    if way.reply:
        body["reply"] = {
            "dev": way.reply.dev,
            "via": way.reply.via or (way.gateway if way.works else None),
            "decided_by": way.reply.decided_by,
            "source": "guest" if way.reply.measured else "assumed",
        }
    return body


def _blocked(way: Way, findings: Iterable[Finding]) -> Json:
    """Return the rule that keeps this one EIP from being bound, while the others are served without it."""
    for finding in findings:
        if finding.blocks and finding.reach is Reach.EIPS and way.silent and way.eip.id in finding.ids:
            return {"blocked_by": finding.rule}
    return {}


def _tags(facts: Facts, prefix: str) -> list[dict[str, Any]]:
    """Return what our tags (membership apart) decide about this group, and which resource says so."""
    resources: Sequence[Eni | Eip | Instance] = (*facts.enis, *facts.eips, *facts.instances)
    return [
        {"tag": key.removeprefix(prefix), "value": value, "on": resource.id}
        for resource in resources
        for key, value in sorted(resource.tags.items())
        if key.startswith(prefix) and key != f"{prefix}group"
    ]


def _outside(eip: Eip, prefix: str) -> Json:
    return {"id": eip.id, "address": eip.address, "group": eip.tags.get(f"{prefix}group")}


def _successor(facts: Facts) -> Json:
    """Return what the mode's successor takes here: one ENI for each EIP, on an instance with room."""
    users = [eip for eip in facts.bound if eip.mode is BindMode.MULTI]
    instance, kind, eni = facts.instance, facts.instance_type, facts.eni
    room = None
    if instance is not None and kind is not None:
        room = kind.eni_quantity - len([each for each in instance.enis if eni is None or each != eni.id])
    return {"eips": len(users), "room": room}


def _finding(finding: Finding, facts: Facts, prefix: str) -> Json:
    body: Json = finding_json(finding)
    if finding.status is Status.EXEMPT:
        members: Sequence[Eni | Eip | Instance] = (*facts.enis, *facts.eips, *facts.instances)
        body["exempt_by"] = [
            each.id for each in members if finding.rule in each.tags.get(f"{prefix}ignore", "")
        ]
    if finding.bad and finding.severity is not Severity.ADVICE:
        way_out = mending(finding, facts, prefix)
        body["short"] = way_out.short
        body["commands"] = {"cli": way_out.cli, "console": way_out.console, "terraform": way_out.terraform}
    return body
