"""What one run owes to the others: the newest look wins, what is to be kept stays, newer programs stay."""

from __future__ import annotations

import pytest

from localcloud.guests.windows import Address, Fault, Lease
from multieip.guest.answer import unconfirmed
from multieip.guest.windows_script import windows_script
from multieip.model.guest import Mode, ServiceRoute, Stamp, State
from tests.unit.guest.windows.scene import (
    EIPS,
    GATEWAY,
    MAC,
    OTHER_EIPS,
    OTHER_GATEWAY,
    codes,
    replace,
    scene,
    texts,
    wanted,
)

EARLY, LATE = Stamp(1764115200000, "run-1"), Stamp(1764115209000, "run-2")


def test_a_set_of_an_earlier_look_is_refused() -> None:
    """Nothing is touched, and the answer tells the newer set with its stamp."""
    here = scene()
    here.apply(stamp=LATE)
    before = here.adapter

    report = here.apply(wanted(EIPS[:1]), EARLY)

    assert (report.state, report.changed, here.adapter) == (State.OLDER, False, before)
    assert report.held is not None
    assert (report.held.mac, report.held.stamp) == (MAC, LATE)
    assert [str(eip.ip) for eip in report.held.eips] == list(EIPS)
    assert report.nics[0].stamp == LATE


def test_another_set_of_the_same_look_is_refused() -> None:
    """The same one is taken again, as after a lost answer."""
    here = scene()
    here.apply(stamp=EARLY)

    assert here.apply(wanted(EIPS[:1]), EARLY).state is State.OLDER
    assert here.apply(stamp=EARLY).state is State.OK


def test_a_release_has_a_look_too_and_outlives_itself() -> None:
    """A release of an earlier look is refused; after one, so is an older apply that comes late."""
    here = scene()
    here.apply(stamp=LATE)
    assert here.release(stamp=EARLY).state is State.OLDER
    assert here.answers()

    later = Stamp(LATE.asof_ms + 1, "run-3")
    assert here.release(stamp=later).state is State.OK
    assert here.apply(stamp=LATE).state is State.OLDER
    assert here.adapter.active.address(EIPS[0]) is None
    assert here.apply(stamp=Stamp(later.asof_ms + 1, "run-4")).state is State.OK


def test_a_run_without_a_stamp_is_compared_with_nothing_and_moves_nothing() -> None:
    """By hand it does what it is told; the next stamped run is compared with the last stamped one."""
    here = scene()
    here.apply(stamp=LATE)

    assert here.apply(wanted(EIPS[:1])).state is State.OK
    assert here.apply(stamp=EARLY).state is State.OLDER


def test_a_failed_run_counts_as_a_look() -> None:
    """What it was told is newer, although the old set stands again."""
    here = scene()
    here.apply(stamp=EARLY)
    here.windows.network.duplicates = frozenset((OTHER_EIPS[0],))
    assert here.apply(wanted(OTHER_EIPS), LATE).state is State.FAILED

    assert here.answers()
    between = Stamp(LATE.asof_ms - 1, "run-3")
    assert here.apply(stamp=between).state is State.OLDER


def test_a_lean_set_takes_nothing_out() -> None:
    """It may add; what it does not name and the guest has is told, and nothing is written."""
    here = scene()
    here.apply(stamp=EARLY)
    before = here.adapter

    report = here.apply(wanted(EIPS[:1]), LATE, lean=True)

    assert (report.state, report.changed, here.adapter, codes(report)) == (
        State.UNNAMED,
        False,
        before,
        ["unnamed"],
    )
    assert EIPS[1] in texts(report)
    assert report.held is not None
    assert (report.held.stamp, [str(eip.ip) for eip in report.held.eips]) == (EARLY, list(EIPS))
    assert here.apply(wanted(EIPS[:1], keep=EIPS[1:]), LATE, lean=True).state is State.OK
    assert here.apply(wanted(EIPS[:1]), EARLY, lean=True).state is State.OLDER
    assert here.apply(wanted(EIPS[:1]), Stamp(LATE.asof_ms + 1, "run-3")).changed
    assert here.adapter.active.address(EIPS[1]) is None


