"""What the operator said: tags, or the ids of a manual call, become groups. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeVar

from multieip.dataclass import dataclass, field
from multieip.json_text import echoed
from multieip.model.facts import Group, IntentFault
from multieip.model.resources import (
    MAX_EIPS,
    AllocationId,
    Eip,
    Eni,
    EniId,
    GroupName,
    Instance,
    InstanceId,
    Region,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NAME: Final = re.compile(r"[^\W_][\w.-]{0,62}")
GROUP_NAMES: Final = (
    "1 to 63 letters and digits of any script, '.', '_' or '-', starting with a letter or a digit"
)
"""What a group may be called, in the words of every message that says so."""
_R = TypeVar("_R", Eni, Eip, Instance)
_RULE_LIST: Final = r"[\s,;]+"


@dataclass(frozen=True, slots=True)
class Tagged:
    """Resources of one region that carry (or may carry) our tags."""

    enis: Sequence[Eni] = ()
    eips: Sequence[Eip] = ()
    instances: Sequence[Instance] = ()

    def all(self) -> list[Eni | Eip | Instance]:
        """Return every resource, whatever its kind."""
        return [*self.enis, *self.eips, *self.instances]


@dataclass(frozen=True, slots=True)
class Groups:
    """All groups of a region, and what carries a group tag that names no group."""

    groups: tuple[Group, ...]
    ungrouped: tuple[IntentFault, ...] = field(default=())


def is_group_name(value: str) -> bool:
    """Whether a tag value names a group; see `GROUP_NAMES`. The same check everywhere."""
    return _NAME.fullmatch(value) is not None


def by_value(tagged: Tagged, key: str) -> dict[str, Tagged]:
    """Return what carries the tag `key`, by its value, so that all groups of a region cost one linear look.

    A resource that the listing shows under two values is in both, whole, so that both groups see it.
    """
    values: dict[str, set[str]] = defaultdict(set)
    for resource in tagged.all():
        if key in resource.tags:
            values[resource.id].add(resource.tags[key])
    enis, eips = _spread(tagged.enis, values), _spread(tagged.eips, values)
    instances = _spread(tagged.instances, values)
    return {
        value: Tagged(enis.get(value, ()), eips.get(value, ()), instances.get(value, ()))
        for value in sorted({*enis, *eips, *instances})
    }


def groups_of(region: Region, tagged: Tagged, *, prefix: str) -> Groups:
    """Return every group that some resource names, valid or not; the rules say which are.

    A resource that a listing shows twice under two names (a tag that changes while we read) is a fault of
    both groups.
    """
    key = f"{prefix}group"
    groups: list[Group] = []
    ungrouped: list[IntentFault] = []
    for value, some in by_value(tagged, key).items():
        if is_group_name(value):
            groups.append(group_of(region, GroupName(value), some, prefix=prefix))
        else:
            ungrouped += [_no_group(key, value, each.id) for each in some.all() if each.tags[key] == value]
    return Groups(tuple(groups), tuple(ungrouped))


def group_of(region: Region, name: GroupName, tagged: Tagged, *, prefix: str) -> Group:
    """Return the group of this name with the options that its ENI carries.

    Options that cannot be read are faults, never defaults: a group that says `size: many` must not run.
    """
    key = f"{prefix}group"
    enis = [eni for eni in tagged.enis if eni.tags.get(key) == name]
    eips = [eip for eip in tagged.eips if eip.tags.get(key) == name]
    instances = [instance for instance in tagged.instances if instance.tags.get(key) == name]
    faults = _shape_faults(enis, instances) + _twice(tagged, key, name)
    options = _Options(prefix)
    for eni in enis:
        options.read_eni(eni)
    return Group(
        region=region,
        name=name,
        enis=tuple(dict.fromkeys(eni.id for eni in enis)),
        eips=tuple(dict.fromkeys(eip.id for eip in eips)),
        instances=tuple(dict.fromkeys(instance.id for instance in instances)),
        size=options.size,
        detach=options.detach,
        prune=options.prune,
        ignore=frozenset(options.ignore),
        faults=(*faults, *options.faults),
        hold=options.hold,
        tag_prefix=prefix,
        refused={eip.id: eip.tags[f"{prefix}refused"] for eip in eips if f"{prefix}refused" in eip.tags},
    )


def explicit_group(
    region: Region,
    eni: EniId,
    eips: Sequence[AllocationId],
    instance: InstanceId | None,
    *,
    detach: bool = False,
    prune: bool = False,
) -> Group:
    """Return the group that a manual call names by ids. It needs no tags and waits for nothing."""
    return Group(
        region=region,
        enis=(eni,),
        eips=tuple(dict.fromkeys(eips)),
        instances=(instance,) if instance else (),
        size=min(len(set(eips)), MAX_EIPS) or None,
        detach=detach,
        prune=prune,
    )


def claimed_elsewhere(group: Group, members: Iterable[Eni | Eip], *, prefix: str) -> tuple[IntentFault, ...]:
    """Return a fault per EIP or ENI of a manual call that a group of tags claims: it would be in two groups.

    An instance may hold ENIs of several groups, so its tag claims nothing here.
    """
    key = f"{prefix}group"
    return tuple(
        IntentFault(
            f"{member.id} is named in this call and carries the tag {key}={member.tags[key]}: "
            f"one {'EIP' if isinstance(member, Eip) else 'ENI'}, one group. "
            f"Call that group by its name, or remove the tag",
            (member.id,),
        )
        for member in members
        if group.name is None and member.tags.get(key) is not None
    )


class _Options:
    """Reads the optional tags and remembers what could not be read."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.size: int | None = None
        self.detach = False
        self.prune = False
        self.hold = ""
        self.ignore: set[str] = set()
        self.faults: list[IntentFault] = []

    def read_eni(self, eni: Eni) -> None:
        size = eni.tags.get(f"{self._prefix}size")
        if size is not None:
            self.size = self._size(size, eni.id)
        self.detach = self._consent("detach", eni.tags, eni.id)
        self.prune = self._consent("prune", eni.tags, eni.id)
        self.ignore.update(
            rule for rule in re.split(_RULE_LIST, eni.tags.get(f"{self._prefix}ignore", "")) if rule
        )
        hold = eni.tags.get(f"{self._prefix}hold")
        if hold is not None:
            # A tag without a value pauses too: whoever sets it means something by it.
            self.hold = hold or "pause"

    def _size(self, value: str, owner: str) -> int | None:
        if value.strip().isdecimal() and 1 <= int(value) <= MAX_EIPS:
            return int(value)
        self.faults.append(
            IntentFault(
                f"tag {self._prefix}size={value!r} of {owner} is not a number from 1 to {MAX_EIPS}", (owner,)
            )
        )
        return None

    def _consent(self, name: str, tags: Mapping[str, str], owner: str) -> bool:
        value = tags.get(f"{self._prefix}{name}")
        if value in {None, "allow"}:
            return value == "allow"
        self.faults.append(
            IntentFault(f"tag {self._prefix}{name}={value!r} of {owner}: the only value is `allow`", (owner,))
        )
        return False


