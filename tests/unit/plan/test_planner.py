"""The planner: from any facts to the next step, in the only order that is allowed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from multieip.model.facts import WANTED_UNDONE, Reading, Refusal, Unread
from multieip.model.finding import Reach
from multieip.model.resources import (
    MAX_EIPS,
    AllocationId,
    BindMode,
    Eip,
    EipStatus,
    Gateway,
    InstanceStatus,
)
from multieip.plan.course import Course, Goal, GuestSet
from multieip.plan.decision import End, Ending, Motion, Wait, Write
from multieip.plan.effect import after
from multieip.plan.planner import next_step
from multieip.plan.steps import (
    Associate,
    Attach,
    ConfigureGuest,
    Detach,
    MarkRefused,
    ReleaseGuest,
    SetHold,
    Step,
    Unassociate,
)
from multieip.plan.whole import Plan, whole_plan
from multieip.reference.good_group import (
    AFTER,
    ATTACHED,
    ATTACHED_INSTANCE,
    BEFORE,
    BOUND,
    EIPS,
    ENI,
    GROUP,
    OTHER_INSTANCE,
    OUTSIDE_EIP,
    REGION,
)
from multieip.runs.judgement import judged

if TYPE_CHECKING:
    from multieip.model.facts import Facts

_WRITES = (ReleaseGuest, Detach, Unassociate, Associate, Attach, SetHold)

_READY = replace(AFTER, gateways=BEFORE.gateways, guest=BEFORE.guest)


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
    attached = draw(st.sampled_from([None, ATTACHED_INSTANCE, OTHER_INSTANCE]))
    eni = ENI if attached is None else replace(ATTACHED, instance=attached.id)
    status = draw(st.sampled_from([InstanceStatus.RUNNING, InstanceStatus.STOPPED]))
    instances = draw(st.sampled_from([(), (replace(ATTACHED_INSTANCE, status=status),)]))
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
        attached_instance=attached,
        bind_while_attached=draw(st.booleans()),
    )


def _allowed(facts: Facts) -> bool:
    return not any(finding.blocks and finding.reach is Reach.ALL for finding in judged(facts))


def _apply(facts: Facts, *, settled: bool = True, **course: object) -> Plan:
    """Return the whole plan of an apply, up to where an unsettled set would stop it."""
    start = Course(settled=settled, left_alone=True, **course)  # type: ignore[arg-type]
    if settled:
        return whole_plan(facts, judged, start)
    steps: list[Step] = []
    while True:
        decision = next_step(facts, judged(facts), start)
        if not isinstance(decision, Write):
            return Plan(
                tuple(steps), decision if isinstance(decision, End) else End(Ending.TIME, decision.reason)
            )
        steps.append(decision.step)
        facts, start = after(decision.step, facts, start)


def _release(facts: Facts) -> Plan:
    undone = Course(goal=Goal.RELEASE)
    return whole_plan(facts, lambda some: judged(some, Goal.RELEASE), undone)


def _kinds(plan: Plan) -> list[type[Step]]:
    return [type(step) for step in plan.steps]


def _carried_out(facts: Facts, plan: Plan) -> Facts:
    course = Course()
    for step in plan.steps:
        facts, course = after(step, facts, course)
    return facts


@given(_facts(), st.booleans())
def test_no_eip_changes_while_the_eni_is_attached(facts: Facts, settled: bool) -> None:  # noqa: FBT001  hypothesis passes by position
    """Bound and unbound only while detached, unless the account is known to allow more."""
    assume(_allowed(facts))
    assume(not facts.bind_while_attached)

    for plan in (_apply(facts, settled=settled), _release(facts)):
        now, course = facts, Course()
        for step in plan.steps:
            if isinstance(step, (Associate, Unassociate)):
                assert now.enis[0].instance is None
            now, course = after(step, now, course)


@given(_facts())
def test_before_every_detach_the_guest_has_said_yes_to_what_stays(facts: Facts) -> None:
    """A running guest is asked right before the ENI is taken off, for exactly what stays or for nothing."""
    assume(_allowed(facts))
    attached = facts.attached_instance
    if attached is not None and facts.instance is not None and attached.id == facts.instance.id:
        attached = facts.instance

    steps = _apply(facts).steps

    for number, step in enumerate(steps):
        if isinstance(step, Detach) and attached is not None and attached.status is InstanceStatus.RUNNING:
            asked = steps[number - 1]
            assert isinstance(asked, (ConfigureGuest, ReleaseGuest))
            if isinstance(asked, ConfigureGuest):
                assert asked.narrow
                members = {eip.id for eip in facts.eips if facts.is_bound(eip)}
                assert {eip.id for eip in asked.must} == members


@given(_facts(), st.booleans())
def test_no_more_than_ten_are_ever_bound(facts: Facts, settled: bool) -> None:  # noqa: FBT001  hypothesis passes by position
    """Neither one batch nor the ENI at any moment of the plan has more than ten EIPs."""
    assume(_allowed(facts))

    course = Course()
    for step in _apply(facts, settled=settled).steps:
        if isinstance(step, Associate):
            assert 1 <= len(step.eips) <= MAX_EIPS
            assert len(set(step.eips)) == len(step.eips)
        facts, course = after(step, facts, course)
        assert len(facts.bound) <= MAX_EIPS


@given(_facts(), st.booleans())
def test_nothing_outside_of_the_group_is_touched(facts: Facts, settled: bool) -> None:  # noqa: FBT001  hypothesis passes by position
    """Only its ENI, its EIPs, EIPs outside it with `prune`, its instance, and another with `detach`."""
    assume(_allowed(facts))
    members, outside = set(facts.group.eips), {eip.id for eip in facts.eips_outside}

    for step in _apply(facts, settled=settled).steps:
        match step:
            case Associate(eni=eni, eips=eips):
                assert eni == ENI.id
                assert set(eips) <= members
            case Unassociate(eni=eni, eip=eip):
                assert eni == ENI.id
                assert facts.group.prune
                assert eip in outside
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
    """Issue 8, item 5: undoing a group touches no EIP outside it, and takes off only what it may."""
    steps = _release(facts).steps
    unbound = {step.eip for step in steps if isinstance(step, Unassociate)}

    assert unbound <= set(facts.group.eips)
    assert [step for step in steps if isinstance(step, (Associate, Attach))] == []
    if any(isinstance(step, Detach) for step in steps):
        assert not facts.eips_outside or facts.group.prune
        inside = facts.instance is not None and facts.enis[0].instance == facts.instance.id
        assert inside or facts.group.detach


@given(_facts(), st.booleans())
def test_a_plan_that_was_carried_out_leaves_nothing_to_write(facts: Facts, settled: bool) -> None:  # noqa: FBT001  hypothesis passes by position
    """Planning again after the plan gives only the reading back at its end."""
    assume(_allowed(facts))

    again = _apply(_carried_out(facts, _apply(facts, settled=settled)), settled=settled)

    assert not set(_kinds(again)) & set(_WRITES)
    assert set(_kinds(again)) <= {ConfigureGuest}


@given(_facts())
def test_an_interface_that_is_taken_off_goes_on_again_in_the_same_plan(facts: Facts) -> None:
    """A detach without an attach after it would leave somebody without an interface (issue 8, item 1)."""
    assume(_allowed(facts))

    kinds = _kinds(_apply(facts))

    assert (Detach in kinds) <= (Attach in kinds)


@given(_facts())
def test_a_released_group_is_planned_to_be_released_by_nothing(facts: Facts) -> None:
    """Releasing twice does nothing the second time."""
    first = _release(facts)
    assume(first.end.ending is Ending.RELEASED)

    assert _release(_carried_out(facts, first)).steps == ()


@given(_facts())
def test_a_bad_new_eip_changes_nothing_for_the_others(facts: Facts) -> None:
    """Issue 8, item 1: with a locked EIP beside them the others get the same plan as without it."""
    assume(_allowed(facts))
    assume(facts.group.size in {None, 1} and len(facts.eips) < MAX_EIPS - len(facts.eips_outside))
    assume(facts.eips)
    bad = replace(_eip(99), locks=("financial",))
    group = replace(facts.group, eips=(*facts.group.eips, bad.id))

    with_it = _apply(replace(facts, group=group, eips=(*facts.eips, bad)))

    assert with_it.steps == _apply(facts).steps


def test_a_new_group_is_bound_attached_and_configured() -> None:
    """The whole way of a group where nothing was done yet."""
    plan = _apply(BEFORE)

    assert [Associate, Attach, ConfigureGuest] == _kinds(plan)
    assert plan.waits_for == ""


def test_a_ready_group_is_only_read_back() -> None:
    """Nothing is written where everything is there; the guest is asked all the same."""
    assert [ConfigureGuest] == _kinds(_apply(_READY, settled=False))


def test_eips_on_their_way_are_waited_for_before_the_attach() -> None:
    """A run that died after its batch left EIPs Associating: the next one waits for them."""
    first, second = BOUND
    on_the_way = (replace(first, status=EipStatus.ASSOCIATING), second)
    facts = replace(BEFORE, eips=on_the_way, bound=on_the_way)

    decision = next_step(facts, judged(facts), Course())

    assert isinstance(decision, Wait)
    assert (decision.motion, decision.ids) == (Motion.EIPS, (first.id,))


def test_eips_outside_in_motion_are_waited_for_too() -> None:
    """The cloud refuses every other change meanwhile, whoever moves."""
    leaving = replace(OUTSIDE_EIP, status=EipStatus.UNASSOCIATING)
    facts = replace(BEFORE, bound=(leaving,))

    decision = next_step(facts, judged(facts), Course())

    assert isinstance(decision, Wait)
    assert decision.ids == (OUTSIDE_EIP.id,)


def test_what_is_in_motion_for_too_long_is_not_waited_for() -> None:
    """One EIP that hangs does not keep the others off (issue 8, item 1)."""
    first, second = BOUND
    stuck = (replace(first, status=EipStatus.ASSOCIATING), second)
    facts = replace(BEFORE, eips=stuck, bound=stuck)

    decision = next_step(facts, judged(facts), Course(left_alone=True, given_up=frozenset({first.id})))

    assert decision == Write(Attach(REGION, ENI.id, ATTACHED_INSTANCE.id))


def test_eips_are_unbound_one_after_the_other() -> None:
    """The cloud refuses a second change on one ENI while the first is under way."""
    plan = _release(replace(BEFORE, eips=BOUND, bound=BOUND))

    assert [SetHold, Unassociate, Unassociate] == _kinds(plan)


def test_a_stopped_instance_gets_the_interface_and_the_guest_waits() -> None:
    """The ENI can be attached to a stopped instance; its guest is configured when it runs."""
    stopped = replace(BEFORE, instances=(replace(ATTACHED_INSTANCE, status=InstanceStatus.STOPPED, enis=()),))

    plan = _apply(stopped)

    assert [Associate, Attach] == _kinds(plan)
    assert "i-example to run; it is Stopped" in plan.waits_for


def test_size_holds_the_attach_back() -> None:
    """Bound at once, attached only when the set is complete."""
    plan = _apply(replace(BEFORE, group=replace(GROUP, size=3)))

    assert [Associate] == _kinds(plan)
    assert plan.waits_for == "1 more EIP (size 3, 2 so far)"
    assert not plan.settling


def test_an_interface_without_eips_stays_off() -> None:
    """Attached empty, it could take no EIP any more."""
    plan = _apply(replace(BEFORE, eips=(), group=replace(GROUP, eips=())))

    assert plan.steps == ()
    assert "EIPs in the group" in plan.waits_for


def test_without_size_the_attach_waits_until_the_set_has_settled() -> None:
    """Only time is missing, and the plan says so; a dry run shows the way after that, too."""
    plan = _apply(BEFORE, settled=False)

    assert [Associate] == _kinds(plan)
    assert plan.end.ending is Ending.SETTLING
    shown = whole_plan(BEFORE, judged, Course(settled=False))
    assert shown.settling
    assert [Associate, Attach, ConfigureGuest] == _kinds(shown)


def test_an_attached_interface_stays_until_the_set_is_complete() -> None:
    """With consent to detach, the interface is not taken off too early; what is there is served."""
    grown = replace(_READY, eips=(*BOUND, _eip(3)), group=replace(GROUP, detach=True, size=4))

    plan = _apply(grown)

    assert [ConfigureGuest] == _kinds(plan)
    assert "1 more EIP" in plan.waits_for


def test_another_instance_keeps_the_interface_without_consent() -> None:
    """The ENI is on a foreign instance: the plan waits, and touches neither."""
    elsewhere = replace(
        _READY, enis=(replace(ATTACHED, instance=OTHER_INSTANCE.id),), attached_instance=OTHER_INSTANCE
    )

    plan = _apply(elsewhere)

    assert plan.steps == ()
    assert plan.end.ending is Ending.BLOCKED
    assert "attached to i-other" in plan.waits_for


def test_with_consent_the_interface_moves() -> None:
    """Guest released, detached there, attached here, configured."""
    elsewhere = replace(
        _READY,
        enis=(replace(ATTACHED, instance=OTHER_INSTANCE.id),),
        attached_instance=OTHER_INSTANCE,
        group=replace(GROUP, detach=True),
    )

    plan = _apply(elsewhere)

    assert [ReleaseGuest, Detach, Attach, ConfigureGuest] == _kinds(plan)


def test_binding_while_attached_detaches_nothing() -> None:
    """Where the setting says that the account may, new EIPs go onto the attached ENI."""
    grown = replace(
        _READY, eips=(*BOUND, _eip(3)), group=replace(GROUP, detach=True), bind_while_attached=True
    )

    assert [Associate, ConfigureGuest] == _kinds(_apply(grown))


def test_a_group_that_is_wanted_undone_is_undone_by_every_run() -> None:
    """Issue 8, item 5: whoever starts an apply meanwhile, the tag says what is wanted."""
    facts = replace(_READY, group=replace(GROUP, hold=WANTED_UNDONE))

    plan = _apply(facts)

    assert [ReleaseGuest, Detach, Unassociate, Unassociate] == _kinds(plan)
    assert plan.end.ending is Ending.RELEASED


def test_a_pause_leaves_everything_as_it_is() -> None:
    """Any other text on hold: nothing is written."""
    plan = _apply(replace(BEFORE, group=replace(GROUP, hold="maintenance")))

    assert plan.steps == ()
    assert plan.end.ending is Ending.HELD


def test_under_a_pause_a_run_that_took_the_eni_off_puts_it_back_once() -> None:
    """What is bound is attached and served; nothing new is bound."""
    facts = replace(BEFORE, eips=(*BOUND, _eip(3)), bound=BOUND, group=replace(GROUP, hold="maintenance"))

    plan = _apply(facts, owes=ATTACHED_INSTANCE.id)

    assert [Attach, ConfigureGuest] == _kinds(plan)


def test_an_eip_that_lost_its_tag_is_kept_in_the_guest() -> None:
    """Issue 8, item 6: without `prune` it stays configured if the guest has it."""
    plan = _apply(replace(_READY, bound=(*BOUND, OUTSIDE_EIP)))

    (step,) = plan.steps
    assert isinstance(step, ConfigureGuest)
    assert {eip.id for eip in step.keep} == {OUTSIDE_EIP.id}


def test_a_run_detaches_at_most_twice() -> None:
    """Found on again a third time, another run wants something else: what is on is served."""
    grown = replace(_READY, eips=(*BOUND, _eip(3)), group=replace(GROUP, detach=True, size=3))

    plan = _apply(grown, detaches=2)

    assert [ConfigureGuest] == _kinds(plan)
    assert plan.end.ending is Ending.TIME


def test_without_time_to_put_it_back_nothing_is_taken_off() -> None:
    """Issue 8, item 14: the next run, with time, does it."""
    grown = replace(_READY, eips=(*BOUND, _eip(3)), group=replace(GROUP, detach=True, size=3))

    decision = next_step(grown, judged(grown), Course(time_to_detach=False))

    assert isinstance(decision, End)
    assert decision.ending is Ending.TOO_LATE


def test_a_refused_eip_is_marked_once_others_are_served() -> None:
    """Without the mark every sweep would take the ENI off again for nothing."""
    new = _eip(3)
    facts = replace(BEFORE, eips=(*BOUND, new), bound=BOUND, group=replace(GROUP, size=3))
    refusal = Refusal("AssociateEipAddress", "OperationDenied", "no")

    plan = _apply(facts, refused={new.id: refusal}, filled=True)

    assert [MarkRefused, Attach, ConfigureGuest] == _kinds(plan)
    assert plan.end.ending is Ending.BLOCKED
    assert new.id in plan.waits_for


def test_an_eni_that_another_hand_left_off_is_left_alone_first() -> None:
    """Somebody may be at work on it; a later look decides."""
    facts = replace(BEFORE, eips=BOUND, bound=BOUND)

    decision = next_step(facts, judged(facts), Course())

    assert isinstance(decision, Wait)
    assert decision.motion is Motion.OTHERS


def test_what_was_answered_for_this_very_set_is_not_asked_again() -> None:
    """After the guest's yes and an equal look there is nothing left to do."""
    wanted = GuestSet(ATTACHED_INSTANCE.id, frozenset(eip.id for eip in BOUND))

    assert next_step(_READY, judged(_READY), Course(answered=wanted)) == End(Ending.DONE)


