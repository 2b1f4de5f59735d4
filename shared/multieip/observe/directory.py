"""Which resources of a region carry our tags, and to which groups given ids belong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multieip.cloud import ecs, vpc
from multieip.cloud.parallel import Threads
from multieip.dataclass import dataclass
from multieip.intent import Tagged, by_value, is_group_name
from multieip.model.resources import Eip, Eni, EniId, GroupName, Instance, Region
from multieip.observe.candidates import Candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from multieip.cloud.listing import Listed
    from multieip.ports import Api, Parallel


@dataclass(frozen=True, slots=True)
class Member:
    """One resource as a group sees it: its group tag, and the resources that it is bound or attached to."""

    id: str
    group: GroupName | None
    neighbours: tuple[str, ...] = ()


class Directory:
    """Reads the tags of one region. Every answer is whole: what cannot be read is raised."""

    def __init__(self, api: Api, region: Region, prefix: str, parallel: Parallel | None = None) -> None:
        """Look in `region` for tags that begin with `prefix`; reads go side by side."""
        self._api = api
        self._parallel = parallel or Threads()
        self._region = region
        self._key = f"{prefix}group"

    def groups_of(self, ids: Iterable[str]) -> dict[str, GroupName | None]:
        """Return the group of each id; None where the resource has none, or is not there any more."""
        wanted = tuple(dict.fromkeys(ids))
        found = {member.id: member.group for member in self.members(wanted)}
        return {each: found.get(each) for each in wanted}

    def members(self, ids: Iterable[str]) -> tuple[Member, ...]:
        """Return those of the ENIs, EIPs and instances that exist, in one batched read per kind.

        Of an entry that cannot be read the id and the tag count, as far as they are legible.
        """
        wanted = tuple(dict.fromkeys(ids))
        found = self._read(
            enis=[each for each in wanted if each.startswith("eni-")],
            eips=[each for each in wanted if each.startswith("eip-")],
            instances=[each for each in wanted if each.startswith("i-")],
        )
        everything: tuple[Eni | Eip | Instance, ...] = (*found.enis, *found.eips, *found.instances)
        odd = (*found.enis.odd, *found.eips.odd, *found.instances.odd)
        return (
            *(Member(each.id, self._group(each.tags), _neighbours(each)) for each in everything),
            *(Member(row.id, self._group(dict(row.tags))) for row in odd if row.id),
        )

    def bound_to(self, enis: Iterable[str]) -> tuple[Member, ...]:
        """Return the EIPs that are associated with these ENIs."""
        api, region = self._api, self._region
        begun = [
            self._parallel.submit(partial(vpc.list_eips, api, region, bound_to=EniId(eni))) for eni in enis
        ]
        found = [eip for pending in begun for eip in pending.result()]
        return tuple(Member(eip.id, self._group(eip.tags), _neighbours(eip)) for eip in found)

    def tagged(self) -> Tagged:
        """Return every resource of the region that carries a group tag, whatever its value."""
        tag, api, region = (self._key, None), self._api, self._region
        enis = self._parallel.submit(partial(ecs.list_enis, api, region, tag=tag))
        eips = self._parallel.submit(partial(vpc.list_eips, api, region, tag=tag))
        instances = self._parallel.submit(partial(ecs.list_instances, api, region, tag=tag))
        return Tagged(enis.result(), eips.result(), instances.result())

    def tagged_by_value(self) -> dict[str, Tagged]:
        """Return the same by the value of the group tag; see `multieip.intent.by_value`."""
        return by_value(self.tagged(), self._key)

    def _read(self, enis: Sequence[str], eips: Sequence[str], instances: Sequence[str]) -> Candidates:
        api, region = self._api, self._region
        some_enis = self._parallel.submit(partial(ecs.list_enis, api, region, ids=enis))
        some_eips = self._parallel.submit(partial(vpc.list_eips, api, region, ids=eips))
        some_instances = self._parallel.submit(partial(self._instances, instances))
        return Candidates(some_enis.result(), some_eips.result(), some_instances.result())

    def _instances(self, ids: Sequence[str]) -> Listed[Instance]:
        """Read instances; to a role without the permission the list is empty, which is not *none*."""
        found = ecs.list_instances(self._api, self._region, ids=ids)
        if len(found) + len(found.odd) < len(set(ids)):
            ecs.may_list_instances(self._api, self._region, ids)
        return found

    def _group(self, tags: Mapping[str, str]) -> GroupName | None:
        value = tags.get(self._key)
        return GroupName(value) if value is not None and is_group_name(value) else None


def _neighbours(resource: Eni | Eip | Instance) -> tuple[str, ...]:
    if isinstance(resource, Eip):
        return (resource.bound_to,) if resource.bound_to else ()
    if isinstance(resource, Eni):
        return (resource.instance,) if resource.instance else ()
    return resource.enis
