"""Histories of the simulator: the first ones of every run of the tests; `make simulate` plays many more."""

from __future__ import annotations

import random

import pytest

from multieip.settings import Settings
from tests.simulation.deployment import Deployment, Kindness, Run, Sent
from tests.simulation.history import Shape, play
from tests.simulation.invariants import MOST_CALLS, PREFIX, BrokenError, Invariants
from tests.simulation.office import Office
from tests.simulation.scheduler import Scheduler

BLOCKS = 80
EACH = 25


@pytest.mark.parametrize("block", range(BLOCKS))
def test_no_history_breaks_what_must_hold(block: int) -> None:
    """Operators, faults, lost events, kills and racing runs: nothing that must never happen does."""
    broken = [
        outcome for seed in range(1 + block * EACH, 1 + (block + 1) * EACH) if (outcome := play(seed)).broken
    ]

    assert [f"seed {each.seed}: {each.broken}\n" + "\n".join(each.story) for each in broken] == []


def test_one_seed_is_one_history() -> None:
    """A history that broke can be played again, call by call."""
    first, again = play(7), play(7)

    assert first == again
    assert first.story != play(8).story


def test_a_smaller_shape_is_a_smaller_history() -> None:
    """Shrinking has something to work with."""
    assert len(play(7, Shape(deeds=0, faults=0, unkind=False)).story) < len(play(7).story)


# What the judge must see: each of these was done by an older version.


@pytest.fixture
def world() -> tuple[Deployment, Invariants, Office]:
    """Return a quiet deployment with one ready group and its judge."""
    lot = random.Random(1)
    invariants = Invariants()
    deployment = Deployment(lot, Kindness(), invariants)
    invariants.watching(deployment)
    office = Office(deployment, invariants, lot)
    deployment.scheduler.spawn("people", lambda: office.found("a", 2))
    assert deployment.scheduler.run_out(3600)
    return deployment, invariants, office


def _detach(deployment: Deployment, eni: str) -> None:
    run = deployment.invoke("bind", {"region": "cn-shanghai", "group": "a", "action": "apply"})
    app = deployment.app(run)
    params = {"RegionId": "cn-shanghai", "NetworkInterfaceId": eni}
    app.api.call("Ecs", "DescribeNetworkInterfaces", {"RegionId": "cn-shanghai"})
    instance = deployment.state.enis.all[eni].instance_id
    app.api.call("Ecs", "DetachNetworkInterface", {**params, "InstanceId": instance})


def test_the_judge_sees_a_detach_without_consent(world: tuple[Deployment, Invariants, Office]) -> None:
    """Consent that was withdrawn before the look is no consent."""
    deployment, _, office = world
    office.untag("eni", office.enis["a"], "detach")
    deployment.clock.sleep(5)

    with pytest.raises(BrokenError, match=r"2: detaches .* without consent"):
        _detach(deployment, office.enis["a"])


def test_the_judge_sees_a_detach_that_no_guest_has_agreed_to(
    world: tuple[Deployment, Invariants, Office],
) -> None:
    """Before the ENI goes off, the guest has to have answered in this run."""
    deployment, _, office = world
    office.tag("eni", office.enis["a"], {"detach": "allow"})
    deployment.clock.sleep(60)

    with pytest.raises(BrokenError, match=r"1: detaches .* before the guest"):
        _detach(deployment, office.enis["a"])


def test_the_judge_sees_a_member_that_is_unbound(world: tuple[Deployment, Invariants, Office]) -> None:
    """A row that names the group is never unbound for it, whatever a list said."""
    deployment, _, office = world
    run = deployment.invoke("bind", {"region": "cn-shanghai", "group": "a", "action": "apply"})
    api = deployment.app(run).api

    with pytest.raises(BrokenError, match="3: unbinds"):
        api.call(
            "Vpc",
            "UnassociateEipAddress",
            {"RegionId": "cn-shanghai", "AllocationId": office.eips["a"][0], "InstanceId": office.enis["a"]},
        )


def test_the_judge_sees_a_release_that_takes_what_is_not_ours(
    world: tuple[Deployment, Invariants, Office],
) -> None:
    """Item 5: an EIP outside the group would go off with it."""
    deployment, _, office = world
    eni = office.enis["a"]
    office.untag("EIP", office.eips["a"][0], "group")
    office.untag("eni", eni, "prune")
    office.tag("eni", eni, {"hold": "release"})

    with pytest.raises(BrokenError, match=r"5: takes .* which are not the group's"):
        _detach(deployment, eni)


def _ended(deployment: Deployment, **changes: object) -> Run:
    """Return a run of group a that is ready, with another end than it had."""
    run = deployment.invoke("bind", {"region": "cn-shanghai", "group": "a", "action": "apply"})
    assert deployment.scheduler.run_out(3600)
    assert run.result is not None
    assert run.result["state"] == "ready"
    run.result = {**run.result, **changes}
    return run


