"""The Linux script in a real guest: what the internet host, the gateways and the kernel see of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import pings_inside
from localcloud.guests.site import EIPS, PRIMARY, SECONDARY, THIRD, eip
from multieip.guest.render import linux_script
from multieip.model.guest import Dhcp, Mode, State
from tests.guest.script.operator import CUT_OFF, Operator, nic_of

if TYPE_CHECKING:
    from ipaddress import IPv4Address

pytestmark = pytest.mark.guest

ALL = [eip.address for eip in EIPS]


def present(operator: Operator) -> list[IPv4Address]:
    """List the EIPs that the guest shows, by a check of the usual set."""
    return [e.ip for e in operator.ask(Mode.CHECK).nics[0].eips if e.ok]


def test_check_says_what_is_missing_and_changes_nothing(operator: Operator) -> None:
    """A check of an untouched guest differs, names each EIP, and leaves the kernel as it was."""
    before = operator.kernel()

    report = operator.ask(Mode.CHECK)

    assert report.state is State.DIFFERS
    assert all(str(ip) in report.problems[0].text for ip in ALL)
    assert operator.kernel() == before


def test_apply_makes_every_eip_answer(operator: Operator) -> None:
    """After apply each EIP answers ping and TCP as itself, the private address too; nothing is spoofed."""
    outside = operator.outside()

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.changed, report.simulated) == (State.OK, True, False)
    assert operator.site.answering() == ALL
    assert pings_inside(operator.site.world, SECONDARY.private.ip)
    assert pings_inside(operator.site.world, PRIMARY.private.ip)
    assert operator.site.world.spoofed() == 0
    assert operator.outside() == outside


def test_apply_reports_what_the_interface_has(operator: Operator) -> None:
    """The answer carries prefix, label, neighbour, DHCP, default route and the way to the services."""
    report = operator.ask(Mode.APPLY)

    nic = report.nics[0]
    assert (nic.name, nic.block, nic.dhcp, nic.private_present) == ("eth1", 0, Dhcp.YES, True)
    assert [(e.ip, e.plen, e.label) for e in nic.eips] == [
        (ALL[0], 24, "eth1:e1"),
        (ALL[1], 24, "eth1:e2"),
        (ALL[2], 25, "eth1:e3"),
    ]
    assert {e.gateway_neighbour for e in nic.eips} <= {"REACHABLE", "DELAY", "STALE"}
    assert (report.default_route.dev, report.default_route.unchanged) == ("eth0", True)
    assert report.service_route_ok
    assert nic.foreign_eips == ()
    assert nic.sysctls.rp_filter in (0, 1, 2)


def test_apply_again_changes_nothing(operator: Operator) -> None:
    """The second run finds everything as wanted and touches neither kernel nor disk."""
    operator.ask(Mode.APPLY)
    before = operator.kernel()

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.changed) == (State.OK, False)
    assert operator.kernel() == before


def test_removing_one_eip_keeps_its_neighbours(operator: Operator) -> None:
    """The first address of a subnet goes without taking the others of that subnet with it."""
    operator.ask(Mode.APPLY)

    report = operator.ask(Mode.APPLY, nic_of(EIPS[1:]))

    assert (report.state, report.changed) == (State.OK, True)
    assert operator.site.answering() == ALL[1:]
    assert str(ALL[0]) not in operator.kernel()


def test_an_added_eip_leaves_the_others_their_numbers(operator: Operator) -> None:
    """A new EIP takes the lowest free table; the tables of the others do not move."""
    operator.ask(Mode.APPLY, nic_of(EIPS[1:]))

    operator.ask(Mode.APPLY)

    assert operator.site.answering() == ALL
    rules = operator.site.shell("ip -4 rule")
    assert f"5:	from {ALL[1]} lookup 21001" in rules
    assert f"5:	from {ALL[0]} lookup 21003" in rules


def test_release_leaves_nothing_of_ours(operator: Operator) -> None:
    """After release the kernel and the disk are what they were before apply; again is no change."""
    before = operator.kernel()
    operator.ask(Mode.APPLY)

    report = operator.ask(Mode.RELEASE)

    assert (report.state, report.changed) == (State.OK, True)
    assert operator.kernel() == before
    assert operator.site.run("test -e /etc/multieip").exit_code == 1
    assert operator.ask(Mode.RELEASE).changed is False


@pytest.mark.parametrize("broken", ["ip", "flock", "mv"])
def test_a_run_that_is_killed_is_finished_by_the_next(operator: Operator, broken: str) -> None:
    """Killed at any call of a tool, the next apply makes everything right and forgets nothing."""
    operator.ask(Mode.APPLY, nic_of(EIPS[:2]))
    for after in (1, 3, 9, 17, 26, 33):
        operator.site.shell(
            "mkdir -p /run/bin; printf '%s\\n' '#!/bin/sh' 'n=$(cat /run/n)' 'echo $((n-1)) >/run/n'"
            f" '[ $n -gt 0 ] || kill -9 $PPID'"
            f" 'PATH=/usr/sbin:/usr/bin:/sbin:/bin exec {broken} \"$@\"'"
            f" >/run/bin/{broken}; chmod +x /run/bin/{broken}; echo {after} >/run/n"
        )
        operator.site.run("PATH=/run/bin:$PATH\nexport PATH\n" + linux_script(Mode.APPLY, [nic_of(EIPS[1:])]))

    report = operator.ask(Mode.APPLY, nic_of(EIPS[1:]))

    assert report.state is State.OK
    assert operator.site.answering() == ALL[1:]
    assert str(ALL[0]) not in operator.kernel()
    assert "undo" not in operator.kernel()


def test_a_run_that_was_cut_off_is_undone_by_its_dead_man(operator: Operator) -> None:
    """A run that is killed in the middle leaves a timer behind; what that runs restores the old state."""
    operator.ask(Mode.APPLY, nic_of(EIPS[:1]))
    before = operator.kernel()
    operator.site.shell(f"mkdir -p /run/bin; cat >/run/bin/ip <<'END'\n{CUT_OFF}END\nchmod +x /run/bin/ip")
    cut = operator.site.run("PATH=/run/bin:$PATH\nexport PATH\n" + linux_script(Mode.APPLY, [nic_of()]))
    assert b"multieip-answer" not in cut.output
    assert "undo-" in operator.kernel()
    assert "sleep 90" in operator.site.shell("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert operator.site.run("sh /etc/multieip/keep.sh undo another-run").exit_code == 0
    assert "undo-" in operator.kernel()

    operator.site.run(
        'read -r token <$(echo /etc/multieip/undo-*/token); sh /etc/multieip/keep.sh undo "$token"'
    )

    assert operator.kernel() == before
    assert operator.site.answering() == ALL[:1]


def test_an_interface_may_come_late(operator: Operator) -> None:
    """Apply that starts before the hot-plug waits for the interface and its lease."""
    guest = operator.site.guest
    guest.unplug(SECONDARY.eni_id)
    content = linux_script(Mode.APPLY, [nic_of()], wait_s=20)
    operator.site.shell(f"cat >/run/content <<'END'\n{content}END\n(sh /run/content >/run/answer 2>&1 &)")

    guest.plug(SECONDARY)

    report = operator.run(
        "n=0; until [ -s /run/answer ] || [ $n = 20 ]; do n=$((n+1)); sleep 1; done; cat /run/answer"
    )
    assert (report.state, report.changed) == (State.OK, True)
    assert operator.site.answering() == ALL


def test_a_failing_check_rolls_back(operator: Operator) -> None:
    """A rule of somebody else that catches an EIP makes apply fail, say so, and restore the old state."""
    operator.ask(Mode.APPLY, nic_of(EIPS[:1]))
    operator.site.shell(f"ip rule add pref 4 from {ALL[2]} unreachable")
    before = operator.kernel()

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.changed) == (State.FAILED, False)
    assert str(ALL[2]) in report.problems[0].text
    assert operator.kernel() == before
    assert operator.site.answering() == ALL[:1]


def test_what_was_set_by_hand_comes_back_with_a_roll_back(operator: Operator) -> None:
    """An address of the vendor's recipe is taken over by apply, and stands again when apply fails."""
    operator.site.shell(f"ip addr add {ALL[0]}/24 dev eth1; ip rule add pref 4 from {ALL[2]} unreachable")
    before = operator.kernel()

    report = operator.ask(Mode.APPLY)

    assert report.state is State.FAILED
    assert operator.kernel() == before


