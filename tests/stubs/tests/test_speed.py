"""How fast the local cloud is: figures are printed (`pytest -s -m bench`), floors are asserted."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, MockCloud, mock_cloud
from tests.stubs.tests.raw import Raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud import HttpRequest, InProcessApi

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

REGION = {"RegionId": "cn-shanghai"}


def _seconds(work: Callable[[], object]) -> float:
    # Processor time: what one core does, whoever else is using the machine.
    start = time.process_time()
    work()
    return time.process_time() - start


def test_signed_calls_in_process() -> None:
    """At least 3,000 signed calls a second on one core."""
    with mock_cloud() as local:
        api = local.api
        api.call("Vpc", "AllocateEipAddress", REGION)

        seconds = _seconds(lambda: [api.call("Vpc", "DescribeEipAddresses", REGION) for _ in range(3000)])

    print(f"in process: {3000 / seconds:.0f} signed calls a second")
    assert 3000 / seconds > 3000


def test_start_up() -> None:
    """A new cloud with its seeds stands in less than 50 ms."""
    with mock_cloud():
        pass  # the first one pays for the imports

    times = []
    for _ in range(5):
        with ExitStack() as stack:
            times.append(_seconds(lambda stack=stack: stack.enter_context(mock_cloud())))  # type: ignore[misc]

    print(f"start-up: {min(times) * 1000:.1f} ms")
    assert min(times) < 0.050


_CLIENT = """
import sys, time
from aliyunsdkcore.client import AcsClient
from aliyunsdkvpc.request.v20160428.DescribeEipAddressesRequest import DescribeEipAddressesRequest
client = AcsClient("LTAI5tLocalUser000000001", "main-user-secret", "cn-shanghai")
start, used = time.perf_counter(), time.process_time()
for _ in range(400):
    request = DescribeEipAddressesRequest()
    request.set_endpoint(sys.argv[1])
    client.do_action_with_exception(request)
