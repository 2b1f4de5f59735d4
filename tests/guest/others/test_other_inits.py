"""Where the keeper lives without systemd: an inittab, or nobody; and without `ip monitor` it polls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from multieip.guest.render import linux_script
from multieip.model.guest import GuestReport, Mode, State
from tests.guest.outage import FLUSH
from tests.guest.script.operator import ALL, nic_of

if TYPE_CHECKING:
    from tests.guest.script.operator import Operator

pytestmark = pytest.mark.guest

# An init of its own inside of the guest, as process 1 of its own numbers.
INIT = """
printf '%s\\n' ::sysinit:/bin/true >/etc/inittab
unshare --pid --fork --mount-proc --kill-child busybox init >/dev/null 2>&1 </dev/null &
n=0
until pgrep -P $! >/run/init; do n=$((n+1)); [ $n -lt 200 ] || exit 1; sleep 0.05; done
"""
INSIDE = "cat >/run/content <<'END'\n{}END\nnsenter --target $(cat /run/init) --pid --mount sh /run/content"
UNTIL = "n=0; until {}; do n=$((n+1)); [ $n -lt 200 ] || exit 1; sleep 0.1; done"
NO_MONITOR = """
mkdir -p /run/bin
printf '%s\\n' '#!/bin/sh' 'case "$*" in *monitor*) echo "ip: invalid argument" >&2; exit 1 ;; esac' \\
  'exec /usr/sbin/ip "$@"' >/run/bin/ip
# Ten seconds and fifteen are two here.
printf '%s\\n' '#!/bin/sh' 'case $1 in 1?) exec /bin/sleep 2 ;; *) exec /bin/sleep $1 ;; esac' >/run/bin/sleep
chmod +x /run/bin/ip /run/bin/sleep
PATH=/run/bin:$PATH setsid sh /etc/multieip/keep.sh keep >/dev/null 2>&1 </dev/null & echo $! >/run/keeper
"""


def inside(operator: Operator, mode: Mode) -> GuestReport:
    """Run a mode among the processes of the other init."""
    return operator.run(INSIDE.format(linux_script(mode, [nic_of()], wait_s=3)))


def test_busyboxs_init_keeps_the_keeper(operator: Operator) -> None:
    """A line in the inittab: started at once, again when it was killed, and gone with the release."""
    operator.site.shell(INIT)

    report = inside(operator, Mode.APPLY)

    assert report.state is State.OK, report.problems
    assert (report.nics[0].writer, report.persistent) == ("inittab", True)
    assert operator.site.answering() == ALL
    operator.site.shell(UNTIL.format("pgrep -x -f '/bin/sh /etc/multieip/keep.sh keep'"))
    operator.site.shell(f"pkill -9 -o -x -f '/bin/sh /etc/multieip/keep.sh keep'; {FLUSH}")
    assert operator.site.settles() == ALL
    assert not inside(operator, Mode.APPLY).changed

    assert inside(operator, Mode.RELEASE).state is State.OK

    assert operator.site.shell("cat /etc/inittab").splitlines() == ["::sysinit:/bin/true"]
    assert "eth1:e" not in operator.site.shell("ip -4 addr show dev eth1; ip -4 rule")


def test_without_a_monitor_it_polls(operator: Operator) -> None:
    """An `ip` that follows nothing: the next look finds what is gone; and all of a keeper ends with it."""
    operator.ask(Mode.APPLY)
    operator.site.shell(NO_MONITOR)

    operator.site.shell(FLUSH)

    assert operator.site.settles() == ALL
    operator.site.shell("kill -9 $(cat /run/keeper)")
    operator.site.shell(UNTIL.format("! pgrep -f /etc/multieip/keep.sh"))


@pytest.mark.parametrize("folder", ["conf.d", "devices"])
def test_a_networkmanager_that_does_not_run_keeps_nothing_away(operator: Operator, folder: str) -> None:
    """Netplan makes a folder in its name, and one that was stopped leaves others: the keeper heals."""
    operator.ask(Mode.APPLY)
    operator.site.shell(
        f"mkdir -p /run/NetworkManager/{folder} /run/bin; printf '#!/bin/sh\\nexit 8\\n' >/run/bin/nmcli;"
        " chmod +x /run/bin/nmcli; PATH=/run/bin:$PATH setsid sh /etc/multieip/keep.sh keep >/dev/null 2>&1"
        " </dev/null & echo $! >/run/keeper"
    )

    operator.site.shell(FLUSH)

    assert operator.site.settles() == ALL
    operator.site.shell("kill -9 $(cat /run/keeper)")


def test_where_nothing_starts_it_again_the_answer_says_so(operator: Operator) -> None:
    """Neither systemd nor an inittab, as with runit: the EIPs stand until the next restart, and no longer."""
    report = operator.ask(Mode.APPLY)

    assert report.state is State.OK
    assert (report.nics[0].writer, report.persistent) == ("runtime", False)
    assert report.notes == ("no systemd and no inittab: nothing keeps the EIPs",)
    assert operator.site.answering() == ALL
