"""An operator's twenty questions, answered by what the page shows; the answers are known from elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.report_account.account import NOW
from tests.report_account.kinds import HELD_AS, STALE

if TYPE_CHECKING:
    from pathlib import Path

    from multieip.model.facts import Facts
    from tests.e2e.page.browser import Browser
    from tests.report_account import Account

pytestmark = pytest.mark.xdist_group("browser")

FIRST: Final = ("no_route", "no_rule", "not_shown", "locked", "two_groups", "held")
LAST: Final = ("not_bound", "waits_for_consent", "refused")
ALL: Final = ("detached", "stopped", "too_few")
NEW: Final = ("no_rule", "waits_for_consent", "locked", "stale")
BROKEN_AT: Final = {
    "no_route": "interface → gateway",
    "no_rule": "interface → gateway",
    "held": "interface → gateway",
    "not_shown": "instance → interface",
    "stopped": "instance → interface",
    "detached": "ENI → instance",
    **dict.fromkeys(("locked", "two_groups", "not_bound", "waits_for_consent", "refused"), "EIP → ENI"),
}
OLD_DAY: Final = "24 Nov"


@pytest.fixture
def read(window: Browser, page: Path) -> Browser:
    """Return the browser with the page open and all its folded tables unfolded."""
    window.open(page)
    window.run("document.querySelectorAll('table + .more').forEach(button => button.click()); return 0")
    return window


def _name(account: Account, kind: str) -> str:
    return next(name for name, each in account.kinds.items() if each == kind)


def _facts(account: Account, kind: str) -> Facts:
    return account.facts[_name(account, kind)]


def _silent(account: Account) -> dict[str, tuple[str, str]]:
    """Return address → group and kind of every EIP that was broken by hand."""
    found: dict[str, tuple[str, str]] = {}
    for kinds, which in ((FIRST, slice(0, 1)), (LAST, slice(-1, None)), (ALL, slice(None))):
        for kind in kinds:
            for eip in _facts(account, kind).eips[which]:
                found[eip.address] = (_name(account, kind), kind)
    return found


def _table(browser: Browser, section: str, nth: int = 0) -> list[list[str]]:
    """Return the cells of a section's table as they are shown."""
    rows: list[list[str]] = browser.run(
        "const section = document.getElementById(arguments[0]).closest('section');"
        "return [...section.querySelectorAll('table')[arguments[1]].tBodies].flatMap(body => [...body.rows])"
        ".map(row => [...row.cells].map(cell => cell.innerText.trim()))",
        section,
        nth,
    )
    return rows


def _listed(browser: Browser) -> set[str]:
    """Return the names in the register; the status after them is for those who do not see its shape."""
    return {name.split(",")[0].strip() for name in browser.texts("#rows .nm")}


def _opened(browser: Browser, account: Account, kind: str) -> Facts:
    facts = _facts(account, kind)
    browser.go(f"g={facts.group.region}/{facts.group.label}")
    assert browser.text(".open .nm").startswith(facts.group.label)
    return facts


def _replies(browser: Browser) -> dict[str, list[str]]:
    """Return address → link, way out and what decides it, of the group that is open."""
    rows: list[list[str]] = browser.run(
        "return [...document.querySelectorAll('.open .det table.c tbody tr')]"
        ".map(row => [...row.cells].map(cell => cell.innerText))"
    )
    return {address: row[1:] for row in rows for address in row[0].split(", ")}


def test_1_which_eips_do_not_answer_and_since_when(read: Browser, account: Account) -> None:
    """Exactly those that were broken, each with its day."""
    rows = _table(read, "silent")
    shown = {address: (row[1], row[4]) for row in rows for address in row[0].split(", ")}

    expected = _silent(account)
    assert set(shown) == set(expected)
    for address, (group, kind) in expected.items():
        assert shown[address][0] == group
        assert shown[address][1].startswith("new" if kind in NEW else OLD_DAY)


@pytest.mark.parametrize("kind", BROKEN_AT)
def test_2_which_link_is_broken(read: Browser, account: Account, kind: str) -> None:
    """The table of the group says it in words, and the drawing says it as its label."""
    facts = _opened(read, account, kind)
    eip = facts.eips[-1 if kind in LAST else 0].address

    assert _replies(read)[eip][0] == BROKEN_AT[kind]
    label = read.run("return document.querySelector('.open figure [role]').getAttribute('aria-label')")
    assert f"{eip}: {BROKEN_AT[kind]}" in label


def test_2_a_blocked_eip_names_the_rule_that_blocks_it(read: Browser, account: Account) -> None:
    """The others are served without it."""
    facts = _opened(read, account, "locked")

    replies = _replies(read)
    assert "it is locked (financial) (eip-free)" in replies[facts.eips[0].address][2]
    assert replies[facts.eips[1].address][0] == "every link stands"


