"""Filters of lists: all that are sent hold at once, and none is passed over in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud


def test_filters_of_eips_hold_together(instant: MockCloud) -> None:
    """An id, an address, a tag and an ENI each narrow the list further."""
    hand = Hand(instant)
    tagged, plain = hand.eip(Tag__1__Key="k", Tag__1__Value="v"), hand.eip()
    address = hand.eip_row(tagged)["IpAddress"]
    both = f"{tagged},{plain}"

    def found(**params: str) -> set[str]:
        return {row["AllocationId"] for row in hand.eip_rows(**params)}

    assert found(AllocationId=both) == {tagged, plain}
    assert found(AllocationId=both, Tag__1__Key="k") == {tagged}
    assert found(AllocationId=both, EipAddress=address) == {tagged}
    assert found(AllocationId=plain, EipAddress=address) == set()
    assert found(EipAddress=address, Tag__1__Key="k", Tag__1__Value="other") == set()
    hand.vpc("AssociateEipAddress", **hand.single(hand.eni(), plain))
    bound_to = hand.eip_row(plain)["InstanceId"]
    assert found(AssociatedInstanceId=bound_to) == {plain}
    assert found(AssociatedInstanceId=bound_to, Tag__1__Key="k") == set()
    assert found(AssociatedInstanceId=bound_to, AllocationId=tagged) == set()


def test_eips_of_services_and_protected_ones_do_not_exist_here(instant: MockCloud) -> None:
    """Asking for managed or protected EIPs gives none, asking for the others gives all."""
    hand = Hand(instant)
    hand.eip()

    for name in ("ServiceManaged", "SecurityProtectionEnabled"):
        assert len(hand.eip_rows(**{name: "false"})) == 1
        assert hand.eip_rows(**{name: "true"}) == []


def test_a_filter_that_is_not_known_is_refused(instant: MockCloud) -> None:
    """The free-form filter is not there; a list that looks filtered would be worse than a refusal."""
    code = Hand(instant).code(
        "Vpc",
        "DescribeEipAddresses",
        Filter__1__Key="CreationStartTime",
        Filter__1__Value="2026-01-01T00:00Z",
    )

    assert code == "InvalidParameter"


def test_only_the_star_is_a_wildcard(instant: MockCloud) -> None:
    """Brackets and question marks in a name stand for themselves."""
    hand = Hand(instant)
    odd = hand.instance(InstanceName="web[1]?")
    other = hand.instance(InstanceName="web1x")

    def found(name: str) -> set[str]:
        rows = hand.ecs("DescribeInstances", InstanceName=name)["Instances"]["Instance"]
        return {row["InstanceId"] for row in rows}

    assert found("web[1]?") == {odd}
    assert found("web*") == {odd, other}
    assert found("*[1]*") == {odd}


def test_ecs_tags_are_found_by_tag_filters(instant: MockCloud) -> None:
    """`TagFilter.N` names a key and any of several values."""
    hand = Hand(instant)
    one = hand.eni(Tag__1__Key="stage", Tag__1__Value="test")
    two = hand.eni(Tag__1__Key="stage", Tag__1__Value="live")
    hand.eni(Tag__1__Key="other")

    def found(**params: str) -> set[str]:
        answer = hand.ecs("ListTagResources", ResourceType="eni", **params)
        return {row["ResourceId"] for row in answer["TagResources"]["TagResource"]}

    assert found(TagFilter__1__TagKey="stage") == {one, two}
    assert found(TagFilter__1__TagKey="stage", TagFilter__1__TagValues__1="live") == {two}
    wanted = {"TagFilter__1__TagValues__1": "live", "TagFilter__1__TagValues__2": "test"}
    assert found(TagFilter__1__TagKey="stage", **wanted) == {one, two}
    assert hand.code("Ecs", "ListTagResources", ResourceType="eni") == "MissingParameter.ResourceIds"


def test_a_choice_of_enis_by_tag_has_an_end(instant: MockCloud) -> None:
    """At most a thousand interfaces are found by their tags, all of them without."""
    hand = Hand(instant)
    instant.cloud.accounts.main.eni_quota = 1100
    vswitch = hand.vswitch(instant.seeds.zone, "10.0.16.0/20")
    made = hand.eni(VSwitchId=vswitch, Tag__1__Key="k")
    store = instant.cloud.state(instant.cloud.accounts.main.account_id, instant.seeds.region)
    for number in range(1005):
        eni = replace(store.enis.all[made], eni_id=f"eni-copy{number}")
        store.enis.add(eni)
        store.tags.put(eni.eni_id, {"k": ""})

    def total(**params: str) -> int:
        count: int = hand.ecs("DescribeNetworkInterfaces", **params)["TotalCount"]
        return count

    assert total(Tag__1__Key="k") == 1000
    assert total(VSwitchId=vswitch) == 1006


def test_enis_have_a_code_of_their_own_for_a_wrong_page(instant: MockCloud) -> None:
    """And names have an end."""
    hand = Hand(instant)

    wrong = hand.code("Ecs", "DescribeNetworkInterfaces", PageNumber="0")

    assert wrong == "InvalidOperation.InvalidEniPageNumber"
    long = {"NetworkInterfaceId": hand.eni(NetworkInterfaceName="n" * 128), "NetworkInterfaceName": "n" * 129}
    assert hand.code("Ecs", "ModifyNetworkInterfaceAttribute", **long) == "InvalidParameter"
