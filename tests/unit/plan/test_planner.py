"""The planner: from any facts to steps in the only order that is allowed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from multieip.model.finding import Phase
from multieip.model.resources import (
    MAX_EIPS,
    AllocationId,
    BindMode,
    Eip,
    EipStatus,
    EniStatus,
    Gateway,
    InstanceStatus,
)
from multieip.plan.planner import Plan, plan_apply, plan_release
from multieip.plan.steps import (
    Associate,
    Attach,
    AwaitEips,
    AwaitEni,
    ConfigureGuest,
    Detach,
    ReadGateways,
    ReleaseGuest,
    Step,
    Unassociate,
)
from multieip.rules import evaluate
from multieip.rules.examples import ATTACHED, BEFORE, BOUND, EIPS, ENI, GROUP, HOLDER, OTHER_INSTANCE, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.model.facts import Facts

_ORDER = (ReleaseGuest, Detach, Unassociate, Associate, Attach, ReadGateways, ConfigureGuest)
_WRITES = (ReleaseGuest, Detach, Unassociate, Associate, Attach)

_READY = replace(BEFORE, enis=(ATTACHED,), eips=BOUND, bound=BOUND, instances=(HOLDER,), holder=HOLDER)


def _eip(number: int, *, bound: bool = False, status: EipStatus = EipStatus.IN_USE) -> Eip:
    free = Eip(AllocationId(f"eip-{number:02}"), f"198.51.100.{100 + number}", EipStatus.AVAILABLE, REGION)
    if not bound:
        return free
    return replace(free, status=status, bound_to=ENI.id, bound_type="NetworkInterface", mode=BindMode.MULTI)


@st.composite
def _facts(draw: st.DrawFn) -> Facts:
    """Draw pictures that a run may meet: some bound, on their way or foreign, attached here, there or not."""
    counts = draw(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 3)))
    on_the_way = draw(st.sampled_from([EipStatus.IN_USE, EipStatus.ASSOCIATING]))
    free = [_eip(n) for n in range(counts[0])]
    mine = [
        _eip(20 + n, bound=True, status=on_the_way if n == 0 else EipStatus.IN_USE) for n in range(counts[1])
    ]
    foreign = tuple(_eip(40 + n, bound=True) for n in range(counts[2]))
    members = tuple(draw(st.permutations([*free, *mine])))
    holder = draw(st.sampled_from([None, HOLDER, OTHER_INSTANCE]))
    eni = ENI if holder is None else replace(ATTACHED, instance=holder.id)
    status = draw(st.sampled_from([InstanceStatus.RUNNING, InstanceStatus.STOPPED]))
    instances = draw(st.sampled_from([(), (replace(HOLDER, status=status),)]))
    group = replace(
        GROUP,
        eips=tuple(eip.id for eip in members),
        instances=tuple(instance.id for instance in instances),
        size=draw(st.sampled_from([None, 1, 3, MAX_EIPS])),
        detach=draw(st.booleans()),
        prune=draw(st.booleans()),
    )
    return replace(
        BEFORE,
        group=group,
        enis=(eni,),
        eips=members,
        bound=(*mine, *foreign),
        instances=instances,
        holder=holder,
        bind_while_attached=draw(st.booleans()),
    )


def _allowed(facts: Facts) -> bool:
    return not any(finding.blocks for finding in evaluate(facts, Phase.BEFORE))


def _carried_out(facts: Facts, step: Step) -> Facts:
    """Return the facts that a cloud without trouble would show after the step."""
    match step:
        case Associate(eips=ids):
            return _with(facts, lambda e: _eip_bound(e) if e.id in ids else e)
        case Unassociate(eip=gone):
            return _with(facts, lambda e: _eip_free(e) if e.id == gone else e)
        case AwaitEips(eips=ids, status=EipStatus.IN_USE):
            return _with(facts, lambda e: replace(e, status=EipStatus.IN_USE) if e.id in ids else e)
        case Attach(instance=instance):
            attached = replace(facts.enis[0], status=EniStatus.IN_USE, instance=instance)
            return replace(facts, enis=(attached,), holder=facts.instance)
        case Detach():
            return replace(
                facts, enis=(replace(facts.enis[0], status=EniStatus.AVAILABLE, instance=None),), holder=None
            )
    return facts


def _with(facts: Facts, change: Callable[[Eip], Eip]) -> Facts:
    seen = {eip.id: change(eip) for eip in (*facts.eips, *facts.bound)}
    members = tuple(seen[eip.id] for eip in facts.eips)
    return replace(facts, eips=members, bound=tuple(e for e in seen.values() if e.bound_to == ENI.id))


def _eip_bound(eip: Eip) -> Eip:
    return replace(
        eip, status=EipStatus.IN_USE, bound_to=ENI.id, bound_type="NetworkInterface", mode=BindMode.MULTI
    )


def _eip_free(eip: Eip) -> Eip:
    return replace(eip, status=EipStatus.AVAILABLE, bound_to=None, bound_type=None, mode=None)


def _after(facts: Facts, plan: Plan) -> Facts:
    for step in plan.steps:
        facts = _carried_out(facts, step)
    return facts


def _kinds(plan: Plan) -> list[type[Step]]:
    return [type(step) for step in plan.steps]


@given(_facts(), st.booleans())
def test_steps_come_in_the_vendors_order(facts: Facts, settled: bool) -> None:  # noqa: FBT001  hypothesis passes by position
    """Guest release, detach, unbind, bind, attach, gateways, guest: never one before the other."""
    assume(_allowed(facts))

    for plan in (plan_apply(facts, settled=settled), plan_release(facts)):
        ranks = [_ORDER.index(kind) for kind in _kinds(plan) if kind in _ORDER]

        assert sorted(ranks) == ranks


@given(_facts())
def test_every_write_is_followed_by_a_wait_for_its_effect(facts: Facts) -> None:
    """After each write of the cloud comes the step that waits until it shows."""
    assume(_allowed(facts))

    for plan in (plan_apply(facts, settled=True), plan_release(facts)):
        for step, following in zip(plan.steps, plan.steps[1:], strict=False):
            if isinstance(step, (Associate, Unassociate)):
                assert isinstance(following, AwaitEips)
            if isinstance(step, (Attach, Detach)):
                assert isinstance(following, AwaitEni)
        assert not plan.steps or type(plan.steps[-1]) not in _WRITES


@given(_facts(), st.booleans())
def test_no_more_than_ten_are_ever_bound(facts: Facts, settled: bool) -> None:  # noqa: FBT001  hypothesis passes by position
    """Neither one batch nor the ENI at any moment of the plan has more than ten EIPs."""
    assume(_allowed(facts))

    for step in plan_apply(facts, settled=settled).steps:
        if isinstance(step, Associate):
            assert 1 <= len(step.eips) <= MAX_EIPS
            assert len(set(step.eips)) == len(step.eips)
        facts = _carried_out(facts, step)
        assert len(facts.bound) <= MAX_EIPS


@given(_facts(), st.booleans())
def test_nothing_outside_of_the_group_is_touched(facts: Facts, settled: bool) -> None:  # noqa: FBT001  hypothesis passes by position
    """Only the group's ENI, its EIPs, strangers with `prune`, its instance, and a holder with `detach`."""
    assume(_allowed(facts))
    members, strangers = set(facts.group.eips), {eip.id for eip in facts.strangers}

    for step in plan_apply(facts, settled=settled).steps:
        match step:
            case Associate(eni=eni, eips=eips):
                assert eni == ENI.id
                assert set(eips) <= members
            case Unassociate(eni=eni, eip=eip):
                assert eni == ENI.id
                assert facts.group.prune
                assert eip in strangers
            case Attach(eni=eni, instance=instance):
                assert eni == ENI.id
                assert instance in facts.group.instances
            case Detach(eni=eni):
                assert eni == ENI.id
                assert facts.group.detach
            case ConfigureGuest(target=target):
                assert target.eni == ENI.id
                assert target.instance.id in facts.group.instances
            case ReleaseGuest(target=target):
                assert target.eni == ENI.id
                assert facts.group.detach


