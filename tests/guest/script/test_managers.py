"""The keeper in guests that boot whole systems: what it is told, what goes wrong, and who starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.guests import MANAGERS
from localcloud.guests.site import EIPS, PORT, SECONDARY, THIRD, eip
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, State
from tests.guest.script.operator import ALL, CUT_OFF, Operator, booted, nic_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.guest, pytest.mark.boot]

FILES = "cat /etc/multieip/*.nic /etc/systemd/system/multieip.service"
OUTSIDE = (
    "ip -4 rule; ip -4 route; ip -4 addr show dev eth0 | grep -v valid_lft; find /etc -name '*multieip*'"
)


@pytest.fixture(params=MANAGERS)
def managed(request: pytest.FixtureRequest) -> Iterator[Operator]:
    """Stand at a site whose guest is run by each manager in turn."""
    with booted(request.param, wait_s=10) as operator:
        yield operator


def lines(operator: Operator) -> list[str]:
    """Show the kernel and our files, in an order of no meaning."""
    return sorted(operator.kernel().splitlines())


def test_a_failing_check_restores_files_and_kernel(managed: Operator) -> None:
    """When an EIP's replies would go astray, the manager has its old configuration back, by its own means."""
    managed.ask(Mode.APPLY, nic_of(EIPS[:1]))
    managed.site.shell(f"ip rule add pref 4 from {ALL[1]} unreachable")
    before = lines(managed)
    files = managed.site.shell(FILES)

    report = managed.ask(Mode.APPLY)

    assert (report.state, report.changed) == (State.FAILED, False)
    assert lines(managed) == before
    assert managed.site.shell(FILES) == files
    assert managed.site.answering() == ALL[:1]


def test_the_recipe_by_hand_is_taken_over_and_lasts(managed: Operator) -> None:
    """Addresses that stood there by hand, and rules of others, are in nobody's way; a reboot keeps all."""
    managed.site.shell(
        "".join(f"ip addr add {e.address}/{e.network.prefixlen} dev eth1\n" for e in EIPS)
        + "ip rule add pref 90 fwmark 0x7 lookup 77\n"
    )

    report = managed.ask(Mode.APPLY)

    assert (report.state, report.persistent) == (State.OK, True)
    assert "fwmark 0x7 lookup 77" in managed.site.shell("ip rule")
    managed.site.guest.stop()
    managed.site.guest.start()
    managed.site.guest.listen(PORT)
    assert managed.ask(Mode.APPLY).state is State.OK
    assert managed.site.answering() == ALL


def test_a_second_eni_has_files_of_its_own(managed: Operator) -> None:
    """Each ENI's configuration comes and goes without the other's."""
    other = eip("203.0.113.22", THIRD)
    managed.site.world.bind(other)
    managed.site.guest.plug(THIRD)
    managed.ask(Mode.APPLY)

    report = managed.ask(Mode.APPLY, nic_of([other], THIRD))

    managed.site.eips = (*EIPS, other)
    assert (report.state, report.nics[0].block) == (State.OK, 1)
    assert managed.site.answering() == [*ALL, other.address]
    assert managed.ask(Mode.RELEASE).state is State.OK
    assert managed.ask(Mode.CHECK, nic_of([other], THIRD)).state is State.OK
    assert managed.site.answering() == [other.address]
    assert SECONDARY.mac not in managed.site.shell("cat /etc/multieip/*.nic")


# Takes away what the image says about eth1, as on images that configure the primary interface only.
FORGET = """
rm -f /etc/systemd/network/11-eth1.network /etc/NetworkManager/system-connections/cloud-init-eth1.nmconnection
if [ -f /etc/netplan/50-cloud-init.yaml ]; then
  sed -i '/eth1:/,/route-metric/d' /etc/netplan/50-cloud-init.yaml; netplan generate
fi
case $(cat /proc/1/comm)$(systemctl is-active systemd-networkd) in
  systemdactive) networkctl reload ;;
esac
if [ "$(systemctl is-active NetworkManager)" = active ]; then
  echo '[main]' >/etc/NetworkManager/conf.d/none.conf
  echo 'no-auto-default=*' >>/etc/NetworkManager/conf.d/none.conf
  nmcli general reload conf; nmcli connection reload; nmcli device disconnect eth1 || :
fi
if [ "$(systemctl is-active networking)" = active ]; then
  ifdown --force eth1
  sed -i '/eth1/,/metric/d' /etc/network/interfaces
  mkdir -p /etc/network/interfaces.d; echo 'source /etc/network/interfaces.d/*' >>/etc/network/interfaces
fi
ip addr flush dev eth1; ip link set eth1 down
# A reload may take the primary interface through its own configuration; what stands after that is compared.
for _ in $(seq 600); do
  if ip -4 route show default dev eth0 | grep -q via; then
    [ "$(systemctl is-active systemd-networkd)" = active ] || break
    ! networkctl status eth0 | grep -q '(configured)' || break
  fi
  sleep 0.1
done
"""


