"""Intent: tags and manual ids become groups; what cannot be meant is a fault with the ids that carry it."""

from __future__ import annotations

from dataclasses import replace
from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.intent import Tagged, claimed_elsewhere, explicit_group, group_of, groups_of, is_group_name
from multieip.model.resources import MAX_EIPS, AllocationId, Eip, Eni, EniId, GroupName, Instance, InstanceId
from multieip.reference.good_group import EIPS, ENI, INSTANCE, REGION

_PREFIX = "multi-eip:"
_NAMES = st.sampled_from(["web", "mail", "db"])


def _eni(tail: str, **tags: str) -> Eni:
    return replace(ENI, id=EniId(f"eni-{tail}"), tags=_tags(tags))


def _eip(tail: str, **tags: str) -> Eip:
    return replace(EIPS[0], id=AllocationId(f"eip-{tail}"), tags=_tags(tags))


def _instance(tail: str, **tags: str) -> Instance:
    return replace(INSTANCE, id=InstanceId(f"i-{tail}"), tags=_tags(tags))


def _tags(tags: dict[str, str]) -> dict[str, str]:
    return {f"{_PREFIX}{key}": value for key, value in tags.items()}


def test_a_group_is_what_carries_its_name() -> None:
    """ENI, EIPs and instance with the same value belong together; others do not."""
    tagged = Tagged(
        enis=[_eni("a", group="web"), _eni("b", group="mail")],
        eips=[_eip("1", group="web"), _eip("2", group="web"), _eip("3")],
        instances=[_instance("x", group="web")],
    )

    web = group_of(REGION, GroupName("web"), tagged, prefix=_PREFIX)

    assert web.enis == ("eni-a",)
    assert web.eips == ("eip-1", "eip-2")
    assert web.instances == ("i-x",)
    assert web.faults == ()
    assert (web.size, web.detach, web.prune, web.ignore) == (None, False, False, frozenset())


def test_a_group_without_an_eni_has_nobodys_consent() -> None:
    """The tags of consent stand on the ENI; where there is none, nothing is allowed."""
    web = group_of(REGION, GroupName("web"), Tagged(eips=[_eip("1", group="web")]), prefix=_PREFIX)

    assert (web.detach, web.prune, web.hold) == (False, False, "")


def test_options_are_read_from_the_eni() -> None:
    """Size and the two consents stand on the ENI only; on an EIP they mean nothing."""
    tagged = Tagged(
        enis=[_eni("a", group="web", size="3", detach="allow", prune="allow")],
        eips=[_eip("1", group="web", size="9", detach="never")],
    )

    web = group_of(REGION, GroupName("web"), tagged, prefix=_PREFIX)

    assert (web.size, web.detach, web.prune) == (3, True, True)
    assert web.faults == ()


def test_only_the_enis_own_tag_exempts_rules() -> None:
    """Issue 8, item 8: commas, semicolons and blanks part them; other members' tags waive nothing."""
    tagged = Tagged(
        enis=[_eni("a", group="web", ignore="at-most-ten, eni-room;mode-closed")],
        eips=[_eip("1", group="web", ignore="eip-free;mode-closed")],
        instances=[_instance("x", group="web", ignore=" instance-family ")],
    )

    web = group_of(REGION, GroupName("web"), tagged, prefix=_PREFIX)

    assert web.ignore == {"at-most-ten", "eni-room", "mode-closed"}


def test_two_enis_are_a_fault_that_names_both() -> None:
    """Nobody can tell which is meant."""
    tagged = Tagged(enis=[_eni("a", group="web"), _eni("b", group="web")])

    (fault,) = group_of(REGION, GroupName("web"), tagged, prefix=_PREFIX).faults

    assert fault.ids == ("eni-a", "eni-b")
    assert "2 ENIs" in fault.text


def test_two_instances_are_a_fault_that_names_both() -> None:
    """An ENI goes to one instance."""
    tagged = Tagged(instances=[_instance("x", group="web"), _instance("y", group="web")])

    (fault,) = group_of(REGION, GroupName("web"), tagged, prefix=_PREFIX).faults

    assert fault.ids == ("i-x", "i-y")


def test_a_listing_that_shows_one_eni_twice_is_no_fault() -> None:
    """Pages may overlap while a list changes; one id is one ENI."""
    tagged = Tagged(enis=[_eni("a", group="web"), _eni("a", group="web")])

    web = group_of(REGION, GroupName("web"), tagged, prefix=_PREFIX)

    assert web.enis == ("eni-a",)
    assert web.faults == ()


def test_an_eip_seen_under_two_names_is_a_fault_of_both_groups() -> None:
    """Its tag changed while we read; neither group may act on it."""
    tagged = Tagged(eips=[_eip("1", group="web"), _eip("1", group="mail")])

    for name in ("web", "mail"):
        (fault,) = group_of(REGION, GroupName(name), tagged, prefix=_PREFIX).faults

        assert fault.ids == ("eip-1",)
        assert "mail, web" in fault.text


