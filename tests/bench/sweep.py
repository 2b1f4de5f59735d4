"""The sweep at any size: calls against the minimum by page maxima, time on the realistic profile, memory.

Account: 5,000 instances, 10,000 ENIs and 20,000 EIPs in three regions. The minimum is worked out from the
sizes and the vendor's page maxima alone, for whichever way takes fewer calls.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from localcloud import mock_cloud
from multieip.app.sweep import run
from multieip.app.wiring import App
from multieip.cloud.api import SdkApi
from multieip.cloud.parallel import OneByOne
from multieip.log import CallLog, Log
from multieip.settings import Settings
from tests.bench._account import EIPS, REGIONS, Account, options
from tests.bench.frame import Row
from tests.functional.in_process import in_our_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud import MockCloud
    from multieip.cloud.credentials import Credentials
    from multieip.ports import Json, Product

GROUPS: Final = 5_000
SHARES: Final = (6, 24, 150, 500, 2_000, 5_000)
LARGE: Final = 10
"""How many times larger the large account is: 100,000 ENIs."""

_ENIS_A_PAGE, _EIPS_A_PAGE, _INSTANCES_A_PAGE = 500, 100, 100
_AGENTS_A_CALL, _GUESTS_A_COMMAND, _LISTED_BY_TAG = 100, 50, 1_000
_OVERHEAD: Final = 1.05
_LIMIT_S: Final = 870.0
HANDLER: Final = """
import json, runpy, sys
from types import SimpleNamespace
handler = runpy.run_path("functions/sweep/index.py")["handler"]
context = SimpleNamespace(request_id="1-request", function=SimpleNamespace(timeout=900))
answer = handler(json.dumps({"regions": sys.argv[1:]}).encode(), context)
told = json.loads(answer)
print(told["totals"]["groups_by_status"]["good"])
print(open("/proc/self/status").read())
"""


def rows() -> Iterator[Row]:
    """Measure everything."""
    with mock_cloud(options(), http=True) as local:
        account, tagged = Account(local, GROUPS), 0
        for groups in SHARES:
            account.tag(groups)
            tagged = groups
            yield from _share(local, groups)
        # Before the cloud's changes take no time any more, as the process that comes next needs it.
        small = _spent(local)
        good, megabytes = _process(local)
        if good != tagged:
            raise RuntimeError(f"{good} of {tagged} groups are good over HTTP")
        yield Row(f"{tagged:,} groups, whole process: memory", megabytes, 128, "MB")
    with mock_cloud(options()) as local:
        Account(local, GROUPS * LARGE).tag(GROUPS * LARGE)
        # One invocation does not hold so many; what is compared is the work, not how it is cut into parts.
        large = _spent(local, _LIMIT_S * LARGE)
    note = f"{small[1]:.1f} s and {large[1]:.1f} s of one processor"
    yield Row("100,000 ENIs: calls / those of 10,000", large[0] / small[0], LARGE * 1.02, "times")
    yield Row("the same: processor time", large[1] / small[1], LARGE * 1.15, "times", note=note)


def _share(local: MockCloud, groups: int) -> Iterator[Row]:
    local.clock.sleep(61 - local.clock.now().timestamp() % 60)
    begun, api = local.clock.monotonic(), _Counted(local)
    report = _sweep(local, api)
    seconds = local.clock.monotonic() - begun
    if report["totals"]["groups_by_status"]["good"] != groups or not report["complete"]:
        told = report["totals"]["groups_by_status"], report["unread"], report["left"]
        raise RuntimeError(f"{groups} good groups are told as {told}")
    due = report["totals"]["gateways"]["read"]
    least = _least(groups, due)
    note = f"{api.calls} calls, minimum {least}, {due} gateways in their turn"
    yield Row(f"{groups:,} of {GROUPS:,} groups: calls / minimum", api.calls / least, _OVERHEAD, note=note)
    yield Row("the same: time", seconds, 60, "s", note="one call after the other")


def _least(groups: int, due: int) -> int:
    """Return the fewest calls that show everything, by the page maxima; `due` gateways are in their turn."""
    in_all = [GROUPS // len(REGIONS) + (n < GROUPS % len(REGIONS)) for n in range(len(REGIONS))]
    tagged = [groups // len(REGIONS) + (n < groups % len(REGIONS)) for n in range(len(REGIONS))]
    regions = sum(_of_region(every, some) for every, some in zip(in_all, tagged, strict=True) if some)
    return regions + 1 + due


def _of_region(every: int, some: int) -> int:
    enis = _pages(2 * every, _ENIS_A_PAGE)
    instances = _pages(every, _INSTANCES_A_PAGE)
    if some < _LISTED_BY_TAG:
        enis = min(enis, _pages(some, _ENIS_A_PAGE))
        instances = min(instances, _pages(some, _INSTANCES_A_PAGE))
    # What is on each ENI takes a call for each, or the list of all EIPs.
    eips = min(_pages(EIPS * every, _EIPS_A_PAGE), _pages(EIPS * some, _EIPS_A_PAGE) + some)
    commands = _pages(some, _GUESTS_A_COMMAND)
    # The rules of a security group take a call for each; here all ENIs of a region are in one.
    return enis + instances + eips + _pages(some, _AGENTS_A_CALL) + 2 * commands + 1


def _pages(rows_: int, most: int) -> int:
    return -(-rows_ // most)


def _sweep(local: MockCloud, api: _Counted, limit_s: float = _LIMIT_S) -> Json:
    app = App(
        settings=Settings.read({}),
        # The product's own adapter, which waits where the cloud's limits of a minute are used up.
        api=SdkApi(_no_keys, local.clock, CallLog(), send=api.call, jitter=lambda low, _: low),
        clock=local.clock,
        invoker=_Nobody(),
        log=Log(local.clock, lambda _: None),
        calls=CallLog(),
        deadline=local.clock.monotonic() + limit_s,
        request_id="bench",
        parallel=OneByOne(),
    )
    return run(app, {"regions": list(REGIONS)}, "bench").head


def _spent(local: MockCloud, limit_s: float = _LIMIT_S) -> tuple[int, float]:
    """Return calls and processor time of one sweep, what the local cloud takes left out."""
    local.clock.sleep(61 - local.clock.now().timestamp() % 60)
    api = _Counted(local)
    begun = time.process_time()
    _sweep(local, api, limit_s)
    return api.calls, time.process_time() - begun - api.outside


def _process(local: MockCloud) -> tuple[int, float]:
    """Return good groups and the most memory of a process that serves the function over HTTP."""
    # The process has real time, in which nothing moves the cloud's: what it starts has ended at once.
    profile = local.cloud.profile
    local.cloud.profile = replace(profile, seconds=dict.fromkeys(profile.seconds, 0.0))
    key, secret, token = local.cloud.issue_credentials("acs:ram::1234567890123456:role/multi-eip", "s")
    environ = {
        **os.environ,
        "PYTHONPATH": "shared",
        "FC_REGION": REGIONS[0],
        "FC_ACCOUNT_ID": "1234567890123456",
        "MULTI_EIP_ENDPOINT": local.endpoint,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": token,
    }
    command = [sys.executable, "-c", HANDLER, *REGIONS]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    peak = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    if done.returncode or peak is None:
        raise RuntimeError(f"the function ended otherwise: {done.stderr[-600:]}")
    return int(done.stdout.split("\n", 1)[0]), int(peak[1]) / 1024


class _Counted:
    """The cloud in this process, in virtual time, the calls it took counted and its own work timed."""

    def __init__(self, local: MockCloud) -> None:
        self._api = local.cloud.direct_api(local.cloud.accounts.user_key)
        self.calls = 0
        self.outside = 0.0

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        begun = time.process_time()
        try:
            answer = in_our_words(action, lambda: self._api.call(product, action, params))
        finally:
            self.outside += time.process_time() - begun
        self.calls += 1
        return answer


def _no_keys() -> Credentials:
    raise AssertionError("nothing is signed here")


class _Nobody:
    """An `Invoker` that nothing is to be asked of."""

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker.start`."""
        raise AssertionError(f"{function} was started: {task_id}, {json.dumps(payload)[:200]}")
