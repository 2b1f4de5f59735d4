"""The rules of multi-EIP to ENI mode: pure checks of the facts, before the first write and about the result.

One module per rule, in reading order in `listing`, which is imported with the first use of a rule: a run
asks the cloud before it judges. A refusal that the cloud has given in this run speaks louder than our data:
it makes the rule that predicts it fail, in the cloud's own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import NOT_BY_A_LOOK, SPARED, Reading
from multieip.model.finding import Finding, Phase, Reach, Severity, Status
from multieip.rules.rule import Rule, Verdict, failed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts, Unread
    from multieip.rules.listing import BY_ID, RULES

__all__ = ["BY_ID", "RULES", "Rule", "Verdict", "evaluate", "judge", "rule_for_code"]


def __getattr__(name: str) -> object:
    if name not in {"RULES", "BY_ID"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from multieip.rules import listing  # noqa: PLC0415

    return getattr(listing, name)


def evaluate(facts: Facts, phase: Phase | None = None) -> tuple[Finding, ...]:
    """Return what every rule (of this phase) says about the facts, in reading order."""
    from multieip.rules.listing import RULES  # noqa: PLC0415

    left_out = _left_out(facts)
    return tuple(_judged(rule, facts, left_out) for rule in RULES if phase in {None, rule.phase})


def judge(rule: Rule, facts: Facts) -> Finding:
    """Return what one rule says: the cloud's refusal first, then what could not be read, then the check."""
    return _judged(rule, facts, _left_out(facts))


def _judged(rule: Rule, facts: Facts, left_out: frozenset[Reading]) -> Finding:
    # In most looks nothing was refused and nothing is missing.
    refusal = _refused(rule, facts) if facts.refusals else None
    unread = (_unread(rule, facts) if facts.unread else None) or (
        _unasked(rule, left_out) if left_out else None
    )
    verdict = refusal or unread or rule.check(facts)
    status, message = verdict.status, verdict.message
    bad = status is Status.FAIL or status is Status.UNKNOWN
    if rule.id in facts.group.ignore and rule.may_exempt and refusal is None and unread is None:
        # Only our own opinion can be waived: not what the cloud has said, and not what nobody could read.
        status, message = Status.EXEMPT, f"exempt by the ignore tag; it says {status.value}: {message}"
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        phase=rule.phase,
        status=status,
        message=message,
        ids=verdict.ids,
        remedy=rule.remedy if bad else "",
        settles=verdict.settles,
        blocks=_blocks(rule, status),
        reach=_reach(rule, facts) if facts.refusals else rule.reach,
    )


def _reach(rule: Rule, facts: Facts) -> Reach:
    """Return how much the finding stops; what the cloud has refused to attach is not attached again."""
    for refusal in facts.refusals:
        if refusal.action == "AttachNetworkInterface" and refusal.code in rule.predicts:
            return Reach.ATTACH if rule.reach in {Reach.CHANGE, Reach.EIPS} else rule.reach
    return rule.reach


def rule_for_code(code: str) -> Rule | None:
    """Return the rule that predicts this error code, None where no rule does."""
    from multieip.rules.listing import BY_CODE  # noqa: PLC0415

    return BY_CODE.get(code)


def _refused(rule: Rule, facts: Facts) -> Verdict | None:
    for refusal in reversed(facts.refusals):
        if refusal.code in rule.predicts:
            request = f" (request {refusal.request_id})" if refusal.request_id else ""
            return failed(
                f"the cloud refused {refusal.action} with {refusal.code}: {refusal.message}{request}",
                *facts.group.enis,
            )
    return None


def _unread(rule: Rule, facts: Facts) -> Verdict | None:
    if facts.unread.keys().isdisjoint(rule.needs):
        return None
    missing = {reading: facts.unread[reading] for reading in rule.needs if reading in facts.unread}
    why = "; ".join(f"{reading.value}: {_reason(each)}" for reading, each in missing.items())
    return unknown(f"could not be read ({why})", settles=all(each.passes for each in missing.values()))


def _reason(why: Unread) -> str:
    """Return why a reading is missing; whose result it is names a missing permission, once for all rules."""
    return "denied" if why.denied else str(why)


def _left_out(facts: Facts) -> frozenset[Reading]:
    """Return what was not read in this look; a rule's own check knows what a look may spare."""
    trusted = {Reading.GATEWAYS} if facts.trusts_guest else set()
    return facts.unasked - SPARED - NOT_BY_A_LOOK - trusted


def _unasked(rule: Rule, left_out: frozenset[Reading]) -> Verdict | None:
    """Say that a rule cannot speak of what was not read."""
    if left_out.isdisjoint(rule.needs):
        return None
    missing = [each.value for each in rule.needs if each in left_out]
    return unknown(f"not read in this look: {', '.join(missing)}", settles=True)


def _blocks(rule: Rule, status: Status) -> bool:
    if rule.phase is not Phase.BEFORE or rule.severity is not Severity.ERROR:
        return False
    return status is Status.FAIL or (status is Status.UNKNOWN and rule.unknown_blocks)
