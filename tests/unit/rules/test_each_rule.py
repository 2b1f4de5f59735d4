"""What holds for every rule: examples, texts, its place in the list, and what it says without data."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from multieip.model.facts import Reading, Unread
from multieip.model.finding import Phase, Severity, Status
from multieip.reference.good_group import AFTER
from multieip.reference.rule_examples import EXAMPLES
from multieip.rules import BY_ID, RULES, judge, rule_for_code

if TYPE_CHECKING:
    from types import ModuleType

    from multieip.model.facts import Facts
    from multieip.rules.rule import Rule

EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
PREDICTABLE = """
Mode.NotSupport Invalid.Function.NotSupported OperationUnsupported.MultiIp OperationDenied.Unauthorized
OperationUnsupported.EipBindModel QuotaExceed.MultiBindedEip Mode.Conflict OperationFailed.EipBindModeConflict
Eni.Attached Invalid.DirectEip.BindType OperationDenied.Ipv4GatewayExist Eni.HasSubIp OperationFailed.EniSubIp
OperationDenied.NoAvailablePrivateIp InvalidEip.EipQuotaExceeded IncorrectEipStatus IncorrectInstanceStatus
InvalidStatus.EcsStatusNotSupport InvalidStatus.EniStatusNotSupport InvalidAssociation.Duplicated
InvalidParameter.EniInstanceId InvalidNexthop.DirectEni OperationFailed.IpPrefixConflict
BIND_INSTANCE_HAVE_PORTMAP_OR_BIND_EIP InvalidEIPStatus.BizDisabled Forbidden.FinancialLocked
UnsupportedRegion InvalidNicOrVm.NotFound InvalidInstance.NotExist InvalidAllocationId.NotFound
InvalidInstanId.NotFound InvalidRegionId.NotFound Forbidden.RegionNotFound
InvalidOperation.InvalidEniState InvalidOperation.InvalidEcsState InvalidOperation.InvalidGeneration
InvalidOperation.InvalidRegion InvalidOperation.DetachPrimaryEniNotAllowed InvalidInstanceID.Malformed
InvalidParams.EniId EniPerInstanceLimitExceeded MaxEniCountExceeded InvalidOperation.AvailabilityZoneMismatch
InvalidOperation.VpcMismatch InvalidOperation.InvalidEniType InvalidOperation.EniServiceManaged
InvalidOperation.Ipv4CountExceeded InvalidOperation.Ipv6NotSupport InvalidInstanceId.NotFound
InvalidOperation.HotPlugNotSupport InvalidEniId.NotFound InvalidEcsId.NotFound
Forbidden.RegionId HasMemberEniAttached Instance.NotExist InvalidBindingStatus InvalidInstance.NotFound
InvalidInstance.NotMatch InvalidNetworkInterface.NotFound InvalidOperation.EniHotPlugNotSupported
InvalidOperation.EniLinked InvalidParameter.Mismatch InvalidStatus.NotAllow OperationFailed.EcsMigrating
"""


@EVERY_RULE
def test_the_passing_example_passes(rule: Rule) -> None:
    """The good example is good in the eyes of its rule."""
    finding = judge(rule, EXAMPLES[rule.id].passing)

    assert (finding.status, finding.remedy, finding.blocks) == (Status.PASS, "", False)


@EVERY_RULE
def test_the_failing_example_fails(rule: Rule) -> None:
    """The bad example fails, names a resource, says what to do, and blocks where the rule is an error."""
    finding = judge(rule, EXAMPLES[rule.id].failing)

    assert finding.status is Status.FAIL
    assert finding.bad
    assert finding.message
    assert rule.remedy == finding.remedy
    assert finding.blocks == (rule.phase is Phase.BEFORE and rule.severity is Severity.ERROR)


@EVERY_RULE
def test_a_failing_example_names_what_it_is_about(rule: Rule) -> None:
    """A finding without an id cannot be acted on."""
    assert judge(rule, EXAMPLES[rule.id].failing).ids


@EVERY_RULE
def test_every_rule_has_every_text(rule: Rule) -> None:
    """Title, reason, source and remedy are sentences, not placeholders; sources can be opened."""
    for field in fields(rule):
        if field.type == "str":
            assert getattr(rule, field.name).strip(), field.name
    for place in (part.rpartition(", ")[2] for part in rule.source.split("; ")):
        assert place.startswith("http") or (ROOT / place).is_file()
    assert rule.remedy.endswith(".")
    assert rule.why.endswith(".")
    assert not rule.title.endswith(".")
    module = importlib.import_module(f"multieip.rules.{rule.phase.value}.{rule.id.replace('-', '_')}")
    assert "Fact:" in (module.__doc__ or "")


ROOT = Path(__file__).parents[3]
DENIED = Unread("Forbidden.RAM: not authorised", denied=True)


@EVERY_RULE
def test_what_could_not_be_read_is_unknown(rule: Rule) -> None:
    """Without its readings a rule answers unknown, never pass, and says which are missing."""
    for reading in rule.needs:
        finding = judge(rule, replace(EXAMPLES[rule.id].passing, unread={reading: DENIED}))

        assert finding.status is Status.UNKNOWN
        assert finding.message == f"could not be read ({reading.value}: denied)"
        assert rule.remedy == finding.remedy
        error_before = rule.phase is Phase.BEFORE and rule.severity is Severity.ERROR
        assert finding.blocks == (error_before and rule.unknown_blocks)


WITHOUT_NEED = {
    "region-offers-mode": {Reading.BOUND},
    "at-most-ten": {Reading.ENI},
    "eip-free": {Reading.ELSEWHERE, Reading.ENI},
    "windows-one-gateway": {Reading.BOUND, Reading.GATEWAYS},
    "attached-instance-exists": {Reading.ATTACHED_INSTANCE},
}
"""What a rule looks at where it is there: a proof, a name for the sentence, or something whose absence it
judges itself."""

UNSEEN = {
    "unreadable": {Reading.ENI, Reading.EIPS, Reading.INSTANCE},
    "eni-state": {Reading.ATTACHED_INSTANCE},
    "eip-free": {Reading.BOUND},
    "eni-detached-while-binding": {Reading.BOUND},
    "known-exemptions": {Reading.ENI},
}
"""What a rule cannot speak without, though its examples do not lead it there: its absence is the subject, or
its tags are the group's."""