@given(_facts())
def test_a_release_unbinds_the_members_and_nobody_else(facts: Facts) -> None:
    """Whatever the tags allow, undoing a group leaves other EIPs on the ENI alone."""
    unbound = {step.eip for step in plan_release(facts).steps if isinstance(step, Unassociate)}

    assert unbound <= set(facts.group.eips)
    assert [step for step in plan_release(facts).steps if isinstance(step, (Associate, Attach))] == []


@given(_facts(), st.booleans())
def test_a_plan_that_was_carried_out_leaves_nothing_to_write(facts: Facts, settled: bool) -> None:  # noqa: FBT001  hypothesis passes by position
    """Planning again after the plan gives only the readings at its end."""
    assume(_allowed(facts))

    after = _after(facts, plan_apply(facts, settled=settled))
    again = plan_apply(after, settled=settled)

    assert not set(_kinds(again)) & set(_WRITES)
    assert set(_kinds(again)) <= {ReadGateways, ConfigureGuest}


@given(_facts())
def test_an_interface_that_is_taken_off_goes_on_again_in_the_same_plan(facts: Facts) -> None:
    """A detach without an attach after it would leave somebody without an interface."""
    assume(_allowed(facts))

    kinds = _kinds(plan_apply(facts, settled=True))

    assert (Detach in kinds) <= (Attach in kinds)


