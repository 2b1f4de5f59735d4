"""Each EIP's way is told link by link, and nothing is claimed behind a link that is broken or in doubt."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest

from multieip.dataclass import replace
from multieip.model.resources import EipStatus
from multieip.reference.good_group import AFTER, BEFORE
from multieip.report.ways import Way, ways
from tests.report_account import KINDS
from tests.report_account.groups import good_group

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def _broken(kind: str) -> Facts:
    return KINDS[kind](good_group(7, "ftp", "cn-shanghai", 3), 7)


def _links(way: Way) -> str:
    letters = {"pass": "p", "fail": "f", "unknown": "?", "unreached": "-"}
    return "".join(letters[link.value] for link in way.links)


def test_a_group_that_is_ready_works_link_by_link() -> None:
    """Each EIP with its own prefix and gateway."""
    found = ways(AFTER)

    assert [(way.works, way.silent, way.prefix, way.gateway) for way in found] == [
        (True, False, 24, "198.51.100.1"),
        (True, False, 25, "203.0.113.129"),
    ]


@pytest.mark.parametrize(
    ("kind", "links", "reason"),
    [
        ("no_route", "pppf", "its route is missing"),
        ("no_rule", "pppf", "its rule is missing"),
        ("not_shown", "ppf-", "not on eth1"),
        ("detached", "pf--", "the ENI is detached"),
        ("locked", "f---", "it is locked (financial)"),
        ("stopped", "ppf-", "the instance is Stopped"),
        ("silent_agent", "pp??", "the guest gave no answer"),
        ("two_enis", "????", "the group has not exactly one ENI"),
    ],
)
def test_the_first_link_that_does_not_stand_says_why(kind: str, links: str, reason: str) -> None:
    """What lies behind it is not reached, or as doubtful."""
    first = ways(_broken(kind))[0]

    assert (_links(first), first.reason) == (links, reason)


def test_a_doubt_is_not_silence() -> None:
    """Nobody counts an EIP as silent of which nobody knows."""
    assert not any(way.silent for way in ways(_broken("silent_agent")))


def test_only_the_broken_eip_of_a_group_is_silent() -> None:
    """The others go on working."""
    assert [way.works for way in ways(_broken("no_route"))] == [False, True, True]


def test_an_eip_in_motion_is_in_doubt() -> None:
    """Associating is neither bound nor unbound."""
    moving = replace(AFTER.eips[0], status=EipStatus.ASSOCIATING)
    facts = replace(AFTER, eips=(moving, AFTER.eips[1]))

    assert (_links(ways(facts)[0]), ways(facts)[0].reason) == ("????", "it is being bound")


def test_a_reply_without_a_rule_is_concluded_to_take_the_main_table() -> None:
    """The main table's way is the guest's word; that the reply takes it is not measured, and says so."""
    facts = _broken("no_rule")
    assert facts.guest is not None
    route = replace(facts.guest.default_route, dev="eth0", via=IPv4Address("172.16.3.253"))
    reply = ways(replace(facts, guest=replace(facts.guest, default_route=route)))[0].reply

    assert reply is not None
    assert (reply.dev, reply.via, reply.measured) == ("eth0", "172.16.3.253", False)


@pytest.mark.parametrize(
    ("leaves", "dev", "via"),
    [("eth0 172.16.3.253", "eth0", "172.16.3.253"), ("eth7", "eth7", None), ("", None, None)],
)
def test_a_reply_that_the_kernel_was_asked_about_is_measured(leaves: str, dev: str, via: str | None) -> None:
    """It may leave by another interface than the main table's, or go nowhere."""
    facts = _broken("no_route")
    assert facts.guest is not None
    nic = facts.guest.nics[0]
    eips = (replace(nic.eips[0], leaves=leaves), *nic.eips[1:])
    guest = replace(facts.guest, nics=(replace(nic, eips=eips),))

    reply = ways(replace(facts, guest=guest))[0].reply

    assert reply is not None
    assert (reply.dev, reply.via, reply.measured) == (dev, via, True)


def test_eips_that_are_no_members_come_last_and_are_no_members() -> None:
    """They are drawn, and not counted."""
    found = ways(_broken("outside"))

    assert [way.member for way in found] == [True, True, True, False]


def test_nothing_bound_yet_is_the_eips_own_link() -> None:
    """A group that was only tagged."""
    assert {_links(way) for way in ways(BEFORE)} == {"f---"}