def test_the_text_shows_every_call_and_the_wanted_set() -> None:
    """What a person reads before letting it run."""
    known = replace(BEFORE, gateways=(Gateway(EIPS[0].address, "198.51.100.1", "255.255.255.0"),))

    expected = """\
1. bind eip-example1, eip-example2 to eni-example in multi-EIP mode
     Vpc.AssociateEipAddressBatch RegionId=cn-shanghai BindedInstanceId=eni-example \
BindedInstanceType=NetworkInterface Mode=MULTI_BINDED InstanceIds.1=eip-example1 InstanceIds.2=eip-example2
2. attach eni-example to i-example
     Ecs.AttachNetworkInterface RegionId=cn-shanghai NetworkInterfaceId=eni-example InstanceId=i-example
3. configure 198.51.100.11, 203.0.113.141 in the guest of i-example and read back
     Ecs.RunCommand RegionId=cn-shanghai Type=RunShellScript Name=multi-eip-apply Timeout=120 \
InstanceId.1=i-example ContentEncoding=Base64 CommandContent=<guest script, apply>
     Ecs.DescribeInvocationResults RegionId=cn-shanghai InvokeId=<of RunCommand>
     198.51.100.11 mask 255.255.255.0 gateway 198.51.100.1
     203.0.113.141 mask (read after binding) gateway (read after binding)"""

    assert expected == _apply(known).as_text()


