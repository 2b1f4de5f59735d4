"""Lists as a large cloud really gives them, seen through the vendor's SDK: late, short, contradictory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException

from tests.stubs.tests.hand import Hand
from tests.stubs.tests.sdk import Sdk

if TYPE_CHECKING:
    from localcloud import MockCloud

GROUP = {"Tag__1__Key": "group", "Tag__1__Value": "web"}


@pytest.fixture
def sdk(served: MockCloud) -> Sdk:
    """Give the vendor's SDK as the first account's user."""
    return Sdk(served)


def _eips(sdk: Sdk, **params: str) -> tuple[list[str], int]:
    body = sdk.vpc("DescribeEipAddresses", **params)
    return [row["AllocationId"] for row in body["EipAddresses"]["EipAddress"]], body["TotalCount"]


def _tag(sdk: Sdk, eip: str, value: str = "web") -> None:
    tag = {"Tag__1__Key": "group", "Tag__1__Value": value}
    sdk.vpc("TagResources", ResourceType="EIP", ResourceId__1=eip, **tag)


def test_a_list_by_tag_lags_so_many_writes(served: MockCloud, sdk: Sdk) -> None:
    """The list finds the tag after two more writes, the row at once; ListTagResources lags, too."""
    eip = Hand(served).eip()
    served.cloud.faults.add("*:lag:writes=2")
    _tag(sdk, eip)

    (row,) = sdk.vpc("DescribeEipAddresses", AllocationId=eip)["EipAddresses"]["EipAddress"]
    assert row["Tags"]["Tag"] == [{"Key": "group", "Value": "web"}]
    assert _eips(sdk, **GROUP) == ([], 0)
    sdk.vpc("ModifyEipAddressAttribute", AllocationId=eip, Name="one")
    assert _eips(sdk, **GROUP) == ([], 0)
    tagged = sdk.vpc("ListTagResources", ResourceType="EIP", ResourceId__1=eip)
    assert tagged["TagResources"]["TagResource"] == []
    sdk.vpc("ModifyEipAddressAttribute", AllocationId=eip, Name="two")
    assert _eips(sdk, **GROUP) == ([eip], 1)


def test_a_list_by_tag_lags_so_many_seconds(local: MockCloud) -> None:
    """An untagged and a re-tagged resource stay in the list of before until the seconds have passed."""
    hand = Hand(local)
    leaves, changes = hand.eip(**GROUP), hand.eip(**GROUP)
    local.clock.sleep(60)
    local.cloud.faults.add("DescribeEipAddresses:lag:seconds=5")
    hand.vpc("UnTagResources", ResourceType="EIP", ResourceId__1=leaves, TagKey__1="group")
    hand.vpc(
        "TagResources", ResourceType="EIP", ResourceId__1=changes, Tag__1__Key="group", Tag__1__Value="db"
    )

    local.clock.sleep(4.9)
    found = {row["AllocationId"]: row["Tags"]["Tag"] for row in hand.eip_rows(**GROUP)}
    assert found == {leaves: [], changes: [{"Key": "group", "Value": "db"}]}
    local.clock.sleep(0.2)
    assert hand.eip_rows(**GROUP) == []


def test_a_page_lacks_rows_that_its_count_counts(served: MockCloud, sdk: Sdk) -> None:
    """Two of three rows are missing; TotalCount says three, and the next read is whole again."""
    eips = set(Hand(served).eips(3))
    served.cloud.faults.add("DescribeEipAddresses:short:rows=2,times=1")

    found, count = _eips(sdk)
    assert len(found) == 1
    assert set(found) < eips
    assert count == 3
    assert set(_eips(sdk)[0]) == eips


def test_only_the_list_by_tag_is_empty(served: MockCloud, sdk: Sdk) -> None:
    """A fault with `with=Tag` leaves the list by id alone."""
    eip = Hand(served).eip(**GROUP)
    served.cloud.faults.add("DescribeEipAddresses:empty:with=Tag")

    assert _eips(sdk, **GROUP) == ([], 1)
    assert _eips(sdk, AllocationId=eip) == ([eip], 1)


@pytest.mark.parametrize(("by", "count"), [("1", 3), ("-1", 1), ("-9", 0)])
def test_the_count_is_wrong(served: MockCloud, sdk: Sdk, by: str, count: int) -> None:
    """TotalCount contradicts the rows, in both directions."""
    eips = Hand(served).eips(2)
    served.cloud.faults.add(f"DescribeEipAddresses:count:by={by}")

    assert _eips(sdk) == (eips, count)


def test_pages_are_smaller_than_asked_and_say_so(served: MockCloud, sdk: Sdk) -> None:
    """Of 100 wanted two come, PageSize says 2, and the second page follows on the first."""
    eips = Hand(served).eips(5)
    served.cloud.faults.add("DescribeEipAddresses:smaller:most=2")

    pages = [sdk.vpc("DescribeEipAddresses", PageNumber=str(n), PageSize="100") for n in (1, 2, 3)]
    assert [(body["PageSize"], body["TotalCount"]) for body in pages] == [(2, 5)] * 3
    assert [row["AllocationId"] for body in pages for row in body["EipAddresses"]["EipAddress"]] == eips


def test_pages_by_token_are_smaller_and_still_whole(served: MockCloud, sdk: Sdk) -> None:
    """The token leads from a small page to the next, nothing is lost."""
    hand = Hand(served)
    enis = {hand.eni() for _ in range(5)}
    served.cloud.faults.add("DescribeNetworkInterfaces:smaller:most=2")

    assert set(_all_enis(sdk, Type="Secondary")) == enis


def _all_enis(sdk: Sdk, **params: str) -> list[str]:
    found, token = [], {"MaxResults": "500"}
    while token:
        body = sdk.ecs("DescribeNetworkInterfaces", **params, **token)
        found += [row["NetworkInterfaceId"] for row in body["NetworkInterfaceSets"]["NetworkInterfaceSet"]]
        token = {"NextToken": body["NextToken"], "MaxResults": "500"} if body["NextToken"] else {}
    return found


@pytest.mark.parametrize(("by", "seen"), [("1", [0, 1, 3, 4]), ("-1", [0, 1, 1, 2])])
def test_rows_move_between_pages(served: MockCloud, sdk: Sdk, by: str, seen: list[int]) -> None:
    """One row is on no page, or on two, although nothing was written."""
    eips = Hand(served).eips(5)
    served.cloud.faults.add(f"DescribeEipAddresses:moves:by={by}")

    rows = [row for number in ("1", "2") for row in _eips(sdk, PageNumber=number, PageSize="2")[0]]
    assert rows == [eips[index] for index in seen]


@pytest.mark.parametrize(("option", "tags"), [("", []), (":value=db", [{"Key": "group", "Value": "db"}])])
def test_the_rows_of_a_list_by_tag_say_otherwise(
    served: MockCloud, sdk: Sdk, option: str, tags: list[dict[str, str]]
) -> None:
    """The list finds the EIP by its tag, and the row has none, or another value."""
    eip = Hand(served).eip(**GROUP)
    served.cloud.faults.add(f"DescribeEipAddresses:row-tags{option}")

    (row,) = sdk.vpc("DescribeEipAddresses", **GROUP)["EipAddresses"]["EipAddress"]
    assert (row["AllocationId"], row["Tags"]["Tag"]) == (eip, tags)


def test_the_rows_of_ecs_say_otherwise_in_their_own_spelling(served: MockCloud, sdk: Sdk) -> None:
    """ECS spells TagKey and TagValue; tags that were not asked for stay."""
    Hand(served).eni(**GROUP, Tag__2__Key="other", Tag__2__Value="kept")
    served.cloud.faults.add("DescribeNetworkInterfaces:row-tags:value=db")

    (row,) = sdk.ecs("DescribeNetworkInterfaces", **GROUP)["NetworkInterfaceSets"]["NetworkInterfaceSet"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in row["Tags"]["Tag"]} == {"group": "db", "other": "kept"}


def test_a_page_that_is_jumped_to_is_refused(served: MockCloud, sdk: Sdk) -> None:
    """Pages that follow each other are given; a skipped one is Throttling.DeepPageSkip, so is a deep one."""
    Hand(served).eips(5)
    skip = served.cloud.faults.add("DescribeEipAddresses:deep-page")
    assert len(_eips(sdk, PageNumber="1", PageSize="2")[0]) == 2
    assert len(_eips(sdk, PageNumber="2", PageSize="2")[0]) == 2
    assert _page_code(sdk, "4") == "Throttling.DeepPageSkip"
    assert len(_eips(sdk, PageNumber="3", PageSize="2")[0]) == 1

    served.cloud.faults.all.remove(skip)
    served.cloud.faults.add("DescribeEipAddresses:deep-page:from=3")
    assert len(_eips(sdk, PageNumber="2", PageSize="2")[0]) == 2
    assert _page_code(sdk, "3") == "Throttling.DeepPageSkip"


def _page_code(sdk: Sdk, number: str) -> str:
    with pytest.raises(ServerException) as caught:
        _eips(sdk, PageNumber=number, PageSize="2")
    return str(caught.value.get_error_code())


def test_lists_by_tag_end_at_a_thousand(instant: MockCloud) -> None:
    """Interfaces and instances by tag end at 1,000, EIPs do not; a fault ends them all sooner."""
    hand = Hand(instant)
    account = instant.cloud.accounts.main
    account.eni_quota = account.eip_quota = 10_000
    room = hand.vswitch(instant.seeds.zone, "10.0.64.0/18")
    for _ in range(1001):
        hand.eni(VSwitchId=room, **GROUP)
        hand.eip(**GROUP)
    for _ in range(11):
        hand.instance(VSwitchId=room, Amount="100", **GROUP)

    enis = hand.ecs("DescribeNetworkInterfaces", **GROUP, PageSize="1000", PageNumber="1")
    instances = hand.ecs("DescribeInstances", **GROUP, PageSize="100", PageNumber="1")
    eips = hand.vpc("DescribeEipAddresses", **GROUP)
    assert (enis["TotalCount"], instances["TotalCount"], eips["TotalCount"]) == (1000, 1000, 1001)
    instant.cloud.faults.add("Describe*:tag-limit:most=7")
    assert hand.ecs("DescribeInstances", **GROUP)["TotalCount"] == 7
    assert hand.vpc("DescribeEipAddresses", **GROUP)["TotalCount"] == 7


def test_a_next_token_repeats(served: MockCloud, sdk: Sdk) -> None:
    """The second page's token is the one that was sent, for ever."""
    hand = Hand(served)
    for _ in range(25):
        hand.eni()
    served.cloud.faults.add("DescribeNetworkInterfaces:repeat-token")

    first = sdk.ecs("DescribeNetworkInterfaces", MaxResults="10")["NextToken"]
    second = sdk.ecs("DescribeNetworkInterfaces", MaxResults="10", NextToken=first)["NextToken"]
    assert first
    assert second == first


@pytest.mark.parametrize("setting", ["number", "text"])
def test_counts_and_codes_have_either_type(served: MockCloud, sdk: Sdk, setting: str) -> None:
    """TotalCount, also Cloud Assistant's, and the gateway's Code are number or text, as the switches say."""
    hand = Hand(served)
    served.cloud.switches.set("total-count", setting)
    served.cloud.switches.set("gateway-code", setting)
    wanted: Any = {"number": (0, 200, 0), "text": ("0", "200", "0")}[setting]

    gateways = sdk.vpc("DescribeEipGatewayInfo", InstanceId=hand.eni())
    commands = sdk.ecs("DescribeInvocationResults", InvokeId="t-none")["Invocation"]
    assert (_eips(sdk)[1], gateways["Code"], commands["TotalCount"]) == wanted
