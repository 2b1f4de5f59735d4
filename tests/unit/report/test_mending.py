"""Each finding comes with commands that carry its ids and with a few words that say what is the case."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from multieip.reference.rule_examples import EXAMPLES
from multieip.report.group_json import group_json
from multieip.report.mending import SHORT_MOST, mending
from multieip.report.sweep_report import GroupReport
from multieip.rules import RULES, evaluate, judge
from multieip.runs.foresee import foresee
from tests.report_account import KINDS
from tests.report_account.groups import PREFIX, good_group

if TYPE_CHECKING:
    from multieip.rules.rule import Rule

_ACTIONS = re.compile(r"aliyun (ecs|vpc) ([A-Z]\w+)")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_way_out_without_gaps(rule: Rule) -> None:
    """Whatever the rule, also one that nobody has written commands for."""
    made = mending(judge(rule, EXAMPLES[rule.id].failing), EXAMPLES[rule.id].failing, PREFIX)

    assert 0 < len(made.short) <= SHORT_MOST
    for text in (made.cli, made.console, made.terraform):
        assert text
        assert not re.search(r"\{\w+\}", text), text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_command_can_be_pasted_into_a_shell(rule: Rule) -> None:
    """It has whole quotes, and a payload in it is JSON."""
    made = mending(judge(rule, EXAMPLES[rule.id].failing), EXAMPLES[rule.id].failing, PREFIX)
    for line in made.cli.splitlines():
        words = shlex.split(line, comments=True)
        if words[:3] == ["s", "bind", "invoke"]:
            assert json.loads(words[4])["action"] == "apply"


@pytest.mark.parametrize("kind", ["waits_for_consent", "outside", "locked", "too_few"])
def test_commands_name_the_resources_of_the_finding(kind: str) -> None:
    """No placeholder stands where the report knows the id."""
    facts = KINDS[kind](good_group(3, "sip", "cn-beijing", 3), 3)
    for finding in evaluate(facts):
        if finding.bad and finding.ids:
            cli = mending(finding, facts, PREFIX).cli
            assert "EIP-ID" not in cli
            assert "ENI-ID" not in cli
            if _ACTIONS.search(cli):
                assert "cn-beijing" in cli


def test_a_group_waits_for_one_person_and_one_decision() -> None:
    """The sentence says which tag, and nothing else is asked before it."""
    facts = KINDS["waits_for_consent"](good_group(3, "sip", "cn-beijing", 3), 3)
    findings = evaluate(facts)
    body = group_json(GroupReport(facts, findings, foresee(facts, findings)), PREFIX)

    assert body["waits_for"]["who"] == "person"
    assert "multi-eip:detach=allow" in body["waits_for"]["text"]
    assert body["apply"]["only_if"] == "detach"
    assert [each["address"] for each in body["apply"]["away"]] == [eip.address for eip in facts.eips[:3]]
    assert all(0 <= each["from"] < each["to"] <= body["apply"]["seconds"] for each in body["apply"]["away"])


def test_mending_the_guest_takes_no_eip_away() -> None:
    """A run that only configures the guest costs nobody a second."""
    facts = KINDS["no_route"](good_group(3, "sip", "cn-beijing", 3), 3)
    findings = evaluate(facts)
    body = group_json(GroupReport(facts, findings, foresee(facts, findings)), PREFIX)

    assert body["apply"]["steps"]
    assert body["apply"]["away"] == []
    assert body["waits_for"] is None
