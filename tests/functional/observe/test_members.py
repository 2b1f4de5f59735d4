"""What one look shows: who is a member, what is read for it, and what it says of what it cannot see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import pytest

from multieip.cloud.catalog import catalog
from multieip.cloud.parallel import OneByOne, Threads
from multieip.errors import LostAnswerError, RefusedError, UnreadableError
from multieip.intent import explicit_group
from multieip.model.facts import Facts, Group, Reading, Target
from multieip.model.finding import Status
from multieip.model.resources import AllocationId, EniId, GroupName, InstanceId, InstanceStatus, Region
from multieip.observe.group import Observer
from multieip.observe.region import RegionReader
from multieip.rules import evaluate
from tests.functional.observe.bent import Bent, more_than_there_are
from tests.functional.operator import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.model.finding import Finding
    from multieip.ports import Api, Json, Product
    from tests.functional.scene import Scene

REGION = Region("cn-shanghai")
CATALOG = catalog((), ())
_T = TypeVar("_T")


def observer(api: Api, *named: str) -> Observer:
    """Look at group web; `named` are the ids of its event."""
    target = Target(REGION, GroupName("web"), named=named)
    return Observer(api, target, CATALOG, prefix=PREFIX, parallel=OneByOne())


def said(facts: Facts, rule: str) -> Finding:
    """Return what one rule says."""
    return next(finding for finding in evaluate(facts) if finding.rule == rule)


def serving(scene: Scene, eips: int = 2) -> tuple[str, list[str]]:
    """Make group web, bound and attached to its instance."""
    eni, bought = scene.group(eips)
    scene.hand.bind(eni, bought)
    scene.hand.attach(eni, scene.seeds.instance)
    return eni, bought


def test_an_eip_on_the_eni_with_the_groups_tag_is_a_member(scene: Scene) -> None:
    """The list by tag does not show it yet; its own row, in the list by ENI, does: it is inside."""
    _, eips = serving(scene, 3)

    facts = observer(Bent(scene.api, late=frozenset(eips[:1]))).look()

    assert set(facts.group.eips) == set(eips)
    assert facts.eips_outside == ()


def test_a_row_whose_own_tag_is_gone_is_no_member(scene: Scene) -> None:
    """A list by tag still shows it: the ENI, one EIP and the instance of another day."""
    eni, eips = scene.group(2)
    old = {each: {f"{PREFIX}group": "web"} for each in (eni, eips[0], scene.seeds.instance)}
    scene.hand.untag("eni", [eni])
    scene.hand.untag("EIP", eips[:1])
    scene.hand.untag("instance", [scene.seeds.instance])

    facts = observer(Bent(scene.api, old=old)).look()

    assert (facts.enis, facts.instances) == ((), ())
    assert facts.group.eips == (eips[1],)


def test_an_eip_of_another_group_on_the_eni_is_no_member(scene: Scene) -> None:
    """Its own tag says whose it is, whatever it is bound to."""
    eni, _ = scene.group(1)
    (other,) = scene.hand.eips(1, "db")
    scene.hand.bind(eni, [other])

    facts = observer(scene.api).look()

    assert other not in facts.group.eips
    assert [eip.id for eip in facts.eips_outside] == [other]


def test_what_the_event_names_is_read_by_its_id(scene: Scene) -> None:
    """No list by tag shows any of it yet. What is named and has no tag of the group is no member."""
    eni, eips = scene.group(2)
    other = scene.hand.eips(1)
    late = frozenset([eni, *eips, scene.seeds.instance])
    named = (eni, *eips, scene.seeds.instance, *other, "eip-gone")

    unnamed = observer(Bent(scene.api, late=late)).look()
    facts = observer(Bent(scene.api, late=late), *named).look()

    assert (unnamed.enis, unnamed.eips, unnamed.instances) == ((), (), ())
    assert facts.group.enis == (eni,)
    assert set(facts.group.eips) == set(eips)
    assert facts.group.instances == (scene.seeds.instance,)


def test_where_two_lists_differ_the_row_read_by_id_decides(scene: Scene) -> None:
    """Between the two reads of one look an EIP lost its tag: it is on the ENI and in no group."""
    eni, eips = scene.group(2)
    scene.hand.bind(eni, eips)

    class Between:
        """Takes the tag away after the list by tag was read."""

        def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
            """See `multieip.ports.Api.call`."""
            answer = scene.api.call(product, action, params)
            if action == "DescribeEipAddresses" and "Tag.1.Key" in params:
                scene.hand.untag("EIP", eips[:1])
            return answer

    facts = observer(Between()).look()

    assert facts.group.eips == (eips[1],)
    assert [eip.id for eip in facts.eips_outside] == eips[:1]


def test_the_first_look_at_a_group_that_serves_reads_only_what_can_differ(scene: Scene) -> None:
    """Members, and the gateways, which show that nothing else is bound; no agent, no type, no second list."""
    serving(scene)
    api = Bent(scene.api)

    facts = observer(api).look()

    assert [action for action, _ in api.calls] == [
        "DescribeNetworkInterfaces",
        "DescribeEipAddresses",
        "DescribeInstances",
        "DescribeEipGatewayInfo",
    ]
    spared = {Reading.ASSISTANT, Reading.INSTANCE_TYPE}
    assert facts.unasked == spared | {Reading.SECURITY_GROUPS, Reading.SERVICE_ENI}
    assert {eip.id for eip in facts.bound} == set(facts.group.eips)
    assert said(facts, "assistant-online").status is Status.NOT_APPLICABLE
    assert not [finding for finding in evaluate(facts) if finding.blocks]


def test_gateways_of_others_lead_to_the_list_of_what_is_bound(scene: Scene) -> None:
    """An EIP without the group's tag on the ENI: its gateway gives it away."""
    _, eips = serving(scene, 3)
    scene.hand.untag("EIP", eips[:1])

    facts = observer(Bent(scene.api)).look()

    assert [eip.id for eip in facts.eips_outside] == eips[:1]


