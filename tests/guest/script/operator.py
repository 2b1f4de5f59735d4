"""Runs the rendered scripts in a guest and reads what they answer, as the product does."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import open_world, why_not_booted
from localcloud.guests.site import EIPS, SECONDARY, Site, open_site
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.model.guest import GuestEip, GuestNic, GuestReport, Mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Address

    from localcloud.guests import Nic, PublicAddress


# The first change is made, and then whoever asked for it is killed, with the shell that waits for its pipe.
CUT_OFF = """#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin ip "$@"
code=$?
[ "$*" = "-force -batch -" ] || exit $code
read -r _ _ _ parent _ </proc/$PPID/stat
kill -9 $PPID $parent
"""


# What the dead man of the run that was cut off does when its time has come.
UNDO = 'read -r token _ <$(echo /etc/multieip/undo-*/token); sh /etc/multieip/keep.sh undo "$token"'

ALL = [eip.address for eip in EIPS]
"""The addresses of the usual set."""


def nic_of(eips: Sequence[PublicAddress] = EIPS, nic: Nic = SECONDARY) -> GuestNic:
    """Write the wanted set of one ENI."""
    wanted = tuple(GuestEip(eip.address, eip.network.prefixlen, eip.gateway) for eip in eips)
    return GuestNic(nic.mac, nic.private.ip, wanted)


@dataclass
class Operator:
    """One site, and the script."""

    site: Site
    wait_s: int = 3

    def ask(self, mode: Mode, *nics: GuestNic) -> GuestReport:
        """Run a mode on these interfaces; the usual set when none is named."""
        return self.run(linux_script(mode, nics or (nic_of(),), wait_s=self.wait_s))

    def run(self, content: str) -> GuestReport:
        """Run a content and read its answer; the exit code must agree with the state."""
        done = self.site.run(content)
        report = read_answer(done.output)

        assert (done.exit_code != 0) == (report.state.value in {"failed", "older", "unnamed"}), (
            done.output.decode()
        )
        return report

    def present(self) -> list[IPv4Address]:
        """List the EIPs that the guest shows, by a check of the usual set."""
        return [eip.ip for eip in self.ask(Mode.CHECK).nics[0].eips if eip.ok]

    def survey(self) -> GuestReport:
        """Read everything, without a wanted set."""
        return self.run(linux_script(Mode.CHECK, (), survey=True))

    def kernel(self) -> str:
        """Show what apply could change: rules, routes, addresses, files."""
        return self.site.shell(
            "ip -4 rule; ip -4 route show table main;"
            "ip -4 route show table all | grep 'table 2[1-5]...' || :;"
            "ip -4 addr show dev eth0 | grep -v valid_lft; ip -4 addr show dev eth1 | grep -v valid_lft;"
            "find /etc -name '*multieip*'; ls -d /etc/multieip/undo* 2>/dev/null || :"
        )

    def outside(self) -> str:
        """Show the main table and eth0, which must never change."""
        return self.site.shell("ip -4 route show table main; ip -4 addr show dev eth0 | grep -v valid_lft")


@contextmanager
def booted(manager: str, *, wait_s: int) -> Iterator[Operator]:
    """Stand at a site whose whole guest is run by this manager; skip the test where none can be booted."""
    reason = why_not_booted()
    if reason:
        pytest.skip(reason)
    world = open_world(manager)
    yield Operator(open_site(world), wait_s=wait_s)
    world.close()
