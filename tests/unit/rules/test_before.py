"""The rules before the first write, each at the edges of what it allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from multieip.model.facts import Catalog, Facts, IntentFault, Reading, Unread
from multieip.model.finding import Finding, Status
from multieip.model.resources import (
    AllocationId,
    BindMode,
    Eip,
    EipStatus,
    EniId,
    EniKind,
    EniStatus,
    Gateway,
    InstanceStatus,
    Region,
)
from multieip.reference.good_group import (
    AFTER,
    ATTACHED,
    ATTACHED_INSTANCE,
    BEFORE,
    BOUND,
    EIPS,
    ENI,
    GROUP,
    INSTANCE,
    INSTANCE_TYPE,
    OTHER_INSTANCE,
    OUTSIDE_EIP,
    PRIMARY_ENI,
    REGION,
)
from multieip.rules import BY_ID, judge
from multieip.rules.rule import MAY_BE_EXEMPT


def said(rule: str, facts: Facts) -> Finding:
    """Return what a rule says about the facts."""
    return judge(BY_ID[rule], facts)


def eips(number: int) -> tuple[Eip, ...]:
    """Return that many free EIPs."""
    return tuple(
        Eip(AllocationId(f"eip-{n}"), f"198.51.100.{n}", EipStatus.AVAILABLE, REGION)
        for n in range(1, number + 1)
    )


def with_eips(number: int, *, prune: bool = False) -> Facts:
    """Return the good group with that many EIPs."""
    members = eips(number)
    return replace(BEFORE, eips=members, group=replace(GROUP, eips=tuple(e.id for e in members), prune=prune))


@pytest.mark.parametrize(("number", "status"), [(1, Status.PASS), (10, Status.PASS), (11, Status.FAIL)])
def test_ten_eips_are_the_most(number: int, status: Status) -> None:
    """Ten are allowed, eleven are not; the eleven ids are named."""
    finding = said("at-most-ten", with_eips(number))

    assert status is finding.status
    assert number == len(finding.ids) or status is Status.PASS


def test_eips_outside_take_up_room_unless_they_go() -> None:
    """Ten members and one EIP outside the group are eleven, but ten where that one is pruned."""
    crowded = replace(with_eips(10), bound=(OUTSIDE_EIP,))

    assert said("at-most-ten", crowded).status is Status.FAIL
    assert set(said("at-most-ten", crowded).ids) == {eip.id for eip in crowded.eips}, "who has no room yet"
    assert said("at-most-ten", replace(with_eips(10, prune=True), bound=(OUTSIDE_EIP,))).status is Status.PASS


def test_an_attached_eni_may_stay_where_nothing_changes() -> None:
    """A group that is complete is not told to detach."""
    assert said("eni-detached-while-binding", AFTER).status is Status.PASS


@pytest.mark.parametrize(
    ("consent", "switch", "status"),
    [(False, False, Status.FAIL), (True, False, Status.PASS), (False, True, Status.PASS)],
)
def test_a_new_eip_on_an_attached_eni_takes_consent(consent: bool, switch: bool, status: Status) -> None:  # noqa: FBT001  a table of both
    """Without consent, and where the cloud is not known to bind while attached, the run stops."""
    late = replace(
        AFTER,
        eips=(*BOUND, *eips(1)),
        group=replace(GROUP, detach=consent),
        bind_while_attached=switch,
    )

    finding = said("eni-detached-while-binding", late)
    assert status is finding.status
    if status is Status.FAIL:
        assert "multi-eip:detach=allow" in finding.message
        assert "eip-1" in finding.message


def test_pruning_an_attached_eni_takes_consent() -> None:
    """Unbinding an EIP outside the group detaches the ENI too."""
    pruning = replace(AFTER, bound=(*BOUND, OUTSIDE_EIP), group=replace(GROUP, prune=True))

    assert said("eni-detached-while-binding", pruning).status is Status.FAIL
    keeping = replace(AFTER, bound=(*BOUND, OUTSIDE_EIP))
    assert said("eni-detached-while-binding", keeping).status is Status.PASS
    nothing_outside = replace(AFTER, group=replace(GROUP, prune=True))
    assert said("eni-detached-while-binding", nothing_outside).status is Status.PASS


@pytest.mark.parametrize("switch", [False, True])
def test_an_eni_on_another_instance_is_not_taken_away(switch: bool) -> None:  # noqa: FBT001  a table of both
    """Moving an ENI takes the consent whatever the cloud allows while it is attached."""
    elsewhere = replace(
        AFTER,
        enis=(replace(ATTACHED, instance=OTHER_INSTANCE.id),),
        attached_instance=OTHER_INSTANCE,
        bind_while_attached=switch,
    )

    finding = said("eni-detached-while-binding", elsewhere)
    assert finding.status is Status.FAIL
    assert OTHER_INSTANCE.id in finding.message
    consented = replace(elsewhere, group=replace(GROUP, detach=True))
    assert said("eni-detached-while-binding", consented).status is Status.PASS


@pytest.mark.parametrize(
    ("eip", "settles", "word"),
    [
        (replace(EIPS[0], status=EipStatus.ASSOCIATING), True, "Associating"),
        (
            replace(EIPS[0], status=EipStatus.UNASSOCIATING, bound_to=ENI.id, mode=BindMode.MULTI),
            True,
            "Unass",
        ),
        (replace(EIPS[0], status=EipStatus.RELEASING), True, "Releasing"),
        (replace(EIPS[0], status=EipStatus.IN_USE, bound_to="i-web"), False, "i-web"),
        (replace(EIPS[0], status=EipStatus.IN_USE), False, "does not name"),
        (replace(EIPS[0], locks=("financial",)), False, "financial"),
        (replace(EIPS[0], status=EipStatus.OTHER), False, "state"),
    ],
)
def test_an_eip_that_is_not_free_is_named(eip: Eip, settles: bool, word: str) -> None:  # noqa: FBT001  a table of both
    """Each reason is told; only the ones that time cures are waited for."""
    finding = said("eip-free", replace(BEFORE, eips=(eip, *EIPS[1:])))

    assert (Status.FAIL, (eip.id,), settles) == (finding.status, finding.ids, finding.settles)
    assert word in finding.message


def test_one_lasting_reason_makes_waiting_useless() -> None:
    """An EIP in transition beside a locked one: waiting does not help."""
    both = (
        replace(EIPS[0], status=EipStatus.UNASSOCIATING),
        replace(EIPS[1], locks=("security",)),
    )

    assert not said("eip-free", replace(BEFORE, eips=both)).settles


def test_bound_members_are_free_enough() -> None:
    """What is on the ENI already does not have to be free."""
    assert said("eip-free", AFTER).status is Status.PASS


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        (BindMode.MULTI, Status.PASS),
        (BindMode.NAT, Status.FAIL),
        (BindMode.CUT_THROUGH, Status.FAIL),
        (BindMode.OTHER, Status.FAIL),
        (None, Status.UNKNOWN),
    ],
)
def test_other_modes_on_the_eni_are_found(mode: BindMode | None, status: Status) -> None:
    """NAT and cut-through exclude this mode; a mode that is not shown is unknown, never fine."""
    facts = replace(BEFORE, bound=(replace(OUTSIDE_EIP, mode=mode),))

    assert status is said("one-mode", facts).status


@pytest.mark.parametrize(
    ("status", "expected", "settles"),
    [
        (EniStatus.AVAILABLE, Status.PASS, False),
        (EniStatus.IN_USE, Status.PASS, False),
        (EniStatus.ATTACHING, Status.FAIL, True),
        (EniStatus.DETACHING, Status.FAIL, True),
        (EniStatus.DELETING, Status.FAIL, False),
        (EniStatus.OTHER, Status.FAIL, False),
    ],
)
def test_an_eni_in_transition_is_waited_for(status: EniStatus, expected: Status, settles: bool) -> None:  # noqa: FBT001  a table of both
    """Attaching and Detaching end by themselves; Deleting ends the ENI."""
    finding = said("eni-state", replace(BEFORE, enis=(replace(ENI, status=status),)))

    assert (expected, settles) == (finding.status, finding.settles)


def test_an_eni_that_is_in_use_by_nobody_who_is_named_is_left_alone() -> None:
    """Without an instance it would pass for a detached one."""
    hidden = replace(BEFORE, enis=(replace(ENI, status=EniStatus.IN_USE),))

    assert said("eni-secondary", hidden).status is Status.FAIL


def test_a_bound_eip_that_a_service_manages_is_told_too() -> None:
    """It is bound already, and still not ours to unbind or to configure."""
    managed = replace(BOUND[0], service_managed=True)
    facts = replace(AFTER, eips=(managed, *BOUND[1:]), bound=(managed, *BOUND[1:]))

    assert said("eip-free", facts).ids == (managed.id,)


def test_a_service_managed_eni_is_left_alone() -> None:
    """An ENI that a cloud service made is not ours."""
    assert (
        said("eni-secondary", replace(BEFORE, enis=(replace(ENI, service_managed=True),))).status
        is Status.FAIL
    )


@pytest.mark.parametrize(
    ("status", "expected", "settles"),
    [
        (InstanceStatus.RUNNING, Status.PASS, False),
        (InstanceStatus.STOPPED, Status.PASS, False),
        (InstanceStatus.PENDING, Status.FAIL, True),
        (InstanceStatus.STARTING, Status.FAIL, True),
        (InstanceStatus.STOPPING, Status.FAIL, True),
        (InstanceStatus.OTHER, Status.FAIL, False),
    ],
)
def test_an_instance_between_states_is_waited_for(
    status: InstanceStatus,
    expected: Status,
    settles: bool,  # noqa: FBT001  a table of both
) -> None:
    """Running and Stopped take an ENI; what is on its way there is waited for."""
    finding = said("instance-state", replace(BEFORE, instances=(replace(INSTANCE, status=status),)))

    assert (expected, settles) == (finding.status, finding.settles)


def test_a_locked_instance_is_refused() -> None:
    """A lock does not pass by waiting."""
    finding = said("instance-state", replace(BEFORE, instances=(replace(INSTANCE, locks=("financial",)),)))

    assert (finding.status, finding.settles) == (Status.FAIL, False)


def test_the_primary_eni_takes_room() -> None:
    """A type with two ENIs takes one beside the primary; a type with one takes none."""
    assert said("eni-room", BEFORE).status is Status.PASS
    small = replace(BEFORE, instance_type=replace(INSTANCE_TYPE, eni_quantity=1))
    assert said("eni-room", small).status is Status.FAIL


def test_an_eni_that_is_there_needs_no_more_room() -> None:
    """The attached ENI is one of those that the instance lists."""
    full = replace(AFTER, instance_type=replace(INSTANCE_TYPE, eni_quantity=2))

    assert (PRIMARY_ENI, ENI.id) == full.instances[0].enis
    assert said("eni-room", full).status is Status.PASS


@pytest.mark.parametrize("kind", [None, replace(INSTANCE_TYPE, id="ecs.c5.large")])
def test_an_unknown_type_is_no_room(kind: None) -> None:
    """Without the number of this very type, nobody knows; that is no pass."""
    finding = said("eni-room", replace(BEFORE, instance_type=kind))

    assert (finding.status, finding.blocks) == (Status.UNKNOWN, True)


def test_a_stopped_instance_needs_no_agent() -> None:
    """Cloud Assistant is asked for only where the guest runs."""
    stopped = replace(BEFORE, instances=(replace(INSTANCE, status=InstanceStatus.STOPPED),), assistant=None)

    assert said("assistant-online", stopped).status is Status.NOT_APPLICABLE


def test_an_agent_that_said_nothing_is_waited_for() -> None:
    """No word of the agent is unknown, and may come with time."""
    finding = said("assistant-online", replace(BEFORE, assistant=None))

    assert (finding.status, finding.settles, finding.blocks) == (Status.UNKNOWN, True, True)


def test_a_silent_agent_is_waited_for() -> None:
    """A guest that boots comes online by itself."""
    assert BEFORE.assistant is not None
    silent = replace(BEFORE.assistant, online=False, last_heartbeat="2026-11-22T20:00:00Z")

    finding = said("assistant-online", replace(BEFORE, assistant=silent))
    assert finding.settles
    assert "2026-11-22T20:00:00Z" in finding.message


def test_a_group_without_eni_says_so() -> None:
    """The other members are named, so that somebody can find the group."""
    finding = said("group-shape", replace(BEFORE, group=replace(GROUP, enis=()), enis=()))

    assert finding.status is Status.FAIL
    assert {*GROUP.eips, *GROUP.instances} == set(finding.ids)


def test_a_group_without_eips_waits_without_a_fault() -> None:
    """Tags come one by one; an ENI alone is the beginning of a group."""
    lonely = replace(BEFORE, group=replace(GROUP, eips=(), instances=()), eips=(), instances=())

    shape = said("group-shape", lonely)
    assert (shape.status, shape.message) == (Status.PASS, "one ENI; no EIP belongs to the group yet")
    assert said("group-shape", BEFORE).message.startswith(f"one ENI, {len(GROUP.eips)} EIPs")
    assert said("instance-family", lonely).status is Status.NOT_APPLICABLE
    assert said("eip-free", lonely).status is Status.NOT_APPLICABLE


def test_ids_that_do_not_exist_are_named() -> None:
    """A typing error in a manual call is told by the id."""
    finding = said("group-shape", replace(BEFORE, enis=(), eips=EIPS[1:], instances=()))

    assert {GROUP.enis[0], EIPS[0].id, INSTANCE.id} == set(finding.ids)


def test_a_fault_of_the_tags_is_told_once() -> None:
    """The intent's own words about two ENIs are not repeated by the rule's count."""
    second = replace(ENI, id=EniId("eni-second"))
    fault = IntentFault("2 ENIs in one group; keep the tag on one", (ENI.id, second.id))
    twice = replace(GROUP, enis=(ENI.id, second.id), faults=(fault,))

    finding = said("group-shape", replace(BEFORE, group=twice, enis=(ENI, second)))
    assert (fault.text, fault.ids) == (finding.message, finding.ids)


def test_more_than_one_is_told_by_the_rule_where_the_intent_does_not() -> None:
    """A manual call names its ids itself: two ENIs, and two instances, are counted and named."""
    enis, instances = (ENI.id, EniId("eni-second")), (INSTANCE.id, OTHER_INSTANCE.id)
    facts = replace(BEFORE, group=replace(GROUP, enis=enis, instances=instances))

    finding = said("group-shape", facts)

    assert "2 ENIs in one group" in finding.message
    assert f"2 instances in one group: {INSTANCE.id}" in finding.message
    assert {*enis, *instances} <= set(finding.ids)


def test_a_fault_about_eips_belongs_to_the_other_rule() -> None:
    """An EIP in two groups is told by its own rule, and by that one only."""
    fault = IntentFault(f"{EIPS[0].id} is in the groups a, b", (EIPS[0].id,))
    facts = replace(BEFORE, group=replace(GROUP, faults=(fault,)))

    assert said("one-group-per-eip", facts).status is Status.FAIL
    assert said("group-shape", facts).status is Status.PASS


@pytest.mark.parametrize("ids", [(ENI.id,), ()])
def test_a_fault_without_a_known_rule_still_blocks(ids: tuple[str, ...]) -> None:
    """Any other fault of the tags belongs to the shape of the group, also where it names no resource."""
    fault = IntentFault("tag multi-eip:size='many' of eni-example is not a number", ids)

    assert said("group-shape", replace(BEFORE, group=replace(GROUP, faults=(fault,)))).blocks


@pytest.mark.parametrize("change", [{"vpc": "vpc-other"}, {"zone": "cn-shanghai-z"}])
def test_another_vpc_or_zone_is_refused(change: dict[str, str]) -> None:
    """Both have to agree; both values are told."""
    finding = said("same-vpc-zone", replace(BEFORE, instances=(replace(INSTANCE, **change),)))  # type: ignore[arg-type]

    assert finding.status is Status.FAIL
    assert all(value in finding.message for value in change.values())


def test_every_member_elsewhere_is_named() -> None:
    """An ENI, an EIP or an instance of another region is found."""
    other = Region("us-east-1")
    facts = replace(
        BEFORE,
        enis=(replace(ENI, region=other),),
        eips=tuple(replace(eip, region=other) for eip in EIPS),
        instances=(replace(INSTANCE, region=other),),
    )

    assert {ENI.id, INSTANCE.id, *(eip.id for eip in EIPS)} == set(said("same-region", facts).ids)


def test_a_closed_region_is_told_from_one_that_is_not_listed() -> None:
    """Mumbai once had the mode; the words differ."""
    catalog = Catalog(frozenset({"ap-south-1"}), frozenset({"ap-south-1"}), frozenset(), "2026-11")
    closed = replace(BEFORE, group=replace(GROUP, region=Region("ap-south-1")), catalog=catalog)
    never = replace(BEFORE, group=replace(GROUP, region=Region("cn-hangzhou")), catalog=catalog)

    assert "closed" in said("region-offers-mode", closed).message
    assert "not among" in said("region-offers-mode", never).message


def test_any_primary_eni_of_the_group_is_found() -> None:
    """Also where the group has more ENIs than it may."""
    facts = replace(BEFORE, enis=(ENI, replace(ENI, id=PRIMARY_ENI, kind=EniKind.PRIMARY)))

    assert said("eni-secondary", facts).ids == (PRIMARY_ENI,)


def test_eips_outside_go_only_with_consent() -> None:
    """Without `prune`, an EIP outside the group is a warning; with it, a plan."""
    with_outside = replace(BEFORE, bound=(OUTSIDE_EIP,))

    warned = said("foreign-eips-consent", with_outside)
    assert (warned.status, warned.blocks) == (Status.FAIL, False)
    pruned = replace(with_outside, group=replace(GROUP, prune=True))
    assert said("foreign-eips-consent", pruned).status is Status.PASS


def test_gateways_of_a_windows_guest_are_judged_once_they_are_known() -> None:
    """Before binding, nothing can be said; a reading that failed is unknown; Linux may have any number."""
    windows = replace(INSTANCE, os_type="Windows")
    unbound = replace(BEFORE, instances=(windows,))

    assert said("windows-one-gateway", unbound).status is Status.NOT_APPLICABLE
    denied = replace(unbound, unread={Reading.GATEWAYS: Unread("Forbidden.RAM", denied=True)})
    assert (
        said("windows-one-gateway", denied).status,
        said("windows-one-gateway", denied).blocks,
    ) == (Status.UNKNOWN, True)
    assert said("windows-one-gateway", AFTER).status is Status.NOT_APPLICABLE


def test_what_a_windows_guest_loses_is_told_before_it_is_lost() -> None:
    """Advice while the ENI is off; nothing once it is attached, and nothing on Linux."""
    before = replace(BEFORE, instances=(replace(INSTANCE, os_type="Windows"),))
    after = replace(AFTER, instances=(replace(INSTANCE, os_type="Windows"),))

    told = said("windows-private-address", before)
    assert (told.status, told.blocks, told.severity.value) == (Status.FAIL, False, "advice")
    assert "answers its own subnet only" in told.message
    assert said("windows-private-address", after).status is Status.PASS
    assert said("windows-private-address", BEFORE).status is Status.NOT_APPLICABLE


def test_what_may_be_waived_is_said_in_one_place() -> None:
    """Issue 8, item 8: the finding about useless names and the rules themselves agree."""
    assert {rule.id for rule in BY_ID.values() if rule.may_exempt} == MAY_BE_EXEMPT


def test_on_windows_what_stays_on_the_eni_counts_too() -> None:
    """An EIP outside the group that no consent takes off has to share the guest's one gateway."""
    members = [eip.address for eip in AFTER.eips]
    windows = replace(ATTACHED_INSTANCE, os_type="windows")
    outside = replace(OUTSIDE_EIP, address="203.0.113.200")
    shown = (
        *(Gateway(address, "198.51.100.1", "255.255.255.0") for address in members),
        Gateway(outside.address, "203.0.113.129", "255.255.255.128"),
    )
    facts = replace(
        AFTER,
        instances=(windows,),
        attached_instance=windows,
        gateways=shown,
        bound=(*BOUND, outside),
    )
    pruned = replace(facts, group=replace(facts.group, prune=True))

    assert judge(BY_ID["windows-one-gateway"], facts).status is Status.FAIL
    assert judge(BY_ID["windows-one-gateway"], pruned).status is Status.PASS


def test_a_family_that_the_current_page_dropped_passes_with_a_remark() -> None:
    """It is on the page of 2021, which the vendor never withdrew; one on both pages has no remark."""
    both = said("instance-family", BEFORE)
    dropped = replace(BEFORE.catalog, dropped_families=frozenset({INSTANCE.family}))
    only_2021 = said("instance-family", replace(BEFORE, catalog=dropped))

    assert (both.status, only_2021.status) == (Status.PASS, Status.PASS)
    assert "does not name it any more" not in both.message
    assert "the current page does not name it any more" in only_2021.message