def test_a_fresh_group_is_read_in_two_rounds(scene: Scene) -> None:
    """Members, then what is bound, the type and the agent: six calls."""
    scene.group(2)
    api = Bent(scene.api)

    observer(api).look()

    assert sorted(action for action, _ in api.calls[3:]) == [
        "DescribeCloudAssistantStatus",
        "DescribeEipAddresses",
        "DescribeInstanceTypes",
    ]


def test_a_later_look_reads_what_is_asked_and_forgets_what_is_gone(scene: Scene) -> None:
    """An EIP that lost its tag since is no member any more, though its old row is still at hand."""
    _, eips = serving(scene)
    api = Bent(scene.api)
    watch = observer(api)
    first = watch.look()
    scene.hand.untag("EIP", eips[:1])
    api.calls.clear()

    second = watch.look(reading={Reading.ENI, Reading.EIPS}, since=first)

    assert second.group.eips == (eips[1],)
    assert [eip.id for eip in second.eips_outside] == eips[:1]
    assert second.instances == first.instances
    assert [action for action, _ in api.calls] == [
        "DescribeNetworkInterfaces",
        "DescribeEipAddresses",
        "DescribeEipAddresses",
    ]


def test_a_later_look_knows_what_was_unbound(scene: Scene) -> None:
    """The list by ENI lacks an EIP that was bound before: its row is read again."""
    eni, eips = scene.group(2)
    scene.hand.bind(eni, eips)
    watch = observer(scene.api)
    first = watch.look()
    scene.hand.api.call("Vpc", "UnassociateEipAddress", {"RegionId": REGION, "AllocationId": eips[0]})
    scene.clock.sleep(60)

    second = watch.look(reading={Reading.BOUND}, since=first)

    assert [eip.id for eip in second.bound] == [eips[1]]
    assert [eip.id for eip in second.unbound_members] == [eips[0]]


def test_a_later_look_reads_the_attached_instance_anew(scene: Scene) -> None:
    """It is in no group, so no list by tag shows it; its state of a moment ago is not believed."""
    eni, _ = scene.group(1, instance=None)
    scene.hand.attach(eni, scene.seeds.instance)
    watch = observer(scene.api)
    first = watch.look()
    scene.hand.api.call("Ecs", "StopInstance", {"RegionId": REGION, "InstanceId": scene.seeds.instance})
    scene.clock.sleep(300)

    second = watch.look(reading={Reading.ENI, Reading.INSTANCE}, since=first)

    assert first.attached_instance is not None
    assert second.attached_instance is not None
    assert (first.attached_instance.status, second.attached_instance.status) == (
        InstanceStatus.RUNNING,
        InstanceStatus.STOPPED,
    )