def test_3_by_which_way_a_reply_leaves_and_what_decides_it(read: Browser, account: Account) -> None:
    """Astray by the main table, and rightly by its own."""
    facts = _opened(read, account, "no_rule")
    assert facts.guest is not None
    route = facts.guest.default_route
    replies = _replies(read)

    astray, right = replies[facts.eips[0].address], replies[facts.eips[1].address]
    assert astray[1].startswith(f"{route.dev} {route.via}")
    assert "no rule names the EIP, so the main table decides" in astray[2]
    assert facts.gateways is not None
    assert facts.gateways[1].gateway in right[1]
    assert right[2].startswith("a rule for the EIP and a table of its own")


def test_4_what_is_new_fixed_and_still_there(read: Browser, account: Account) -> None:
    """The row of a rule, and the lists that its numbers open."""
    row = next(row for row in _table(read, "since") if row[1:2] == ["replies-by-own-gateway"])
    mended = [n for number, n in enumerate(account.kinds) if not account.kinds[n] and number % 97 == 5]
    assert mended
    # Still there: two that are broken, and two of which nobody knows, which the row says.
    assert "2 undecided" in row[0]
    assert [cell.split()[0] for cell in row[2:5]] == ["1", "4", str(len(mended))]

    read.go("rule=replies-by-own-gateway&ch=fixed")
    assert _listed(read) == set(mended)
    read.go("rule=replies-by-own-gateway&ch=new")
    assert _listed(read) == {_name(account, "no_rule")}


def test_5_which_groups_wait_for_a_person_and_for_what(read: Browser, account: Account) -> None:
    """Each with one sentence that says what to decide."""
    shown = {row[0]: row[1] for row in _table(read, "waiting")}
    words = {
        "waits_for_consent": "multi-eip:detach=allow",
        "service_route": "100.64.0.0/10",
        "outside": "other EIPs on the ENI",
        "two_groups": "Keep the EIP in one group",
        "two_enis": "Leave the group's tag on one ENI",
        "locked": "Unbind the EIP",
        "too_few": "1 more EIP (size",
        "stopped": "Start i-",
        "denied_guest": "Grant ecs:RunCommand",
        "silent_agent": "start the Cloud Assistant agent",
    }

    for kind, word in words.items():
        assert word in shown[_name(account, kind)]
    for kind in ("no_route", "no_rule", "not_shown", "detached", "held", "exempt", ""):
        assert _name(account, kind) not in shown


def test_6_what_a_repair_would_do_call_by_call(read: Browser, account: Account) -> None:
    """In the order of the plan, with the consent that is missing."""
    facts = _opened(read, account, "waits_for_consent")

    calls = [call.split()[0] for call in read.texts(".open .pl code")]
    writes = [call for call in calls if not call.split(".")[1].startswith("Describe")]
    assert writes == [
        "Ecs.RunCommand",
        "Ecs.DetachNetworkInterface",
        "Vpc.AssociateEipAddressBatch",
        "Ecs.AttachNetworkInterface",
        "Ecs.RunCommand",
    ]
    assert any(facts.eips[-1].id in call for call in read.texts(".open .pl code"))
    assert "Only with the tag multi-eip:detach=allow, which is missing." in read.text(".open .det")


def test_7_how_many_seconds_each_eip_would_be_away(read: Browser, account: Account) -> None:
    """The working ones, and nobody else."""
    facts = _opened(read, account, "waits_for_consent")

    (away,) = read.texts(".open .away-row")
    assert [eip.address in away for eip in facts.eips] == [*[True] * (len(facts.eips) - 1), False]
    assert "18 s" in away
    _opened(read, account, "no_route")
    assert "No working EIP would be away." in read.text(".open .det")


def test_8_what_could_not_be_read_and_why(read: Browser, account: Account) -> None:
    """A region and two kinds of guests, equal causes once."""
    rows = _table(read, "unread")

    assert [row[0] for row in rows] == ["1 region", "1 guest", "1 guest"]
    assert rows[0][1] == "eu-central-1"
    assert "Forbidden.RAM" in rows[0][2]
    assert any("Cloud Assistant" in row[2] for row in rows)
    read.go("cause=2")
    assert _listed(read) == {_name(account, "denied_guest")}


def test_9_which_findings_are_exempt_by_whose_tag(read: Browser, account: Account) -> None:
    """The rule, the group and the resource that carries the tag."""
    (row,) = _table(read, "tags", 1)

    assert row[:3] == ["instance-family", _name(account, "exempt"), _facts(account, "exempt").enis[0].id]


def test_10_which_groups_are_on_hold_since_when(read: Browser, account: Account) -> None:
    """With the reason that the tag gives."""
    (row,) = _table(read, "tags", 0)

    assert row == [_name(account, "held"), HELD_AS, _facts(account, "held").enis[0].id, OLD_DAY]


