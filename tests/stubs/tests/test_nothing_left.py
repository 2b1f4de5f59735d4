"""A refused call leaves nothing behind, and what goes takes along what belonged to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CallRefusedError
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud


def free(hand: Hand) -> int:
    """Count the free addresses of the seeds' vSwitch."""
    row = hand.vpc("DescribeVSwitchAttributes", VSwitchId=hand.local.seeds.vswitch)
    count: int = row["AvailableIpAddressCount"]
    return count


def test_a_refused_assignment_gives_its_addresses_back(instant: MockCloud) -> None:
    """When the second address is taken already, the first one is not kept."""
    hand = Hand(instant)
    eni = hand.eni()
    before = free(hand)

    wanted = {"PrivateIpAddress__1": "10.0.0.200", "PrivateIpAddress__2": "10.0.0.10"}
    code = hand.code("Ecs", "AssignPrivateIpAddresses", NetworkInterfaceId=eni, **wanted)

    assert (code, free(hand)) == ("InvalidIp.IpAssigned", before)
    answer = hand.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni, PrivateIpAddress__1="10.0.0.200")
    assert answer["AssignedPrivateIpAddressesSet"] == {
        "NetworkInterfaceId": eni,
        "PrivateIpSet": {"PrivateIpAddress": ["10.0.0.200"]},
        "Ipv4PrefixSet": {"Ipv4Prefixes": []},
    }


def test_tags_go_to_all_resources_or_to_none(instant: MockCloud) -> None:
    """One resource without room for the tag keeps it from the others too."""
    hand = Hand(instant)
    full = hand.eni(**{f"Tag__{number}__Key": f"k{number}" for number in range(1, 21)})
    roomy = hand.eni()
    ids = {"ResourceId__1": roomy, "ResourceId__2": full}

    code = hand.code("Ecs", "TagResources", ResourceType="eni", Tag__1__Key="more", **ids)

    assert code == "QuotaExceed.TagsPerResource"
    assert hand.eni_rows(NetworkInterfaceId__1=roomy)[0]["Tags"] == {"Tag": []}


def test_instances_are_made_all_or_none(instant: MockCloud) -> None:
    """Two instances cannot have one private address, so neither is made."""
    hand = Hand(instant)
    before = free(hand), len(hand.eni_rows())

    with pytest.raises(CallRefusedError) as caught:
        hand.instance(Amount="2", PrivateIpAddress="10.0.0.50")

    assert caught.value.code == "InvalidPrivateIpAddress.Duplicated"
    assert (free(hand), len(hand.eni_rows())) == before


def test_an_instance_that_goes_frees_its_eips(instant: MockCloud) -> None:
    """EIPs of the instance and of its primary interface can be bound again; others stay on their ENI."""
    hand = Hand(instant)
    instance = hand.instance()
    (primary,) = hand.eni_rows(InstanceId=instance)
    of_instance, of_secondary = hand.eips(2)
    hand.vpc("AssociateEipAddress", AllocationId=of_instance, InstanceId=instance)
    eni = hand.eni()
    hand.bind(eni, [of_secondary])
    hand.ecs("AttachNetworkInterface", **hand.pair(eni, instance))

    hand.ecs("DeleteInstance", InstanceId=instance, Force="true")

    assert hand.eni_rows(NetworkInterfaceId__1=primary["NetworkInterfaceId"]) == []
    row = hand.eip_row(of_instance)
    assert (row["Status"], row["InstanceId"]) == ("Available", "")
    assert (hand.eip_row(of_secondary)["Status"], hand.eni_status(eni)) == ("InUse", "Available")


def test_an_attach_under_way_ends_with_its_instance(local: MockCloud) -> None:
    """The interface is free at once, and stays so when the attach would have ended."""
    hand = Hand(local)
    instance = hand.instance()
    local.clock.sleep(60)
    eni = hand.eni(DeleteOnRelease="false")
    hand.ecs("AttachNetworkInterface", **hand.pair(eni, instance))

    hand.ecs("DeleteInstance", InstanceId=instance, Force="true")
    local.clock.sleep(60)

    assert hand.eni_status(eni) == "Available"


def test_a_batch_without_the_mode_gives_each_eip_its_own_address(instant: MockCloud) -> None:
    """In NAT mode one EIP belongs to one private address; cut-through is no mode of the batch."""
    hand = Hand(instant)
    eni = hand.eni(SecondaryPrivateIpAddressCount="1")
    eips = hand.eips(2)
    assert hand.code("Vpc", "AssociateEipAddressBatch", **hand.batch(eni, eips, Mode="BINDED")) == (
        "IllegalParam.Mode"
    )

    hand.vpc("AssociateEipAddressBatch", **hand.batch(eni, eips, Mode=""))

    rows = [hand.eip_row(each) for each in eips]
    assert {row["Mode"] for row in rows} == {"NAT"}
    assert len({row["PrivateIpAddress"] for row in rows}) == 2


@pytest.mark.parametrize("bandwidth", ["0", "-5", "1001", "wide"])
def test_a_bandwidth_is_a_number_in_bounds(instant: MockCloud, bandwidth: str) -> None:
    """When it is bought and when it is changed."""
    hand = Hand(instant)
    eip = hand.eip(Bandwidth="200")

    assert hand.code("Vpc", "AllocateEipAddress", Bandwidth=bandwidth) == "InvalidParameter"
    modified = hand.code("Vpc", "ModifyEipAddressAttribute", AllocationId=eip, Bandwidth=bandwidth)
    assert modified == "InvalidParameter"
    assert hand.eip_row(eip)["Bandwidth"] == "200"


def test_a_released_address_can_be_asked_back(instant: MockCloud) -> None:
    """By its address, while nobody has it."""
    hand = Hand(instant)
    first = hand.eip()
    address = hand.eip_row(first)["IpAddress"]
    assert hand.code("Vpc", "AllocateEipAddress", IpAddress=address) == "InvalidParameter"
    hand.vpc("ReleaseEipAddress", AllocationId=first)

    second = hand.eip(IpAddress=address)

    assert (second != first, hand.eip_row(second)["IpAddress"]) == (True, address)
    assert hand.code("Vpc", "AllocateEipAddress", IpAddress=address) == "InvalidParameter"