def test_a_member_on_another_groups_eni_shows_that_eni(scene: Scene) -> None:
    """Who holds it, and what its group allows, is in the facts."""
    other = scene.hand.eni(scene.seeds, "other", prune="allow")
    scene.group(1)
    (moved,) = scene.hand.eips(1)
    scene.hand.bind(other, [moved])
    scene.hand.tag("EIP", [moved], "web")

    facts = observer(scene.api).look()

    assert [(eni.id, eni.tags[f"{PREFIX}prune"]) for eni in facts.elsewhere] == [(other, "allow")]


@pytest.mark.parametrize("role", ["denied", "hidden"])
def test_an_instance_that_must_be_there_and_is_not_shown_is_unknown(scene: Scene, role: str) -> None:
    """The ENI says that it hangs on it: the role may not see it, or not this one. Never *no instance*."""
    serving(scene)
    bent = {
        "denied": Bent(scene.api, denied=frozenset({"DescribeInstances"})),
        "hidden": Bent(scene.api, hidden=frozenset({scene.seeds.instance})),
    }[role]

    facts = observer(bent).look()

    assert facts.unread[Reading.ATTACHED_INSTANCE].denied is (role == "denied")
    for rule in ("group-shape", "eni-state", "eni-attached"):
        assert said(facts, rule).status is Status.UNKNOWN, rule
    assert any(params.get("DryRun") == "true" for _, params in bent.calls)
    shape = said(facts, "group-shape")
    assert (": denied)" in shape.message) is (role == "denied")
    assert shape.settles is (role == "hidden")


def test_a_list_that_contradicts_itself_is_unread_and_nothing_is_done_on_it(scene: Scene) -> None:
    """Case c02, through the front door: pruning is allowed, and the list of members is a lie."""
    eni, eips = scene.group(3, prune="allow", size="3")
    scene.hand.bind(eni, eips)
    scene.forget_events()
    bent = Bent(scene.api, lying={"DescribeEipAddresses": -1}, lie=more_than_there_are)

    facts = observer(bent).look()
    scene.bind({"group": "web", "action": "apply"}, api=bent, limit_s=20)

    assert facts.unread[Reading.EIPS].passes
    assert said(facts, "group-shape").settles
    assert scene.changes() == []
    assert set(scene.bound(eni)) == set(eips)


def test_a_lie_that_is_told_once_is_not_noticed(scene: Scene) -> None:
    """The list is read once more."""
    scene.group(2)
    bent = Bent(scene.api, lying={"DescribeEipAddresses": 1}, lie=more_than_there_are)

    assert observer(bent).look().unread == {}


def test_what_surrounds_the_members_and_fails_is_noted(scene: Scene) -> None:
    """No answer about gateways: the rest of the picture stands, and the next look may read them."""
    serving(scene)
    scene.cloud.faults.add("DescribeEipGatewayInfo:reset-before")

    facts = observer(scene.api).look()

    assert facts.unread[Reading.GATEWAYS].passes
    assert len(facts.bound) == len(facts.eips) == 2


def test_a_list_of_members_without_an_answer_is_raised(scene: Scene) -> None:
    """A run must not go on with half a picture."""
    scene.group(2)
    scene.cloud.faults.add("DescribeEipAddresses:reset-before")

    with pytest.raises(LostAnswerError):
        observer(scene.api).look()


def test_reads_go_side_by_side(scene: Scene) -> None:
    """The reads of a round wait for each other's end, so nobody has begun alone."""
    scene.group(1)
    begun: list[str] = []
    order = Ordered(begun)

    Observer(scene.api, Target(REGION, GroupName("web")), CATALOG, prefix=PREFIX, parallel=order).look()

    assert order.most_at_once == 3
    threads = Threads()
    facts = Observer(scene.api, Target(REGION, GroupName("web")), CATALOG, prefix=PREFIX, parallel=threads)
    assert facts.look().eni is not None


class Ordered:
    """A scheduler that does a read only when somebody waits for it, and counts how many are begun by then."""

    def __init__(self, begun: list[str]) -> None:
        """Nothing is begun."""
        self.begun = begun
        self.open = 0
        self.most_at_once = 0

    def submit(self, read: Callable[[], _T], /) -> Waiting[_T]:
        """See `multieip.ports.Parallel.submit`."""
        self.open += 1
        self.most_at_once = max(self.most_at_once, self.open)
        return Waiting(self, read)