def test_an_interface_that_nobody_configures_is_left_alone(managed: Operator) -> None:
    """Where the image leaves a new interface alone, apply says so, and nothing of a manager is used."""
    managed.site.shell(FORGET)
    before = managed.site.shell(OUTSIDE)
    managed.wait_s = 1

    report = managed.ask(Mode.APPLY)

    assert (report.state, report.changed) == (State.FAILED, False)
    assert [problem.code for problem in report.problems] == ["no-private-address"]
    assert managed.site.shell(OUTSIDE) == before


@pytest.mark.parametrize("managed", ["networkd"], indirect=True)
def test_a_run_that_was_cut_off_is_undone(managed: Operator) -> None:
    """A run that dies when its keeper is to start leaves a process that restores everything."""
    report = managed.ask(Mode.APPLY, nic_of(EIPS[:1]))
    assert report.state is State.OK, report.problems
    before = lines(managed)
    managed.site.shell(f"mkdir -p /run/bin; cat >/run/bin/ip <<'END'\n{CUT_OFF}END\nchmod +x /run/bin/ip")
    managed.site.run("PATH=/run/bin:$PATH\nexport PATH\n" + linux_script(Mode.APPLY, [nic_of()]))
    assert lines(managed) != before

    managed.site.run(
        'read -r token _ <$(echo /etc/multieip/undo-*/token); sh /etc/multieip/keep.sh undo "$token"'
    )

    assert lines(managed) == before
    assert managed.site.settles() == ALL[:1]


@pytest.mark.parametrize("managed", ["networkd"], indirect=True)
def test_a_unit_of_somebody_else_in_our_place_is_left(managed: Operator) -> None:
    """The EIPs answer, and the answer says that they will not last, and why."""
    path = "/etc/systemd/system/multieip.service"
    managed.site.shell(f"echo '# mine' >{path}")

    report = managed.ask(Mode.APPLY)

    assert (report.state, report.persistent) == (State.OK, False)
    assert [p.code for p in report.problems] == ["persistence"]
    assert path in report.problems[0].text
    assert managed.site.shell(f"cat {path}") == "# mine\n"


@pytest.mark.parametrize("managed", ["networkd"], indirect=True)
def test_the_keeper_is_replaced_by_a_later_one_only(managed: Operator) -> None:
    """An apply of older code leaves a newer keeper alone; one of newer code replaces an older one."""
    managed.ask(Mode.APPLY)
    keeper = "/etc/multieip/keep.sh"
    assert managed.ask(Mode.CHECK).keeper_version == 1
    managed.site.shell(f"sed -i '2s/multieip-keeper 1/multieip-keeper 9/' {keeper}")

    report = managed.ask(Mode.APPLY, nic_of(EIPS[1:]))
    assert (report.state, report.persistent, report.keeper_version) == (State.OK, True, 9)

    managed.site.shell(f"sed -i '2s/multieip-keeper 9/multieip-keeper 0/' {keeper}")
    assert managed.ask(Mode.CHECK).persistent is False
    report = managed.ask(Mode.APPLY, nic_of(EIPS[1:]))
    assert (report.state, report.persistent, report.keeper_version) == (State.OK, True, 1)


@pytest.mark.parametrize("managed", ["networkd"], indirect=True)
def test_persistent_is_what_the_init_system_says(managed: Operator) -> None:
    """A keeper that somebody stopped or disabled is told by check, and mended by apply."""
    managed.ask(Mode.APPLY)
    for harm in ("stop", "disable"):
        managed.site.shell(f"systemctl --no-reload {harm} multieip.service")

        assert managed.ask(Mode.CHECK).persistent is False
        assert managed.ask(Mode.APPLY).persistent is True
        assert managed.ask(Mode.CHECK).persistent is True