@pytest.mark.parametrize("size", ["0", "11", "-1", "many", "", "1.5", "²", "0x3"])
def test_a_size_that_is_no_number_of_eips_is_a_fault(size: str) -> None:
    """Never a default: a group that says `size: many` must not run."""
    tagged = Tagged(enis=[_eni("a", group="web", size=size)])

    web = group_of(REGION, GroupName("web"), tagged, prefix=_PREFIX)

    assert web.size is None
    assert [fault.ids for fault in web.faults] == [("eni-a",)]
    assert repr(size) in web.faults[0].text


@pytest.mark.parametrize("option", ["detach", "prune"])
@pytest.mark.parametrize("value", ["Allow", "true", "deny", ""])
def test_a_consent_is_the_word_allow_and_nothing_else(option: str, value: str) -> None:
    """What is not exactly the word gives no consent and is told."""
    tagged = Tagged(enis=[_eni("a", **{"group": "web", option: value})])

    web = group_of(REGION, GroupName("web"), tagged, prefix=_PREFIX)

    assert (web.detach, web.prune) == (False, False)
    assert [fault.ids for fault in web.faults] == [("eni-a",)]


@pytest.mark.parametrize("value", ["", "-web", ".web", "a b", "✓web", "网 站", "a" * 64, "web\n", "a/b"])
def test_a_value_that_is_no_name_makes_no_group(value: str) -> None:
    """It is told with the resource that carries it, and no group comes of it."""
    found = groups_of(REGION, Tagged(eips=[_eip("1", group=value)]), prefix=_PREFIX)

    assert found.groups == ()
    assert [fault.ids for fault in found.ungrouped] == [("eip-1",)]
    assert "is not a valid group name" in found.ungrouped[0].text


@given(st.text(alphabet=printable, max_size=70))
def test_a_name_is_safe_wherever_it_is_used(value: str) -> None:
    """A group name has no blank, quote, slash or control character, and is short."""
    if is_group_name(value):
        assert 1 <= len(value) <= 63
        assert not set(value) & set(" \t\n\r\"'`$\\/;&|<>")


def test_another_prefix_means_other_tags() -> None:
    """The prefix is the operator's; tags of another one are not ours."""
    other = replace(ENI, tags={"acme/group": "web", "multi-eip:group": "mail"})

    found = groups_of(REGION, Tagged(enis=[other]), prefix="acme/")

    assert [group.name for group in found.groups] == ["web"]


def test_ids_of_a_manual_call_are_a_group_that_waits_for_nothing() -> None:
    """Each EIP once, size as many as were named."""
    group = explicit_group(
        REGION, EniId("eni-a"), [AllocationId("eip-1"), AllocationId("eip-2"), AllocationId("eip-1")], None
    )

    assert group.eips == ("eip-1", "eip-2")
    assert group.size == 2
    assert group.name is None
    assert group.label == "eni-a"


def test_more_than_ten_named_ids_stay_visible_to_the_rules() -> None:
    """The group holds what was said; `at-most-ten` refuses it, the size does not hide it."""
    group = explicit_group(REGION, EniId("eni-a"), [AllocationId(f"eip-{n}") for n in range(11)], None)

    assert len(group.eips) == 11
    assert group.size == MAX_EIPS


def test_an_eip_of_a_tagged_group_cannot_be_named_by_hand_for_another_eni() -> None:
    """It would belong to two groups; the fault says which tag claims it."""
    group = explicit_group(REGION, EniId("eni-a"), [AllocationId("eip-1")], None)

    (fault,) = claimed_elsewhere(group, [_eni("a"), _eip("1", group="web"), _eip("2")], prefix=_PREFIX)

    assert fault.ids == ("eip-1",)
    assert "multi-eip:group=web" in fault.text


@given(
    st.lists(st.tuples(st.integers(0, 3), _NAMES), max_size=6),
    st.lists(st.tuples(st.integers(0, 12), _NAMES), max_size=14),
    st.lists(st.tuples(st.integers(0, 3), _NAMES), max_size=4),
)
def test_every_tagged_resource_is_in_a_group_of_its_name(
    enis: list[tuple[int, str]], eips: list[tuple[int, str]], instances: list[tuple[int, str]]
) -> None:
    """Nothing tagged is lost, nothing is in a group whose name it does not carry, two of one are told."""
    tagged = Tagged(
        [_eni(str(n), group=name) for n, name in enis],
        [_eip(str(n), group=name) for n, name in eips],
        [_instance(str(n), group=name) for n, name in instances],
    )

    groups = groups_of(REGION, tagged, prefix=_PREFIX).groups

    held = {
        (member, group.name) for group in groups for member in (*group.enis, *group.eips, *group.instances)
    }
    assert held == {(resource.id, resource.tags["multi-eip:group"]) for resource in tagged.all()}
    for group in groups:
        told = {found for fault in group.faults for found in fault.ids}
        if len(group.enis) > 1:
            assert set(group.enis) <= told
        if len(group.instances) > 1:
            assert set(group.instances) <= told
