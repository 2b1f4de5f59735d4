"""A look at one group and the look at its region tell the same of it, whatever happened and is hidden.

Histories are drawn: operators tag, move, bind, attach, stop and release; then the cloud is looked at through
lists that lag, lie or hide, with permissions missing. `MULTI_EIP_HISTORIES` says how many.
"""

from __future__ import annotations

import copy
import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from localcloud import CallRefusedError, mock_cloud
from multieip.cloud.catalog import catalog
from multieip.cloud.parallel import OneByOne
from multieip.dataclass import replace
from multieip.errors import UnreadableError
from multieip.model.facts import NOT_BY_A_LOOK, SPARED, Facts, Group, Reading, Target
from multieip.model.resources import GroupName, Region
from multieip.observe.group import Observer
from multieip.observe.region import RegionReader
from tests.functional.in_process import InProcess
from tests.functional.observe.bent import LISTS, READS, Bent, more_than_there_are, one_id_twice, tags
from tests.functional.operator import PREFIX, Operator

if TYPE_CHECKING:
    from localcloud import MockCloud
    from multieip.ports import Json

HISTORIES = int(os.environ.get("MULTI_EIP_HISTORIES", "250"))
REGION = Region("cn-shanghai")
CATALOG = catalog((), ())
NAMES = ("web", "db")
GROUPS = st.sampled_from([*NAMES, None])
EVERYTHING = frozenset(Reading) - NOT_BY_A_LOOK

ENIS, EIPS, INSTANCES = 3, 5, 2
ENI, EIP, INSTANCE = st.integers(0, ENIS - 1), st.integers(0, EIPS - 1), st.integers(0, INSTANCES - 1)
STEPS = st.one_of(
    st.tuples(st.just("tag eni"), ENI, GROUPS),
    st.tuples(st.just("tag eip"), EIP, GROUPS),
    st.tuples(st.just("tag instance"), INSTANCE, GROUPS),
    st.tuples(st.just("consent"), ENI, st.sampled_from(["detach", "prune", "hold", "size", "ignore"])),
    st.tuples(st.just("bind"), EIP, ENI, st.sampled_from(["MULTI_BINDED", "MULTI_BINDED", "NAT"])),
    st.tuples(st.just("unbind"), EIP),
    st.tuples(st.just("attach"), ENI, INSTANCE),
    st.tuples(st.just("detach"), ENI, INSTANCE),
    st.tuples(st.just("power"), INSTANCE, st.sampled_from(["StopInstance", "StartInstance"])),
    st.tuples(st.just("release"), EIP),
    st.tuples(st.just("delete"), ENI),
    st.tuples(st.just("wait"), st.sampled_from([0.2, 3.0, 90.0])),
)
PLACES = st.frozensets(st.integers(0, ENIS + EIPS + INSTANCES - 1), max_size=2)
LIES = st.sampled_from([more_than_there_are, one_id_twice])


class History:
    """Three ENIs, five EIPs and two instances, and what was done with them."""

    def __init__(self, local: MockCloud) -> None:
        """Two groups that are whole at the start: the interesting states are a few steps from there."""
        self.clock = local.clock
        self.hand = Operator(local.cloud)
        self.enis = [self.hand.eni(local.seeds, name) for name in ("web", "db", None)]
        self.eips = self.hand.eips(EIPS)
        self.instances = [local.seeds.instance, local.seeds.instance_windows]
        self.hand.tag("EIP", self.eips[:2], "web")
        self.hand.tag("EIP", self.eips[2:4], "db")
        self.hand.tag("instance", self.instances[:1], "web")

    def serve(self) -> None:
        """Let group web be what it is tagged to be: bound and attached."""
        self.hand.bind(self.enis[0], self.eips[:2])
        self.hand.attach(self.enis[0], self.instances[0])

    @property
    def ids(self) -> list[str]:
        """Every resource, in a fixed order."""
        return [*self.enis, *self.eips, *self.instances]

    def do(self, step: tuple[Any, ...]) -> None:
        """Do one step; what the cloud refuses did not happen."""
        name, *words = step
        try:
            getattr(self, name.replace(" ", "_"))(*words)
        except CallRefusedError:
            event(f"refused: {name}")

    def _tag(self, kind: str, named: str, group: str | None) -> None:
        if group is None:
            self.hand.untag(kind, [named])
        else:
            self.hand.tag(kind, [named], group)

    def tag_eni(self, which: int, group: str | None) -> None:
        """Put an ENI into a group, or out of any."""
        self._tag("eni", self.enis[which], group)

    def tag_eip(self, which: int, group: str | None) -> None:
        """Put an EIP into a group, or out of any."""
        self._tag("EIP", self.eips[which], group)

    def tag_instance(self, which: int, group: str | None) -> None:
        """Put an instance into a group, or out of any."""
        self._tag("instance", self.instances[which], group)

    def consent(self, which: int, key: str) -> None:
        """Set one of the optional tags."""
        value = {"size": "2", "ignore": "mode-closed", "hold": "pause"}.get(key, "allow")
        self.hand.tag("eni", [self.enis[which]], **{key: value})

    def bind(self, eip: int, eni: int, mode: str) -> None:
        """Associate an EIP with an ENI."""
        named = {"AllocationId": self.eips[eip], "InstanceId": self.enis[eni], "Mode": mode}
        self._vpc("AssociateEipAddress", {**named, "InstanceType": "NetworkInterface"})

    def unbind(self, eip: int) -> None:
        """Unassociate an EIP."""
        self._vpc("UnassociateEipAddress", {"AllocationId": self.eips[eip]})

    def release(self, eip: int) -> None:
        """Give an EIP back."""
        self._vpc("ReleaseEipAddress", {"AllocationId": self.eips[eip]})

    def attach(self, eni: int, instance: int) -> None:
        """Attach an ENI."""
        named = {"NetworkInterfaceId": self.enis[eni], "InstanceId": self.instances[instance]}
        self._ecs("AttachNetworkInterface", named)

    def detach(self, eni: int, instance: int) -> None:
        """Detach an ENI."""
        named = {"NetworkInterfaceId": self.enis[eni], "InstanceId": self.instances[instance]}
        self._ecs("DetachNetworkInterface", named)

    def delete(self, eni: int) -> None:
        """Delete an ENI."""
        self._ecs("DeleteNetworkInterface", {"NetworkInterfaceId": self.enis[eni]})

    def power(self, instance: int, action: str) -> None:
        """Stop or start an instance."""
        self._ecs(action, {"InstanceId": self.instances[instance]})

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.sleep(seconds)

    def _vpc(self, action: str, named: dict[str, str]) -> None:
        self.hand.api.call("Vpc", action, {"RegionId": REGION, **named})

    def _ecs(self, action: str, named: dict[str, str]) -> None:
        self.hand.api.call("Ecs", action, {"RegionId": REGION, **named})