class _Watched:
    """Facts that remember which of their fields were looked at, by a rule or by a property of theirs."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.seen.add(name)
        made = inspect.getattr_static(self.facts, name)
        if isinstance(made, property) and made.fget is not None:
            return made.fget(self)
        return made.__get__(self) if inspect.isfunction(made) else getattr(self.facts, name)


@EVERY_RULE
def test_a_rule_needs_what_it_looks_at(rule: Rule) -> None:
    """What a rule rests on and does not name would pass for absent when nobody could read it."""
    examples = [_Watched(facts) for facts in (EXAMPLES[rule.id].passing, EXAMPLES[rule.id].failing)]
    for each in examples:
        rule.check(cast("Facts", each))
    seen = {reading for reading in Reading if any(reading.field in each.seen for each in examples)}

    assert set(rule.needs) == seen - WITHOUT_NEED.get(rule.id, set()) | UNSEEN.get(rule.id, set())


def test_no_rule_is_missing_in_the_list() -> None:
    """Every module with a rule is registered, under the id that its name says."""
    found = {}
    for phase in Phase:
        for name, module in _modules(phase):
            found[name.replace("_", "-")] = module.RULE.id
            assert module.RULE.phase is phase, f"{name} stands in the wrong folder"

    assert found == {rule.id: rule.id for rule in RULES}
    assert len(BY_ID) == len(RULES)


def test_rules_about_the_beginning_come_first() -> None:
    """The reading order is the order of a run: before the first write, then the result."""
    phases = [rule.phase for rule in RULES]

    assert phases == sorted(phases, key=[Phase.BEFORE, Phase.AFTER].index)


def test_a_refusal_belongs_to_one_rule() -> None:
    """No code is predicted by two rules; nobody could say which of them to read."""
    codes = Counter(code for rule in RULES for code in rule.predicts)

    assert [code for code, times in codes.items() if times > 1] == []


def test_nothing_else_is_predicted() -> None:
    """A code that is added to a rule is added to the list above, with its source."""
    assert {code for rule in RULES for code in rule.predicts} == set(PREDICTABLE.split())


@pytest.mark.parametrize("code", PREDICTABLE.split())
def test_a_predictable_refusal_is_predicted(code: str) -> None:
    """Each documented refusal that the state explains leads to a rule with its remedy."""
    rule = rule_for_code(code)

    assert rule is not None
    assert code in rule.predicts


def test_a_passing_trouble_is_predicted_by_no_rule() -> None:
    """Throttling and conflicts say nothing about the group."""
    assert [rule_for_code(code) for code in ("Throttling.User", "TaskConflict", "InternalError")] == [
        None
    ] * 3


def test_every_reading_fills_a_field_of_the_facts() -> None:
    """A reading says which field it fills and which permission it takes."""
    for reading in Reading:
        assert hasattr(AFTER, reading.field)
        assert reading.permission.startswith(("ecs:", "vpc:"))


def test_rules_are_pure() -> None:
    """Importing the rules brings in no network, SDK, clock or randomness of ours."""
    for phase in Phase:
        for _, module in _modules(phase):
            assert not {"time", "random", "os", "socket", "requests", "datetime"} & set(vars(module))


def _modules(phase: Phase) -> list[tuple[str, ModuleType]]:
    """Return the modules of the folder that holds the rules of one phase."""
    folder = importlib.import_module(f"multieip.rules.{phase.value}")
    names = [found.name for found in pkgutil.iter_modules(folder.__path__)]
    return [(name, importlib.import_module(f"{folder.__name__}.{name}")) for name in names]
