"""Two sites for the same cases: the local cloud, and a real account where the environment names one.

The real one costs a little money and needs MULTI_EIP_CONTRACT=1, ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET,
and MULTI_EIP_CONTRACT_REGION, _VSWITCH, _SECURITY_GROUP and _INSTANCE (a running Linux instance). Everything
that a case makes is taken away again.
"""

from __future__ import annotations

import os
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import mock_cloud
from multieip.clock import SystemClock
from multieip.cloud.api import SdkApi
from multieip.cloud.credentials import find_credentials
from multieip.errors import RefusedError
from multieip.log import CallLog
from tests.functional.in_process import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from multieip.ports import Api, Clock, Product

_PLACES = ("REGION", "VSWITCH", "SECURITY_GROUP", "INSTANCE")


@dataclass(frozen=True)
class Site:
    """Somewhere to run a case: an account, its places, its time, and what is to be undone at the end."""

    api: Api
    clock: Clock
    undo: ExitStack
    region: str
    vswitch: str
    security_group: str
    instance: str

    def call(self, product: Product, action: str, **params: str) -> dict[str, Any]:
        """Make a call in the region; `Tag__1__Key` stands for `Tag.1.Key`."""
        named = {name.replace("__", "."): value for name, value in params.items()}
        return self.api.call(product, action, {"RegionId": self.region, **named})

    def refused(self, product: Product, action: str, **params: str) -> RefusedError:
        """Make a call that has to be refused."""
        with pytest.raises(RefusedError) as caught:
            self.call(product, action, **params)
        return caught.value

    def until(self, reached: Callable[[], bool], *, seconds: float = 180) -> None:
        """Wait for a change of the cloud."""
        deadline = self.clock.monotonic() + seconds
        while not reached():
            assert self.clock.monotonic() < deadline, "the change did not come in time"
            self.clock.sleep(2)

    def eni(self, **params: str) -> str:
        """Create an interface that is deleted at the end."""
        token = uuid.uuid4().hex
        given = {"VSwitchId": self.vswitch, "SecurityGroupId": self.security_group, "ClientToken": token}
        body = self.call("Ecs", "CreateNetworkInterface", **{**given, **params})
        eni_id: str = body["NetworkInterfaceId"]
        self.undo.callback(self._drop_eni, eni_id)
        self.until(lambda: self.eni_status(eni_id) == "Available")
        return eni_id

    def eip(self) -> str:
        """Allocate an EIP that is released at the end."""
        body = self.call("Vpc", "AllocateEipAddress", ClientToken=uuid.uuid4().hex)
        allocation_id: str = body["AllocationId"]
        self.undo.callback(self._drop_eip, allocation_id)
        self.until(lambda: self.eip_status(allocation_id) == "Available")
        return allocation_id

    def eni_status(self, eni_id: str) -> str:
        """Give the status of an interface, `gone` where it is not listed."""
        body = self.call("Ecs", "DescribeNetworkInterfaces", NetworkInterfaceId__1=eni_id)
        rows = body["NetworkInterfaceSets"]["NetworkInterfaceSet"]
        return str(rows[0]["Status"]) if rows else "gone"

    def eip_status(self, allocation_id: str) -> str:
        """Give the status of an EIP, `gone` where it is not listed."""
        rows = self.call("Vpc", "DescribeEipAddresses", AllocationId=allocation_id)["EipAddresses"][
            "EipAddress"
        ]
        return str(rows[0]["Status"]) if rows else "gone"

    def detach(self, eni_id: str) -> None:
        """Detach an interface from the instance and wait."""
        if self.eni_status(eni_id) == "InUse":
            self.call("Ecs", "DetachNetworkInterface", NetworkInterfaceId=eni_id, InstanceId=self.instance)
        self.until(lambda: self.eni_status(eni_id) == "Available")

    def unbind(self, allocation_id: str) -> None:
        """Unbind an EIP and wait."""
        if self.eip_status(allocation_id) == "InUse":
            self.call("Vpc", "UnassociateEipAddress", AllocationId=allocation_id)
        self.until(lambda: self.eip_status(allocation_id) in {"Available", "gone"})

    def _drop_eni(self, eni_id: str) -> None:
        if self.eni_status(eni_id) != "gone":
            self.call("Ecs", "DeleteNetworkInterface", NetworkInterfaceId=eni_id)

    def _drop_eip(self, allocation_id: str) -> None:
        self.unbind(allocation_id)
        if self.eip_status(allocation_id) != "gone":
            self.call("Vpc", "ReleaseEipAddress", AllocationId=allocation_id)


def _local(undo: ExitStack) -> Site:
    local = undo.enter_context(mock_cloud())
    seeds = local.seeds
    places = (seeds.region, seeds.vswitch, seeds.security_group, seeds.instance)
    return Site(InProcess(local.cloud), local.clock, undo, *places)


def _account(undo: ExitStack) -> Site:
    missing = [name for name in _PLACES if not os.environ.get(f"MULTI_EIP_CONTRACT_{name}")]
    if os.environ.get("MULTI_EIP_CONTRACT") != "1" or missing:
        pytest.skip("no real account: set MULTI_EIP_CONTRACT=1 and MULTI_EIP_CONTRACT_" + ", _".join(_PLACES))
    clock = SystemClock()
    api = SdkApi(lambda: find_credentials(os.environ), clock, CallLog())
    return Site(api, clock, undo, *(os.environ[f"MULTI_EIP_CONTRACT_{name}"] for name in _PLACES))


@pytest.fixture(params=["local", pytest.param("account", marks=pytest.mark.cloud_verified)])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Give the local cloud, and then the real account if there is one."""
    with ExitStack() as undo:
        yield _local(undo) if request.param == "local" else _account(undo)