class Waiting(Generic[_T]):
    """A read that is done when it is asked for."""

    def __init__(self, order: Ordered, read: Callable[[], _T]) -> None:
        """Do nothing yet."""
        self._order = order
        self._read = read

    def result(self) -> _T:
        """See `multieip.ports.Pending.result`."""
        self._order.open -= 1
        return self._read()


def test_an_odd_row_is_a_finding_and_costs_no_other_group(scene: Scene) -> None:
    """Case c11 in a whole region: one EIP of web has a lock that is a text, an ENI has no id at all."""
    _, eips = scene.group(2)
    scene.group(1, name="db", instance=None)

    class Odd:
        """Bends two rows."""

        def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
            """See `multieip.ports.Api.call`."""
            answer = scene.api.call(product, action, params)
            if action == "DescribeEipAddresses":
                for row in answer["EipAddresses"]["EipAddress"]:
                    if row["AllocationId"] == eips[0]:
                        row["OperationLocks"] = {"LockReason": ["financial"]}
            elif action == "DescribeNetworkInterfaces" and "Tag.1.Key" in params:
                odd = {"MacAddress": "00:16:3e:00:00:01", "PrimaryIpAddress": "10.0.0.9"}
                answer["NetworkInterfaceSets"]["NetworkInterfaceSet"].append(odd)
            return answer

    reader = RegionReader(Odd(), REGION, PREFIX, Facts(Group(REGION), CATALOG), OneByOne())
    region = reader.read()
    by_name = {facts.group.name: facts for facts in region.facts}

    assert [odd.id for odd in by_name[GroupName("web")].odd] == [eips[0]]
    unreadable = said(by_name[GroupName("web")], "unreadable")
    assert (unreadable.status, unreadable.blocks, unreadable.ids) == (Status.FAIL, True, (eips[0],))
    assert said(by_name[GroupName("db")], "unreadable").status is Status.PASS
    assert any("unreadable" in fault.text for fault in region.ungrouped)


def test_pages_that_are_too_deep_are_asked_for_eni_by_eni(scene: Scene) -> None:
    """With many groups one list of the region shows what is bound; where that is refused, each ENI does."""
    names = [f"group{number}" for number in range(7)]
    for name in names:
        eni = scene.hand.eni(scene.seeds, name)
        scene.hand.bind(eni, scene.hand.eips(1, name))

    class Deep:
        """Refuses the list of the region."""

        def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
            """See `multieip.ports.Api.call`."""
            if action == "DescribeEipAddresses" and not {"Tag.1.Key", "AssociatedInstanceId"} & set(params):
                raise RefusedError(action, "Throttling.DeepPageSkip", "too deep", http_status=400)
            return scene.api.call(product, action, params)

    def read(api: Api) -> list[Facts]:
        reader = RegionReader(api, REGION, PREFIX, Facts(Group(REGION), CATALOG), OneByOne())
        return list(reader.read().facts)

    assert [len(facts.bound) for facts in read(Deep())] == [1] * len(names)
    assert read(Deep()) == read(scene.api)


def test_a_hidden_instance_of_a_call_by_ids_is_unknown_and_a_gone_one_is_told(scene: Scene) -> None:
    """The call names it; to a role without the permission it does not exist."""
    eni, eips = scene.group(1, name="other")
    allocation = [AllocationId(each) for each in eips]

    def shape(api: Api, instance: str) -> Finding:
        group = explicit_group(REGION, EniId(eni), allocation, InstanceId(instance))
        target = Target(REGION, explicit=group)
        return said(Observer(api, target, CATALOG, prefix=PREFIX, parallel=OneByOne()).look(), "group-shape")

    denied = shape(Bent(scene.api, denied=frozenset({"DescribeInstances"})), scene.seeds.instance)
    gone = shape(scene.api, "i-gone")

    assert (denied.status, gone.status) == (Status.UNKNOWN, Status.FAIL)
    assert "denied" in denied.message
    assert "no instance i-gone" in gone.message


def test_a_region_of_which_nothing_can_be_read_is_no_region_without_groups(scene: Scene) -> None:
    """All three lists are denied: raised, not an empty region."""
    scene.group(1)
    denied = frozenset({"DescribeNetworkInterfaces", "DescribeEipAddresses", "DescribeInstances"})
    blind = Bent(scene.api, denied=denied)

    with pytest.raises(UnreadableError, match="Forbidden"):
        RegionReader(blind, REGION, PREFIX, Facts(Group(REGION), CATALOG), OneByOne()).read()
