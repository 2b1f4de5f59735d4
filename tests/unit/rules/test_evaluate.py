"""How findings come about: the cloud's own words first, consent and exemptions, and what blocks a run."""

from __future__ import annotations

from dataclasses import replace

from multieip.model.facts import Reading, Refusal, Unread
from multieip.model.finding import Finding, Phase, Severity, Status
from multieip.model.resources import BindMode, EniKind, Region
from multieip.reference.good_group import AFTER, BEFORE, BOUND, GROUP, refused
from multieip.rules import RULES, evaluate


def finding_of(findings: tuple[Finding, ...], rule: str) -> Finding:
    """Return the one finding of a rule."""
    (found,) = [finding for finding in findings if finding.rule == rule]
    return found


def test_a_good_group_is_not_blocked() -> None:
    """Before its first binding, nothing blocks; only the account's right to the mode is unknown."""
    findings = evaluate(BEFORE, Phase.BEFORE)

    assert [finding.rule for finding in findings if finding.blocks] == []
    assert [finding.rule for finding in findings if finding.bad] == ["mode-authorised"]


def test_a_finished_group_has_nothing_but_the_advice() -> None:
    """After a good run, the only thing to tell is the vendor's successor of the mode."""
    findings = evaluate(AFTER)

    assert [finding.rule for finding in findings if finding.bad] == ["mode-closed"]
    assert len(RULES) == len(findings)


def test_a_phase_selects_its_rules() -> None:
    """The two phases together are all rules, in reading order."""
    both = (*evaluate(BEFORE, Phase.BEFORE), *evaluate(BEFORE, Phase.AFTER))

    assert evaluate(BEFORE) == both


def test_the_cloud_overrides_the_data() -> None:
    """A family that our data list is refused by the cloud: the same rule fails with the cloud's words."""
    facts = refused("OperationUnsupported.EipBindModel", "The instance type of ecs does not support it.")

    finding = finding_of(evaluate(facts), "instance-family")
    assert finding.status is Status.FAIL
    assert finding.blocks
    assert (
        "OperationUnsupported.EipBindModel: The instance type of ecs does not support it." in finding.message
    )
    assert "REQUEST-ID" in finding.message
    assert GROUP.enis == finding.ids


def test_the_last_refusal_speaks() -> None:
    """Where the cloud refused twice for one rule, the newer words are told."""
    facts = replace(
        BEFORE,
        refusals=(Refusal("A", "Mode.NotSupport", "first"), Refusal("A", "Mode.NotSupport", "second")),
    )

    assert "second" in finding_of(evaluate(facts), "mode-authorised").message


def test_a_refusal_stands_above_what_could_not_be_read() -> None:
    """The cloud's answer is knowledge, also where a reading is missing."""
    facts = replace(
        refused("QuotaExceed.MultiBindedEip", "over limit"),
        unread={Reading.BOUND: Unread("denied", denied=True)},
    )

    assert finding_of(evaluate(facts), "at-most-ten").status is Status.FAIL


def test_acceptance_overrides_the_region_data() -> None:
    """A region that our data do not list passes once an EIP is bound there in this mode."""
    elsewhere = replace(BEFORE, group=replace(GROUP, region=Region("cn-hangzhou")))
    proven = replace(elsewhere, bound=BOUND)

    assert finding_of(evaluate(elsewhere), "region-offers-mode").status is Status.FAIL
    assert finding_of(evaluate(proven), "region-offers-mode").status is Status.PASS
    assert finding_of(evaluate(proven), "mode-authorised").status is Status.PASS


def test_an_eip_in_nat_mode_proves_nothing() -> None:
    """Only this mode proves that the account may use this mode."""
    nat = replace(BEFORE, bound=(replace(BOUND[0], mode=BindMode.NAT),))

    assert finding_of(evaluate(nat), "mode-authorised").status is Status.UNKNOWN


def test_not_knowing_the_authorisation_does_not_block() -> None:
    """Nothing but trying tells; a group would never start otherwise."""
    finding = finding_of(evaluate(BEFORE), "mode-authorised")

    assert (finding.status, finding.blocks) == (Status.UNKNOWN, False)


def test_the_ignore_tag_exempts() -> None:
    """An ignored rule is reported as exempt, keeps its message, and blocks nothing."""
    elsewhere = replace(GROUP, region=Region("cn-hangzhou"), ignore=frozenset({"region-offers-mode"}))

    finding = finding_of(evaluate(replace(BEFORE, group=elsewhere)), "region-offers-mode")
    assert (finding.status, finding.blocks, finding.bad) == (Status.EXEMPT, False, False)
    assert "cn-hangzhou" in finding.message


def test_a_primary_eni_cannot_be_exempted() -> None:
    """What would touch the primary interface is refused whatever the tags say."""
    primary = replace(
        BEFORE,
        group=replace(GROUP, ignore=frozenset(rule.id for rule in RULES)),
        enis=(replace(BEFORE.enis[0], kind=EniKind.PRIMARY),),
    )

    finding = finding_of(evaluate(primary), "eni-secondary")
    assert (finding.status, finding.blocks) == (Status.FAIL, True)


def test_warnings_and_results_never_block() -> None:
    """Only errors before the first write stop a run."""
    empty = replace(BEFORE, unread=dict.fromkeys(Reading, Unread("denied", denied=True)))

    for finding in evaluate(empty):
        if finding.phase is Phase.AFTER or finding.severity is not Severity.ERROR:
            assert not finding.blocks
