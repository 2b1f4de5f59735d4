"""Calls and outages of the usual changes on a right group, in virtual time, against their floors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench._stage import Stage
from tests.bench.frame import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXCHANGE_FLOOR_S = 22.2
"""From the detach to the answer: detach, unbind, bind, attach, and the reads between (run-protocol.md, 8)."""

RELEASE_FLOOR_S = 67.1
"""The guest, the detach, and ten EIPs one after the other."""


def rows() -> Iterator[Row]:
    """Measure everything."""
    yield Row("right group, apply again by hand: calls", _again(), 6, "calls")
    yield Row("the same by an event, react included: calls", _again_by_event(), 9, "calls")
    outage, calls = _exchange()
    yield Row(
        "exchange of one of ten: outage of the nine / floor",
        outage / EXCHANGE_FLOOR_S,
        1.05,
        note=f"{outage:.2f} s",
    )
    yield Row("the same: calls", calls, 34, "calls")
    seconds, calls = _release()
    yield Row("release of ten: time / floor", seconds / RELEASE_FLOOR_S, 1.05, note=f"{seconds:.2f} s")
    yield Row("the same: calls", calls, 46, "calls")
    yield Row("a blocked fourth EIP beside three, by hand: calls", _blocked(by_event=False), 8, "calls")
    yield Row("the same by an event: calls", _blocked(by_event=True), 14, "calls")
    yield Row("group without size: calls", _without_size(), 26, "calls")


def _again() -> int:
    stage = Stage()
    stage.ready()
    stage.by_hand("apply")
    stage.last("web", "ready")
    return stage.calls


def _again_by_event() -> int:
    stage = Stage()
    eni, _ = stage.ready()
    stage.work(lambda: stage.tag("eni", [eni], {"group": "web"}))
    stage.last("web", "ready")
    return stage.calls


def _exchange() -> tuple[float, int]:
    """Return how long an EIP that stays was away, and the calls of the functions."""
    stage = Stage()
    eni, eips = stage.ready(prune="allow")
    spare: list[str] = []
    stage.work(lambda: spare.extend(stage.eips(1)))
    stage.clock.sleep(300)
    stage.runs.clear()
    stage.count_from_here()

    def change() -> None:
        stage.untag("EIP", eips[:1], "group")
        stage.tag("EIP", spare, {"group": "web"})

    answered = _silence(stage, eips[1], change)[1]
    stage.last("web", "ready")
    if stage.state.eips.all[spare[0]].instance_id != eni:
        raise RuntimeError("the exchange has not come about")
    # The cloud may cut an ENI off as soon as it is told to detach it.
    detached = min(
        sent.at for run in stage.runs for sent in run.sent if sent.action == "DetachNetworkInterface"
    )
    return answered - detached, stage.calls


def _silence(stage: Stage, eip: str, change: Callable[[], None]) -> tuple[float, float]:
    """Return for how long an EIP did not answer, by looks each hundredth of a second, and until when."""
    address = str(stage.state.eips.all[eip].public.address)
    silent, answers = 0.0, stage.clock.monotonic()

    def watch() -> None:
        nonlocal silent, answers
        for _ in range(9000):
            stage.clock.sleep(0.01)
            if stage.cloud.world.internet(["ping", "-c", "1", "-W", "1", address]).exit_code != 0:
                silent += 0.01
                answers = stage.clock.monotonic() + 0.01

    stage.scheduler.spawn("client", watch)
    stage.work(change)
    return silent, answers


def _release() -> tuple[float, int]:
    stage = Stage()
    stage.ready()
    begun = stage.clock.monotonic()
    stage.by_hand("release")
    ended = stage.last("web", "released").ended
    if ended is None:
        raise RuntimeError("the release has not ended")
    return ended - begun, stage.calls


def _blocked(*, by_event: bool) -> int:
    """Let a fourth EIP that cannot be bound join three that serve."""
    stage = Stage()
    eni, eips = stage.ready(3, size="3")
    elsewhere: list[str] = []

    def bind_elsewhere() -> None:
        elsewhere.extend(stage.eips(1))
        asked = {
            "RegionId": "cn-shanghai",
            "AllocationId": elsewhere[0],
            "InstanceId": stage.seeds.instance_windows,
            "InstanceType": "EcsInstance",
        }
        stage.user.call("Vpc", "AssociateEipAddress", asked)

    stage.work(bind_elsewhere)
    stage.clock.sleep(300)
    stage.keeping = not by_event
    stage.runs.clear()
    stage.count_from_here()
    away, _ = _silence(stage, eips[0], lambda: stage.tag("EIP", elsewhere, {"group": "web"}))
    if not by_event:
        stage.by_hand("apply")
    run = stage.last("web", "blocked")
    served = run.result["served"] if run.result else []
    if away or sorted(served) != sorted(eips) or stage.state.enis.all[eni].status != "InUse":
        raise RuntimeError(f"the three that serve were away for {away:.2f} s; served: {served}")
    return stage.calls


def _without_size() -> int:
    stage = Stage()
    stage.work(lambda: stage.group("web", 10))
    stage.bring()
    stage.work(lambda: None)
    stage.last("web", "ready")
    return stage.calls
