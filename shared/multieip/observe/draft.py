"""One group while it is being read: its rows become `Facts`, in one way for one group and for all. Pure.

A resource's own tag decides whether it is a member; lists only find candidates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.dataclass import replace
from multieip.intent import Tagged, claimed_elsewhere, group_of
from multieip.model.facts import SPARED, Catalog, Facts, Group, Reading, Unread
from multieip.model.resources import BindMode, Eip, Eni, Instance, InstanceStatus
from multieip.observe.rows import R, Rows, addresses_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from multieip.cloud.listing import Listed
    from multieip.model.facts import Target
    from multieip.model.resources import InstanceId, OddRow

_NO_CATALOG: Final = Catalog(frozenset(), frozenset(), frozenset(), "")


class Draft:
    """One group while it is being read."""

    def __init__(
        self, target: Target, prefix: str, wanted: Collection[Reading], since: Facts | None = None
    ) -> None:
        """Begin with the rows of the look before, where there was one; `wanted` is what is read anew."""
        self.target = target
        self._prefix = prefix
        self._key = f"{prefix}group"
        self._wanted = frozenset(wanted)
        old = since or Facts(Group(target.region), _NO_CATALOG, unasked=frozenset(Reading))
        self.enis: Rows[Eni] = Rows(old.enis)
        self.eips: Rows[Eip] = Rows((*old.bound, *old.eips))
        attached = (old.attached_instance,) if old.attached_instance else ()
        self.instances: Rows[Instance] = Rows((*attached, *old.instances))
        self.elsewhere = () if Reading.ELSEWHERE in wanted else old.elsewhere
        self.instance_type = None if Reading.INSTANCE_TYPE in wanted else old.instance_type
        self.assistant = None if Reading.ASSISTANT in wanted else old.assistant
        self.gateways = None if Reading.GATEWAYS in wanted else old.gateways
        self.unread = {reading: why for reading, why in old.unread.items() if reading not in wanted}
        self._unasked = old.unasked - self._wanted - {Reading.GUEST}
        self._before = (old.eni.id if old.eni else None, old.instance.id if old.instance else None)
        self._goes_on = since is not None
        self._bound_at, self._listed_at = old.bound_at, old.listed_at
        self.done: set[Reading] = set()
        self.odd: list[OddRow] = []

    def belongs(self, row: Eni | Eip | Instance) -> bool:
        """Whether the row is a member: its own tag says so, or the call has named it."""
        explicit = self.target.explicit
        if explicit is not None:
            return row.id in {*explicit.enis, *explicit.eips, *explicit.instances}
        return row.tags.get(self._key) == self.target.name

    def members(self, rows: Rows[R]) -> tuple[R, ...]:
        """Return the members of one kind, by id."""
        return rows.members(self.belongs)

    @property
    def eni(self) -> Eni | None:
        """The group's ENI where there is exactly one."""
        found = self.members(self.enis)
        return found[0] if len(found) == 1 else None

    @property
    def instance(self) -> Instance | None:
        """The group's instance where there is exactly one."""
        found = self.members(self.instances)
        return found[0] if len(found) == 1 else None

    @property
    def bound(self) -> tuple[Eip, ...]:
        """Every EIP that is associated with the group's ENI, by id."""
        eni = self.eni
        return tuple(eip for eip in self.eips.all() if eni is not None and eip.bound_to == eni.id)

    @property
    def held_elsewhere(self) -> tuple[str, ...]:
        """The ENIs that hold a member and are not the group's own."""
        eni = self.eni
        others = {eip.bound_to for eip in self.members(self.eips) if eip.bound_to}
        return tuple(
            sorted(each for each in others if each.startswith("eni-") and (eni is None or each != eni.id))
        )

    @property
    def attached_id(self) -> InstanceId | None:
        """The ECS instance that the ENI hangs on, as the ENI says."""
        eni = self.eni
        return None if eni is None or eni.on_other else eni.instance

    def take(self, enis: Iterable[Eni], eips: Iterable[Eip], instances: Iterable[Instance]) -> None:
        """Take from lists of candidates what belongs to the group."""
        self.enis.take(row for row in enis if self.belongs(row))
        self.eips.take(row for row in eips if self.belongs(row))
        self.instances.take(row for row in instances if self.belongs(row))

    def take_bound(self, found: Listed[Eip]) -> None:
        """Take the list of the EIPs on the group's ENI."""
        self.eips.take(found)
        self.odd += found.odd

    def believe(
        self,
        ids: frozenset[str],
        enis: Listed[Eni] | None,
        eips: Listed[Eip] | None,
        instances: Listed[Instance] | None,
    ) -> None:
        """Let the rows that were read by these ids decide; None is a kind that was not read, or in vain."""
        if enis is not None:
            self.enis.settle(ids, enis)
        if eips is not None:
            self.eips.settle(ids, eips)
        if instances is not None:
            self.instances.settle(ids, instances)
        for found in (enis, eips, instances):
            self.odd += [row for row in (found.odd if found is not None else ()) if row.id in ids]

    def not_shown(self) -> frozenset[str]:
        """Return what the lists of members should have shown: named by an event, or there a moment ago."""
        if self.target.explicit is not None:
            return frozenset()
        missing: set[str] = set()
        if self._was_read(Reading.ENI):
            missing |= self._not_in(self.enis, "eni-")
        if self._was_read(Reading.EIPS):
            missing |= self._not_in(self.eips, "eip-")
        if self._was_read(Reading.INSTANCE):
            missing |= self._not_in(self.instances, "i-")
        return frozenset(missing)

    def _was_read(self, reading: Reading) -> bool:
        return reading in self._wanted and reading not in self.unread

    def _not_in(self, rows: Rows[R], start: str) -> set[str]:
        named = {each for each in self.target.named if each.startswith(start) and rows.lacks(each)}
        return named | {row.id for row in rows.left_over() if self.belongs(row)}

    def disagreeing(self) -> frozenset[str]:
        """Return the ids that two lists show differently, or that one should have shown and did not."""
        doubtful = self.enis.doubtful | self.eips.doubtful | self.instances.doubtful
        if self._lists_bound:
            held = {eip.id for eip in self.bound}
            doubtful = doubtful | {row.id for row in self.eips.left_over() if row.id in held}
        return frozenset(doubtful)

    def needs(self, reading: Reading, *, lean: bool) -> bool:
        """Whether there is something to read that was not yet; `lean` leaves out what changes nothing."""
        if reading in self.done:
            return False
        if reading is Reading.ATTACHED_INSTANCE:
            return self._needs_attached()
        new = self._is_about_another(reading) or (reading is Reading.BOUND and self._others_are_bound)
        spared = (lean or new) and self._spared(reading)
        return (new or reading in self._wanted) and self._there(reading) and not spared

    def _is_about_another(self, reading: Reading) -> bool:
        """Whether what the look before knew was about another ENI or instance, or about none."""
        if not self._goes_on:
            return False
        eni, instance = self._before
        if reading in {Reading.BOUND, Reading.GATEWAYS}:
            return self.eni is not None and self.eni.id != eni
        if reading in {Reading.INSTANCE_TYPE, Reading.ASSISTANT}:
            return self.instance is not None and self.instance.id != instance
        return False

    def _needs_attached(self) -> bool:
        attached = self.attached_id
        if attached is None:
            return False
        again = bool(self._wanted & {Reading.ATTACHED_INSTANCE, Reading.INSTANCE})
        return (again and self.instances.lacks(attached)) or self.instances.get(attached) is None

    def _there(self, reading: Reading) -> bool:
        """Whether there is an object that the reading is about."""
        instance = self.instance
        match reading:
            case Reading.BOUND:
                return self.eni is not None
            case Reading.GATEWAYS:
                return any(eip.mode is BindMode.MULTI for eip in self.bound)
            case Reading.INSTANCE_TYPE:
                return instance is not None
            case Reading.ASSISTANT:
                return instance is not None and instance.status is InstanceStatus.RUNNING
            case _:
                return bool(self.held_elsewhere)

    def _spared(self, reading: Reading) -> bool:
        """Whether what is known tells as much."""
        eni, instance = self.eni, self.instance
        attached = eni is not None and instance is not None and eni.instance == instance.id
        match reading:
            case Reading.BOUND if Reading.GATEWAYS in self._wanted and Reading.GATEWAYS not in self.done:
                return self._serves
            case Reading.BOUND:
                # Where the cloud shows the gateways of exactly the members, nothing else is bound.
                return self._serves and addresses_of(self.gateways) == addresses_of(self.members(self.eips))
            case Reading.INSTANCE_TYPE:
                return attached
            case Reading.ASSISTANT:
                # Something answers in this guest already; the next command tells whether it still does.
                return attached and any(eip.mode is BindMode.MULTI for eip in self.bound)
            case _:
                return False

    @property
    def _serves(self) -> bool:
        """Whether the ENI is attached to the group's instance with every member bound."""
        eni, instance = self.eni, self.instance
        members = self.members(self.eips)
        if eni is None or instance is None or eni.instance != instance.id or not members:
            return False
        return all(eip.bound_to == eni.id and eip.mode is BindMode.MULTI for eip in members)

    @property
    def _others_are_bound(self) -> bool:
        """Whether the gateways that were just read are those of more EIPs than the ENI was known to have."""
        return Reading.GATEWAYS in self.done and not addresses_of(self.gateways) <= addresses_of(self.bound)

    @property
    def _tells_bound(self) -> bool:
        """Whether this look tells what is bound: by the list of the ENI's EIPs, or by their gateways."""
        shown = Reading.GATEWAYS in self.done and addresses_of(self.gateways) == addresses_of(self.bound)
        return self._lists_bound or (shown and Reading.BOUND not in self.done)

    @property
    def _lists_bound(self) -> bool:
        return Reading.BOUND in self.done - self.unread.keys()

    @property
    def absent_instances(self) -> frozenset[str]:
        """The instances that must be there, by the ENI, the call or the event, and that no list shows."""
        explicit, attached = self.target.explicit, self.attached_id
        expected: set[str] = set()
        if attached is not None and Reading.ATTACHED_INSTANCE not in self.unread:
            expected.add(attached)
        if explicit is not None and self._was_read(Reading.INSTANCE):
            expected.update(explicit.instances)
        if self.instance is None and self._was_read(Reading.INSTANCE):
            expected.update(each for each in self.target.named if each.startswith("i-"))
        return frozenset(each for each in expected if self.instances.get(each) is None)

    def miss(self, absent: Iterable[str], hidden: Unread | None) -> None:
        """Note instances that no list shows; `hidden` says that this role may not see them."""
        for each in absent:
            held = each == self.attached_id
            why = hidden
            if held and why is None:
                text = f"the ENI says that it is attached to {each}, and DescribeInstances does not show it"
                why = Unread(text, passes=True, gone=True)
            if why is not None and held:
                self.unread[Reading.ATTACHED_INSTANCE] = why
            if why is not None and self.instance is None:
                self.unread[Reading.INSTANCE] = why

    def facts(self, blank: Facts) -> Facts:
        """Return the facts that the rows make."""
        return replace(
            blank,
            group=self._group(),
            enis=self.members(self.enis),
            eips=self.members(self.eips),
            bound=self.bound,
            instances=self.members(self.instances),
            attached_instance=self.instances.get(self.attached_id),
            instance_type=self.instance_type if self.instance else None,
            assistant=self.assistant if self.instance else None,
            gateways=self.gateways if self.eni else None,
            elsewhere=self.elsewhere,
            unread=dict(self.unread),
            unasked=self._unasked | {reading for reading in Reading if self._left_out(reading)},
            odd=tuple(dict.fromkeys(self.odd)),
            bound_at=blank.looked_at if self._tells_bound else self._bound_at,
            listed_at=blank.looked_at if self._lists_bound else self._listed_at,
        )

    def _left_out(self, reading: Reading) -> bool:
        if reading not in SPARED or reading in self.done:
            return False
        return (reading in self._wanted or self._is_about_another(reading)) and self._there(reading)

    def _group(self) -> Group:
        target = self.target
        enis, eips = self.members(self.enis), self.members(self.eips)
        if target.explicit is not None:
            faults = claimed_elsewhere(target.explicit, (*enis, *eips), prefix=self._prefix)
            return replace(target.explicit, faults=faults)
        if target.name is None:
            raise ValueError("a target has a name or explicit ids")
        tagged = Tagged(enis, eips, self.members(self.instances))
        return group_of(target.region, target.name, tagged, prefix=self._prefix)
