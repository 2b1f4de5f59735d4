"""Drawn sequences: the simulated guest answers as the rendered script does in a real one, and is left alike.

`MULTI_EIP_CONTRACTS` says how many, and `MULTI_EIP_CONTRACTS_FROM` the first seed; `make nightly` sets both.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from localcloud.guests import why_not_namespaces
from localcloud.guests.site import SECONDARY
from multieip.model.guest import GuestEip, GuestNic, Mode, Stamp
from tests.guest.contract.deeds import Ask, Event
from tests.guest.contract.drawing import CALLS_EACH, OWN
from tests.guest.contract.likeness import Likeness
from tests.guest.contract.real import RealGuest
from tests.guest.contract.sequence import drawn, play, shrunk

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.guest

COUNT = int(os.environ.get("MULTI_EIP_CONTRACTS", "30"))
FIRST = int(os.environ.get("MULTI_EIP_CONTRACTS_FROM", "1"))
BLOCK = 10


@pytest.fixture(scope="module")
def real() -> Iterator[RealGuest]:
    """Boot one guest for all sequences, or skip with the reason why there can be none."""
    reason = why_not_namespaces()
    if reason:
        pytest.skip(reason)
    guest = RealGuest()
    yield guest
    guest.close()


@pytest.mark.parametrize("first", range(FIRST, FIRST + COUNT, BLOCK))
def test_the_simulated_guest_is_equal_to_a_real_one(real: RealGuest, first: int) -> None:
    """After each deed: the answer, the addresses and rules, who answers, and what is kept with which look."""
    for seed in range(first, min(first + BLOCK, FIRST + COUNT)):
        found = play(real, drawn(seed))
        assert found is None, f"seed {seed}, shrunk:\n{shrunk(real, found)}"


class Eager(Likeness):
    """A simulated guest that is wrong: it adds what is only to be kept."""

    def ask(self, ask: Ask) -> bytes:
        """Want everything."""
        nics = [replace(nic, eips=tuple(replace(eip, keep=False) for eip in nic.eips)) for nic in ask.nics]
        return super().ask(replace(ask, nics=tuple(nics)))


def test_a_simulated_guest_that_is_wrong_is_told_by_the_fewest_deeds(real: RealGuest) -> None:
    """What the difference does not need is left out, and a person reads where it is."""
    first, second = (
        GuestEip(each.address, each.network.prefixlen, each.gateway) for each in OWN[SECONDARY.eni_id][:2]
    )
    nic = GuestNic(SECONDARY.mac, SECONDARY.private.ip, (first,))
    more = replace(nic, eips=(first, replace(second, keep=True)))
    deeds = [Ask(Mode.APPLY, (nic,)), Event("reboot"), Ask(Mode.APPLY, (more,)), Ask(Mode.CHECK)]

    found = play(real, deeds, Eager)
    assert found is not None
    told = str(shrunk(real, found, Eager)).splitlines()

    assert told[0] == "> 1. apply (no look) e7:01 198.51.100.11 198.51.100.12?"
    assert "    guest.rules: real ('198.51.100.11',), simulated ('198.51.100.11', '198.51.100.12')" in told


def test_a_command_that_is_killed_near_its_end_is_undone_by_its_dead_man(real: RealGuest) -> None:
    """What kills and what undoes is at work: both sets stand one after the other, with their looks."""
    first, second = (
        GuestEip(each.address, each.network.prefixlen, each.gateway) for each in OWN[SECONDARY.eni_id][:2]
    )
    nic = GuestNic(SECONDARY.mac, SECONDARY.private.ip, (first,))
    before, more = Ask(Mode.APPLY, (nic,), Stamp(1, "r")), replace(nic, eips=(first, second))
    for calls in range(CALLS_EACH, 0, -1):
        real.reset()
        real.ask(before)
        real.cut(Ask(Mode.APPLY, (more,), Stamp(2, "r")), calls)
        cut = real.look()
        if cut.ways and cut.dead_men and len(cut.answering) > 1:
            break

    real.happens(Event("dead man"))
    undone = real.look()

    assert (cut.dead_men, cut.answering) == (1, ("198.51.100.11", "198.51.100.12"))
    assert (undone.dead_men, undone.ways, undone.answering) == (0, (), ("198.51.100.11",))
    assert ["asof 2 r" in cut.kept[nic.mac], "asof 1 r" in undone.kept[nic.mac]] == [True, True]


def test_what_is_on_its_way_out_is_nobodys_to_heal(real: RealGuest) -> None:
    """A release is killed before it changes the kernel, then a flap takes the routes: drawn by seed 135."""
    found = play(real, drawn(135))

    assert found is None, f"shrunk:\n{shrunk(real, found)}"