def test_the_vendors_recipe_is_taken_over(operator: Operator) -> None:
    """EIPs that were set by hand with prefix routes become ours and answer."""
    operator.site.shell("".join(f"ip addr add {e.address}/{e.network.prefixlen} dev eth1\n" for e in EIPS))

    report = operator.ask(Mode.APPLY)

    assert report.state is State.OK
    assert operator.site.answering() == ALL
    assert "198.51.100.0/24" not in operator.site.shell("ip -4 route show table main")


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        ("ip rule add pref 90 from 192.0.2.9 lookup 21001", "21001"),
        ("ip route add 192.0.2.0/24 dev eth0 table 21001", "21001"),
        (f"ip addr add {ALL[1]}/32 dev eth0", str(ALL[1])),
    ],
)
def test_a_conflict_is_refused_before_the_first_write(operator: Operator, theirs: str, named: str) -> None:
    """Others in our numbers, or the EIP elsewhere: nothing is touched, and the reason is said."""
    operator.site.shell(theirs)
    before = operator.kernel()

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.changed) == (State.FAILED, False)
    assert [p.code for p in report.problems] == ["conflict"]
    assert named in report.problems[0].text
    assert operator.kernel() == before


def test_an_absent_interface_is_named(operator: Operator) -> None:
    """A MAC that no interface carries fails apply and differs in check, with the way out."""
    gone = replace(nic_of(), mac="00:16:3e:99:99:99")

    assert operator.ask(Mode.APPLY, gone).problems[0].code == "no-interface"
    report = operator.ask(Mode.CHECK, gone)
    assert (report.state, report.nics[0].name) == (State.DIFFERS, None)


