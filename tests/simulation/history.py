"""One history: operators, faults and events drawn by a seed, judged at every call and once it is quiet."""

from __future__ import annotations

import random
from dataclasses import dataclass

from multieip.model.resources import MAX_EIPS
from tests.simulation.deployment import Deployment, Kindness, Run
from tests.simulation.invariants import PREFIX, BrokenError, Invariants
from tests.simulation.office import GROUPS, Office

FAULTS = (
    "*:throttle:p=0.03",
    "AssociateEipAddressBatch:conflict:p=0.2",
    "DescribeEipAddresses:lag:writes=2",
    "DescribeEipAddresses:empty:with=Tag,p=0.05",
    "DescribeEipAddresses:smaller:most=1",
    "DescribeNetworkInterfaces:lag:writes=1",
    "*:short:p=0.02",
    "*:html:p=0.01",
    "*:reset-after:p=0.02",
    "DetachNetworkInterface:nothing:times=1",
    "UnassociateEipAddress:nothing:times=1",
    "AssociateEipAddressBatch:error:code=OperationDenied.Unauthorized,since=DetachNetworkInterface,times=2",
    "DetachNetworkInterface:lingers:seconds=90",
    "RunCommand:agent-restart:p=0.2",
    "RunCommand:killed:writes=2,p=0.3",
    "RunCommand:killed:writes=5,p=0.3",
    "RunCommand:queued:p=0.2",
)
WINDOWS_EACH = 50
MOST_DEEDS = 6
QUIET_S = 4 * 3600.0
MOST_SWEEPS = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one history ended. `broken` is empty where nothing was wrong."""

    seed: int
    broken: str
    story: tuple[str, ...]
    calls: int
    runs: int


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a history is, and what of it is switched off; shrinking makes it smaller."""

    deeds: int = MOST_DEEDS
    eips: int = 2
    faults: int = 2
    unkind: bool = True


def play(seed: int, shape: Shape | None = None) -> Outcome:
    """Play the history of one seed to its end."""
    shape = shape or Shape()
    # Each kind of chance has a stream of its own: what is left out does not change the rest.
    weather, people = random.Random(f"weather {seed}"), random.Random(f"people {seed}")
    drawn = _kindness(weather), weather.sample(FAULTS, weather.randrange(3))
    kindness = drawn[0] if shape.unkind else Kindness()
    faults = tuple(drawn[1][: shape.faults])
    lot = random.Random(seed)
    invariants = Invariants()
    deployment = Deployment(lot, kindness, invariants)
    invariants.watching(deployment)
    deployment.tell(f"seed {seed}: {kindness}, faults {list(faults)}")
    # The played Windows is slow; what it adds shows in few histories.
    office = Office(deployment, invariants, people, windows=seed % WINDOWS_EACH == 0)
    for fault in faults:
        deployment.cloud.faults.add(fault)
    broken = ""
    try:
        _live(deployment, office, people, shape)
        if not faults and not kindness.lost and not kindness.killed:
            _judge_by_events(deployment)
        _settle(deployment)
    except BrokenError as error:
        broken = str(error)
        deployment.tell(f"BROKEN {broken}")
    finally:
        deployment.close()
    calls = sum(len(run.sent) for run in deployment.runs)
    return Outcome(seed, broken, tuple(deployment.story), calls, len(deployment.runs))


def _kindness(lot: random.Random) -> Kindness:
    return lot.choice(
        (
            Kindness(),
            Kindness(lost=0.2, doubled=0.2, late_s=20.0),
            Kindness(killed=0.02),
            Kindness(lost=0.1, doubled=0.1, late_s=5.0, killed=0.01),
        )
    )


def _live(deployment: Deployment, office: Office, lot: random.Random, shape: Shape) -> None:
    def people() -> None:
        for group in GROUPS[: 1 if lot.random() < 0.6 else 2]:
            office.found(group, 1 + lot.randrange(shape.eips))
        deployment.clock.sleep(lot.choice((0.0, 20.0, 60.0)))
        for _ in range(min(lot.randrange(MOST_DEEDS + 1), shape.deeds)):
            office.something()

    worker = deployment.scheduler.spawn("people", people)
    _run_out(deployment)
    if worker.fault is not None:
        raise worker.fault


def _judge_by_events(deployment: Deployment) -> None:
    """Judge what events alone have brought about: none was lost, so none was for nothing (item 15)."""
    for group in _groups(deployment):
        if not _is_valid(deployment, group):
            continue
        (eni,), eips, (instance,) = _members(deployment, group)
        found = deployment.state.enis.all[eni]
        bound = {each.allocation_id for each in deployment.state.eips.bound_to(eni)}
        if found.instance_id != instance or not set(eips) <= bound:
            raise BrokenError(
                f"15: no event is left, and {eni} of {group} has {sorted(bound)} of {sorted(eips)} "
                f"and is at {found.instance_id or 'no instance'}"
            )
        _all_answer(deployment, group)


