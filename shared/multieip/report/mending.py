"""What is the case in few words, and what mends it as commands to copy: aliyun CLI, console, Terraform.

A rule's title says how it should be; `short` says what is the case. Both come from `ways_out`, filled with
the ids of the finding. A rule without a row gets the one command that is never wrong: a run of the group.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from multieip.dataclass import dataclass
from multieip.model.finding import Status
from multieip.report.ways_out import BY_APPLY, UNDECIDED, WAYS_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address

    from multieip.model.facts import Facts
    from multieip.model.finding import Finding

SHORT_MOST: Final = 45
"""So many characters fit beside a group's name on a phone."""


@dataclass(frozen=True, slots=True)
class Mending:
    """One way out, in the three forms in which operators work."""

    short: str
    cli: str
    console: str
    terraform: str


def mending(finding: Finding, facts: Facts, prefix: str) -> Mending:
    """Return what mends this finding of this group, with the ids filled in."""
    row = UNDECIDED if finding.status is Status.UNKNOWN else WAYS_OUT.get(finding.rule)
    if row is None:
        row = (_cut(finding.message).replace("{", "(").replace("}", ")"), *BY_APPLY)
    values = _values(finding, facts, prefix)
    short, cli, console, terraform = (text.format_map(values) for text in row)
    return Mending(short, cli, console, terraform)


def _cut(text: str) -> str:
    return text if len(text) <= SHORT_MOST else text[: SHORT_MOST - 1] + "…"


def _values(finding: Finding, facts: Facts, prefix: str) -> dict[str, str]:
    eni = facts.enis[0] if facts.enis else None
    instance = facts.instances[0] if facts.instances else None
    guest = facts.guest
    ids = finding.ids or facts.group.enis
    eips = [each for each in ids if each.startswith("eip-")]
    payload = {"region": facts.group.region, "group": facts.group.label, "action": "apply"}
    route = guest.default_route if guest else None
    return {
        "look": json.dumps(
            {"regions": [facts.group.region], "groups": [facts.group.label]}, ensure_ascii=False
        ),
        "payload": json.dumps(payload, ensure_ascii=False),
        "region": facts.group.region,
        "group": facts.group.label,
        "prefix": prefix,
        "eni": eni.id if eni else "ENI-ID",
        "vpc": eni.vpc if eni else "VPC-ID",
        "instance": instance.id if instance else "INSTANCE-ID",
        "type": instance.type if instance else "INSTANCE-TYPE",
        "first": (eips or list(ids) or ["EIP-ID"])[0],
        "first_sg": next((each for each in ids if each.startswith("sg-")), "SECURITY-GROUP"),
        "last": ids[-1] if ids else "ID",
        "last_type": _resource_type(ids),
        "ids": " ".join(f"--ResourceId.{n} {each}" for n, each in enumerate(eips or ["EIP-ID"], 1)),
        "main_dev": (route.dev if route else None) or "eth0",
        "main_via": str(route.via) if route and route.via else "GATEWAY",
        **_in_guest(facts),
        **_service_way(facts),
    }


def _resource_type(ids: Sequence[str]) -> str:
    return "instance" if ids and ids[-1].startswith("i-") else "eni"


def _service_way(facts: Facts) -> dict[str, str]:
    """Return the interface that the cloud's services are reached by, and the line that sets it right."""
    guest, instance = facts.guest, facts.instance
    if guest is None or instance is None:
        return {"service_dev": "another interface", "service_line": _by_primary("", None, windows=False)}
    primary = next((mac for mac, eni in instance.macs.items() if eni == instance.primary), "")
    dev = next((nic.name for nic in guest.nics if nic.name and nic.mac.lower() == primary), None)
    default, service = guest.default_route, guest.service_route.dev or "another interface"
    dev = dev or (default.dev if default.dev != service else None) or ""
    via = default.via if default.dev == dev else None
    return {"service_dev": service, "service_line": _by_primary(dev, via, windows=instance.windows)}


def _by_primary(dev: str, via: IPv4Address | None, *, windows: bool) -> str:
    dev, gateway = dev or "PRIMARY-INTERFACE", str(via or "PRIMARY-GATEWAY")
    if windows:
        return f'New-NetRoute -DestinationPrefix 100.64.0.0/10 -InterfaceAlias "{dev}" -NextHop {gateway}'
    return f"ip route replace 100.64.0.0/10 via {gateway} dev {dev}"


def _in_guest(facts: Facts) -> dict[str, str]:
    """Return the interface and the first address on it that the cloud does not know there."""
    bound = {eip.address for eip in facts.bound}
    nics = facts.guest.nics if facts.guest else ()
    mac = facts.eni.mac.lower() if facts.eni else ""
    for nic in nics:
        if nic.mac.lower() == mac:
            stale = [str(ip) for ip in nic.foreign_eips if str(ip) not in bound]
            return {"dev": nic.name or "ETH", "stale": (stale or ["ADDRESS"])[0] + "/32"}
    return {"dev": "ETH", "stale": "ADDRESS/32"}
