"""Images that treat the ENI's interface in their own way: the EIPs last, or the answer says what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.guests.site import EIPS, PORT, SECONDARY
from multieip.model.guest import Mode, State
from tests.guest.script.operator import Operator, booted

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.guest, pytest.mark.boot, pytest.mark.timeout(200)]

ALL = [eip.address for eip in EIPS]
# networkd is told to leave the ENI alone, by a file that comes before all others; a client of its own asks.
UNMANAGED = """
printf '[Match]\\nName=eth1\\n\\n[Link]\\nUnmanaged=yes\\n' >/etc/systemd/network/00-eth1.network
cat >/etc/systemd/system/own-client.service <<'END'
[Service]
ExecStart=/usr/sbin/dhclient -d -e IF_METRIC=200 -pf /run/dhclient.eth1.pid eth1
[Install]
WantedBy=multi-user.target
END
systemctl enable own-client
networkctl reload; sleep 2
ip -4 addr flush dev eth1; ip link set eth1 up; systemctl start own-client
n=0; until ip -4 addr show dev eth1 | grep -q 10.0.0.20 || [ $n = 100 ]; do n=$((n+1)); sleep 0.1; done
"""
# The image reads *.cfg only, and says nothing about the ENI.
CFG_ONLY = """
printf '%s\\n' 'auto lo' 'iface lo inet loopback' 'auto eth0' 'iface eth0 inet dhcp' '    metric 100' \\
  'source /etc/network/interfaces.d/*.cfg' >/etc/network/interfaces
mkdir -p /etc/network/interfaces.d
ifdown --force eth1; ip -4 addr flush dev eth1; ip link set eth1 down
"""
WRITTEN = """
cd /etc/network/interfaces.d
printf '%s\\n' 'allow-hotplug eth1' 'iface eth1 inet dhcp' '    metric 2048' >eth1.cfg
ifup eth1
"""


@pytest.fixture
def operator(request: pytest.FixtureRequest) -> Iterator[Operator]:
    """Stand at a site whose guest is run by this manager."""
    with booted(request.param, wait_s=3) as operator:
        yield operator


@pytest.mark.parametrize("operator", ["networkd"], indirect=True)
def test_an_interface_that_networkd_leaves_alone_lasts(operator: Operator) -> None:
    """No file of the manager is read, so none can hide the EIPs: they are back after a restart."""
    operator.site.shell(UNMANAGED)

    report = operator.ask(Mode.APPLY)

    assert (report.state, report.persistent) == (State.OK, True), report.problems
    assert operator.site.settles() == ALL
    operator.site.shell("networkctl reload")
    assert operator.site.settles() == ALL
    # The image's files come back at a boot, as cloud-init writes them; the other's stays first.
    operator.site.guest.stop()
    operator.site.guest.start()
    operator.site.guest.listen(PORT)
    assert operator.site.settles() == ALL
    assert operator.ask(Mode.CHECK).persistent is True


@pytest.mark.parametrize("operator", ["ifupdown"], indirect=True)
def test_an_image_that_says_nothing_of_the_eni_is_told_what_to_write(operator: Operator) -> None:
    """Nobody asks within the time: apply says so and changes nothing; with the line written it works."""
    operator.site.shell(CFG_ONLY)

    report = operator.ask(Mode.APPLY)
    assert (report.state, [problem.code for problem in report.problems]) == (
        State.FAILED,
        ["no-private-address"],
    )
    assert report.nics[0].manager == "ifupdown, not managing it"
    assert operator.site.run("grep -r multieip /etc/network").exit_code != 0

    operator.site.shell(WRITTEN)
    assert operator.ask(Mode.APPLY).state is State.OK
    assert operator.site.settles() == ALL
    assert SECONDARY.mac in operator.site.shell("cat /etc/multieip/*.nic")
