"""Which resources of a region carry our tags, and to which groups given ids belong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from multieip.cloud import ecs, vpc
from multieip.dataclass import dataclass
from multieip.intent import Tagged, by_value, is_group_name
from multieip.model.resources import Eip, Eni, GroupName, Instance, Region

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from multieip.ports import Api

_ENIS_BY_TAG: Final = 1000
"""DescribeNetworkInterfaces gives no more than this by tag, and does not say that it left any out."""


@dataclass(frozen=True, slots=True)
class Member:
    """One resource as a group sees it: its group tag, and the resources that it is bound or attached to."""

    id: str
    group: GroupName | None
    neighbours: tuple[str, ...] = ()


class Directory:
    """Reads the tags of one region. Every answer is whole: what cannot be read is raised."""

    def __init__(self, api: Api, region: Region, prefix: str) -> None:
        """Look in `region` for tags that begin with `prefix`."""
        self._api = api
        self._region = region
        self._key = f"{prefix}group"

    def groups_of(self, ids: Iterable[str]) -> dict[str, GroupName | None]:
        """Return the group of each id; None where the resource has none, or is not there any more."""
        wanted = tuple(dict.fromkeys(ids))
        found = {member.id: member.group for member in self.members(wanted)}
        return {each: found.get(each) for each in wanted}

    def members(self, ids: Iterable[str]) -> tuple[Member, ...]:
        """Return those of the ENIs, EIPs and instances that exist, in one batched read per kind."""
        wanted = tuple(dict.fromkeys(ids))
        resources = self._read(
            enis=[each for each in wanted if each.startswith("eni-")],
            eips=[each for each in wanted if each.startswith("eip-")],
            instances=[each for each in wanted if each.startswith("i-")],
        )
        everything: tuple[Eni | Eip | Instance, ...] = (
            *resources.enis,
            *resources.eips,
            *resources.instances,
        )
        return tuple(Member(each.id, self._group(each), _neighbours(each)) for each in everything)

    def tagged(self) -> Tagged:
        """Return every resource of the region that carries a group tag, whatever its value."""
        tag = (self._key, None)
        with ThreadPoolExecutor(3) as pool:
            eips = pool.submit(vpc.list_eips, self._api, self._region, tag=tag)
            instances = pool.submit(ecs.list_instances, self._api, self._region, tag=tag)
            return Tagged(self._tagged_enis(), eips.result(), instances.result())

    def tagged_by_value(self) -> dict[str, Tagged]:
        """Return the same by the value of the group tag; see `multieip.intent.by_value`."""
        return by_value(self.tagged(), self._key)

    def _tagged_enis(self) -> list[Eni]:
        found = ecs.list_enis(self._api, self._region, tag=(self._key, None))
        if len(found) < _ENIS_BY_TAG:
            return found
        return [eni for eni in ecs.list_enis(self._api, self._region) if self._key in eni.tags]

    def _read(self, enis: Sequence[str], eips: Sequence[str], instances: Sequence[str]) -> Tagged:
        """Read only the kinds that are asked for: no ids would mean the whole region to these APIs."""
        api, region = self._api, self._region
        with ThreadPoolExecutor(3) as pool:
            some_enis = pool.submit(ecs.list_enis, api, region, ids=enis) if enis else None
            some_eips = pool.submit(vpc.list_eips, api, region, ids=eips) if eips else None
            some_instances = (
                pool.submit(ecs.list_instances, api, region, ids=instances) if instances else None
            )
            return Tagged(
                some_enis.result() if some_enis else (),
                some_eips.result() if some_eips else (),
                some_instances.result() if some_instances else (),
            )

    def _group(self, resource: Eni | Eip | Instance) -> GroupName | None:
        value = resource.tags.get(self._key)
        return GroupName(value) if value is not None and is_group_name(value) else None


def _neighbours(resource: Eni | Eip | Instance) -> tuple[str, ...]:
    if isinstance(resource, Eip):
        return (resource.bound_to,) if resource.bound_to else ()
    if isinstance(resource, Eni):
        return (resource.instance,) if resource.instance else ()
    return resource.enis