@pytest.mark.parametrize("gone", [True, False])
def test_a_lean_set_goes_where_nothing_of_ours_is_or_is_on_its_way_out(gone: bool) -> None:  # noqa: FBT001
    """A new interface has nothing to lose, and what waits to be released is not had any more."""
    here = scene()
    assert here.apply(wanted(EIPS[:1]), EARLY, lean=True).state is State.OK
    if gone:
        here.windows.network.unplug(here.eni)
    assert here.release(stamp=LATE).state is (State.FAILED if gone else State.OK)
    if gone:
        here.windows.network.plug("Ethernet 2", MAC, Lease("10.0.1.20", 24, "10.0.1.253"))

    report = here.apply(wanted(EIPS[1:]), Stamp(LATE.asof_ms + 1, "run-3"), lean=True)

    assert (report.state, texts(report)) == (State.OK, "")


def test_what_is_only_to_be_kept_stays_or_stays_away() -> None:
    """An EIP that the guest has is kept, one that it has not is not added."""
    here = scene()
    here.apply(wanted(EIPS[:1]))
    nic = wanted(EIPS[:1], keep=EIPS[1:])
    report = here.apply(nic)
    assert here.adapter.active.address(EIPS[1]) is None
    assert unconfirmed(report, [nic]) == []

    here.apply()
    report = here.apply(nic)
    assert here.answers()
    assert [str(eip.ip) for eip in report.nics[0].eips] == list(EIPS)
    assert here.apply(wanted(EIPS[:1])).changed
    assert here.adapter.persistent.address(EIPS[1]) is None


@pytest.mark.parametrize("configured", [True, False])
def test_where_the_record_cannot_be_written_nothing_changes(configured: bool) -> None:  # noqa: FBT001
    """Apply and release are refused with the sentence; a check still answers."""
    here = scene()
    if configured:
        here.apply(stamp=EARLY)
    here.windows.disk.read_only = True
    before = here.adapter

    for report in (here.apply(wanted(OTHER_EIPS), LATE), here.release(stamp=LATE) if configured else None):
        if report is not None:
            assert (report.state, report.changed, here.adapter) == (State.FAILED, False, before)
            assert "denied" in texts(report)
    assert here.check().state is (State.OK if configured else State.DIFFERS)


def test_the_answer_has_the_version_of_what_is_kept() -> None:
    """Nothing before the first apply and after the release."""
    here = scene()

    assert [here.check().keeper_version, here.apply().keeper_version, here.release().keeper_version] == [
        None,
        2,
        None,
    ]


def test_an_older_program_is_replaced_and_a_newer_one_stays() -> None:
    """Each apply upgrades; code that was left behind does not turn it back."""
    here = scene()
    here.apply()
    path = here.path("guest.ps1")
    ours = here.windows.disk.files[path]

    here.windows.disk.files[path] = ours.replace("# multieip-program 2", "# multieip-program 1", 1)
    here.apply()
    assert here.windows.disk.files[path] == ours

    newer = ours.replace("# multieip-program 2", "# multieip-program 3", 1)
    here.windows.disk.files[path] = newer
    assert here.apply().keeper_version == 3
    assert here.windows.disk.files[path] == newer
    assert here.ran is not None
    assert here.ran.changes == 0


def test_an_interface_that_went_is_told() -> None:
    """The record of an ENI that is not attached any more: its MAC stands in every answer."""
    here = scene()
    here.apply()
    here.windows.network.unplug(here.eni)

    assert here.survey().detached == (MAC,)


def test_two_enis_are_one_change() -> None:
    """When the second fails, the first goes back too."""
    here = scene()
    lease = Lease("10.0.1.21", 24, "10.0.1.253")
    here.windows.network.plug("Ethernet 3", "00:16:3e:12:e7:02", lease)
    before = dict(here.windows.network.adapters)
    here.windows.network.duplicates = frozenset((OTHER_EIPS[0],))
    second = wanted(OTHER_EIPS, mac="00:16:3e:12:e7:02", private=lease.ip)

    report = here.send(windows_script(Mode.APPLY, [wanted(), second]))

    assert (report.state, report.changed) == (State.FAILED, False)
    assert "Duplicate" in texts(report)
    assert here.windows.network.adapters == before
    assert here.windows.tasks == {}


def test_two_enis_one_after_the_other_leave_each_other_alone() -> None:
    """Each stays behind the primary interface; neither runs away from the other, at no start and no apply."""
    here = scene()
    lease = Lease("10.0.1.21", 24, "10.0.1.253")
    other = here.windows.network.plug("Ethernet 3", "00:16:3e:12:e7:02", lease)
    second = wanted(OTHER_EIPS, mac="00:16:3e:12:e7:02", private=lease.ip)

    for _ in range(2):
        assert here.apply().state is State.OK
        assert here.apply(second).state is State.OK
        here.windows.restart()

    assert [here.check().state, here.check(second).state] == [State.OK, State.OK]
    assert [here.windows.network.adapters[index].metric for index in (here.eni, other)] == [1015, 1015]
    assert here.outgoing() == here.primary
    assert [here.release().state, here.release(second).state] == [State.OK, State.OK]
    assert here.windows.tasks == {}