def test_11_which_eips_are_paid_for_and_idle(read: Browser, account: Account) -> None:
    """By id and address."""
    shown = {row[0]: row[1] for row in _table(read, "beside", 0)}

    idle = [_facts(account, kind).eips[-1] for kind in (*LAST, "too_few")]
    idle += [_facts(account, kind).eips[0] for kind in ("locked", "two_groups")]
    assert shown == {eip.id: eip.address for eip in idle}


def test_12_which_eips_are_on_an_eni_of_ours_in_no_group(read: Browser, account: Account) -> None:
    """With the group of the ENI."""
    (row,) = _table(read, "beside", 2)

    outside = _facts(account, "outside").bound[-1]
    assert row[:3] == [outside.id, outside.address, _name(account, "outside")]


def test_13_which_addresses_in_a_guest_are_bound_nowhere(read: Browser, account: Account) -> None:
    """One that a person left, and those that were unbound under a guest's feet."""
    shown = {(row[0], row[2]) for row in _table(read, "beside", 3)}

    left = {
        (_facts(account, kind).eips[0].address, _name(account, kind)) for kind in ("locked", "two_groups")
    }
    assert shown == {(STALE, _name(account, "stale")), *left}


def test_14_which_instances_lose_their_eips_at_the_next_reboot(read: Browser, account: Account) -> None:
    """With the group that is silent then."""
    rows = _table(read, "beside", 1)

    facts = _facts(account, "until_reboot")
    assert rows == [[facts.instances[0].id, str(len(facts.eips)), _name(account, "until_reboot")]]


def test_15_who_may_cut_a_working_address(read: Browser, account: Account) -> None:
    """The consents, where they stand, and how many EIPs hang on each."""
    shown = {row[0]: row[1:4] for row in _table(read, "tags", 2)}

    assert shown == {
        _name(account, kind): [
            tags,
            _facts(account, kind).enis[0].id,
            str(sum(eip.bound_to is not None for eip in _facts(account, kind).eips)),
        ]
        for kind, tags in (("consents", "detach, prune"), ("not_bound", "detach"))
    }


def test_16_which_of_our_data_is_old(read: Browser, account: Account) -> None:
    """Regions, families and the assumed seconds, each with day, age and source."""
    shown = {row[0]: row[1:] for row in _table(read, "ages")}

    for what in ("regions that offer the mode", "instance families of the mode"):
        assert shown[what][0] == account.now["catalog_as_of"]
        assert shown[what][1] == f"{NOW.day - 1} days"
    assert "assumed" in shown["expected seconds of a step"][2]


def test_17_what_must_be_granted_to_see_the_rest(read: Browser) -> None:
    """One policy that can be pasted."""
    policy: dict[str, Any] = json.loads(read.text("#policy"))

    assert policy["Statement"][0]["Action"] == [
        "ecs:DescribeInvocationResults",
        "ecs:DescribeNetworkInterfaces",
        "ecs:RunCommand",
    ]


def test_18_which_command_mends_a_finding(read: Browser, account: Account) -> None:
    """In the three forms, filled with the ids."""
    facts = _opened(read, account, "waits_for_consent")
    shown = []
    for form in range(3):
        read.click(f".open [data-form='{form}']")
        shown.append(read.texts(".open .fd pre")[0])

    eni = facts.enis[0].id
    assert shown[0].startswith("aliyun ecs TagResources")
    assert f"--ResourceId.1 {eni}" in shown[0]
    assert f"{eni} > Tags: multi-eip:detach = allow" in shown[1]
    assert '"multi-eip:detach" = "allow"' in shown[2]


def test_19_is_the_report_complete_and_when_was_it_made(read: Browser, account: Account) -> None:
    """In the first screen."""
    head = read.text("header")

    assert "Not complete. eu-central-1 was not read. 2 guests gave no answer." in head
    assert "Made 26 Nov 2026, 06:04 UTC in 41 s" in head
    assert "3 of 4 regions: cn-shanghai, cn-beijing, ap-southeast-1" in head
    assert (
        f"{len(account.facts)} groups, {sum(len(each.eips) for each in account.facts.values())} EIPs" in head
    )
    assert "Compared with 25 Nov 2026" in head


def test_20_what_depends_on_the_closed_mode_and_could_move(read: Browser, account: Account) -> None:
    """Per region; an instance of these has room for three ENIs beside its primary one."""
    for region, _, eips, room, full, unclear in _table(read, "closed"):
        here = [facts for facts in account.facts.values() if facts.group.region == region]
        bound = [len(facts.bound) for facts in here]
        assert int(eips) == sum(bound)
        assert int(room) == sum(count for count in bound if count <= 3)
        assert int(full) + int(room) + int(unclear) == int(eips)