@given(_facts())
def test_a_released_group_is_planned_to_be_released_by_nothing(facts: Facts) -> None:
    """Releasing twice does nothing the second time."""
    after = _after(facts, plan_release(facts))

    assert Plan(()) == plan_release(after)


def test_a_new_group_is_bound_attached_and_configured() -> None:
    """The whole way of a group where nothing was done yet."""
    plan = plan_apply(BEFORE, settled=True)

    assert [Associate, AwaitEips, Attach, AwaitEni, ReadGateways, ConfigureGuest] == _kinds(plan)
    assert plan.waits_for == ""


def test_a_ready_group_is_only_read_back() -> None:
    """Nothing is written where everything is there; the guest is asked all the same."""
    assert [ReadGateways, ConfigureGuest] == _kinds(plan_apply(_READY, settled=False))


def test_eips_on_their_way_are_waited_for_before_the_attach() -> None:
    """A run that died after its batch left EIPs Associating: the next one waits for them."""
    first, second = BOUND
    on_the_way = (replace(first, status=EipStatus.ASSOCIATING), second)

    plan = plan_apply(replace(BEFORE, eips=on_the_way, bound=on_the_way), settled=True)

    assert plan.steps[0] == AwaitEips(REGION, (first.id,), EipStatus.IN_USE)
    assert [AwaitEips, Attach, AwaitEni, ReadGateways, ConfigureGuest] == _kinds(plan)


def test_eips_are_unbound_one_after_the_other() -> None:
    """The cloud refuses a second change on one ENI while the first is under way."""
    plan = plan_release(replace(BEFORE, eips=BOUND, bound=BOUND))

    assert [Unassociate, AwaitEips, Unassociate, AwaitEips] == _kinds(plan)


def test_an_eip_that_is_leaving_already_is_only_waited_for() -> None:
    """Releasing after a killed release does not unbind again what is Unassociating."""
    leaving = (replace(BOUND[0], status=EipStatus.UNASSOCIATING), BOUND[1])

    plan = plan_release(replace(BEFORE, eips=leaving, bound=leaving))

    assert [AwaitEips, Unassociate, AwaitEips] == _kinds(plan)


def test_a_stopped_instance_gets_the_interface_and_the_guest_waits() -> None:
    """The ENI can be attached to a stopped instance; its guest is configured when it runs."""
    stopped = replace(BEFORE, instances=(replace(HOLDER, status=InstanceStatus.STOPPED, enis=()),))

    plan = plan_apply(stopped, settled=True)

    assert [Associate, AwaitEips, Attach, AwaitEni] == _kinds(plan)
    assert "i-example to run; it is Stopped" in plan.waits_for


def test_size_holds_the_attach_back() -> None:
    """Bound at once, attached only when the set is complete."""
    plan = plan_apply(replace(BEFORE, group=replace(GROUP, size=3)), settled=True)

    assert [Associate, AwaitEips] == _kinds(plan)
    assert plan.waits_for == "1 more EIPs (size 3, 2 so far)"
    assert not plan.settling


def test_an_interface_without_eips_stays_off() -> None:
    """Attached empty, it could take no EIP any more."""
    plan = plan_apply(replace(BEFORE, eips=(), group=replace(GROUP, eips=())), settled=True)

    assert plan.steps == ()
    assert "EIPs in the group" in plan.waits_for


def test_without_size_the_attach_waits_until_the_set_has_settled() -> None:
    """Only time is missing, and the plan says so."""
    plan = plan_apply(BEFORE, settled=False)

    assert [Associate, AwaitEips] == _kinds(plan)
    assert plan.settling


def test_an_attached_interface_stays_until_the_set_is_complete() -> None:
    """With consent to detach, the interface is not taken off before it can go on again."""
    grown = replace(_READY, eips=(*BOUND, _eip(3)), group=replace(GROUP, detach=True, size=4))

    plan = plan_apply(grown, settled=True)

    assert plan.steps == ()
    assert "1 more EIPs" in plan.waits_for