def test_the_json_is_what_the_text_says() -> None:
    """Machines get the same steps, calls and wanted set, and what stays open."""
    body = json.loads(json.dumps(_apply(BEFORE, settled=False).as_json()))

    assert body["waits_for"] == "the set of EIPs to settle"
    assert body["text"].endswith("then waits: the set of EIPs to settle")
    assert [step["step"] for step in body["steps"]] == ["Associate"]
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
    assert Plan((), End(Ending.DONE)).as_text() == "nothing to do"


def test_a_way_back_that_could_not_be_read_is_waited_for() -> None:
    """Nothing to attach to because nobody could read it is not the same as nothing to attach to."""
    unread = {Reading.INSTANCE: Unread("no answer", passes=True)}
    off = replace(BEFORE, bound=BOUND, instances=(), group=replace(GROUP, instances=()))
    course = Course(restoring=True, owes=ATTACHED_INSTANCE.id)

    known = next_step(off, judged(off), course)
    unknown = next_step(replace(off, unread=unread), judged(replace(off, unread=unread)), course)

    assert isinstance(known, End)
    assert isinstance(unknown, End)
    assert (known.ending, unknown.ending) == (Ending.BLOCKED, Ending.TIME)


def test_a_run_that_has_detached_once_may_detach_once_more() -> None:
    """A course begins with nothing taken off; the third time nothing goes off any more."""
    grown = replace(_READY, eips=(*BOUND, _eip(3)), group=replace(GROUP, detach=True, size=3))
    narrowed = replace(Course(), narrowed=_narrow(grown))

    steps = [next_step(grown, judged(grown), replace(narrowed, detaches=times)) for times in range(3)]

    assert Course().detaches == 0
    assert [isinstance(each, Write) and isinstance(each.step, Detach) for each in steps] == [
        True,
        True,
        False,
    ]


def _narrow(facts: Facts) -> GuestSet | None:
    first = next_step(facts, judged(facts), Course())
    assert isinstance(first, Write)
    assert isinstance(first.step, ConfigureGuest)
    return first.step.wants
