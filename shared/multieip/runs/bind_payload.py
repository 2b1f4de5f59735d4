"""The payload of `bind` → a typed request.

Bad input is refused with every fault named, before anything is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final

from multieip.errors import RequestError
from multieip.intent import GROUP_NAMES, explicit_group, is_group_name
from multieip.json_text import echoed
from multieip.model.facts import Group, Target
from multieip.model.resources import AllocationId, EniId, GroupName, InstanceId, Region
from multieip.runs.bind_request import Action, BindRequest, Settling
from multieip.runs.chain import LONGEST_CHAIN_PAUSE_S, Chain

_KNOWN: Final = frozenset(
    {
        "action",
        "region",
        "group",
        "eni",
        "eips",
        "instance",
        "detach",
        "prune",
        "settle_seconds",
        "turn",
        "chain",
        "settling",
        "cause",
        "not_before",
        "named",
        "of",
        "resume",
        "owes",
        "waits",
        "tell",
    }
)
_ID: Final = {"eni": "eni-", "eip": "eip-", "instance": "i-"}
_REST: Final = r"[A-Za-z0-9]{1,60}"
_REGION: Final = re.compile(r"[a-z0-9-]{1,40}")
_LONGEST_SETTLE_S: Final = 86_400
_MOST_NAMED: Final = 100
_MOST_ECHOED: Final = 10
_LONGEST_NAME: Final = 40
_LONGEST_TELL: Final = 1_000


def read_request(payload: object, *, region: str, settle_seconds: float) -> BindRequest:
    """Read a payload; `region` and `settle_seconds` are what holds where it says nothing.

    Raises `RequestError` that names every fault.
    """
    if not isinstance(payload, Mapping):
        raise RequestError(f"bind takes a JSON object, not {type(payload).__name__}")
    return _Reader(payload).request(region, settle_seconds)


class _Reader:
    """Reads field by field and collects what is wrong."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self._payload = payload
        unknown = sorted(set(payload) - _KNOWN)
        names = ", ".join(str(each)[:_LONGEST_NAME] for each in unknown[:_MOST_ECHOED])
        known = ", ".join(sorted(_KNOWN))
        self._faults = [f"unknown: {names}; known are {known}"] if unknown else []

    def request(self, region: str, settle_seconds: float) -> BindRequest:
        """Return the request, or raise with all faults."""
        action = self._action()
        target = self._target(region)
        settle = self._number("settle_seconds", settle_seconds, _LONGEST_SETTLE_S)
        turn = int(self._number("turn", 0, 1000))
        settling = self._settling()
        chain = self._text("chain")
        cause = self._cause()
        not_before = self._not_before()
        of = self._of(action)
        resume = self._resume(action, target)
        owes, detaches = self._owes()
        waits = self._waits()
        tell = self._tell(action, target)
        if self._faults:
            raise RequestError("bind: " + "; ".join(self._faults))
        return BindRequest(
            target=target,
            action=action,
            settle_seconds=settle,
            turn=turn,
            chain=chain,
            settling=settling,
            cause=cause,
            not_before=not_before,
            of=of,
            resume=resume,
            owes=owes,
            detaches=detaches,
            waits=waits,
            tell=tell,
        )

    def _cause(self) -> Mapping[str, Any] | None:
        value = self._payload.get("cause")
        if value is None or isinstance(value, Mapping):
            return value
        self._faults.append("cause must be an object")
        return None

    def _resume(self, action: Action, target: Target) -> bool:
        resume = self._flag("resume")
        if resume and (action is Action.RELEASE or target.name is None):
            self._faults.append(
                "resume takes the hold off a group of tags: use it with apply or plan, and a group"
            )
        return resume

    def _tell(self, action: Action, target: Target) -> str:
        tell = self._text("tell")
        if tell and (action is not Action.PLAN or target.name is None or len(tell) > _LONGEST_TELL):
            self._faults.append("tell is what a run of ours says of a group with action plan; leave it out")
        return tell

    def _of(self, action: Action) -> Action:
        value = self._payload.get("of")
        if value is None:
            return Action.RELEASE if action is Action.RELEASE else Action.APPLY
        if action is not Action.PLAN or value not in {Action.APPLY.value, Action.RELEASE.value}:
            self._faults.append(f"of {echoed(value)}: a plan is of apply or of release")
            return Action.APPLY
        return Action(value)

    def _owes(self) -> tuple[InstanceId | None, int]:
        value = self._payload.get("owes")
        if value is None:
            return None, 0
        try:
            detaches = value["detaches"]
            instance = InstanceId(self._id("instance", value["instance"]))
        except (TypeError, KeyError):
            detaches, instance = -1, InstanceId("")
        if isinstance(detaches, bool) or not isinstance(detaches, int) or not 0 <= detaches <= _MOST_NAMED:
            self._faults.append("owes is not what a run of ours hands over; leave it out")
            return None, 0
        return instance, detaches

    def _waits(self) -> Chain | None:
        value = self._payload.get("waits")
        if value is None:
            return None
        try:
            chain = Chain(float(value["pause"]), *(int(value[key]) for key in ("calls", "slots", "slot")))
        except (TypeError, KeyError, ValueError, OverflowError):
            chain = Chain(-1.0)
        if not (0 <= chain.pause <= LONGEST_CHAIN_PAUSE_S and chain.calls >= 0 and chain.slots >= 0):
            self._faults.append("waits is not what a run of ours hands over; leave it out")
            return None
        return chain

    def _action(self) -> Action:
        value = self._payload.get("action", Action.PLAN.value)
        try:
            return Action(value)
        except ValueError:
            self._faults.append(f"action {echoed(value)}: must be plan, apply or release")
            return Action.PLAN

    def _target(self, region: str) -> Target:
        found = Region(self._text("region") or region)
        if not found:
            self._faults.append("region is missing: name it, or set MULTI_EIP_REGION")
        elif not _REGION.fullmatch(found):
            # The SDK makes host names of it.
            self._faults.append(f"region {echoed(found)} is not a valid region id, such as cn-shanghai")
        name = self._text("group")
        explicit = [key for key in ("eni", "eips", "instance", "detach", "prune") if key in self._payload]
        if name and explicit:
            self._faults.append(f"group and {', '.join(explicit)}: name a group or ids, not both")
        if name:
            if not is_group_name(name):
                self._faults.append(f"group {echoed(name)} is not a valid group name: {GROUP_NAMES}")
            return Target(found, name=GroupName(name), named=self._named())
        return Target(found, explicit=self._explicit(found))

    def _explicit(self, region: Region) -> Group:
        if "eni" not in self._payload:
            self._faults.append("group is missing: name a group, or eni and eips (and instance)")
            return Group(region)
        eips = self._payload.get("eips", [])
        if not isinstance(eips, list) or not eips:
            self._faults.append("eips must be a list of at least one allocation id")
            eips = []
        instance = self._payload.get("instance")
        return explicit_group(
            region,
            EniId(self._id("eni", self._payload["eni"])),
            [AllocationId(self._id("eip", eip)) for eip in eips],
            InstanceId(self._id("instance", instance)) if instance is not None else None,
            detach=self._flag("detach"),
            prune=self._flag("prune"),
        )

    def _named(self) -> tuple[str, ...]:
        """Return the ids that an event has named; a look reads them by id where a list by tag lacks them."""
        value = self._payload.get("named", [])
        if not isinstance(value, list) or len(value) > _MOST_NAMED:
            self._faults.append(f"named must be a list of at most {_MOST_NAMED} ids")
            return ()
        kinds = [
            next((kind for kind, start in _ID.items() if str(each).startswith(start)), "eni")
            for each in value
        ]
        return tuple(self._id(kind, each) for kind, each in zip(kinds, value, strict=True))

    def _id(self, kind: str, value: object) -> str:
        start = _ID[kind]
        if isinstance(value, str) and value.startswith(start) and re.fullmatch(_REST, value[len(start) :]):
            return value
        self._faults.append(f"{echoed(value)} is not a valid id: it must start with {start}")
        return ""

    def _flag(self, key: str) -> bool:
        value = self._payload.get(key, False)
        if not isinstance(value, bool):
            self._faults.append(f"{key} {echoed(value)}: must be true or false")
        return value is True

    def _number(self, key: str, default: float, most: float) -> float:
        value = self._payload.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
            self._faults.append(f"{key} {echoed(value)}: must be a number from 0 to {most:g}")
            return default
        return value

    def _text(self, key: str) -> str:
        value = self._payload.get(key, "")
        if not isinstance(value, str):
            self._faults.append(f"{key} {echoed(value)}: must be a string")
            return ""
        return value.strip()

    def _not_before(self) -> datetime | None:
        value = self._payload.get("not_before")
        if value is None:
            return None
        try:
            return datetime.fromisoformat(value).astimezone(timezone.utc)
        except (TypeError, ValueError, OverflowError):
            self._faults.append(
                f"not_before {echoed(value)}: must be a time such as 2026-11-20T03:15:07+00:00"
            )
            return None

    def _settling(self) -> Settling | None:
        value = self._payload.get("settling")
        if value is None:
            return None
        try:
            since = datetime.fromisoformat(value["since"]).astimezone(timezone.utc)
            return Settling(frozenset(str(eip) for eip in value["eips"]), since)
        except (TypeError, KeyError, ValueError, OverflowError):
            self._faults.append("settling is not what a run of ours hands over; leave it out")
            return None
