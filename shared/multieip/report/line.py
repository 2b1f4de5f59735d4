"""A good group in one line of a report: what a page draws of it, and nothing that is as it should be.

What is not good, or has anything to tell, is never a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from multieip.report.ways import LINKS

if TYPE_CHECKING:
    from multieip.ports import Json

SAID_ONCE: Final = "mode-closed"
"""The advice that holds for every group, and has a section of its own."""

_SILENT: Final = ("stale", "outside", "idle")
"""What a group must have nothing of to be a line."""

_MAY_BE_UNREAD: Final = {"security-groups"}
"""Only advice rests on them: of a good group it is not told one by one that they were not read."""


def as_line(group: Json) -> Json | None:
    """Return the line of a group; None for one that has more to tell than a line holds."""
    if group["status"] != "good" or any(group[each] for each in _SILENT):
        return None
    if set(group["unread"]) - _MAY_BE_UNREAD or any(map(_tells, group["findings"])):
        return None
    if not group["eni"] or not group["instance"] or not group["guest"]:
        return None
    if not all(_is_plain(way) for way in group["ways"]):
        return None
    return _line(group)


def _tells(finding: Json) -> bool:
    """Whether a finding of a good group is to be told in full: what is exempt, and advice of its own."""
    advised = finding["status"] == "fail" and finding["rule"] != SAID_ONCE
    return bool(advised or finding["status"] == "exempt")


def _is_plain(way: Json) -> bool:
    works = all(link == "pass" for link in way["links"].values())
    return bool(works and way["member"] and way["status"] == "InUse" and "refused" not in way)


def _line(group: Json) -> Json:
    eni, instance, guest = group["eni"], group["instance"], group["guest"]
    simulated = ["simulated"] if guest["simulated"] else []
    line: Json = {
        "group": group["group"],
        "eni": [eni["id"], eni["mac"], eni["private_ip"]],
        "instance": [instance["id"], instance["type"], instance["os"]],
        "guest": [guest["manager"], guest["interface"], *simulated],
        "eips": [[way["id"], way["address"], way["prefix"], way["gateway"]] for way in group["ways"]],
        "room": group["successor"]["room"],
    }
    if undecided := [each["rule"] for each in group["findings"] if each["status"] == "unknown"]:
        line["undecided"] = undecided
    if group["tags"]:
        line["tags"] = [[tag["tag"], tag["value"], tag["on"]] for tag in group["tags"]]
    return line


def whole(report: Json) -> Json:
    """Return the report with its lines written out, for readers that want every group in one form."""
    regions = [
        {
            **{key: value for key, value in region.items() if key != "good"},
            "groups": [
                *region["groups"],
                *(_written_out(line, region["region"]) for line in region.get("good", ())),
            ],
        }
        for region in report["regions"]
    ]
    return {**report, "regions": regions}


def _written_out(line: Json, region: str) -> Json:
    eips = [each[0] for each in line["eips"]]
    return {
        "group": line["group"],
        "region": region,
        "status": "good",
        "ok": True,
        "waits_for": None,
        "enis": [line["eni"][0]],
        "eips": eips,
        "instances": [line["instance"][0]],
        **_parts(line),
        "ways": [_way(each) for each in line["eips"]],
        "tags": [{"tag": tag, "value": value, "on": on} for tag, value, on in line.get("tags", ())],
        **{each: [] for each in ("idle", "outside", "stale", "findings")},
        **{each: line[each] for each in ("undecided",) if each in line},
        "successor": {"eips": len(eips), "room": line["room"]},
        "unread": {},
        "apply": None,
    }


def _parts(line: Json) -> dict[str, Any]:
    (eni, mac, private), (instance, kind, system) = line["eni"], line["instance"]
    manager, interface, *simulated = line["guest"]
    here = {"id": eni, "mac": mac, "private_ip": private, "status": "InUse", "attached_to": instance}
    return {
        "eni": here | {"vpc": "", "zone": ""},
        "instance": {"id": instance, "type": kind, "status": "Running", "os": system},
        "guest": {
            "simulated": bool(simulated),
            "manager": manager,
            "interface": interface,
            "dhcp": "yes",
            "survives_reboot": True,
            "default_route": {"dev": None, "via": None},
        },
    }


def _way(eip: list[Any]) -> Json:
    allocation, address, prefix, gateway = eip
    return {
        "id": allocation,
        "address": address,
        "prefix": prefix,
        "gateway": gateway,
        "status": "InUse",
        "member": True,
        "links": dict.fromkeys(LINKS, "pass"),
        "silent": False,
        "reason": "",
        "reply": None,
    }
