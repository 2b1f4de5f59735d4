"""All groups of one region read together: a few paged lists instead of a handful of reads per group."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from multieip.cloud import ecs, vpc
from multieip.cloud.refusals import is_denied
from multieip.dataclass import dataclass, field, replace
from multieip.errors import CloudError, RefusedError
from multieip.intent import Tagged, group_of, groups_of, is_group_name
from multieip.model.facts import Facts, Group, IntentFault
from multieip.model.resources import (
    Assistant,
    BindMode,
    Eip,
    EniId,
    Gateway,
    GroupName,
    Instance,
    InstanceId,
    InstanceStatus,
    InstanceType,
    Region,
)
from multieip.observe.directory import Directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from multieip.ports import Api

_FEW_ENIS: Final = 5
"""Up to here the EIPs of each ENI are asked for; beyond, one list of the whole region is fewer calls."""

_AT_ONCE: Final = 5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Census:
    """The groups of a region with their facts, and what carries a group tag but forms no group."""

    facts: tuple[Facts, ...]
    loose: tuple[IntentFault, ...]


@dataclass(slots=True)
class _Around:
    """What surrounds the members, by id; `unread` says which reading is denied to us."""

    bound: dict[str, list[Eip]] = field(default_factory=lambda: defaultdict(list))
    instances: dict[InstanceId, Instance] = field(default_factory=dict)
    types: dict[str, InstanceType] = field(default_factory=dict)
    assistants: dict[InstanceId, Assistant] = field(default_factory=dict)
    gateways: dict[EniId, tuple[Gateway, ...]] = field(default_factory=dict)
    gateway_faults: dict[EniId, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


class RegionReader:
    """Reads one region for a sweep. `blank` holds what all facts share: catalogue and switches."""

    def __init__(self, api: Api, region: Region, prefix: str, blank: Facts) -> None:
        """Look at `region` with `api` for tags that begin with `prefix`."""
        self._api = api
        self._region = region
        self._prefix = prefix
        self._blank = blank

    def census(self, only: Iterable[str] = ()) -> Census:
        """Return the groups (those named, else all) as they are now.

        A reading around the groups that RAM denies is noted in their `unread`; every other failure is
        raised, because a region half read would pass for one with fewer groups.
        """
        by_value = Directory(self._api, self._region, self._prefix).tagged_by_value()
        names = frozenset(only)
        wanted = {value: some for value, some in by_value.items() if not names or value in names}
        groups = [
            group_of(self._region, GroupName(value), some, prefix=self._prefix)
            for value, some in wanted.items()
            if is_group_name(value)
        ]
        tagged = Tagged(
            [eni for some in wanted.values() for eni in some.enis],
            [eip for some in wanted.values() for eip in some.eips],
            [instance for some in wanted.values() for instance in some.instances],
        )
        around = self._around(groups, tagged)
        return Census(
            tuple(self._facts(groups, tagged, around)), (*self._loose(wanted), *_without_eni(groups))
        )

    def _loose(self, wanted: Mapping[str, Tagged]) -> list[IntentFault]:
        """Return what carries a tag whose value names no group."""
        odd = [some for value, some in wanted.items() if not is_group_name(value)]
        found = (groups_of(self._region, some, prefix=self._prefix).loose for some in odd)
        return list(dict.fromkeys(fault for faults in found for fault in faults))

    def _around(self, groups: Sequence[Group], tagged: Tagged) -> _Around:
        around = _Around(instances={instance.id: instance for instance in tagged.instances})
        enis = [group.enis[0] for group in groups if len(group.enis) == 1]
        for eip in self._ask(around, "bound", lambda: self._bound(enis), []):
            around.bound[str(eip.bound_to)].append(eip)
        holders = {eni.instance for eni in tagged.enis if eni.instance} - set(around.instances)
        for holder in self._ask(around, "holder", lambda: self._instances(sorted(holders)), []):
            around.instances[holder.id] = holder
        members = [around.instances[each] for group in groups for each in group.instances]
        kinds = {member.type for member in members}
        around.types = self._ask(around, "instance-type", lambda: ecs.instance_types(self._api, kinds), {})
        running = [member.id for member in members if member.status is InstanceStatus.RUNNING]
        asked = self._ask(around, "assistant", lambda: ecs.assistants(self._api, self._region, running), [])
        around.assistants = {each.instance: each for each in asked}
        self._read_gateways(around, enis)
        return around

    def _bound(self, enis: Sequence[EniId]) -> list[Eip]:
        if len(enis) <= _FEW_ENIS:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                lists = pool.map(lambda eni: vpc.list_eips(self._api, self._region, bound_to=eni), enis)
                return [eip for found in lists for eip in found]
        wanted = set(enis)
        return [eip for eip in vpc.list_eips(self._api, self._region) if eip.bound_to in wanted]

    def _instances(self, ids: Sequence[InstanceId]) -> list[Instance]:
        # No ids must not become the call without ids, which lists the whole region.
        return ecs.list_instances(self._api, self._region, ids=ids) if ids else []

    def _read_gateways(self, around: _Around, enis: Sequence[EniId]) -> None:
        """Read the gateways of each ENI that has EIPs in this mode: the API takes one ENI at a time."""
        wanted = [eni for eni in enis if any(eip.mode is BindMode.MULTI for eip in around.bound.get(eni, ()))]

        def read(eni: EniId) -> None:
            try:
                around.gateways[eni] = tuple(vpc.gateways(self._api, self._region, eni))
            except CloudError as error:
                around.gateway_faults[eni] = str(error)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(read, wanted))

    def _facts(self, groups: Sequence[Group], tagged: Tagged, around: _Around) -> Iterable[Facts]:
        enis = {eni.id: eni for eni in tagged.enis}
        eips = {eip.id: eip for eip in tagged.eips}
        for group in groups:
            members = tuple(enis[each] for each in group.enis)
            eni = members[0] if len(members) == 1 else None
            instances = tuple(around.instances[each] for each in group.instances)
            instance = instances[0] if len(instances) == 1 else None
            unread = dict(around.unread)
            if eni and eni.id in around.gateway_faults:
                unread["gateways"] = around.gateway_faults[eni.id]
            yield replace(
                self._blank,
                group=group,
                enis=members,
                eips=tuple(eips[each] for each in group.eips),
                bound=tuple(around.bound.get(eni.id, ())) if eni else (),
                instances=instances,
                holder=around.instances.get(eni.instance) if eni and eni.instance else None,
                instance_type=around.types.get(instance.type) if instance else None,
                assistant=_assistant(instance, around) if instance else None,
                gateways=around.gateways.get(eni.id) if eni else None,
                unread=unread,
            )

    def _ask(self, around: _Around, reading: str, read: Callable[[], _T], missing: Any) -> _T:  # noqa: ANN401
        """Read, and note a denial under the reading's name."""
        try:
            return read()
        except RefusedError as refusal:
            if not is_denied(refusal.code):
                raise
            around.unread[reading] = str(refusal)
            return missing  # type: ignore[no-any-return]  # an empty value of the reading's own type


def _assistant(instance: Instance, around: _Around) -> Assistant | None:
    if "assistant" in around.unread or instance.status is not InstanceStatus.RUNNING:
        return None
    return around.assistants.get(instance.id, Assistant(instance.id, online=False))


def _without_eni(groups: Sequence[Group]) -> tuple[IntentFault, ...]:
    """Return what is in a group that no ENI belongs to: nothing will ever happen to it."""
    return tuple(
        IntentFault(
            f"group {group.label} has no ENI; tag one, or remove the tag from {', '.join(orphans)}", orphans
        )
        for group in groups
        if not group.enis and (orphans := (*group.eips, *group.instances))
    )
