"""What one run leaves for the next: sets that are merely kept, neighbours in the network, dead releases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from localcloud.guests.site import EIPS, PRIMARY, THIRD
from multieip.guest.render import linux_script
from multieip.model.guest import GuestNic, Mode, Stamp, State
from tests.guest.script.operator import ALL, CUT_OFF, UNDO, Operator, nic_of

pytestmark = pytest.mark.guest


def _kept(wanted: GuestNic, place: int) -> GuestNic:
    eips = [replace(eip, keep=at == place) for at, eip in enumerate(wanted.eips)]
    return replace(wanted, eips=tuple(eips))


def test_a_gateway_is_asked_from_an_eip_that_is_there(operator: Operator) -> None:
    """The first EIP of a gateway is only to be kept and was never here: the others are configured."""
    report = operator.ask(Mode.APPLY, _kept(nic_of(), 0))

    assert (report.state, report.problems) == (State.OK, ())
    assert [eip.ip for eip in report.nics[0].eips if eip.ok] == ALL[1:]


def test_after_a_roll_back_the_default_route_is_told_as_it_is(operator: Operator) -> None:
    """An apply that is rolled back leaves the machine's own way out alone, and says so."""
    operator.site.shell(f"ip rule add pref 4 from {ALL[2]} unreachable")

    report = operator.ask(Mode.APPLY)

    assert report.state is State.FAILED
    assert (report.default_route.unchanged, report.default_route.via) == (True, PRIMARY.gateway)


def test_an_empty_set_changes_nothing_the_second_time(operator: Operator) -> None:
    """A set of which nothing is there and all is only to be kept needs no keeper and no change."""
    wanted = _kept(nic_of(EIPS[:1]), 0)
    assert operator.ask(Mode.APPLY, wanted).state is State.OK

    assert not operator.ask(Mode.APPLY, wanted).changed


def test_another_interface_in_the_same_network_has_no_default_route(operator: Operator) -> None:
    """Its network is main's business for EIPs, and for the private address still this ENI's own."""
    operator.site.guest.plug(THIRD)
    operator.site.shell("ip route del default dev eth2")

    report = operator.ask(Mode.APPLY)

    assert report.state is State.OK, report.problems
    assert operator.site.answering() == ALL


def test_the_dead_man_of_a_release_brings_everything_back(operator: Operator) -> None:
    """A release that is cut off in the middle is undone: the set, its time, and the EIPs."""
    stamped = linux_script(Mode.APPLY, [nic_of()], stamp=Stamp(10, "first"), wait_s=3)
    assert operator.run(stamped).state is State.OK
    before = operator.kernel()
    operator.site.shell(f"mkdir -p /run/bin; cat >/run/bin/ip <<'END'\n{CUT_OFF}END\nchmod +x /run/bin/ip")
    release = linux_script(Mode.RELEASE, [nic_of()], stamp=Stamp(11, "second"))
    operator.site.run("PATH=/run/bin:$PATH\nexport PATH\n" + release)
    assert operator.kernel() != before

    undone = operator.site.run(UNDO)

    assert b"multieip-answer" in undone.output, undone.output.decode()
    assert operator.kernel() == before
    assert operator.site.answering() == ALL


def test_an_eip_that_moves_from_a_detached_eni_stays_there_when_that_fails(operator: Operator) -> None:
    """It is taken over from the state of the one that is gone; where that fails, the answer still comes."""
    operator.site.guest.plug(THIRD)
    operator.ask(Mode.APPLY)
    operator.site.guest.unplug("eni-second")
    operator.site.shell(f"ip rule add pref 4 from {ALL[0]} unreachable")

    report = operator.ask(Mode.APPLY, nic_of(EIPS[:1], THIRD))

    assert report.state is State.FAILED
    assert [problem.code for problem in report.problems] == ["apply"]
    assert operator.ask(Mode.CHECK).detached == ("00:16:3e:12:e7:01",)