@st.composite
def glasses(draw: st.DrawFn) -> dict[str, Any]:
    """Draw how the cloud is looked at; half of the time it is seen as it is."""
    if draw(st.booleans()):
        return {}
    return {
        "denied": draw(st.frozensets(st.sampled_from(READS), max_size=2)),
        "late": draw(PLACES),
        "old": draw(PLACES),
        "hidden": draw(st.booleans()),
        "lying": draw(st.dictionaries(st.sampled_from(sorted(LISTS)), st.sampled_from([1, -1]), max_size=1)),
        "lie": draw(LIES),
    }


def rows_of(api: InProcess) -> dict[str, Json]:
    """Return every resource as its list shows it now."""
    found: dict[str, Json] = {}
    for action, (outer, inner, name) in LISTS.items():
        product = "Vpc" if "Eip" in action else "Ecs"
        answer = api.call(product, action, {"RegionId": REGION, "PageSize": "100"})
        found.update({row[name]: copy.deepcopy(row) for row in answer[outer][inner]})
    return found


def tagged(api: InProcess, named: str) -> str | None:
    """Return the group of an EIP as its own row has it."""
    row = rows_of(api).get(named)
    return None if row is None else tags(row).get(f"{PREFIX}group")


def bent(history: History, api: InProcess, how: dict[str, Any], before: dict[str, Json]) -> Bent:
    """Look at the cloud as drawn."""
    ids = history.ids
    return Bent(
        api,
        denied=how.get("denied", frozenset()),
        late=frozenset(ids[n] for n in how.get("late", ())),
        old={ids[n]: tags(before[ids[n]]) for n in how.get("old", ()) if ids[n] in before},
        hidden=frozenset(history.instances[1:] if how.get("hidden") else ()),
        lying=dict(how.get("lying", {})),
        lie=how.get("lie"),
    )


def look(api: Bent, name: str, reading: frozenset[Reading] | None) -> Facts:
    """Look at one group."""
    target = Target(REGION, GroupName(name))
    return Observer(api, target, CATALOG, prefix=PREFIX, parallel=OneByOne()).look(reading=reading)


def by_region(api: Bent) -> dict[str, Facts]:
    """Look at all groups; a region of which nothing can be read has none."""
    reader = RegionReader(api, REGION, PREFIX, Facts(Group(REGION), CATALOG), OneByOne())
    try:
        return {str(facts.group.name): facts for facts in reader.read().facts}
    except UnreadableError:
        return {}


@pytest.mark.timeout(1200)
@settings(
    max_examples=HISTORIES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    serving=st.booleans(),
    before=st.lists(STEPS, max_size=4),
    after=st.lists(STEPS, max_size=8),
    how=glasses(),
)
def test_look_and_region_tell_the_same(
    *, serving: bool, before: list[tuple[Any, ...]], after: list[tuple[Any, ...]], how: dict[str, Any]
) -> None:
    """The same cloud through the same glass: equal facts; the lean look differs in what it spares."""
    with mock_cloud() as local:
        history, api = History(local), InProcess(local.cloud)
        if serving:
            history.serve()
        for step in before:
            history.do(step)
        once = rows_of(api)
        for step in after:
            history.do(step)

        groups = by_region(bent(history, api, how, once))

        for name in NAMES:
            whole = look(bent(history, api, how, once), name, EVERYTHING)
            lean = look(bent(history, api, how, once), name, None)
            if name in groups:
                assert _wordless(whole) == _wordless(groups[name])
                event(f"state: {whole.enis[0].status.value if whole.eni else 'no single ENI'}")
            else:
                assert (whole.enis, whole.eips, whole.instances) == ((), (), ())
            if not how:
                assert set(whole.group.eips) == {each for each in history.eips if tagged(api, each) == name}
            assert _spared(_wordless(lean)) == _spared(_wordless(whole))


def _wordless(facts: Facts) -> Facts:
    """Leave out the words of what could not be read: counts differ between a group's list and a region's."""
    return replace(facts, unread={reading: replace(why, text="") for reading, why in facts.unread.items()})


def _spared(facts: Facts) -> Facts:
    """Leave out what a lean look need not read."""
    unread = {reading: why for reading, why in facts.unread.items() if reading not in SPARED}
    return replace(
        facts, instance_type=None, assistant=None, unasked=frozenset(), unread=unread, listed_at=0.0
    )