def _settle(deployment: Deployment) -> None:
    """Let everything that was begun end, without people or faults, with the sweep as the net; then judge."""
    deployment.cloud.faults.clear()
    deployment.kindness = Kindness()
    for _ in range(MOST_SWEEPS):
        sweep = deployment.invoke("sweep", {"regions": ["cn-shanghai"], "mode": "repair"})
        _run_out(deployment)
        if sweep.result is not None and not sweep.result["repairs"]["groups"]:
            break
    else:
        raise BrokenError(f"16: a sweep still repairs after {MOST_SWEEPS} sweeps: {sweep.result}")
    _judge_quiet(deployment)


def _run_out(deployment: Deployment) -> None:
    if not deployment.scheduler.run_out(QUIET_S):
        raise BrokenError(f"12: it is not quiet after {QUIET_S:.0f} s")
    for run in deployment.runs:
        fault = run.program.fault if run.program else None
        if isinstance(fault, BrokenError):
            raise fault
        if fault is not None:
            raise BrokenError(f"13: {run.label} ended with {type(fault).__name__}: {fault}") from fault


def _groups(deployment: Deployment) -> list[str]:
    state = deployment.state
    return sorted(
        {
            value
            for kind in (state.enis.all, state.eips.all, state.instances)
            for each in list(kind)
            if (value := state.tags.of(each).get(f"{PREFIX}group"))
        }
    )


def _judge_quiet(deployment: Deployment) -> None:
    for group in _groups(deployment):
        run = _by_hand(deployment, group)
        if run.error and not run.result:
            raise BrokenError(f"quiet: bind of {group} ends with {run.error}")
        _judge_group(deployment, group, run)


def _by_hand(deployment: Deployment, group: str) -> Run:
    run = deployment.invoke("bind", {"region": "cn-shanghai", "group": group, "action": "apply"})
    _run_out(deployment)
    return run


def _judge_group(deployment: Deployment, group: str, run: Run) -> None:
    assert run.result is not None
    state = run.result["state"]
    changing = [sent.action for sent in run.writes() if sent.action != "RunCommand"]
    if changing:
        raise BrokenError(f"quiet: a further apply of {group} writes {changing}: {run.result['message']}")
    if state == "failed":
        raise BrokenError(f"quiet: {group} is {state}: {run.result['message']}")
    if state != "ready" and not run.result["message"]:
        raise BrokenError(f"quiet: {group} is {state} without a word")
    if state == "ready":
        _all_answer(deployment, group)
    elif _is_valid(deployment, group):
        raise BrokenError(f"quiet: {group} is right and yet {state}: {run.result['message']}")


def _members(deployment: Deployment, group: str) -> tuple[list[str], list[str], list[str]]:
    state = deployment.state

    def of(kind: object) -> list[str]:
        return [
            str(each)
            for each in list(kind)  # type: ignore[call-overload]
            if state.tags.of(each).get(f"{PREFIX}group") == group
        ]

    return of(state.enis.all), of(state.eips.all), of(state.instances)


def _all_answer(deployment: Deployment, group: str) -> None:
    _, eips, _ = _members(deployment, group)
    for eip in eips:
        found = deployment.state.eips.all[eip]
        ping = ["ping", "-c", "1", "-W", "1", str(found.public.address)]
        if deployment.cloud.world.internet(ping).exit_code != 0:
            raise BrokenError(f"quiet: {group} is ready and {eip} does not answer")


def _is_valid(deployment: Deployment, group: str) -> bool:
    """Whether the group is, by what people wanted, one that has to be ready by now."""
    state = deployment.state
    enis, eips, instances = _members(deployment, group)
    if len(enis) != 1 or len(instances) != 1 or not 1 <= len(eips) <= MAX_EIPS:
        return False
    eni, instance = state.enis.all[enis[0]], state.instances[instances[0]]
    tags = state.tags.of(eni.eni_id)
    mine = [state.eips.all[eip] for eip in eips]
    others = {e.allocation_id for e in state.eips.bound_to(eni.eni_id)} - set(eips)
    changes = any(e.instance_id != eni.eni_id for e in mine) or (others and f"{PREFIX}prune" in tags)
    elsewhere = eni.instance_id not in ("", instances[0])
    against = (
        f"{PREFIX}hold" in tags,
        int(tags.get(f"{PREFIX}size", "0")) > len(eips),
        instance.status != "Running" or instance.os_type != "linux",
        len(eips) + len(others) > MAX_EIPS,
        any(e.mode != "MULTI_BINDED" for e in state.eips.bound_to(eni.eni_id)),
        any(f"{PREFIX}refused" in state.tags.of(eip) for eip in eips),
        any(e.instance_id not in ("", eni.eni_id) for e in mine),
        ((changes and eni.instance_id) or elsewhere) and f"{PREFIX}detach" not in tags,
    )
    return not any(against)