def test_a_copy_that_was_cut_off_is_not_brought_back(operator: Operator) -> None:
    """The dead man leaves alone what a run that died had not finished to copy."""
    operator.ask(Mode.APPLY)
    operator.site.shell("cut=/etc/multieip/undo-00:16:3e:12:e7:01.new; mkdir $cut && echo x >$cut/token")

    operator.site.run("sh /etc/multieip/keep.sh undo x")

    assert operator.site.shell("ls /etc/multieip/*.nic").split() == ["/etc/multieip/00:16:3e:12:e7:01.nic"]


def test_a_copy_that_could_not_be_taken_away_at_once_is_not_left(operator: Operator) -> None:
    """`rm` fails once: what a run saved for its own way back is no old state of the next run."""
    operator.site.shell(
        "mkdir -p /run/bin; cat >/run/bin/rm <<'END'\n#!/bin/sh\n"
        'case "$*" in *undo-*[0-9]) [ -e /run/failed ] || { : >/run/failed; exit 1; } ;; esac\n'
        'PATH=/usr/sbin:/usr/bin:/sbin:/bin exec rm "$@"\nEND\nchmod +x /run/bin/rm'
    )
    content = linux_script(Mode.APPLY, [nic_of()], wait_s=3)

    report = operator.run("PATH=/run/bin:$PATH\nexport PATH\n" + content)

    assert report.state is State.OK, report.problems
    assert operator.site.shell("ls -d /run/failed /etc/multieip/undo* 2>/dev/null || :") == "/run/failed\n"


def test_an_eip_that_a_release_named_and_that_was_never_there_can_be_added(operator: Operator) -> None:
    """A cut-off release has written down what goes; the next apply gives each EIP a table of its own."""
    operator.ask(Mode.APPLY, nic_of(EIPS[:1]))
    _cut_off(operator, linux_script(Mode.RELEASE, [nic_of()]))

    report = operator.ask(Mode.APPLY)

    assert report.state is State.OK, report.problems
    assert operator.site.answering() == ALL


def test_a_finished_release_is_not_undone_by_the_dead_man_of_one_before(operator: Operator) -> None:
    """The first release took everything away and was cut off; the second finds nothing left and ends well."""
    operator.site.guest.plug(THIRD)
    operator.ask(Mode.APPLY, nic_of(EIPS[:2]), nic_of(EIPS[2:], THIRD))
    _cut_off(operator, linux_script(Mode.RELEASE, [nic_of(EIPS[:2])]))
    token = operator.site.shell("cat /etc/multieip/undo-*/token").split()[0]
    assert operator.ask(Mode.RELEASE, nic_of(EIPS[:2])).state is State.OK
    before = operator.kernel()

    assert operator.site.run(f"sh /etc/multieip/keep.sh undo {token}").exit_code == 0

    assert operator.kernel() == before


def test_a_dead_man_finds_his_program_after_the_last_set_was_released(operator: Operator) -> None:
    """A release was cut off; that of the other ENI, after which nothing is kept, leaves what undoes it."""
    operator.site.guest.plug(THIRD)
    operator.ask(Mode.APPLY, nic_of(EIPS[:2]), nic_of(EIPS[2:], THIRD))
    _cut_off(operator, linux_script(Mode.RELEASE, [nic_of(EIPS[:2])]))
    operator.ask(Mode.RELEASE, nic_of(EIPS[2:], THIRD))
    assert operator.site.answering() == []

    operator.site.run(UNDO)

    assert operator.site.answering() == ALL[:2]
    operator.ask(Mode.RELEASE, nic_of(EIPS[:2]))
    assert "multieip" not in operator.kernel()


def _cut_off(operator: Operator, content: str) -> None:
    """Kill a run when it has made its first change; the tools are whole again afterwards."""
    operator.site.shell(f"mkdir -p /run/bin; cat >/run/bin/ip <<'END'\n{CUT_OFF}END\nchmod +x /run/bin/ip")
    cut = operator.site.run("PATH=/run/bin:$PATH\nexport PATH\n" + content)
    operator.site.shell("rm -r /run/bin")
    assert b"multieip-answer" not in cut.output
