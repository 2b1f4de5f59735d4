"""The data that the page's script draws from: all of a group that needs a look, one line of a good one. Pure.

A sentence stands once in the page, however many groups it is said of: ids, addresses and names of the group
in it are replaced by marks, which the script puts back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from multieip.report.front import groups_of, looked_at
from multieip.report.ways import LINKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multieip.ports import Json

_LETTERS: Final = {"pass": "p", "fail": "f", "unknown": "u", "unreached": "n"}
_ALL_PASS: Final = "p" * len(LINKS)
_MARK: Final = "\ue000"
_FIRST_MARK: Final = ord("0")
_MOST_MARKS: Final = 64
_SHORTEST: Final = 4
"""A shorter name takes no less room as a mark."""


def compact(report: Json) -> Json:
    """Return the groups and what they share, with names as short as their size in the page asks for."""
    names = _Names()
    rules = {rule: [each["title"], ""] for rule, each in report["rules"].items()}
    groups = [_Group(group, report["at"], names, rules).line() for group in groups_of(report)]
    return {
        "at": report["at"],
        "prefix": report["tag_prefix"],
        "rules": rules,
        "causes": [_concerned(entry["groups"]) for entry in report["not_read"]],
        "names": names.all,
        "groups": groups,
    }


def _concerned(groups: Iterable[Json]) -> list[str]:
    return [f"{each['region']}/{each['group']}" for each in groups]


class _Names:
    """Words and sentences that several groups share, each once."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._places: dict[str, int] = {}

    def place(self, name: str) -> int:
        if name not in self._places:
            self._places[name] = len(self.all)
            self.all.append(name)
        return self._places[name]


