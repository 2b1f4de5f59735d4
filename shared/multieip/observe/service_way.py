"""What is bound to a second ENI by which a guest reaches the cloud's services, where one does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from multieip.cloud import vpc
from multieip.dataclass import replace
from multieip.errors import CloudError
from multieip.model.facts import Reading, Unread
from multieip.observe.asking import why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from multieip.cloud.listing import Listed
    from multieip.model.facts import Facts
    from multieip.model.resources import Eip, EniId, Region
    from multieip.ports import Api, Parallel, Pending


class ServiceWay:
    """Reads the EIPs on such ENIs of one region, a call for each of them."""

    def __init__(self, api: Api, region: Region, parallel: Parallel) -> None:
        """Read with `api`, side by side by `parallel`."""
        self._api = api
        self._region = region
        self._parallel = parallel

    def add_to(self, some: Sequence[Facts]) -> list[Facts]:
        """Return the facts, with the EIPs on the second ENI where the guest's way goes by one."""
        enis = dict.fromkeys(eni for facts in some if (eni := service_eni(facts)) is not None)
        begun = {eni: self._parallel.submit(partial(self._read, eni)) for eni in enis}
        known = {eni: _answer(eni, pending) for eni, pending in begun.items()}
        return [_with(facts, known) for facts in some]

    def _read(self, eni: EniId) -> Listed[Eip]:
        return vpc.list_eips(self._api, self._region, bound_to=eni)


def service_eni(facts: Facts) -> EniId | None:
    """Return the secondary ENI, not the group's own, by which the guest reaches the cloud's services."""
    guest, eni, instance = facts.guest, facts.eni, facts.instance
    if guest is None or eni is None or instance is None or instance.primary is None:
        return None
    found = instance.macs.get(guest.service_route.mac or "")
    return None if found in {eni.id, instance.primary} else found


def _answer(eni: EniId, pending: Pending[Listed[Eip]]) -> tuple[Eip, ...] | Unread:
    try:
        found = pending.result()
    except CloudError as fault:
        return why(fault)
    if found.odd:
        return Unread(f"an EIP on {eni} could not be read: {found.odd[0].text}")
    return tuple(found)


def _with(facts: Facts, known: dict[EniId, tuple[Eip, ...] | Unread]) -> Facts:
    eni = service_eni(facts)
    if eni is None:
        return facts
    found = known[eni]
    if isinstance(found, Unread):
        return replace(facts, unread={**facts.unread, Reading.SERVICE_ENI: found})
    return replace(facts, on_service_eni=found)
