"""Ids or a group's name → `Facts`: few reads, batched, side by side."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from multieip.cloud import ecs, vpc
from multieip.cloud.refusals import is_denied
from multieip.errors import RefusedError
from multieip.intent import Tagged, claimed_elsewhere, group_of
from multieip.model.facts import Catalog, Facts, Group, Refusal, Target
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
    from collections.abc import Callable, Sequence

    from multieip.ports import Api

_AT_ONCE: Final = 5
_T = TypeVar("_T")


class Observer:
    """Reads the state of one group. Keeps nothing but what never changes (instance types)."""

    def __init__(
        self, api: Api, target: Target, catalog: Catalog, *, prefix: str, bind_while_attached: bool = False
    ) -> None:
        """Look with `api` at `target`; `prefix` is that of our tags."""
        self._api = api
        self._target = target
        self._prefix = prefix
        self._blank = Facts(Group(target.region), catalog, bind_while_attached=bind_while_attached)
        self._types: dict[str, InstanceType] = {}

    def unseen(self) -> Facts:
        """Return what is known without a look: what the caller named."""
        return replace(
            self._blank, group=self._target.explicit or Group(self._target.region, self._target.name)
        )

    def look(self, refusals: Sequence[Refusal] = ()) -> Facts:
        """Return the facts as they are now.

        A reading that RAM denies is noted in `Facts.unread`; every other failure is raised, because a run
        must not go on with half a picture that the next try may complete.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return _Look(self._api, self._target, self._prefix, self._types, pool).facts(
                replace(self._blank, refusals=tuple(refusals))
            )


class _Look:
    """One look: two rounds of reads, the second about what the first found."""

    def __init__(
        self,
        api: Api,
        target: Target,
        prefix: str,
        types: dict[str, InstanceType],
        pool: ThreadPoolExecutor,
    ) -> None:
        self._api = api
        self._target = target
        self._region = target.region
        self._prefix = prefix
        self._types = types
        self._pool = pool
        self._unread: dict[str, str] = {}

    def facts(self, blank: Facts) -> Facts:
        """Read both rounds."""
        tagged = self._members()
        group = self._group(tagged)
        eni = tagged.enis[0] if len(tagged.enis) == 1 else None
        instances = tuple(tagged.instances)
        bound, holder, kind, assistant, gateways = self._surroundings(eni, instances, tagged.eips)
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

    def _members(self) -> Tagged:
        api, region = self._api, self._region
        enis = self._list("eni", "enis", lambda how: ecs.list_enis(api, region, **how))
        eips = self._list("eips", "eips", lambda how: vpc.list_eips(api, region, **how))
        instances = self._list("instance", "instances", lambda how: ecs.list_instances(api, region, **how))
        return Tagged(enis(), eips(), instances())

    def _list(self, reading: str, kind: str, read: Callable[[dict[str, Any]], list[_T]]) -> Callable[[], Any]:
        """List one kind of member: by the ids of a manual call, else by the group's tag."""
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
        self, eni: Eni | None, instances: Sequence[Instance], members: Sequence[Eip]
    ) -> tuple[list[Eip], Instance | None, InstanceType | None, Assistant | None, list[Gateway] | None]:
        api, region = self._api, self._region
        bound = self._ask("bound", lambda: vpc.list_eips(api, region, bound_to=eni.id)) if eni else list
        gateways: Callable[[], list[Gateway] | None] = _nothing
        if eni and any(eip.bound_to == eni.id and eip.mode is BindMode.MULTI for eip in members):
            gateways = self._ask("gateways", lambda: vpc.gateways(api, region, eni.id), missing=None)
        holder = self._holder(eni, instances)
        instance = instances[0] if len(instances) == 1 else None
        kind: Callable[[], InstanceType | None] = _nothing
        assistant: Callable[[], Assistant | None] = _nothing
        if instance is not None:
            kind = self._ask("instance-type", lambda: self._type(instance.type), missing=None)
            assistant = self._ask("assistant", lambda: self._assistant(instance.id), missing=None)
        return bound(), holder(), kind(), assistant(), gateways()

    def _holder(self, eni: Eni | None, instances: Sequence[Instance]) -> Callable[[], Instance | None]:
        if eni is None or eni.instance is None:
            return _nothing
        holder = eni.instance
        known = {instance.id: instance for instance in instances}
        if holder in known:
            return lambda: known[holder]
        found = self._ask("holder", lambda: ecs.list_instances(self._api, self._region, ids=[holder]))
        return lambda: next(iter(found()), None)

    def _type(self, name: str) -> InstanceType | None:
        if name not in self._types:
            self._types.update(ecs.instance_types(self._api, [name]))
        return self._types.get(name)

    def _assistant(self, instance: InstanceId) -> Assistant:
        found = ecs.assistants(self._api, self._region, [instance])
        return next(iter(found), Assistant(instance, online=False))

    def _ask(self, reading: str, read: Callable[[], _T], missing: object = ()) -> Callable[[], Any]:
        """Start a read; what is returned waits for it and notes a denial under the reading's name."""
        future: Future[_T] = self._pool.submit(read)

        def result() -> _T | object:
            try:
                return future.result()
            except RefusedError as refusal:
                if not is_denied(refusal.code):
                    raise
                self._unread[reading] = str(refusal)
                return missing

        return result


def _nothing() -> None:
    """Stand for a read that has no object."""
