"""What the documents leave open: both answers exist, and the product can be tried on each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localcloud import SWITCHES, Switches
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud


@pytest.mark.parametrize(
    ("switch", "value", "code"),
    [
        ("ipv4-gateway", "present", "OperationDenied.Ipv4GatewayExist"),
        ("private-ip", "required", "MissingPrivateIpAddress"),
        ("secondary-ips", "refuse", "Eni.HasSubIp"),
    ],
)
def test_open_questions_are_switches(instant: MockCloud, switch: str, value: str, code: str) -> None:
    """By default the binding passes; with the switch it is refused."""
    hand = Hand(instant)
    eni = hand.eni(SecondaryPrivateIpAddressCount="1")
    hand.vpc("AssociateEipAddress", **hand.single(eni, hand.eip()))
    instant.cloud.switches.set(switch, value)

    assert hand.code("Vpc", "AssociateEipAddress", **hand.single(eni, hand.eip())) == code


def test_gateway_info_may_wait_for_the_attachment(instant: MockCloud) -> None:
    """With the switch the list is empty until the interface is attached."""
    hand = Hand(instant)
    eni = hand.eni()
    hand.bind(eni, hand.eips(2))

    def count() -> int:
        return len(hand.vpc("DescribeEipGatewayInfo", InstanceId=eni)["EipInfos"]["EipInfo"])

    assert count() == 2
    instant.cloud.switches.set("gateway-info", "attached")
    assert count() == 0
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    assert count() == 2


def test_gateway_info_has_two_spellings(instant: MockCloud) -> None:
    """Ip by default, IP with the switch; never both."""
    hand = Hand(instant)
    eni = hand.eni()
    hand.bind(eni, hand.eips(1))

    def keys() -> set[str]:
        return set(hand.vpc("DescribeEipGatewayInfo", InstanceId=eni)["EipInfos"]["EipInfo"][0])

    assert keys() == {"Ip", "IpGw", "IpMask"}
    instant.cloud.switches.set("gateway-ip-key", "IP")
    assert keys() == {"IP", "IpGw", "IpMask"}


def test_the_interface_may_hide_its_eips(instant: MockCloud) -> None:
    """AssociatedPublicIp is the first EIP, or nothing with the switch."""
    hand = Hand(instant)
    eni, eips = hand.eni(), hand.eips(2)
    hand.bind(eni, eips)

    def shown() -> str:
        row = hand.eni_rows(NetworkInterfaceId__1=eni)[0]
        return str(row["AssociatedPublicIp"].get("AllocationId", ""))

    assert shown() == eips[0]
    instant.cloud.switches.set("associated-public-ip", "none")
    assert shown() == ""


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda switch: switch.name)
def test_a_switch_takes_its_values_and_no_others(switch: object) -> None:
    """The first value is the default; a wrong one is explained with the right ones."""
    known = next(each for each in SWITCHES if each is switch)
    switches = Switches()
    assert switches.value(known.name) == known.values[0]
    for value in known.values:
        switches.set(known.name, value)
        assert switches.is_(known.name, value)
    with pytest.raises(ValueError, match="is one of"):
        switches.set(known.name, "sideways")


def test_the_events_of_ecs_may_wrap_their_fields(instant: MockCloud) -> None:
    """The fields stand in data itself, or with the switch under data.content as in notifications."""
    hand = Hand(instant)
    told: list[dict[str, Any]] = []
    instant.cloud.subscribe(told.append)

    def of_last_eni() -> tuple[str, dict[str, Any]]:
        eni = hand.eni()
        return eni, next(each["data"] for each in reversed(told) if "ActionTrail" not in each["type"])

    eni, data = of_last_eni()
    assert data["eniId"] == eni
    instant.cloud.switches.set("ecs-event-data", "content")
    eni, data = of_last_eni()
    assert "eniId" not in data
    assert (data["content"]["eniId"], data["regionId"]) == (eni, instant.seeds.region)


def test_the_family_is_checked_where_an_instance_is_known(instant: MockCloud) -> None:
    """An EIP for an ENI that is attached already meets the instance's family, unless it is never checked."""
    switches = instant.cloud.switches
    switches.set("bind-while-attached", "allow")
    hand = Hand(instant)
    instance, eni, eip = hand.instance(InstanceType="ecs.g6.large"), hand.eni(), hand.eip()
    hand.ecs("AttachNetworkInterface", **hand.pair(eni, instance))

    code = hand.code("Vpc", "AssociateEipAddress", **hand.single(eni, eip))

    assert code == "OperationUnsupported.EipBindModel"
    switches.set("family-check", "never")
    hand.vpc("AssociateEipAddress", **hand.single(eni, eip))
