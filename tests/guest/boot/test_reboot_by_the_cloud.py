"""RebootInstance on a guest that `bind` has configured: the EIPs are back without another run."""

from __future__ import annotations

import json
import time
from ipaddress import IPv4Address

import pytest

from localcloud import CloudOptions, LocalCloud
from localcloud.guests import Command, open_world, pings, why_not
from multieip.app.bind import bind
from multieip.app.wiring import App
from multieip.log import CallLog, Log
from multieip.settings import Settings
from tests.functional.in_process import InProcess
from tests.functional.operator import Operator

pytestmark = [pytest.mark.guest, pytest.mark.boot]

REASON = why_not("networkd")


class _Nobody:
    """An `Invoker` for runs that need none."""

    def start(self, function: str, payload: dict[str, object], *, task_id: str) -> bool:
        """Refuse: a run that hands over has not done its work."""
        raise AssertionError(f"{function} was handed over as {task_id}: {payload}")


def _bind(cloud: LocalCloud, payload: dict[str, object]) -> dict[str, object]:
    clock = cloud.clock
    log = Log(clock, sink=lambda _: None)
    app = App(
        settings=Settings(region="cn-shanghai"),
        api=InProcess(cloud),
        clock=clock,
        invoker=_Nobody(),
        log=log,
        calls=CallLog(),
        deadline=clock.monotonic() + 120,
    )
    return bind(app, payload)


def _started(cloud: LocalCloud, instance: str) -> bytes:
    """Tell when the guest's process 1 began; nothing while the guest is down."""
    guest = cloud.state(cloud.accounts.main.account_id, "cn-shanghai").instances[instance].guest
    ended = guest.run(Command("RunShellScript", b"cut -d' ' -f22 /proc/1/stat"))
    return b"" if ended.exit_code else ended.output


@pytest.mark.skipif(bool(REASON), reason=str(REASON))
def test_a_reboot_by_the_cloud_brings_the_eips_back() -> None:
    """Bound and configured by `bind`, rebooted by the API, answering again by the guest's own files."""
    world = open_world("networkd")
    cloud = LocalCloud(world, CloudOptions(transitions="immediate", threaded=True))
    try:
        seeds = cloud.seed()
        hand = Operator(cloud)
        eni, eips = hand.eni(seeds), hand.eips(2)
        call = {"eni": eni, "eips": eips, "instance": seeds.instance, "action": "apply"}
        body = _bind(cloud, call)
        assert body["state"] == "ready", json.dumps(body)
        shown = cloud.api().call("Vpc", "DescribeEipAddresses", {"RegionId": "cn-shanghai"})
        addresses = [IPv4Address(each["IpAddress"]) for each in shown["EipAddresses"]["EipAddress"]]
        assert all(pings(world, address) for address in addresses)

        started = _started(cloud, seeds.instance)
        hand.api.call("Ecs", "RebootInstance", {"RegionId": "cn-shanghai", "InstanceId": seeds.instance})

        end = time.monotonic() + 30
        while not (_started(cloud, seeds.instance) != started and all(pings(world, a) for a in addresses)):
            assert time.monotonic() < end, "the EIPs did not come back"
        assert world.spoofed() == 0
        assert _bind(cloud, call)["changed"] is False
    finally:
        cloud.close()
        world.close()
