"""Steps: what each says to people and asks of the cloud."""

from __future__ import annotations

from dataclasses import replace

import pytest

from multieip.model.guest import GuestTarget
from multieip.model.resources import AllocationId, Gateway
from multieip.plan.steps import (
    Associate,
    Attach,
    ConfigureGuest,
    Detach,
    LiftHold,
    MarkRefused,
    ReleaseGuest,
    SetHold,
    Step,
    Unassociate,
)
from multieip.reference.good_group import BOUND, ENI, INSTANCE, REGION

_EIP = AllocationId("eip-1")
_TARGET = GuestTarget(INSTANCE, ENI.id, ENI.mac, ENI.private_ip)
_DETACH = Detach(REGION, ENI.id, INSTANCE.id)
_STEPS: list[tuple[Step, list[str]]] = [
    (ReleaseGuest(_TARGET), ["Ecs.RunCommand", "Ecs.DescribeInvocationResults"]),
    (_DETACH, ["Ecs.DetachNetworkInterface"]),
    (Attach(REGION, ENI.id, INSTANCE.id), ["Ecs.AttachNetworkInterface"]),
    (Unassociate(REGION, ENI.id, _EIP), ["Vpc.UnassociateEipAddress"]),
    (Associate(REGION, ENI.id, (_EIP,)), ["Vpc.AssociateEipAddressBatch"]),
    (Associate(REGION, ENI.id, (_EIP,), singly=True), ["Vpc.AssociateEipAddress"]),
    (SetHold(REGION, ENI.id, "multi-eip:hold"), ["Ecs.TagResources"]),
    (LiftHold(REGION, ENI.id, "multi-eip:hold"), ["Ecs.UntagResources"]),
    (MarkRefused(REGION, _EIP, "multi-eip:refused", "Mode.NotSupport"), ["Vpc.TagResources"]),
    (ConfigureGuest(_TARGET, BOUND), ["Ecs.RunCommand", "Ecs.DescribeInvocationResults"]),
]


@pytest.mark.parametrize(("step", "calls"), _STEPS, ids=[type(step).__name__ for step, _ in _STEPS])
def test_a_step_names_its_resources_and_its_calls(step: Step, calls: list[str]) -> None:
    """One line for people with the id in it; each call of the cloud with its region."""
    assert calls == [f"{call.product}.{call.action}" for call in step.calls()]
    assert all(call.params["RegionId"] == REGION for call in step.calls())
    assert any(name in step.title for name in (ENI.id, _EIP, INSTANCE.id))
    assert "\n" not in step.title


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

    run, _ = ConfigureGuest(windows, BOUND).calls()

    assert run.params["Type"] == "RunPowerShellScript"


def test_the_wanted_set_shows_what_is_known_and_what_is_not() -> None:
    """Gateways that the cloud has told are shown; the others are read after binding."""
    known = (Gateway("198.51.100.11", "198.51.100.1", "255.255.255.0"),)

    wanted = ConfigureGuest(_TARGET, BOUND, known=known).wanted()

    unknown = "(read after binding)"
    assert wanted == [
        {"address": "198.51.100.11", "mask": "255.255.255.0", "gateway": "198.51.100.1"},
        {"address": "203.0.113.141", "mask": unknown, "gateway": unknown},
    ]