def test_two_enis_have_a_block_each(operator: Operator) -> None:
    """A second ENI of the mode gets numbers of its own and the first is not touched; each can go alone."""
    other = eip("203.0.113.22", THIRD)
    operator.site.world.bind(other)
    operator.site.guest.plug(THIRD)
    operator.ask(Mode.APPLY)

    report = operator.ask(Mode.APPLY, nic_of([other], THIRD))

    assert (report.state, report.nics[0].block, report.nics[0].name) == (State.OK, 1, "eth2")
    operator.site.eips = (*EIPS, other)
    assert operator.site.answering() == [*ALL, other.address]
    operator.ask(Mode.RELEASE)
    assert operator.site.answering() == [other.address]


def test_an_eip_of_a_detached_eni_is_taken_over(operator: Operator) -> None:
    """What a detached ENI left behind does not catch the EIP's packets on its new ENI."""
    operator.ask(Mode.APPLY)
    operator.site.guest.unplug(SECONDARY.eni_id)
    operator.site.guest.plug(THIRD)
    moved = [eip(str(ip), THIRD) for ip in ALL]
    for one in moved:
        operator.site.world.unbind(one.address)
        operator.site.world.bind(one)

    report = operator.ask(Mode.APPLY, nic_of(moved, THIRD))

    assert report.state is State.OK
    assert operator.site.answering() == ALL
    assert SECONDARY.mac in report.notes[0]


def test_a_link_flap_fails_closed_and_apply_heals(operator: Operator) -> None:
    """Without a manager a flap takes the routes; no packet leaves by eth0, check says so, apply repairs."""
    operator.ask(Mode.APPLY)
    operator.site.shell("ip link set eth1 down; ip link set eth1 up")

    assert operator.ask(Mode.CHECK).state is State.DIFFERS
    assert operator.site.answering() == []
    assert operator.ask(Mode.APPLY).state is State.OK
    assert operator.site.answering() == ALL
    assert operator.site.world.spoofed() == 0


def test_survey_finds_ours_and_everything_else(operator: Operator) -> None:
    """Without being told what is wanted, the survey names each interface, our EIPs and foreign ones."""
    operator.ask(Mode.APPLY, nic_of(EIPS[:2]))
    operator.site.shell(f"ip addr add {ALL[2]}/25 dev eth1")

    report = operator.survey()

    by_name = {nic.name: nic for nic in report.nics}
    assert set(by_name) == {"eth0", "eth1"}
    assert [e.ip for e in by_name["eth1"].eips if e.ok] == ALL[:2]
    assert [e.leaves for e in by_name["eth1"].eips if e.ok] == [f"eth1 {e.gateway}" for e in EIPS[:2]]
    assert by_name["eth1"].foreign_eips == (ALL[2],)
    assert by_name["eth0"].foreign_eips == ()