class _Group:
    """One group on its way into the page."""

    def __init__(self, group: Json, at: str, names: _Names, rules: dict[str, list[str]]) -> None:
        self._group = group
        self._at = at
        self._names = names
        self._rules = rules
        self._eni: Json = group["eni"] or {}
        self._instance: Json = group["instance"] or {}
        self._guest: Json = group["guest"] or {}
        own = [group["region"], group["group"], self._eni.get("id", ""), self._instance.get("id", "")]
        own += [value for way in group["ways"] for value in (way["id"], way["address"])]
        self._marks = {
            value: _MARK + chr(_FIRST_MARK + number)
            for number, value in enumerate(own[:_MOST_MARKS])
            if len(value) >= _SHORTEST
        }
        longest_first = sorted(self._marks, key=len, reverse=True)
        self._own = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def line(self) -> list[Any]:
        """Return what every drawing needs in fixed places, and the rest under names, left out where empty."""
        place = self._names.place
        line: list[Any] = [
            self._group["group"],
            place(self._group["region"]),
            place(self._group["status"]),
            self._eni.get("id", ""),
            self._eni.get("mac", ""),
            self._eni.get("private_ip", ""),
            self._instance.get("id", ""),
            place(self._instance.get("type", "")),
            place(self._guest.get("manager", "")),
            place(self._guest.get("interface") or ""),
            [self._way(way) for way in self._group["ways"]],
        ]
        more = self._more()
        return [*line, more] if more else line

    def _said(self, text: str) -> int:
        """Return the place of a sentence in which what is this group's own is marked."""
        clean = text.replace(_MARK, "\ufffd")
        return self._names.place(self._own.sub(lambda found: self._marks[found[0]], clean))

    def _way(self, way: Json) -> list[Any]:
        """Return one EIP; only what is not as it should be follows its four values."""
        links = "".join(_LETTERS[way["links"][link]] for link in LINKS)
        line: list[Any] = [way["id"].removeprefix("eip-"), way["address"], way["prefix"], way["gateway"]]
        reply = way["reply"] or {}
        rest = {
            "l": "" if links == _ALL_PASS else links,
            "why": self._said(way["reason"]) if way["reason"] else "",
            "refused": way.get("refused", ""),
            "rule": way.get("blocked_by", ""),
            "out": "" if way["member"] else 1,
            "st": "" if way["status"] == "InUse" else way["status"],
            "ch": way.get("change", ""),
            "since": self._since(way),
        }
        if links != _ALL_PASS and reply:
            by = self._said(reply["decided_by"])
            rest |= {"dev": reply["dev"], "via": reply["via"], "by": by, "src": reply["source"]}
        kept = {key: value for key, value in rest.items() if value not in {"", None}}
        return [*line, kept] if kept else line

    def _more(self) -> Json:
        group, guest, instance = self._group, self._guest, self._instance
        waits = group["waits_for"]
        everything = {
            "f": self._findings(),
            "x": [
                [finding["rule"], self._said(finding["message"]), finding["exempt_by"]]
                for finding in group["findings"]
                if finding["status"] == "exempt"
            ],
            "fixed": [each["rule"] for each in group["fixed"]],
            "waits": [waits["who"], self._said(waits["text"])] if waits else None,
            "apply": self._apply(),
            "tags": [[tag["tag"], tag["value"], tag["on"], tag["seen_since"]] for tag in group["tags"]],
            "stale": group["stale"],
            "unread": {reading: self._said(reason) for reading, reason in group["unread"].items()},
            "sim": 1 if guest.get("simulated") else 0,
            "dhcp": "" if guest.get("dhcp") in {"yes", None} else guest["dhcp"],
            "temp": 1 if guest.get("survives_reboot") is False else 0,
            "main": guest.get("default_route") if group["status"] != "good" else None,
            "ist": "" if instance.get("status", "Running") == "Running" else instance["status"],
            "on": self._elsewhere(),
            "enis": group["enis"] if len(group["enis"]) > 1 else [],
            "insts": group["instances"] if len(group["instances"]) > 1 else [],
        }
        return {key: value for key, value in everything.items() if value}

    def _elsewhere(self) -> str:
        """Return what the ENI is attached to where that is not the group's instance: `-` for nothing."""
        eni, instance = self._group["eni"], self._group["instance"]
        if eni is None or (instance and eni["attached_to"] == instance["id"]):
            return ""
        return eni["attached_to"] or "-"

    def _findings(self) -> list[Json]:
        """Return the findings to look at; those that say the same for several rules are one."""
        folded: dict[tuple[str, str], Json] = {}
        for finding in filter(looked_at, self._group["findings"]):
            key = (finding["message"], finding["commands"]["cli"])
            if key in folded:
                folded[key]["also"] = [*folded[key].get("also", ()), finding["rule"]]
                continue
            forms = (finding["commands"][form] for form in ("cli", "console", "terraform"))
            folded[key] = {
                "rule": finding["rule"],
                "st": finding["status"],
                "sev": finding["severity"],
                "msg": self._said(finding["message"]),
                "short": self._said(finding["short"]),
                "cmd": [self._said(form) for form in forms],
                "ch": finding["change"],
                "since": self._since(finding),
            }
            title = self._rules.get(finding["rule"], [finding["rule"]])[0]
            self._rules[finding["rule"]] = [title, finding["remedy"]]
        return [{key: value for key, value in each.items() if value != ""} for each in folded.values()]

    def _apply(self) -> list[Any] | None:
        """Return steps, what they wait for, the missing consent, seconds, and per EIP its span away."""
        plan = self._group["apply"]
        if plan is None:
            return None
        steps = [
            [self._said(step["title"]), [self._said(call) for call in step["calls"]], step["seconds"]]
            for step in plan["steps"]
        ]
        places = {way["id"]: number for number, way in enumerate(self._group["ways"])}
        away = [[places[each["eip"]], each["from"], each["to"]] for each in plan["away"]]
        return [steps, self._said(plan["waits_for"]), plan["only_if"], plan["seconds"], away]

    def _since(self, found: Json) -> str:
        since: str = found.get("since", "")
        return "" if since == self._at else since