print(time.perf_counter() - start, time.process_time() - used)
"""


def test_the_server_is_not_the_slower_half() -> None:
    """With the real SDK: 400 calls a second, or the client spends more of the time than the server."""
    with mock_cloud(http=True) as local:
        command = [sys.executable, "-c", _CLIENT, local.endpoint.removeprefix("http://")]
        before = time.process_time()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        server = time.process_time() - before
    wall, client = (float(each) for each in done.stdout.split())

    print(f"over HTTP, one SDK client: {400 / wall:.0f} calls a second")
    print(f"processor time per call: client {client / 400 * 1e3:.2f} ms, server {server / 400 * 1e3:.2f} ms")
    assert 400 / wall > 400 or server < client


def test_the_server_alone() -> None:
    """Requests signed beforehand: the server answers at least 400 a second."""
    with mock_cloud(http=True) as local:
        sent: list[HttpRequest] = []
        cloud = local.cloud
        recorder = _Recorder(local, sent)
        for _ in range(1000):
            Raw(recorder).send()  # type: ignore[arg-type] # it only needs `handle` and `wall_clock`
        port = int(local.endpoint.rpartition(":")[2])
        with ThreadPoolExecutor(4) as pool:
            start = time.perf_counter()
            statuses = list(pool.map(lambda part: _ask(port, part), [sent[each::4] for each in range(4)]))
            seconds = time.perf_counter() - start
    assert cloud.world.kind == "simulated"

    print(f"over HTTP, the server alone: {1000 / seconds:.0f} calls a second")
    assert statuses == [{200}] * 4
    assert 1000 / seconds > 400


class _Recorder:
    """Stands where the cloud stands and keeps what would be sent."""

    def __init__(self, local: MockCloud, sent: list[HttpRequest]) -> None:
        """Sign by the clock of the cloud that will get the requests."""
        self.wall_clock = local.cloud.wall_clock
        self._sent = sent

    def handle(self, request: HttpRequest) -> None:
        """Keep the request."""
        self._sent.append(request)


def _ask(port: int, requests: list[HttpRequest]) -> set[int]:
    connection = HTTPConnection("127.0.0.1", port)
    statuses = set()
    for request in requests:
        connection.request(request.method, f"/?{request.query}", headers={"host": "127.0.0.1"})
        response = connection.getresponse()
        response.read()
        statuses.add(response.status)
    connection.close()
    return statuses


def _fill(local: MockCloud, enis: int) -> InProcessApi:
    cloud, api = local.cloud, local.api
    account = cloud.accounts.main
    account.eip_quota, account.eni_quota = 10**6, 10**6
    vswitch = api.call(
        "Vpc",
        "CreateVSwitch",
        {**REGION, "VpcId": local.seeds.vpc, "ZoneId": local.seeds.zone, "CidrBlock": "10.0.128.0/17"},
    )["VSwitchId"]
    common = {**REGION, "VSwitchId": vswitch, "SecurityGroupId": local.seeds.security_group}
    for index in range(enis):
        tags = {"Tag.1.Key": "multi-eip:group", "Tag.1.Value": f"g{index % 100}"}
        api.call("Ecs", "CreateNetworkInterface", {**common, **tags})
        for _ in range(2):
            api.call("Vpc", "AllocateEipAddress", {**REGION, **tags})
        if index % 2 == 0:
            api.call("Ecs", "RunInstances", {**common, **tags, "InstanceType": "ecs.g5.large"})
    return api


def _list_all(
    api: InProcessApi, product: str, action: str, path: tuple[str, str], page: dict[str, str]
) -> int:
    found, token, number = 0, "", 1
    while True:
        extra = {"NextToken": token} if token else {}
        if "PageSize" in page:
            extra = {"PageNumber": str(number)}
        body = api.call(product, action, {**REGION, **page, **extra})
        rows = body[path[0]][path[1]]
        found, token, number = found + len(rows), body.get("NextToken", ""), number + 1
        if not token and len(rows) < int(page.get("PageSize", "1000000")):
            return found


def _listed(enis: int) -> dict[str, float]:
    with mock_cloud(CloudOptions(transitions="immediate")) as local:
        filling = time.perf_counter()
        api = _fill(local, enis)
        times = {"fill": time.perf_counter() - filling}
        # The collector looks at everything alive again and again; that is Python's affair, not the list's.
        gc.collect()
        gc.freeze()
        sets = ("NetworkInterfaceSets", "NetworkInterfaceSet")
        for name, action, product, path, page in (
            (
                "all ENIs",
                "DescribeNetworkInterfaces",
                "Ecs",
                sets,
                {"MaxResults": "500", "Type": "Secondary"},
            ),
            ("all EIPs", "DescribeEipAddresses", "Vpc", ("EipAddresses", "EipAddress"), {"PageSize": "100"}),
            ("all instances", "DescribeInstances", "Ecs", ("Instances", "Instance"), {"MaxResults": "100"}),
        ):
            start = time.perf_counter()
            count = _list_all(api, product, action, path, page)
            times[name] = time.perf_counter() - start
            print(f"{name}: {count} in {times[name]:.2f} s")
        start = time.perf_counter()
        tagged = {**REGION, "Tag.1.Key": "multi-eip:group", "Tag.1.Value": "g7", "MaxResults": "500"}
        for _ in range(100):
            api.call("Ecs", "DescribeNetworkInterfaces", tagged)
        times["by tag"] = (time.perf_counter() - start) / 100
        gc.unfreeze()
        print(f"by tag: {times['by tag'] * 1e3:.2f} ms a call")
        return times


def test_long_lists_are_linear() -> None:
    """10,000 ENIs, 20,000 EIPs and 5,000 instances take about ten times as long as a tenth of them."""
    small, large = _listed(1000), _listed(10_000)

    print(f"fill: {small['fill']:.1f} s and {large['fill']:.1f} s")
    for name in ("all ENIs", "all EIPs", "all instances"):
        assert large[name] < 10 * small[name] * 2 + 0.1, name
