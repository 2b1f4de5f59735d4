"""Which calls tag what belongs together, and what may not be tagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from multieip.cloud import ecs
from multieip.errors import RequestError
from multieip.intent import GROUP_NAMES, is_group_name
from multieip.json_text import echoed
from multieip.model.resources import EniId, Region
from multieip.observe.directory import Directory
from multieip.plan.calls import Call, tag_eni

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from multieip.app.wiring import App

_UNDO = "release"


@dataclass(frozen=True, slots=True)
class Tagging:
    """What is to be one group, and the options of its ENI."""

    region: str
    group: str
    enis: tuple[str, ...] = ()
    eips: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    options: Mapping[str, str] | None = None

    def faults(self) -> list[str]:
        """Return what is wrong before anything is read."""
        faults = []
        if not is_group_name(self.group):
            faults.append(f"{echoed(self.group)} is not a valid group name: {GROUP_NAMES}")
        kinds = (("eni-", self.enis), ("eip-", self.eips), ("i-", self.instances))
        for start, ids in kinds:
            faults += [f"{each!r} does not start with {start}" for each in ids if not each.startswith(start)]
        if not (self.enis or self.eips or self.instances):
            faults.append("name at least one of --eni, --eip, --instance")
        if self.options and not self.enis:
            faults.append(f"{', '.join(sorted(self.options))}: these tags are the ENI's; name it with --eni")
        if len(self.enis) > 1 or len(self.instances) > 1:
            faults.append("a group has one ENI and at most one instance")
        return faults

    def calls(self, prefix: str) -> list[Call]:
        """Return the calls, one for each kind of resource."""
        member = {f"{prefix}group": self.group}
        own = member | {f"{prefix}{name}": value for name, value in (self.options or {}).items()}
        kinds = (
            ("Ecs", "eni", self.enis, own),
            ("Vpc", "EIP", self.eips, member),
            ("Ecs", "instance", self.instances, member),
        )
        return [_tag(product, kind, self.region, ids, tags) for product, kind, ids, tags in kinds if ids]


def _tag(product: Any, kind: str, region: str, ids: Sequence[str], tags: Mapping[str, str]) -> Call:  # noqa: ANN401  a product
    params = {"RegionId": region, "ResourceType": kind}
    params |= {f"ResourceId.{number}": each for number, each in enumerate(ids, 1)}
    for number, (key, value) in enumerate(tags.items(), 1):
        params |= {f"Tag.{number}.Key": key, f"Tag.{number}.Value": value}
    return Call(product, "TagResources", params)


def against(app: App, tagging: Tagging) -> list[str]:
    """Return what forbids the tags: an id that is not there, or one that another group has."""
    directory = Directory(app.api, Region(tagging.region), app.settings.tag_prefix, app.parallel)
    ids = (*tagging.enis, *tagging.eips, *tagging.instances)
    found = {member.id: member for member in directory.members(ids)}
    faults = [f"{each} is not in {tagging.region}" for each in ids if each not in found]
    return faults + [
        f"{each.id} is in group {each.group}; take its tag off first"
        for each in found.values()
        if each.group is not None and each.group != tagging.group
    ]


def send(app: App, calls: Sequence[Call]) -> None:
    """Send the calls in turn; setting a tag twice is setting it once."""
    for call in calls:
        app.api.call(call.product, call.action, call.params)


def hold_group(app: App, region: str, group: str, reason: str) -> dict[str, Any]:
    """Set the tag that pauses a group on its ENI, and return the call.

    Raises `RequestError` for a reason that would undo the group, or a group without exactly one ENI.
    """
    if not reason.strip() or reason == _UNDO:
        raise RequestError(f"the reason {reason!r} is not a pause: `multieip release` undoes a group")
    prefix = app.settings.tag_prefix
    enis = ecs.list_enis(app.api, Region(region), tag=(f"{prefix}group", group))
    if len(enis) != 1 or enis.odd:
        raise RequestError(f"group {group} has {len(enis)} ENIs in {region}; the tag is set on its one ENI")
    call = tag_eni(Region(region), EniId(enis[0].id), f"{prefix}hold", reason)
    send(app, [call])
    return as_json(call)


def as_json(call: Call) -> dict[str, Any]:
    """Return a call as data, as plans have it."""
    return {"product": call.product, "action": call.action, "params": call.params}


def line(call: Call) -> str:
    """Return a call as one line."""
    params = " ".join(f"{name}={value}" for name, value in call.params.items())
    return f"{call.product}.{call.action} {params}"
