"""What holds in every Windows that there could be: all switches, any beginning, a fault at any change."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from localcloud.guests.windows import TIME_LIMIT_S, Adapter, Fault, Store, Switches, choices
from multieip.guest.windows_script import windows_script
from multieip.model.guest import GuestNic, GuestReport, Mode, State
from tests.unit.guest.windows.scene import (
    EIPS,
    GATEWAY,
    MAC,
    OTHER_EIPS,
    OTHER_GATEWAY,
    Scene,
    codes,
    scene,
    texts,
    wanted,
)

# A slow Windows ends a run before its answer; what becomes of that is a property of its own.
SWITCHES = st.builds(
    Switches, **{name: st.sampled_from(values) for name, values in choices().items() if name != "pace"}
)
# On these an apply cannot come about; that it fails truly is a property of its own.
ABLE = SWITCHES.map(lambda s: replace(s, static_active="keeps"))
SETS: dict[str, GuestNic] = {
    "both": wanted(),
    "one": wanted(EIPS[:1]),
    "kept": wanted(EIPS[:1], keep=EIPS[1:]),
    "others": wanted(OTHER_EIPS),
}
# A failing example is a whole Windows: making it smaller takes minutes and explains little.
QUICK = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@st.composite
def beginnings(draw: st.DrawFn, switches: st.SearchStrategy[Switches], *, drift: bool) -> Scene:
    """Draw a Windows with an ENI that others may have configured."""
    here = scene(draw(switches), domain=draw(st.booleans()))
    here.put(automatic_metric=draw(st.sampled_from((5, 15, 25))), coexistence=draw(st.booleans()))
    if draw(st.booleans()):
        here.put(coexistence=True)
        here.by_hand("10.0.1.99")
    if draw(st.booleans()):
        here.route_by_hand("10.0.1.250", draw(st.sampled_from((0, 5, 900, 950))))
    for ip in draw(st.sets(st.sampled_from(EIPS))):
        stores = draw(
            st.sampled_from(((True, True), (True, False), (False, True)) if drift else ((True, True),))
        )
        here.put(coexistence=True)
        here.by_hand(ip, draw(st.sampled_from((24, 28))), active=stores[0], persistent=stores[1])
    if draw(st.booleans()):
        here.route_by_hand(
            GATEWAY, draw(st.sampled_from((1, 256, 950))), persistent=draw(st.booleans()) or not drift
        )
    return here


def settled(here: Scene) -> Adapter:
    """Return the ENI's adapter without what passes by itself: DAD, and by whom a route was made.

    Where Windows does not tell whether coexistence is on, nobody can give it back.
    """
    adapter = here.adapter
    told = here.windows.switches.coexistence_told == "yes"
    return replace(
        adapter,
        active=_plain(adapter.active),
        persistent=_plain(adapter.persistent),
        coexistence=adapter.coexistence if told else True,
    )


def _plain(store: Store) -> Store:
    addresses = sorted((replace(a, state="Preferred") for a in store.addresses), key=lambda a: a.ip)
    routes = sorted((replace(r, made="static") for r in store.routes), key=lambda r: r.hop)
    return replace(store, addresses=tuple(addresses), routes=tuple(routes))


def expect_in_order(here: Scene, name: str) -> None:
    """As a reader of the state, see that the set stands and that a second apply does nothing."""
    eips = OTHER_EIPS if name == "others" else EIPS[:1] if name in ("one", "kept") else EIPS
    assert here.answers(eips, OTHER_GATEWAY if name == "others" else GATEWAY), here.adapter
    assert here.outgoing() == here.primary
    again = here.apply(SETS[name])
    assert here.ran is not None
    assert (again.state, again.changed, here.ran.changes) == (State.OK, False, 0), texts(again)


@QUICK
@given(beginnings(ABLE, drift=True), st.lists(st.sampled_from(sorted(SETS)), min_size=1, max_size=3))
def test_apply_makes_it_so_and_release_gives_the_first_state(here: Scene, names: list[str]) -> None:
    """Any beginning, any sets one after the other; the primary interface is never touched."""
    first, primary = settled(here), here.windows.network.adapters[here.primary]
    for name in names:
        report = here.apply(SETS[name])
        assert report.state is State.OK, texts(report)
        assert report.persistent
        expect_in_order(here, name)

    report = here.release()

    assert (report.state, here.windows.tasks) == (State.OK, {}), texts(report)
    here.windows.network.lease(here.eni)
    assert settled(here) == first
    assert here.windows.network.adapters[here.primary] == primary
    assert not here.release().changed


@QUICK
@given(
    beginnings(SWITCHES, drift=True),
    st.lists(st.sampled_from(sorted(SETS)), min_size=1, max_size=2),
    st.sampled_from(("refused", "half", "late")),
    st.integers(1, 30),
    st.sampled_from((1, 6)),
)
def test_a_failure_changes_nothing_or_says_so(
    here: Scene, names: list[str], kind: str, at: int, times: int
) -> None:
    """At any change of the last run, one refusal or several; the dead man does what the run could not."""
    for name in names[:-1]:
        here.apply(SETS[name])
    before, primary = settled(here), here.windows.network.adapters[here.primary]
    here.windows.fault = Fault(at, kind, times)  # type: ignore[arg-type]

    report = here.apply(SETS[names[-1]])

    here.windows.fault = None
    note(f"{report.state} changed {report.changed}: {texts(report)}")
    if report.state is State.OK:
        assert here.check(SETS[names[-1]]).state is State.OK
    else:
        assert report.changed or settled(here) == before
        assert not report.changed or "roll-back" in codes(report)
        here.windows.later(200)
        assert settled(here) == before
    assert "multieip-undo" not in here.windows.tasks
    assert here.windows.network.adapters[here.primary] == primary


@QUICK
@given(
    beginnings(ABLE, drift=True),
    st.tuples(st.sampled_from(sorted(SETS)), st.sampled_from((*sorted(SETS), "release"))),
    st.sampled_from(("cut", "cut-half")),
    st.integers(1, 30),
    st.sampled_from(("dead man", "next run", "restart")),
)
def test_a_killed_run_is_finished_or_undone(
    here: Scene, names: tuple[str, str], kind: str, at: int, rescue: str
) -> None:
    """The process ends at any change; whoever comes next leaves one state or the other, never between."""
    earlier, last = names
    here.apply(SETS[earlier])
    before = settled(here)
    here.windows.fault = Fault(at, kind)  # type: ignore[arg-type]
    mode, nic = (Mode.RELEASE, wanted(())) if last == "release" else (Mode.APPLY, SETS[last])
    ended = here.windows.run(windows_script(mode, [nic])).code is not None
    here.windows.fault = None

    if rescue == "next run":
        assert _act(here, last).state is State.OK
    elif rescue == "dead man":
        here.windows.later(200)
    if rescue == "next run" or ended:
        if last == "release":
            assert not here.release().changed
        else:
            expect_in_order(here, last)
    elif rescue == "dead man":
        now = settled(here)
        assert now == before or here.ask(mode, nic).changed is False
    else:
        here.windows.restart()
        standing = [name for name in names if name != "release" and here.check(SETS[name]).state is State.OK]
        assert standing or not here.release().changed
    assert "multieip-undo" not in here.windows.tasks


def _act(here: Scene, name: str) -> GuestReport:
    return here.release() if name == "release" else here.apply(SETS[name])


@QUICK
@given(
    beginnings(ABLE, drift=False),
    st.sampled_from(sorted(SETS)),
    st.lists(st.sampled_from(("restart", "renew", "replug", "later", "apply")), min_size=1, max_size=4),
)
def test_what_is_persistent_answers_after_anything(here: Scene, name: str, events: list[str]) -> None:
    """Restarts, new leases, an ENI that goes and comes: what was promised holds, and a release undoes it."""
    twin = scene(here.windows.switches)
    for index, adapter in here.windows.network.adapters.items():
        twin.windows.network.adapters[index] = adapter
    assert here.apply(SETS[name]).persistent
    same = here.windows.switches.replug == "same"
    for event in events if same else [e for e in events if e != "replug"]:
        for each in (here, twin):
            _happen(each, event, name if each is here else "")
        if event == "renew" and here.check(SETS[name]).state is State.DIFFERS:
            here.apply(SETS[name])
        expect_in_order(here, name)

    assert here.release().state is State.OK
    for each in (here, twin):
        each.windows.network.lease(each.eni)
        each.windows.network.wait(10)
    assert settled(here) == settled(twin)


def _happen(here: Scene, event: str, name: str) -> None:
    network = here.windows.network
    match event:
        case "restart":
            here.windows.restart()
        case "renew":
            network.renew(here.eni)
        case "replug":
            lease = here.adapter.lease
            network.unplug(here.eni)
            network.plug("Ethernet 2", MAC, lease)
            network.wait(10)
            here.windows.connected()
        case "later":
            here.windows.later(1000)
        case "apply" if name:
            here.apply(SETS[name])


@QUICK
@given(beginnings(SWITCHES, drift=True), st.sampled_from(sorted(SETS)))
def test_ok_is_said_only_where_the_state_agrees(here: Scene, name: str) -> None:
    """A check that says ok is right, whoever configured the interface."""
    report = here.check(SETS[name])
    eips = [str(eip.ip) for eip in report.nics[0].eips]

    if report.state is State.OK:
        assert here.answers(eips, OTHER_GATEWAY if name == "others" else GATEWAY)
    assert here.windows.disk.files == {}


@QUICK
@given(
    beginnings(ABLE, drift=True),
    st.lists(st.sampled_from(sorted(SETS)), min_size=1, max_size=2),
    st.sampled_from(choices()["pace"]),
    st.sampled_from((Mode.APPLY, Mode.RELEASE)),
)
def test_however_slow_it_is_nothing_stays_between(
    here: Scene, names: list[str], pace: int, mode: Mode
) -> None:
    """The agent may end the run, and then the dead man does the rest: the old state stands, or the new."""
    usual = here.windows.switches
    for name in names[:-1]:
        here.apply(SETS[name])
    before, primary = settled(here), here.windows.network.adapters[here.primary]
    here.windows.switches = replace(usual, pace=pace)

    ran = here.windows.run(windows_script(mode, [SETS[names[-1]]]))

    assert ran.code is None or "multieip-answer: " in ran.lines[-1]
    assert round(ran.seconds, 3) <= TIME_LIMIT_S
    here.windows.switches = usual
    here.windows.later(200)
    note(f"{ran.code} after {ran.seconds:.0f} s: {ran.lines}")
    assert settled(here) == before or not here.ask(mode, SETS[names[-1]]).changed
    assert "multieip-undo" not in here.windows.tasks
    assert here.windows.network.adapters[here.primary] == primary
