"""Edges that are tried first, by the vendor's SDK: of pages, names, tokens, types, and states in motion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CallRefusedError
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud


@pytest.fixture
def hand(served: MockCloud) -> Hand:
    """Give an operator with the vendor's SDK, on a cloud whose changes end at once."""
    return Hand(served, sdk=True)


def said(hand: Hand, product: str, action: str, **params: str) -> str:
    """Return the code of a refusal, or `ok`."""
    call = hand.ecs if product == "Ecs" else hand.vpc
    try:
        call(action, **params)
    except CallRefusedError as refused:
        return f"{refused.http_status} {refused.code}"
    return "ok"


@pytest.mark.parametrize(
    ("action", "params"),
    [
        ("DescribeEipAddresses", {"PageSize": "101"}),
        ("DescribeEipAddresses", {"PageNumber": "0"}),
        ("DescribeEipAddresses", {"AllocationId": ",".join(f"eip-{number}" for number in range(51))}),
        ("ListTagResources", {"ResourceType": "EIP", "MaxResults": "51"}),
    ],
)
def test_a_page_beyond_its_bounds_is_refused(hand: Hand, action: str, params: dict[str, str]) -> None:
    """One more than the reference says; a page behind the last one is empty and counts all the same."""
    hand.eips(2)

    assert said(hand, "Vpc", action, **params) == "400 InvalidParameter"
    behind = hand.vpc("DescribeEipAddresses", PageNumber="9")
    assert (behind["EipAddresses"]["EipAddress"], behind["TotalCount"]) == ([], 2)


@pytest.mark.parametrize("name", ["NetworkInterfaceName", "Description"])
def test_a_name_has_two_characters_at_least(hand: Hand, name: str) -> None:
    """Made and changed; of both a name and a description the reference says so."""
    eni = hand.eni(**{name: "ab"})
    with pytest.raises(CallRefusedError, match="InvalidParameter"):
        hand.eni(**{name: "a"})

    changed = said(hand, "Ecs", "ModifyNetworkInterfaceAttribute", NetworkInterfaceId=eni, **{name: "a"})
    assert changed == "400 InvalidParameter"
    (row,) = hand.eni_rows(NetworkInterfaceId__1=eni)
    assert row[name] == "ab"


def test_a_repeated_token_gives_the_first_answer_under_an_id_of_its_own(hand: Hand) -> None:
    """One EIP; the two requests are told apart in the trail and in what a person reports."""
    first, second = (hand.vpc("AllocateEipAddress", ClientToken="once") for _ in range(2))

    assert first["RequestId"] != second["RequestId"]
    assert {**first, "RequestId": ""} == {**second, "RequestId": ""}
    assert len(hand.eip_rows()) == 1


@pytest.mark.parametrize(
    ("product", "kind"), [("Vpc", "eip"), ("Vpc", "Eip"), ("Ecs", "ENI"), ("Ecs", "Instance")]
)
def test_a_resource_type_is_taken_as_it_is_written(hand: Hand, product: str, kind: str) -> None:
    """EIP in capitals, those of ECS in small letters; whether others pass is open, so a switch."""
    ids = {"eip": hand.eip(), "eni": hand.eni(), "instance": hand.local.seeds.instance}
    tag = {"ResourceType": kind, "ResourceId__1": ids[kind.lower()], "Tag__1__Key": "a", "Tag__1__Value": "b"}
    assert said(hand, product, "TagResources", **tag) == "404 InvalidResourceType.NotFound"

    hand.local.cloud.switches.set("resource-type-case", "any")
    assert said(hand, product, "TagResources", **tag) == "ok"


def test_what_is_in_motion_is_left_alone(timed: MockCloud) -> None:
    """Each state on the way refuses what the references say, and a detach may be repeated."""
    hand = Hand(timed, sdk=True)
    eni, (first, second) = hand.eni(), hand.eips(2)
    timed.clock.sleep(10)

    hand.bind(eni, [first, second])
    assert hand.eip_row(first)["Status"] == "Associating"
    assert said(hand, "Vpc", "UnassociateEipAddress", AllocationId=first) == "400 IncorrectEipStatus"
    assert said(hand, "Vpc", "ReleaseEipAddress", AllocationId=first) == "400 IncorrectEipStatus"
    timed.clock.sleep(30)
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    timed.clock.sleep(30)
    for _ in range(2):
        hand.ecs("DetachNetworkInterface", **hand.pair(eni))
        assert hand.eni_status(eni) == "Detaching"
    wrong = "400 InvalidOperation.InvalidEniState"
    assert said(hand, "Ecs", "AttachNetworkInterface", **hand.pair(eni)) == wrong
    assert said(hand, "Ecs", "DeleteNetworkInterface", NetworkInterfaceId=eni) == wrong
    timed.clock.sleep(30)
    hand.vpc("UnassociateEipAddress", AllocationId=first)
    assert said(hand, "Vpc", "UnassociateEipAddress", AllocationId=second) == "400 TaskConflict"
