"""Steps: what each says to people and asks of the cloud."""

from __future__ import annotations

from dataclasses import replace

import pytest

from multieip.model.guest import GuestTarget
from multieip.model.resources import AllocationId, EipStatus, EniStatus, Gateway
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
from multieip.rules.examples import ENI, INSTANCE, REGION

_EIP = AllocationId("eip-1")
_TARGET = GuestTarget(INSTANCE, ENI.id, ENI.mac, ENI.private_ip)
_DETACH = Detach(REGION, ENI.id, INSTANCE.id)
_STEPS: list[tuple[Step, list[str]]] = [
    (ReleaseGuest(_TARGET), ["Ecs.RunCommand", "Ecs.DescribeInvocationResults"]),
    (_DETACH, ["Ecs.DetachNetworkInterface"]),
    (Attach(REGION, ENI.id, INSTANCE.id), ["Ecs.AttachNetworkInterface"]),
    (Unassociate(REGION, ENI.id, _EIP), ["Vpc.UnassociateEipAddress"]),
    (Associate(REGION, ENI.id, (_EIP,)), ["Vpc.AssociateEipAddressBatch"]),
    (AwaitEips(REGION, (_EIP,), EipStatus.IN_USE), ["Vpc.DescribeEipAddresses"]),
    (AwaitEni(REGION, ENI.id, EniStatus.AVAILABLE, nudge=_DETACH), ["Ecs.DescribeNetworkInterfaces"]),
    (ReadGateways(REGION, ENI.id), ["Vpc.DescribeEipGatewayInfo"]),
    (ConfigureGuest(_TARGET, ("198.51.100.11",)), ["Ecs.RunCommand", "Ecs.DescribeInvocationResults"]),
]


@pytest.mark.parametrize(("step", "calls"), _STEPS, ids=[type(step).__name__ for step, _ in _STEPS])
def test_a_step_names_its_resources_and_its_calls(step: Step, calls: list[str]) -> None:
    """One line for people with the id in it; each call of the cloud with its region."""
    assert calls == [f"{call.product}.{call.action}" for call in step.calls()]
    assert all(call.params["RegionId"] == REGION for call in step.calls())
    assert any(name in step.title for name in (ENI.id, _EIP, INSTANCE.id))
    assert "\n" not in step.title


def test_one_or_many_eips_read_as_people_say_it() -> None:
    """Is for one, are for more."""
    assert AwaitEips(REGION, (_EIP,), EipStatus.IN_USE).title == "wait until eip-1 is InUse"
    two = AwaitEips(REGION, (_EIP, AllocationId("eip-2")), EipStatus.AVAILABLE)
    assert two.title == "wait until eip-1, eip-2 are Available"


def test_a_batch_is_one_call_in_multi_eip_mode() -> None:
    """All EIPs in one call, numbered from one, with the mode."""
    ids = tuple(AllocationId(f"eip-{n}") for n in range(10))

    (call,) = Associate(REGION, ENI.id, ids).calls()

    assert call.params["Mode"] == "MULTI_BINDED"
    assert call.params["BindedInstanceType"] == "NetworkInterface"
    assert [call.params[f"InstanceIds.{n}"] for n in range(1, 11)] == list(ids)


def test_a_windows_guest_gets_powershell() -> None:
    """The printed call is the one that the executor will make."""
    windows = replace(_TARGET, instance=replace(INSTANCE, os_type="windows"))

    run, _ = ConfigureGuest(windows, ("198.51.100.11",)).calls()

    assert run.params["Type"] == "RunPowerShellScript"


def test_the_wanted_set_shows_what_is_known_and_what_is_not() -> None:
    """Gateways that the cloud has told are shown; the others are read after binding."""
    known = (Gateway("198.51.100.11", "198.51.100.1", "255.255.255.0"),)

    wanted = ConfigureGuest(_TARGET, ("198.51.100.11", "203.0.113.5"), known).wanted()

    unknown = "(read after binding)"
    assert wanted == [
        {"address": "198.51.100.11", "mask": "255.255.255.0", "gateway": "198.51.100.1"},
        {"address": "203.0.113.5", "mask": unknown, "gateway": unknown},
    ]
