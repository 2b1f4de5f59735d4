"""What surrounds the members of groups: other EIPs on the ENI, gateways, the instance and its agent."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from multieip.cloud import ecs, vpc
from multieip.errors import CloudError
from multieip.model.facts import Reading, Unread
from multieip.model.resources import Assistant, Eip, EniId, Gateway, InstanceId, InstanceType
from multieip.observe.asking import Asked, why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from multieip.cloud.listing import Listed
    from multieip.model.resources import Region
    from multieip.observe.draft import Draft
    from multieip.ports import Api, Parallel

_IN_THIS_ORDER: Final = (
    Reading.BOUND,
    Reading.ATTACHED_INSTANCE,
    Reading.INSTANCE_TYPE,
    Reading.ASSISTANT,
    Reading.GATEWAYS,
    Reading.ELSEWHERE,
)


class Around:
    """Reads what surrounds groups, each reading of a group once."""

    def __init__(self, api: Api, region: Region, parallel: Parallel, types: dict[str, InstanceType]) -> None:
        """Read with `api`, side by side by `parallel`; `types` is what is known of instance types."""
        self._api = api
        self._region = region
        self._parallel = parallel
        self._types = types

    def read(self, drafts: Sequence[Draft], *, lean: bool) -> None:
        """Read what is wanted, not read yet, and there to be read."""
        begun: list[Callable[[], None]] = []
        for reading in _IN_THIS_ORDER:
            needing = [draft for draft in drafts if draft.needs(reading, lean=lean)]
            for draft in needing:
                draft.done.add(reading)
                draft.unread.pop(reading, None)
            begun += self._begin(reading, needing) if needing else ()
        for finish in begun:
            finish()

    def _begin(self, reading: Reading, drafts: Sequence[Draft]) -> Iterable[Callable[[], None]]:
        """Begin a reading for some groups; what is returned waits for it and puts it in its place."""
        match reading:
            case Reading.BOUND:
                return self._bound(drafts)
            case Reading.ATTACHED_INSTANCE:
                return (self._attached_instances(drafts),)
            case Reading.INSTANCE_TYPE:
                return (self._instance_types(drafts),)
            case Reading.ASSISTANT:
                return (self._assistants(drafts),)
            case Reading.GATEWAYS:
                return self._gateways(drafts)
            case _:
                return (self._elsewhere(drafts),)

    def _bound(self, drafts: Sequence[Draft]) -> Iterator[Callable[[], None]]:
        """Read the EIPs of each ENI: the API takes one at a time."""
        for eni, draft in _by_eni(drafts):
            read = partial(vpc.list_eips, self._api, self._region, bound_to=eni)
            asked = Asked(self._parallel, Reading.BOUND, [draft], read)
            yield partial(_take_bound, asked, draft)

    def _gateways(self, drafts: Sequence[Draft]) -> Iterator[Callable[[], None]]:
        """Read the gateways of each ENI: the API takes one at a time."""
        for eni, draft in _by_eni(drafts):
            read = partial(vpc.gateways, self._api, self._region, eni)
            asked = Asked(self._parallel, Reading.GATEWAYS, [draft], read)
            yield partial(_take_gateways, asked, draft)

    def _attached_instances(self, drafts: Sequence[Draft]) -> Callable[[], None]:
        ids = sorted({draft.attached_id for draft in drafts if draft.attached_id})
        read = partial(ecs.list_instances, self._api, self._region, ids=ids)
        asked = Asked(self._parallel, Reading.ATTACHED_INSTANCE, drafts, read)

        def finish() -> None:
            found = {row.id: row for row in asked.answer() or ()}
            for draft in drafts:
                attached = found.get(InstanceId(draft.attached_id or ""))
                draft.instances.take([attached] if attached else [])

        return finish

    def _instance_types(self, drafts: Sequence[Draft]) -> Callable[[], None]:
        names = {draft.instance.type for draft in drafts if draft.instance} - set(self._types)
        read = partial(ecs.instance_types, self._api, sorted(names))
        asked = Asked(self._parallel, Reading.INSTANCE_TYPE, drafts, read)

        def finish() -> None:
            self._types.update(asked.answer() or {})
            for draft in drafts:
                draft.instance_type = self._types.get(draft.instance.type) if draft.instance else None

        return finish

    def _assistants(self, drafts: Sequence[Draft]) -> Callable[[], None]:
        ids = sorted({draft.instance.id for draft in drafts if draft.instance})
        asked = Asked(
            self._parallel, Reading.ASSISTANT, drafts, partial(ecs.assistants, self._api, self._region, ids)
        )

        def finish() -> None:
            found = asked.answer()
            if found is None:
                return
            states = {each.instance: each for each in found}
            odd = {row.id: row.text for row in found.odd}
            for draft in drafts:
                _take_assistant(draft, states, odd)

        return finish

    def _elsewhere(self, drafts: Sequence[Draft]) -> Callable[[], None]:
        ids = sorted({each for draft in drafts for each in draft.held_elsewhere})
        read = partial(ecs.list_enis, self._api, self._region, ids=ids)
        asked = Asked(self._parallel, Reading.ELSEWHERE, drafts, read)

        def finish() -> None:
            found = {row.id: row for row in asked.answer() or ()}
            for draft in drafts:
                draft.elsewhere = tuple(found[EniId(each)] for each in draft.held_elsewhere if each in found)

        return finish

    def expect_instances(self, drafts: Sequence[Draft]) -> None:
        """Ask whether instances that must be there, and that no list shows, are hidden from this role.

        To a role without the permission DescribeInstances shows nothing and refuses nothing.
        """
        absent = [(draft, draft.absent_instances) for draft in drafts]
        ids = sorted({each for _, some in absent for each in some})
        if not ids:
            return
        hidden: Unread | None = None
        try:
            ecs.may_list_instances(self._api, self._region, ids)
        except CloudError as fault:
            hidden = why(fault)
        for draft, some in absent:
            draft.miss(some, hidden)


def _by_eni(drafts: Iterable[Draft]) -> Iterator[tuple[EniId, Draft]]:
    for draft in drafts:
        if draft.eni is not None:
            yield draft.eni.id, draft


def _take_bound(asked: Asked[Listed[Eip]], draft: Draft) -> None:
    found = asked.answer()
    if found is not None:
        draft.take_bound(found)


def _take_gateways(asked: Asked[list[Gateway]], draft: Draft) -> None:
    found = asked.answer()
    draft.gateways = None if found is None else tuple(sorted(found, key=lambda each: each.address))


def _take_assistant(draft: Draft, states: Mapping[InstanceId, Assistant], odd: Mapping[str, str]) -> None:
    instance = draft.instance
    if instance is None:
        return
    if instance.id in odd:
        draft.unread[Reading.ASSISTANT] = Unread(odd[instance.id])
        return
    draft.assistant = states.get(instance.id, Assistant(instance.id, online=False))
