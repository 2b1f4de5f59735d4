"""One content that carries two ENIs: both in one run, or neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud.guests.site import EIPS, SECONDARY, THIRD, eip
from multieip.model.guest import GuestNic, Mode, State
from tests.guest.script.operator import ALL, Operator, nic_of

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.guest

OTHERS = (eip("198.51.100.41", THIRD), eip("203.0.113.42", THIRD))


@pytest.fixture
def both(operator: Operator) -> Sequence[GuestNic]:
    """Plug a second ENI, and want the EIPs of both."""
    operator.site.guest.plug(THIRD)
    for one in OTHERS:
        operator.site.world.bind(one)
    operator.site.eips = (*EIPS, *OTHERS)
    return nic_of(), nic_of(OTHERS, THIRD)


def test_apply_again_check_and_release(operator: Operator, both: Sequence[GuestNic]) -> None:
    """Each mode takes both: blocks of their own, all EIPs answer, and nothing is left in the end."""
    before = operator.kernel()

    report = operator.ask(Mode.APPLY, *both)

    assert (report.state, [nic.block for nic in report.nics]) == (State.OK, [0, 1]), report.problems
    assert operator.site.answering() == [one.address for one in operator.site.eips]
    again, check = operator.ask(Mode.APPLY, *both), operator.ask(Mode.CHECK, *both)
    assert [(r.state, r.changed, len(r.nics)) for r in (again, check)] == [(State.OK, False, 2)] * 2
    assert operator.ask(Mode.RELEASE, *both).state is State.OK
    assert operator.kernel() == before


def test_when_the_second_fails_the_first_is_undone(operator: Operator, both: Sequence[GuestNic]) -> None:
    """A rule of somebody else catches an EIP of the second ENI: the first is as before the run, too."""
    operator.site.shell(f"ip rule add pref 4 from {OTHERS[1].address} unreachable")
    before = operator.kernel()

    report = operator.ask(Mode.APPLY, *both)

    assert (report.state, report.changed) == (State.FAILED, False)
    assert str(OTHERS[1].address) in report.problems[0].text
    assert operator.kernel() == before


def test_what_an_earlier_boot_has_left_is_not_brought_back_when_the_second_fails(
    operator: Operator, both: Sequence[GuestNic]
) -> None:
    """A run was killed between its last write and its end, and the machine was started again since."""
    operator.ask(Mode.APPLY, nic_of())
    operator.site.shell(
        f"cd /etc/multieip; mkdir undo-{SECONDARY.mac}; cd undo-{SECONDARY.mac};"
        "echo 1-1.00 another-boot >token; printf '%s\\n' @old_addr '' @old_route '' >look"
    )
    operator.site.shell(f"ip rule add pref 4 from {OTHERS[1].address} unreachable")

    report = operator.ask(Mode.APPLY, *both)

    assert (report.state, report.changed) == (State.FAILED, False)
    assert operator.site.answering() == ALL
    assert "undo-" not in operator.kernel()
