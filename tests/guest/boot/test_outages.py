"""The EIPs answer again in a moment, whatever happens to the interface, its manager or the keeper itself."""

from __future__ import annotations

import pytest

from localcloud.guests import MANAGERS, Manager, open_world
from localcloud.guests.site import open_site
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, State
from tests.guest import matrix
from tests.guest.outage import EVERYWHERE, OF_MANAGER, longest_ms, ready_moments, silences
from tests.guest.script.operator import Operator

pytestmark = [pytest.mark.boot, pytest.mark.timeout(400), pytest.mark.usefixtures("permitted")]


@pytest.mark.parametrize("manager", MANAGERS)
def test_it_heals_by_itself(manager: Manager) -> None:
    """Flaps, flushes, reloads, restarts, kills: no EIP is silent for long, and a neighbour loses nothing."""
    rows = list(matrix.silence(manager))

    assert [row.event for row in rows] == ["one removed", "one added", *EVERYWHERE, *OF_MANAGER[manager]]
    assert [f"{row.event}: {row.broken}" for row in rows if row.broken] == []


def test_lost_pings_are_counted() -> None:
    """What `ping` has not printed is lost, at the end, too."""
    printed = "".join(
        f"64 bytes from 198.51.100.11: icmp_seq={n} ttl=63 time=1 ms\n" for n in (1, 2, 5, 6, 8)
    )

    assert silences(printed, 10) == [2, 1, 2]


LINKS = """\
[2026-11-26T17:51:55.000000] 3: eth1@if12: <BROADCAST> state DOWN \\    link/ether 00:16:3e:12:e7:01 brd
[2026-11-26T17:51:55.100000] Deleted 3: eth1    inet 10.0.0.20/24 scope global dynamic eth1
[2026-11-26T17:51:56.000000] 2: eth0@if7: <UP,LOWER_UP> state UP \\    link/ether 00:16:3e:12:e7:00 brd
[2026-11-26T17:51:56.500000] 3: eth1@if12: <UP,LOWER_UP> state UP \\    link/ether 00:16:3e:12:e7:01 brd
[2026-11-26T17:51:56.600000] 3: eth1@if12: <UP,LOWER_UP> state UP \\    link/ether 00:16:3e:12:e7:01 brd
[2026-11-26T17:51:56.700000] 3: eth1    inet 10.0.0.20/24 scope global dynamic eth1
"""


def test_a_silence_counts_from_the_interface_being_back() -> None:
    """What the manager takes away is not the keeper's; what goes on after that is, and what never ended."""
    up = 1795715516.5
    assert ready_moments(LINKS, "ifupdown") == [up]
    assert ready_moments(LINKS, "networkmanager") == [up, pytest.approx(up + 0.2)]
    printed = "".join(
        f"[{up - 1.52 + n * 0.02:.6f}] 64 bytes from 198.51.100.11: icmp_seq={n} ttl=63 time=1 ms\n"
        for n in (*range(1, 20), *range(80, 101))
    )
    assert longest_ms(printed, 100, [up], up + 1) == 80
    assert longest_ms(printed, 100, [], up + 1) == 1200
    assert longest_ms(printed, 110, [up], up + 1) == 200
    assert longest_ms("", 100, [], up) == 2000


def test_a_renamed_interface_is_found_by_its_mac() -> None:
    """The state holds no name: the EIPs come back on the new one, and check knows it."""
    world = open_world("networkd")
    operator = Operator(open_site(world))
    operator.ask(Mode.APPLY)
    operator.site.shell(
        "sed -i s/Name=eth1/Name=ens9/ /etc/systemd/network/11-eth1.network; networkctl reload;"
        "ip link set eth1 down; ip link set eth1 name ens9; ip link set ens9 up"
    )

    assert len(operator.site.settles()) == len(operator.site.eips)
    report = operator.ask(Mode.CHECK)
    assert (report.state, report.nics[0].name) == (State.OK, "ens9"), report.problems
    world.close()


def test_networkmanager_gets_the_users_profile_back_each_time() -> None:
    """Fifty rounds of disconnect and connect, with and without a pause: never "connected (externally)"."""
    world = open_world("networkmanager")
    operator = Operator(open_site(world))
    operator.ask(Mode.APPLY)
    rounds = """
for n in $(seq 50); do
  nmcli device disconnect eth1 >/dev/null || :
  [ $((n % 3)) != 0 ] || sleep 0.5
  nmcli device connect eth1 >/dev/null || :
  nmcli -t -f DEVICE,STATE,CONNECTION device | grep '^eth1:'
done
"""
    told = operator.site.run(rounds, timeout_s=200).output.decode().splitlines()

    assert told == ["eth1:connected:cloud-init eth1"] * 50
    assert len(operator.site.settles()) == len(operator.site.eips)
    assert operator.ask(Mode.CHECK).state is State.OK
    world.close()


def test_a_check_names_an_eni_that_went_and_release_takes_its_keeper_away() -> None:
    """What is kept for an ENI that is not attached is told, and a release of it leaves nothing."""
    world = open_world("networkd")
    operator = Operator(open_site(world), wait_s=2)
    operator.ask(Mode.APPLY)
    operator.site.guest.unplug("eni-second")

    survey = read_answer(operator.site.run(linux_script(Mode.CHECK, (), survey=True)).output)
    assert survey.detached == ("00:16:3e:12:e7:01",)
    assert operator.ask(Mode.RELEASE).state is State.OK
    assert operator.site.run("systemctl is-active multieip.service").exit_code != 0
    assert "multieip" not in operator.site.shell(
        "find /etc -name '*multieip*'; ip rule; ip route show table all"
    )
    world.close()