@pytest.mark.parametrize(
    "changes",
    [
        {"findings": [{"rule": "dhcp-on", "phase": "after", "status": "unknown", "severity": "error"}]},
        {"eips": [{"id": "eip-1", "bound": True, "in_guest": False}]},
        {"eips": [{"id": "eip-1", "bound": True, "in_guest": None}]},
    ],
)
def test_the_judge_sees_ready_over_a_doubt(
    world: tuple[Deployment, Invariants, Office], changes: dict[str, object]
) -> None:
    """Item 9: unknown is not pass, and an EIP that the guest lacks is none that it has."""
    deployment, invariants, _ = world
    run = _ended(deployment, **changes)

    with pytest.raises(BrokenError, match="9: says ready over"):
        invariants.ended(run)


def test_the_judge_sees_a_run_that_gives_up_at_the_first_refusal(
    world: tuple[Deployment, Invariants, Office],
) -> None:
    """Item 11: a refusal by facts that have moved is looked at once more."""
    deployment, invariants, _ = world
    run = _ended(deployment, state="failed")
    run.sent.append(Sent(1.0, "AssociateEipAddress", {}, "Eni.Attached"))

    with pytest.raises(BrokenError, match="11: ends failed"):
        invariants.ended(run)

    run.sent.append(Sent(2.0, "AssociateEipAddress", {}, "Eni.Attached"))
    invariants.ended(run)


def test_the_judge_sees_an_eleventh_that_a_run_has_counted(
    world: tuple[Deployment, Invariants, Office],
) -> None:
    """Item 8: no exemption makes room; what a look by tag alone could not see is the cloud's to refuse."""
    deployment, invariants, office = world
    eni = office.enis["a"]
    office.tag("eni", eni, {"ignore": "at-most-ten"})
    run = _ended(deployment)
    office.buy("a", 9)
    more = {f"InstanceIds.{at}": eip for at, eip in enumerate(office.eips["a"][2:], 1)}
    run.look_began = now = deployment.clock.monotonic() + 1.0
    bind = Sent(now, "AssociateEipAddressBatch", {"BindedInstanceId": eni, **more})

    invariants.sending(run, bind)

    run.sent.append(Sent(now, "DescribeEipAddresses", {"AssociatedInstanceId": eni}))
    with pytest.raises(BrokenError, match=r"8: binds 9 more on .*, which has 2"):
        invariants.sending(run, bind)


def test_the_judge_sees_a_run_that_asks_without_end(world: tuple[Deployment, Invariants, Office]) -> None:
    """Item 12: a list counts once, in however small pages the cloud gives it."""
    deployment, invariants, _ = world
    run = _ended(deployment)
    pages = [Sent(1.0, "DescribeEipAddresses", {"PageNumber": str(at)}) for at in range(1, 900)]
    run.sent += pages

    invariants.sending(run, pages[0])

    run.sent += [Sent(1.0, "DescribeInstances", {"RegionId": "cn-shanghai"})] * MOST_CALLS
    with pytest.raises(BrokenError, match=r"12: .* calls in one run"):
        invariants.sending(run, pages[0])


def test_the_judge_sees_a_secret(world: tuple[Deployment, Invariants, Office]) -> None:
    """Not even a part of an error may carry it."""
    deployment, invariants, _ = world

    with pytest.raises(BrokenError, match="10: a log line"):
        invariants.said(f'{{"message": "could not open https://host/?token={deployment.key.token}"}}')


def test_time_overlaps_where_reads_are_side_by_side() -> None:
    """Three sleeps side by side take the time of the longest."""
    scheduler = Scheduler(random.Random(3))
    order: list[str] = []

    def sleeper(name: str, seconds: float) -> None:
        scheduler.clock.sleep(seconds)
        order.append(name)

    for name, seconds in (("slow", 3.0), ("quick", 1.0), ("middle", 2.0)):
        scheduler.spawn(name, lambda name=name, seconds=seconds: sleeper(name, seconds))  # type: ignore[misc]
    scheduler.run_out(10)

    assert order == ["quick", "middle", "slow"]
    assert scheduler.clock.monotonic() == pytest.approx(3.0)


def test_what_is_killed_ends_where_it_stands() -> None:
    """No `except Exception` of the program holds it up, and what it waits for does not wake it again."""
    scheduler = Scheduler(random.Random(3))
    reached: list[str] = []

    def work() -> None:
        try:
            scheduler.clock.sleep(5)
            reached.append("after")
        except Exception:  # noqa: BLE001  as careless as a program may be
            reached.append("swallowed")

    program = scheduler.spawn("work", work)
    scheduler.run(1.0)
    scheduler.kill(program)
    scheduler.run_out(10)

    assert (reached, program.done, program.killed) == ([], True, True)


def test_the_tags_of_the_office_are_those_of_the_product() -> None:
    """The simulator says the same prefix as the settings' default."""
    assert Settings.read({}).tag_prefix == PREFIX
