"""What must never happen is refused by the script itself, whoever has rendered it."""

from __future__ import annotations

import re

import pytest

from localcloud.guests.site import PRIMARY, SECONDARY
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, ServiceRoute, State
from tests.guest.script.operator import Operator, nic_of

pytestmark = pytest.mark.guest

NIC = "nic 00:16:3e:12:e7:01 10.0.0.20\n"
GOOD = "eip 198.51.100.11 24 198.51.100.1 must\n"
DATA = re.compile(r"(?<=\nwanted='\n).*?(?='\nset -- )", re.DOTALL)
SNAPSHOT = (
    "find /etc -type f -exec sha256sum {} + | sort; ls -A /run /tmp;"
    "ip -4 rule; ip -4 route show table all; ip -4 addr | grep -v valid_lft"
)


def with_data(lines: str, mode: Mode = Mode.APPLY) -> str:
    """Put these lines into a rendered content, past all that Python checks."""
    content, count = DATA.subn(lambda _: lines, linux_script(mode, [nic_of()], wait_s=2))

    assert count == 1
    return content


@pytest.mark.parametrize(
    "lines",
    [
        "",
        GOOD,
        NIC,
        NIC + NIC + GOOD,
        NIC + "nic 00:16:3e:12:e7:02 10.0.0.21\n" + GOOD,
        NIC + GOOD + GOOD,
        NIC + "".join(f"eip 198.51.100.{n} 24 198.51.100.1 must\n" for n in range(11, 22)),
        *(
            NIC + f"eip {eip} must\n"
            for eip in (
                "$(touch${IFS}/tmp/x) 24 198.51.100.1",
                "`touch /tmp/x` 24 198.51.100.1",
                "* 24 198.51.100.1",
                '"198.51.100.11" 24 198.51.100.1',
                "198.51.100.11/24 24 198.51.100.1",
                "198.51.100.011 24 198.51.100.1",
                "198.51.100.11 a[$(touch${IFS}/tmp/x)] 198.51.100.1",
                "198.51.100.11 024 198.51.100.1",
                "198.51.100.11 33 198.51.100.1",
                "198.51.100.11 255.0.255.0 198.51.100.1",
                "198.51.100.11 24 203.0.113.1",
                "198.51.100.11 24 198.51.100.11",
                "198.51.100.11 24",
                "198.51.100.11 24 198.51.100.1 x",
                "198.51.100.11 24 198.51.100.1\r",
                "10.0.0.20 24 10.0.0.253",
            )
        ),
        "nic 00:16:3e:12:e7:0? 10.0.0.20\n" + GOOD,
        "nic 00:16:3e:12:e7:01;reboot 10.0.0.20\n" + GOOD,
    ],
)
def test_data_that_python_would_refuse_change_nothing(operator: Operator, lines: str) -> None:
    """Hostile or damaged data lines: one problem, no file, no address, no word of them is run."""
    before = operator.site.shell(SNAPSHOT)

    report = operator.run(with_data(lines))

    assert (report.state, report.changed, [p.code for p in report.problems]) == (
        State.FAILED,
        False,
        ["data"],
    )
    assert operator.site.shell(SNAPSHOT) == before


@pytest.mark.parametrize("unplugged", [False, True])
def test_the_primary_interface_is_refused(operator: Operator, *, unplugged: bool) -> None:
    """EIPs on the interface of the default route would cut the instance off; with and without another one."""
    if unplugged:
        operator.site.guest.unplug("eni-second")
    before = operator.kernel() if not unplugged else operator.outside()

    report = operator.run(with_data(f"nic {PRIMARY.mac} {PRIMARY.private.ip}\n" + GOOD))

    assert (report.state, report.changed) == (State.FAILED, False)
    assert "primary interface" in report.problems[0].text
    assert (operator.kernel() if not unplugged else operator.outside()) == before


def test_what_killed_runs_leave_is_in_nobodys_way(operator: Operator) -> None:
    """Half of a saved state, one of another boot, half of a file: apply works, release takes all away."""
    operator.site.shell(
        "cd /etc; mkdir multieip; cd multieip; mac=00:16:3e:12:e7:01; mkdir undo-$mac.new undo-$mac;"
        "echo 1 another-boot >undo-$mac/token; touch $mac.nic.new"
    )

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.changed) == (State.OK, True), report.problems
    assert operator.ask(Mode.RELEASE).state is State.OK
    assert operator.site.run("ls -d /etc/multieip").exit_code != 0


def test_an_eni_that_took_the_default_route_is_not_the_primary(operator: Operator) -> None:
    """An image that prefers the newer interface by mistake is told so, and its EIPs are configured."""
    operator.site.shell("ip route add default via 10.0.0.253 dev eth1 metric 1")

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.changed) == (State.OK, True)
    assert report.service_route == ServiceRoute("eth1", SECONDARY.mac)