def _shape_faults(enis: Sequence[Eni], instances: Sequence[Instance]) -> list[IntentFault]:
    kinds: dict[str, set[str]] = {
        "ENIs": {eni.id for eni in enis},
        "instances": {instance.id for instance in instances},
    }
    return [
        IntentFault(
            f"{len(ids)} {kind} in one group ({', '.join(sorted(ids))}); keep the tag on one",
            tuple(sorted(ids)),
        )
        for kind, ids in kinds.items()
        if len(ids) > 1
    ]


def _twice(tagged: Tagged, key: str, name: str) -> list[IntentFault]:
    seen: dict[str, set[str]] = defaultdict(set)
    for resource in tagged.all():
        value = resource.tags.get(key)
        if value is not None:
            seen[resource.id].add(value)
    return [
        IntentFault(f"{found} is in the groups {', '.join(sorted(values))}; keep one tag", (found,))
        for found, values in sorted(seen.items())
        if name in values and len(values) > 1
    ]


def _no_group(key: str, value: str, owner: str) -> IntentFault:
    return IntentFault(
        f"tag {key}={echoed(value)} of {owner} is not a valid group name: {GROUP_NAMES}",
        (owner,),
    )


def _spread(resources: Sequence[_R], values: Mapping[str, set[str]]) -> dict[str, list[_R]]:
    spread: dict[str, list[_R]] = defaultdict(list)
    for resource in resources:
        for value in values[resource.id]:
            spread[value].append(resource)
    return spread
