"""A run that is killed, cut off, in conflict or not alone leaves the guest right."""

from __future__ import annotations

import pytest

from localcloud.guests.site import EIPS
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, State
from tests.guest.script.operator import ALL, CUT_OFF, Operator, nic_of

pytestmark = pytest.mark.guest


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
        'read -r token _ <$(echo /etc/multieip/undo-*/token); sh /etc/multieip/keep.sh undo "$token"'
    )

    assert operator.kernel() == before
    assert operator.site.answering() == ALL[:1]


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


def test_two_runs_at_once_wait_for_each_other(operator: Operator) -> None:
    """Runs that start together leave one state, and each says the truth about it."""
    content = linux_script(Mode.APPLY, [nic_of()])
    operator.site.shell(f"cat >/run/content <<'END'\n{content}END\nsh /run/content & sh /run/content; wait")

    assert operator.present() == ALL
