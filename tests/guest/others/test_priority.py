"""Where the rules of EIPs stand among those of others is a setting, and moves without a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from multieip.errors import WantedSetError
from multieip.guest.render import linux_script
from multieip.model.guest import Mode, State
from tests.guest.script.operator import ALL, nic_of

if TYPE_CHECKING:
    from multieip.model.guest import GuestReport
    from tests.guest.script.operator import Operator

pytestmark = pytest.mark.guest

WATCH = "ip -o monitor rule >/run/seen 2>&1 & echo $! >/run/watch; sleep 0.2"


def _ask(operator: Operator, priority: int, mode: Mode = Mode.APPLY) -> GuestReport:
    return operator.run(linux_script(mode, [nic_of()], wait_s=3, priority=priority))


def _rules(operator: Operator) -> list[str]:
    """List the priorities of the rules of ours, the private address's last."""
    rules = operator.site.shell("ip -4 rule").splitlines()
    return [rule.split(":")[0] for rule in rules if "lookup 2100" in rule]


def test_the_rules_move_without_a_gap(operator: Operator) -> None:
    """Each new one stands before the old one goes, EIPs answer on, and nothing stays where they were."""
    _ask(operator, 5)
    for priority in (50, 7, 32765, 5):
        operator.site.shell(WATCH)

        report = _ask(operator, priority)

        assert report.state is State.OK, report.problems
        seen = operator.site.shell("sleep 0.2; kill $(cat /run/watch); cat /run/seen").splitlines()
        for ip in map(str, ALL):
            events = ["gone" if line.startswith("Deleted") else "there" for line in seen if f" {ip} " in line]
            assert events == ["there", "gone"], seen
        assert sorted(_rules(operator), key=int) == sorted([*[str(priority)] * 3, "21200"], key=int)
        assert operator.site.answering() == ALL
    assert operator.site.world.spoofed() == 0


def test_a_check_with_another_priority_differs(operator: Operator) -> None:
    """It names the line that moves a rule; what is checked with the old one is as it was."""
    _ask(operator, 50)

    report = _ask(operator, 5, Mode.CHECK)

    assert report.state is State.DIFFERS
    assert f"rule add pref 5 from {ALL[0]}" in report.problems[0].text
    assert _ask(operator, 50, Mode.CHECK).state is State.OK
    assert operator.survey().state is State.OK


def test_a_release_takes_rules_of_any_priority(operator: Operator) -> None:
    """What was applied with one setting is released with another."""
    _ask(operator, 50)

    assert operator.ask(Mode.RELEASE).state is State.OK

    assert _rules(operator) == []


def test_a_move_that_fails_leaves_the_rules_where_they_were(operator: Operator) -> None:
    """A rule of others in front of the new place, and behind the old one, takes replies: nothing moves."""
    _ask(operator, 5)
    operator.site.shell("ip rule add pref 20 from 198.51.100.0/24 unreachable")
    before = operator.kernel()

    report = _ask(operator, 50)

    assert report.state is State.FAILED
    assert "rule 20" in report.problems[0].text
    assert "give it a priority above 50" in report.problems[0].text
    assert operator.kernel() == before
    assert operator.site.answering() == ALL


def test_a_rule_of_others_with_the_same_number_is_told(operator: Operator) -> None:
    """Of rules with one number the first that was added is asked first: theirs stood before ours."""
    operator.site.shell("ip rule add pref 50 from 198.51.100.0/24 unreachable")

    report = _ask(operator, 50)

    assert report.state is State.FAILED
    assert "rule 50 (from 198.51.100.0/24" in report.problems[0].text
    assert _ask(operator, 49).state is State.OK


@pytest.mark.parametrize("priority", [0, 32766, -1])
def test_what_would_stand_behind_main_is_refused(priority: int) -> None:
    """Behind main's own rule none of ours would be asked, and before the local one only the kernel's is."""
    with pytest.raises(WantedSetError, match="priority"):
        linux_script(Mode.APPLY, [nic_of()], priority=priority)