def test_the_kernel_says_where_a_reply_leaves(operator: Operator) -> None:
    """By the vendor's recipe a reply takes the primary interface; by ours it takes the EIP's own gateway."""
    operator.site.shell(f"ip addr add {ALL[0]}/24 dev eth1")

    astray = operator.ask(Mode.CHECK).nics[0].eips[0]
    right = operator.ask(Mode.APPLY).nics[0].eips[0]

    main = operator.site.shell("ip -4 route show default dev eth0").split()[2]
    assert (astray.present, astray.leaves) == (True, f"eth0 {main}")
    assert right.leaves == f"eth1 {EIPS[0].gateway}"


def test_a_service_route_by_the_eni_is_a_problem(operator: Operator) -> None:
    """When 100.64.0.0/10 would leave by the ENI, the answer says so: Cloud Assistant depends on it."""
    operator.site.shell("ip route add 100.64.0.0/10 via 10.0.0.253 dev eth1")

    report = operator.ask(Mode.CHECK)

    assert report.service_route_ok is False
    assert "service-route" in {p.code for p in report.problems}


def test_an_eni_in_a_bridge_is_refused(operator: Operator) -> None:
    """An interface that is a port of a bridge cannot carry addresses of its own."""
    operator.site.shell("ip link add br0 type bridge; ip link set eth1 master br0")

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.problems[0].code) == (State.FAILED, "enslaved")


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox ash"])
def test_every_posix_shell_gives_the_same(operator: Operator, shell: str) -> None:
    """dash, bash and busybox's shell run the program alike: apply, again, check."""
    here = f"cat >/run/content <<'END'\n{{}}END\n{shell} /run/content"
    apply, check = (linux_script(mode, [nic_of()]) for mode in (Mode.APPLY, Mode.CHECK))
    inner = [text.replace("|| sh $t/guest.sh", f"|| {shell} $t/guest.sh") for text in (apply, apply, check)]

    reports = [operator.run(here.format(text)) for text in inner]

    assert [(r.state, r.changed) for r in reports] == [(State.OK, True), (State.OK, False), (State.OK, False)]
    assert operator.site.answering() == ALL


def test_busybox_alone_is_enough(operator: Operator) -> None:
    """With no tool but busybox, whose ip knows no table above 1023, the EIPs answer all the same."""
    operator.site.shell(
        "mkdir /run/bb; rm -f /run/bb/flock;"
        "for a in $(busybox --list); do ln -s $(command -v busybox) /run/bb/$a; done"
    )
    contents = [linux_script(mode, [nic_of()]) for mode in (Mode.APPLY, Mode.APPLY)]
    only = "cat >/run/content <<'END'\n{}END\nenv -i PATH=/run/bb /run/bb/sh /run/content"

    reports = [operator.run(only.format(content)) for content in contents]

    assert [(r.state, r.changed) for r in reports] == [(State.OK, True), (State.OK, False)]
    assert "lookup 681" in operator.site.shell("ip -4 rule")
    assert operator.site.answering() == ALL


def test_two_runs_at_once_wait_for_each_other(operator: Operator) -> None:
    """Runs that start together leave one state, and each says the truth about it."""
    content = linux_script(Mode.APPLY, [nic_of()])
    operator.site.shell(f"cat >/run/content <<'END'\n{content}END\nsh /run/content & sh /run/content; wait")

    assert present(operator) == ALL


def test_other_tools_are_named(operator: Operator) -> None:
    """Who else may configure the interface behind our back is in the answer."""
    operator.site.shell(
        "mkdir -p /run/cloud-init /etc/cni/net.d /etc/systemd/system/multi-user.target.wants;"
        "touch /etc/cni/net.d/10-terway.conflist /etc/systemd/system/multi-user.target.wants/eni.service"
    )

    assert set(operator.ask(Mode.CHECK).tools) == {"cloud-init", "terway", "multi-nic-util"}
