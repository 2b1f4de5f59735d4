"""Changes that do not come about, or take their time, although the call was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, VirtualClock, mock_cloud
from tests.stubs.tests.hand import Hand
from tests.stubs.tests.sdk import Sdk

if TYPE_CHECKING:
    from localcloud import MockCloud


def test_a_detach_that_does_nothing(served: MockCloud) -> None:
    """The SDK gets its RequestId, the interface stays attached, the second call works."""
    hand, sdk = Hand(served), Sdk(served)
    eni = hand.eni()
    hand.ecs("AttachNetworkInterface", **hand.pair(eni))
    served.cloud.faults.add("DetachNetworkInterface:nothing:times=1")

    assert list(sdk.ecs("DetachNetworkInterface", **hand.pair(eni))) == ["RequestId"]
    assert hand.eni_status(eni) == "InUse"
    sdk.ecs("DetachNetworkInterface", **hand.pair(eni))
    assert hand.eni_status(eni) == "Available"


def test_an_unbinding_that_does_nothing(served: MockCloud) -> None:
    """The EIP stays bound."""
    hand, sdk = Hand(served), Sdk(served)
    eni, eip = hand.eni(), hand.eip()
    hand.bind(eni, [eip])
    served.cloud.faults.add("UnassociateEipAddress:nothing:times=1")

    sdk.vpc("UnassociateEipAddress", AllocationId=eip)
    assert hand.eip_row(eip)["Status"] == "InUse"
    sdk.vpc("UnassociateEipAddress", AllocationId=eip)
    assert hand.eip_row(eip)["Status"] == "Available"


def test_what_makes_something_is_not_left_undone(instant: MockCloud) -> None:
    """A call whose answer names something new cannot come to nothing."""
    instant.cloud.faults.add("*:nothing")

    assert Hand(instant).eip().startswith("eip-")


@pytest.mark.parametrize("transitions", ["time", "immediate"])
def test_detaching_takes_minutes(transitions: str) -> None:
    """`Detaching` for three minutes, in every mode; calling again is accepted and hurries nothing."""
    options = CloudOptions(transitions=transitions)  # type: ignore[arg-type] # one of the modes
    with mock_cloud(options) as local:
        hand = Hand(local)
        eni = hand.eni()
        hand.ecs("AttachNetworkInterface", **hand.pair(eni))
        local.clock.sleep(60)
        local.cloud.faults.add("DetachNetworkInterface:lingers:seconds=180")
        hand.ecs("DetachNetworkInterface", **hand.pair(eni))

        local.clock.sleep(170)
        assert hand.eni_status(eni) == "Detaching"
        hand.ecs("DetachNetworkInterface", **hand.pair(eni))
        assert hand.eni_status(eni) == "Detaching"
        local.clock.sleep(15)
        assert hand.eni_status(eni) == "Available"


def test_a_lingering_change_is_seen_through_the_sdk() -> None:
    """Over HTTP, in virtual time: the association is under way until its minutes have passed."""
    clock = VirtualClock()
    with mock_cloud(CloudOptions(clock=clock), http=True) as served:
        hand, sdk = Hand(served), Sdk(served)
        eni, eip = hand.eni(), hand.eip()
        served.cloud.faults.add("AssociateEipAddressBatch:lingers:seconds=300")
        hand.bind(eni, [eip])

        def status() -> str:
            (row,) = sdk.vpc("DescribeEipAddresses", AllocationId=eip)["EipAddresses"]["EipAddress"]
            return str(row["Status"])

        clock.sleep(299)
        assert status() == "Associating"
        clock.sleep(2)
        assert status() == "InUse"
