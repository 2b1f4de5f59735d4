"""Many clients at once on a threaded cloud, and guests that fail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, RealClock, mock_cloud
from localcloud.guests import WorldError
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud import MockCloud
    from localcloud.guests import Nic


@pytest.fixture
def busy() -> Iterator[MockCloud]:
    """Give a cloud as a server has it: real time, guests in threads of their own."""
    with mock_cloud(CloudOptions(clock=RealClock(), transitions="immediate", threaded=True)) as cloud:
        yield cloud


def test_many_clients_do_not_get_into_each_others_way(busy: MockCloud) -> None:
    """Eight whole flows side by side each end where they began, and nothing is left."""
    busy.cloud.accounts.main.eip_quota = 100
    instances = [Hand(busy).instance(InstanceType="ecs.g5.large") for _ in range(8)]
    seen: list[str] = []
    busy.cloud.subscribe(lambda event: seen.append(event["id"]))

    def flow(instance: str) -> str:
        hand = Hand(busy)
        eni, eips = hand.eni(), hand.eips(3)
        hand.bind(eni, eips)
        hand.ecs("AttachNetworkInterface", **hand.pair(eni, instance))
        invoke = hand.run(f"echo {instance}", InstanceId__1=instance)
        while hand.result(invoke)["InvocationStatus"] == "Running":
            pass
        output = str(hand.result(invoke)["Output"])
        hand.ecs("DetachNetworkInterface", **hand.pair(eni, instance))
        for eip in eips:
            hand.vpc("UnassociateEipAddress", AllocationId=eip)
            hand.vpc("ReleaseEipAddress", AllocationId=eip)
        hand.ecs("DeleteNetworkInterface", NetworkInterfaceId=eni)
        return output

    with ThreadPoolExecutor(8) as pool:
        outputs = list(pool.map(flow, instances))

    assert outputs == [f"{instance}\n" for instance in instances]
    assert Hand(busy).eip_rows() == []
    assert Hand(busy).eni_rows(Type="Secondary") == []
    assert len(seen) == len(set(seen))
    # 15 writes a flow, four interface events, one of the command.
    assert len(seen) == 8 * 20


class Broken:
    """A guest that takes no interface and runs no command."""

    kind = "simulated"

    def plug(self, nic: Nic) -> None:
        """Fail."""
        raise WorldError(f"no slot for {nic.eni_id}")

    def run(self, _command: object) -> None:
        """Fail."""
        raise WorldError("no shell")

    def close(self) -> None:
        """Have nothing to leave."""


@pytest.mark.parametrize("where", ["here", "in threads"])
def test_a_guest_that_fails_is_a_change_that_failed(where: str, caplog: pytest.LogCaptureFixture) -> None:
    """The interface falls back to Available, the command is an error, and the log says why."""
    options = CloudOptions(clock=RealClock(), transitions="immediate", threaded=where == "in threads")
    with mock_cloud(options) as local:
        hand = Hand(local)
        state = local.cloud.state(local.cloud.accounts.main.account_id, local.seeds.region)
        real = state.instances[local.seeds.instance].guest
        state.instances[local.seeds.instance].guest = Broken()  # type: ignore[assignment] # half of one
        eni = hand.eni()
        hand.ecs("AttachNetworkInterface", **hand.pair(eni))
        assert (hand.eni_status(eni), hand.eni_rows(NetworkInterfaceId__1=eni)[0]["InstanceId"]) == (
            "Available",
            "",
        )
        assert "no slot for" in caplog.text
        invoke = hand.run("echo")
        while hand.result(invoke)["InvocationStatus"] == "Running":
            pass
        assert (hand.result(invoke)["InvocationStatus"], hand.result(invoke)["ErrorCode"]) == (
            "Error",
            "ExecutionException",
        )
        real.close()


def test_a_world_that_fails_is_the_clouds_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    """An instance whose guest cannot be made is a 500 in the cloud's own form."""
    with mock_cloud() as local:
        local.cloud.world.close()
        local.cloud.world = Closed()  # type: ignore[assignment] # half of one
        seeds = local.seeds
        given = {"InstanceType": "ecs.g5.large", "VSwitchId": seeds.vswitch}
        code = Hand(local).code("Ecs", "RunInstances", SecurityGroupId=seeds.security_group, **given)

    assert code == "InternalError"
    assert "no room" in caplog.text


class Closed:
    """A world that makes no guests."""

    def create_guest(self, *_: object) -> None:
        """Fail."""
        raise WorldError("no room")

    def close(self) -> None:
        """Have nothing to leave."""
