"""Ids or a group's name → `Facts`: few reads, batched, side by side."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from multieip.cloud import ecs, vpc
from multieip.cloud.refusals import is_denied
from multieip.dataclass import replace
from multieip.errors import RefusedError
from multieip.intent import Tagged, claimed_elsewhere, group_of
from multieip.model.facts import Catalog, Facts, Group, Reading, Refusal, Target
from multieip.model.resources import (
    Assistant,
    BindMode,
    Eip,
    Eni,
    Gateway,
    Instance,
    InstanceId,
    InstanceType,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from multieip.ports import Api, Clock

_AT_ONCE: Final = 5
_T = TypeVar("_T")


class Observer:
    """Reads the state of one group. Keeps nothing but what never changes (instance types)."""

    def __init__(
        self,
        api: Api,
        target: Target,
        catalog: Catalog,
        *,
        prefix: str,
        clock: Clock | None = None,
        bind_while_attached: bool = False,
    ) -> None:
        """Look with `api` at `target`; `prefix` is that of our tags, `clock` dates the looks."""
        self._api = api
        self._clock = clock
        self._target = target
        self._prefix = prefix
        self._blank = Facts(Group(target.region), catalog, bind_while_attached=bind_while_attached)
        self._types: dict[str, InstanceType] = {}

    def unseen(self) -> Facts:
        """Return what is known without a look: what the caller named."""
        return replace(
            self._blank, group=self._target.explicit or Group(self._target.region, self._target.name)
        )

    def look(
        self,
        refusals: Sequence[Refusal] = (),
        *,
        reading: Collection[Reading] | None = None,
        since: Facts | None = None,
    ) -> Facts:
        """Return the facts as they are now.

        `reading` limits the look to what the next write depends on; the rest is carried over from `since`,
        the look before. Without it everything is read. A reading that RAM denies is noted in `Facts.unread`;
        every other failure is raised, because a run must not go on with half a picture that the next try may
        complete.
        """
        blank = replace(since or self._blank, refusals=tuple(refusals))
        if self._clock is not None:
            asof_ms = int(self._clock.now().timestamp() * 1000)
            blank = replace(blank, looked_at=self._clock.monotonic(), asof_ms=asof_ms)
        wanted = frozenset(Reading) if reading is None or since is None else frozenset(reading)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            look = _Look(self._api, self._target, self._prefix, self._types, pool, wanted)
            return look.facts(blank)


class _Look:
    """One look: two rounds of reads, the second about what the first found."""

    def __init__(
        self,
        api: Api,
        target: Target,
        prefix: str,
        types: dict[str, InstanceType],
        pool: ThreadPoolExecutor,
        wanted: Collection[Reading],
    ) -> None:
        self._api = api
        self._target = target
        self._region = target.region
        self._prefix = prefix
        self._types = types
        self._pool = pool
        self._wanted = wanted
        self._unread: dict[str, str] = {}

    def facts(self, blank: Facts) -> Facts:
        """Read both rounds."""
        self._unread = {name: why for name, why in blank.unread.items() if name not in self._wanted}
        tagged = self._members(blank)
        group = self._group(tagged)
        eni = tagged.enis[0] if len(tagged.enis) == 1 else None
        instances = tuple(tagged.instances)
        bound, holder, kind, assistant, gateways = self._surroundings(blank, eni, instances, tagged.eips)
        return replace(
            blank,
            group=group,
            enis=tuple(tagged.enis),
            eips=tuple(tagged.eips),
            bound=tuple(bound),
            instances=instances,
            holder=holder,
            instance_type=kind,
            assistant=assistant,
            gateways=None if gateways is None else tuple(gateways),
            unread=dict(self._unread),
        )

    def _members(self, before: Facts) -> Tagged:
        api, region = self._api, self._region
        enis = self._list(Reading.ENI, "enis", lambda how: ecs.list_enis(api, region, **how), before.enis)
        eips = self._list(Reading.EIPS, "eips", lambda how: vpc.list_eips(api, region, **how), before.eips)
        instances = self._list(
            Reading.INSTANCE,
            "instances",
            lambda how: ecs.list_instances(api, region, **how),
            before.instances,
        )
        return Tagged(enis(), eips(), instances())

    def _list(
        self,
        reading: Reading,
        kind: str,
        read: Callable[[dict[str, Any]], list[_T]],
        before: Sequence[_T],
    ) -> Callable[[], Any]:
        """List one kind of member: by the ids of a manual call, else by the group's tag."""
        if reading not in self._wanted:
            return lambda: before
        explicit = self._target.explicit
        if explicit is None:
            return self._ask(reading, lambda: read({"tag": (f"{self._prefix}group", self._target.name)}))
        ids = getattr(explicit, kind)
        # No ids must not become the call without ids, which lists the whole region.
        return self._ask(reading, lambda: read({"ids": ids})) if ids else list

    def _group(self, tagged: Tagged) -> Group:
        explicit = self._target.explicit
        if explicit is not None:
            members: tuple[Eni | Eip, ...] = (*tagged.enis, *tagged.eips)
            return replace(explicit, faults=claimed_elsewhere(explicit, members, prefix=self._prefix))
        if self._target.name is None:
            raise ValueError("a target has a name or explicit ids")
        return group_of(self._region, self._target.name, tagged, prefix=self._prefix)

    def _surroundings(
        self, before: Facts, eni: Eni | None, instances: Sequence[Instance], members: Sequence[Eip]
    ) -> tuple[list[Eip], Instance | None, InstanceType | None, Assistant | None, list[Gateway] | None]:
        api, region = self._api, self._region
        bound: Callable[[], Any] = list
        if eni and Reading.BOUND in self._wanted:
            bound = self._ask(Reading.BOUND, lambda: vpc.list_eips(api, region, bound_to=eni.id))
        elif eni:
            bound = lambda: _still_bound(eni, before.bound, members)  # noqa: E731
        gateways: Callable[[], list[Gateway] | None] = lambda: (  # noqa: E731
            None if before.gateways is None else list(before.gateways)
        )
        if Reading.GATEWAYS not in self._wanted:
            pass
        elif eni and any(eip.bound_to == eni.id and eip.mode is BindMode.MULTI for eip in members):
            gateways = self._ask(Reading.GATEWAYS, lambda: vpc.gateways(api, region, eni.id), missing=None)
        holder = self._holder(eni, instances)
        instance = instances[0] if len(instances) == 1 else None
        kind: Callable[[], InstanceType | None] = lambda: before.instance_type  # noqa: E731
        assistant: Callable[[], Assistant | None] = lambda: before.assistant  # noqa: E731
        if instance is None:
            kind, assistant = _nothing, _nothing
        if instance is not None and Reading.INSTANCE_TYPE in self._wanted:
            kind = self._ask(Reading.INSTANCE_TYPE, lambda: self._type(instance.type), missing=None)
        if instance is not None and Reading.ASSISTANT in self._wanted:
            assistant = self._ask(Reading.ASSISTANT, lambda: self._assistant(instance.id), missing=None)
        return bound(), holder(), kind(), assistant(), gateways()

    def _holder(self, eni: Eni | None, instances: Sequence[Instance]) -> Callable[[], Instance | None]:
        if eni is None or eni.instance is None:
            return _nothing
        holder = eni.instance
        known = {instance.id: instance for instance in instances}
        if holder in known:
            return lambda: known[holder]
        found = self._ask(Reading.HOLDER, lambda: ecs.list_instances(self._api, self._region, ids=[holder]))
        return lambda: next(iter(found()), None)

    def _type(self, name: str) -> InstanceType | None:
        if name not in self._types:
            self._types.update(ecs.instance_types(self._api, [name]))
        return self._types.get(name)

    def _assistant(self, instance: InstanceId) -> Assistant:
        found = ecs.assistants(self._api, self._region, [instance])
        return next(iter(found), Assistant(instance, online=False))

    def _ask(self, reading: Reading, read: Callable[[], _T], missing: object = ()) -> Callable[[], Any]:
        """Start a read; what is returned waits for it and notes a denial under the reading's name."""
        future: Future[_T] = self._pool.submit(read)

        def result() -> _T | object:
            try:
                return future.result()
            except RefusedError as refusal:
                if not is_denied(refusal.code):
                    raise
                self._unread[reading.value] = str(refusal)
                return missing

        return result


def _still_bound(eni: Eni, before: Sequence[Eip], read: Sequence[Eip]) -> list[Eip]:
    """Return what was bound, with the rows that were read since in place of the older ones."""
    rows = {eip.id: eip for eip in (*before, *read)}
    return [eip for eip in rows.values() if eip.bound_to == eni.id]


def _nothing() -> None:
    """Stand for a read that has no object."""