def test_an_eip_on_another_interface_is_a_conflict() -> None:
    """It is not taken away there."""
    here = scene()
    primary = here.windows.network.adapters[here.primary]
    active = primary.active.with_address(Address(EIPS[1], 24))
    here.windows.network.change(here.primary, active=active)

    report = here.apply()

    assert codes(report) == ["conflict"]
    assert f"EIP {EIPS[1]} is on Ethernet already" in texts(report)


def test_every_answer_is_short() -> None:
    """Two ENIs of ten EIPs each: under 6 KB, so that no agent cuts it, and the answer is the last line."""
    here = scene()
    lease = Lease("10.0.1.21", 24, "10.0.1.253")
    here.windows.network.plug("Ethernet 3", "00:16:3e:12:e7:02", lease)
    first = wanted([f"198.51.100.{n}" for n in range(200, 210)])
    others = [f"203.0.113.{n}" for n in range(200, 210)]
    second = wanted(others, mac="00:16:3e:12:e7:02", private=lease.ip)

    report = here.send(windows_script(Mode.APPLY, [first, second], stamp=LATE))

    assert report.state is State.OK
    assert here.ran is not None
    assert sum(len(line) + 2 for line in here.ran.lines) < 6000
    assert here.ran.lines[-1].startswith("multieip-answer: ")


def test_where_a_reply_leaves_is_told() -> None:
    """The interface and the gateway that the route table gives, nothing where two are equally good."""
    here = scene()
    report = here.apply()
    assert {eip.leaves for eip in report.nics[0].eips} == {f"Ethernet 2 {GATEWAY}"}

    here.route_by_hand(OTHER_GATEWAY, 1)
    report = here.check()
    assert {eip.leaves for eip in report.nics[0].eips} == {None}
    assert report.state is State.DIFFERS


def test_a_kept_program_does_what_the_record_says_without_a_cloud() -> None:
    """A route that somebody takes away is back at the next connection."""
    here = scene()
    here.apply()
    here.put(active=here.adapter.active.without_route(GATEWAY))
    assert not here.answers()

    (ran,) = here.windows.connected()

    assert ran.code == 0
    assert here.answers()


def test_a_start_waits_for_no_interface_that_is_not_there() -> None:
    """The lock is free again at once for a command that asks; the interface is served when it comes."""
    here = scene()
    here.apply()
    here.windows.network.unplug(here.eni)

    runs = here.windows.restart()

    assert [ran.seconds < 10 for ran in runs if ran.code == 0] == [True] * len(runs)
    here.windows.network.plug("Ethernet 2", MAC, Lease("10.0.1.20", 24, "10.0.1.253"))
    here.windows.connected()
    assert here.answers()


def test_one_bad_record_costs_no_other_interface_its_place() -> None:
    """At a start, an interface whose settings are refused is told; the others come up."""
    here = scene()
    here.apply()
    here.windows.disk.files[here.path("00163e000000.json")] = "{"
    here.windows.restart()

    assert here.answers()


def test_a_start_that_fails_goes_back_and_says_so() -> None:
    """The next start, connection or command tries again."""
    here = scene()
    here.apply()
    here.put(active=here.adapter.active.without_route(GATEWAY))
    before = here.adapter
    here.windows.fault = Fault(5, "refused", times=30)

    (ran,) = here.windows.connected()

    assert ran.code == 1
    here.windows.fault = None
    here.windows.later(200)
    here.windows.connected()
    assert here.answers()
    assert before != here.adapter
    assert codes(here.check()) == []


def test_the_way_to_the_cloud_s_services_is_told_with_its_mac() -> None:
    """The primary interface's, or that of what Windows prefers; a Windows without a way says nothing."""
    here = scene()
    assert here.apply().service_route == ServiceRoute("Ethernet", "00:16:3e:00:00:01")

    primary = here.windows.network.adapters[here.primary]
    here.windows.network.change(here.primary, active=replace(primary.active, routes=()))
    assert here.check().service_route == ServiceRoute("Ethernet 2", MAC)

    here.put(active=replace(here.adapter.active, routes=()))
    lost = here.check()
    assert lost.service_route == ServiceRoute(None, None)
    assert "100.100.100.200 cannot be read" in texts(lost)
