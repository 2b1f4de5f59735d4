"""From the last tag event to a guest that says it has every EIP, in virtual time, against the floor."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING

from tests.bench._stage import REGION, Stage
from tests.bench.frame import Row

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping

EIPS = 10
ROUND_TRIP_S = 0.04
ON_THE_WAY = 6
"""Round trips that nothing overlaps: start, two rounds of a look, the bindings seen, answer, last look."""

SEEDS = range(20)
_DRAWN = frozenset({"associate", "attach"})


def rows() -> Iterator[Row]:
    """Measure everything."""
    stage = Stage()
    floor = _floor(stage)
    seconds, calls = _fresh(stage)
    yield Row(
        "ten EIPs, tags at once: time / floor",
        seconds / floor,
        1.03,
        note=f"{seconds:.2f} s, floor {floor:.2f} s",
    )
    yield Row("the same: calls, react included", calls, 19, "calls")
    seconds, calls = _fresh(Stage(), pause=1.0)
    yield Row("tags staggered by 1 s: time / floor", seconds / floor, 1.10, note=f"{seconds:.2f} s")
    yield Row("the same: calls", calls, 30, "calls")
    drawn = [_drawn(seed) for seed in SEEDS]
    yield Row(
        "durations drawn from 3 to 12 s, 20 seeds: median time / own floor", median(r for r, _ in drawn), 1.10
    )
    yield Row("the same: median calls", median(calls for _, calls in drawn), 28, "calls")
    vendor = _vendors_sequence(Stage())
    yield Row(
        "time / vendor's sequence",
        _fresh(Stage())[0] / vendor,
        0.13,
        note=f"the sequence takes {vendor:.1f} s",
    )


def _floor(stage: Stage) -> float:
    seconds = stage.cloud.profile.seconds
    return seconds["associate"] + seconds["attach"] + ON_THE_WAY * ROUND_TRIP_S


def _fresh(stage: Stage, pause: float = 0.0) -> tuple[float, int]:
    """Return the seconds from the last event to the verified guest, and the calls of the functions."""
    stage.keeping = not pause
    stage.work(lambda: stage.group("web", EIPS, pause, size=str(EIPS)))
    begun = _last_event(stage) if pause else stage.bring()
    stage.work(lambda: None)
    ended = stage.last("web", "ready").ended
    assert ended is not None
    return ended - begun, stage.calls


def _last_event(stage: Stage) -> float:
    return max(run.began for run in stage.runs if run.function == "react" and _tags(run.payload))


def _tags(payload: dict[str, object]) -> bool:
    data = payload.get("data")
    return isinstance(data, dict) and data.get("eventName") == "TagResources"


def _drawn(seed: int) -> tuple[float, int]:
    """Do the same on a cloud whose every change takes its own time."""
    stage = Stage(seed)
    lot = stage.lot
    drawn: dict[str, list[float]] = {}

    stage.cloud.profile = replace(
        stage.cloud.profile, seconds=_Drawn(stage.cloud.profile.seconds, lot, drawn)
    )
    seconds, calls = _fresh(stage)
    floor = max(drawn["associate"]) + max(drawn["attach"]) + ON_THE_WAY * ROUND_TRIP_S
    return seconds / floor, calls


class _Drawn(dict[str, float]):
    """Seconds of changes; binding and attaching take another time at each look."""

    def __init__(
        self, seconds: Mapping[str, float], lot: random.Random, drawn: dict[str, list[float]]
    ) -> None:
        super().__init__(seconds)
        self._lot = lot
        self._drawn = drawn

    def __getitem__(self, change: str) -> float:
        if change not in _DRAWN:
            return super().__getitem__(change)
        self._drawn.setdefault(change, []).append(self._lot.uniform(3.0, 12.0))
        return self._drawn[change][-1]


def _vendors_sequence(stage: Stage) -> float:
    """Return what the vendor's page takes, by a program: a call and a command per EIP, a look each second."""
    begun: list[float] = []

    def follow() -> None:
        eni, eips = stage.eni({}), stage.eips(EIPS)
        begun.append(stage.clock.monotonic())
        for eip in eips:
            asked = {
                "RegionId": REGION,
                "AllocationId": eip,
                "InstanceId": eni,
                "InstanceType": "NetworkInterface",
            }
            stage.user.call("Vpc", "AssociateEipAddress", {**asked, "Mode": "MULTI_BINDED"})
            while stage.state.eips.all[eip].status != "InUse":
                stage.clock.sleep(1.0)
                stage.user.call("Vpc", "DescribeEipAddresses", {"RegionId": REGION, "AllocationId": eip})
        asked = {"RegionId": REGION, "NetworkInterfaceId": eni, "InstanceId": stage.seeds.instance}
        stage.user.call("Ecs", "AttachNetworkInterface", asked)
        while stage.state.enis.all[eni].status != "InUse":
            stage.clock.sleep(1.0)
            stage.user.call(
                "Ecs", "DescribeNetworkInterfaces", {"RegionId": REGION, "NetworkInterfaceId.1": eni}
            )
        stage.user.call("Vpc", "DescribeEipGatewayInfo", {"RegionId": REGION, "InstanceId": eni})
        for _ in eips:
            _run_command(stage)

    stage.work(follow)
    return stage.clock.monotonic() - begun[0]


def _run_command(stage: Stage) -> None:
    asked = {
        "RegionId": REGION,
        "Type": "RunShellScript",
        "CommandContent": "true",
        "InstanceId.1": stage.seeds.instance,
    }
    invocation = stage.user.call("Ecs", "RunCommand", asked)["InvokeId"]
    while True:
        stage.clock.sleep(1.0)
        answer = stage.user.call(
            "Ecs", "DescribeInvocationResults", {"RegionId": REGION, "InvokeId": invocation}
        )
        (result,) = answer["Invocation"]["InvocationResults"]["InvocationResult"]
        if result["InvocationStatus"] not in {"Pending", "Running"}:
            return