def test_another_holder_keeps_the_interface_without_consent() -> None:
    """The ENI is on a foreign instance: the plan waits, and touches neither."""
    elsewhere = replace(_READY, enis=(replace(ATTACHED, instance=OTHER_INSTANCE.id),), holder=OTHER_INSTANCE)

    plan = plan_apply(elsewhere, settled=True)

    assert plan.steps == ()
    assert "to leave i-other" in plan.waits_for


def test_with_consent_the_interface_moves() -> None:
    """Guest released, detached there, attached here, configured."""
    elsewhere = replace(
        _READY,
        enis=(replace(ATTACHED, instance=OTHER_INSTANCE.id),),
        holder=OTHER_INSTANCE,
        group=replace(GROUP, detach=True),
    )

    plan = plan_apply(elsewhere, settled=True)

    expected = [ReleaseGuest, Detach, AwaitEni, Attach, AwaitEni, ReadGateways, ConfigureGuest]
    assert expected == _kinds(plan)


def test_binding_while_attached_detaches_nothing() -> None:
    """Where the setting says that the account may, new EIPs go onto the attached ENI."""
    grown = replace(
        _READY, eips=(*BOUND, _eip(3)), group=replace(GROUP, detach=True), bind_while_attached=True
    )

    plan = plan_apply(grown, settled=True)

    assert [Associate, AwaitEips, ReadGateways, ConfigureGuest] == _kinds(plan)


def test_the_text_shows_every_call_and_the_wanted_set() -> None:
    """What a person reads before letting it run."""
    known = replace(BEFORE, gateways=(Gateway(EIPS[0].address, "198.51.100.1", "255.255.255.0"),))

    expected = """\
1. bind eip-example1, eip-example2 to eni-example in multi-EIP mode
     Vpc.AssociateEipAddressBatch RegionId=cn-shanghai BindedInstanceId=eni-example \
BindedInstanceType=NetworkInterface Mode=MULTI_BINDED InstanceIds.1=eip-example1 InstanceIds.2=eip-example2
2. wait until eip-example1, eip-example2 are InUse
     Vpc.DescribeEipAddresses RegionId=cn-shanghai AllocationId=eip-example1,eip-example2
3. attach eni-example to i-example
     Ecs.AttachNetworkInterface RegionId=cn-shanghai NetworkInterfaceId=eni-example InstanceId=i-example
4. wait until eni-example is InUse
     Ecs.DescribeNetworkInterfaces RegionId=cn-shanghai NetworkInterfaceId.1=eni-example
5. read the gateways of the EIPs on eni-example
     Vpc.DescribeEipGatewayInfo RegionId=cn-shanghai InstanceId=eni-example
6. configure 198.51.100.11, 203.0.113.141 in the guest of i-example and read back
     Ecs.RunCommand RegionId=cn-shanghai Type=RunShellScript InstanceId.1=i-example \
CommandContent=<guest script, apply>
     Ecs.DescribeInvocationResults RegionId=cn-shanghai InvokeId=<of RunCommand>
     198.51.100.11 mask 255.255.255.0 gateway 198.51.100.1
     203.0.113.141 mask (read after binding) gateway (read after binding)"""

    assert expected == plan_apply(known, settled=True).as_text()


def test_the_json_is_what_the_text_says() -> None:
    """Machines get the same steps, calls and wanted set, and what stays open."""
    body = json.loads(json.dumps(plan_apply(BEFORE, settled=False).as_json()))

    assert body["waits_for"] == "the set of EIPs to settle"
    assert body["text"].endswith("then waits: the set of EIPs to settle")
    assert [step["step"] for step in body["steps"]] == ["Associate", "AwaitEips"]
    assert body["steps"][0] == {
        "step": "Associate",
        "title": "bind eip-example1, eip-example2 to eni-example in multi-EIP mode",
        "calls": [
            {
                "product": "Vpc",
                "action": "AssociateEipAddressBatch",
                "params": {
                    "RegionId": "cn-shanghai",
                    "BindedInstanceId": "eni-example",
                    "BindedInstanceType": "NetworkInterface",
                    "Mode": "MULTI_BINDED",
                    "InstanceIds.1": "eip-example1",
                    "InstanceIds.2": "eip-example2",
                },
            }
        ],
    }


def test_a_plan_without_steps_says_so() -> None:
    """An empty plan reads as a sentence, not as nothing."""
    assert Plan(()).as_text() == "nothing to do"
