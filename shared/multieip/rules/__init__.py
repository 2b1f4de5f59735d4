"""The rules of multi-EIP to ENI mode: pure checks of the facts, before the first write and about the result.

One module per rule, listed here in reading order. A refusal that the cloud has given in this run speaks
louder than our data: it makes the rule that predicts it fail, in the cloud's own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.model.facts import SPARED
from multieip.model.finding import Finding, Phase, Severity, Status
from multieip.rules.after import (
    default_route_untouched,
    dhcp_on,
    eips_bound,
    eips_on_interface,
    eni_attached,
    mode_closed,
    no_foreign_eip,
    no_idle_eip,
    no_stale_address,
    replies_by_own_gateway,
    service_network_on_primary,
    survives_reboot,
)
from multieip.rules.before import (
    assistant_online,
    at_most_ten,
    eip_free,
    eni_detached_while_binding,
    eni_private_ips,
    eni_room,
    eni_secondary,
    eni_state,
    foreign_eips_consent,
    group_shape,
    instance_family,
    instance_state,
    mode_authorised,
    one_group_per_eip,
    one_mode,
    region_offers_mode,
    same_region,
    same_vpc_zone,
    source_dest_check,
    unreadable,
    vpc_routing,
    windows_one_gateway,
)
from multieip.rules.rule import Rule, Verdict, failed, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.model.facts import Facts

RULES: Final[tuple[Rule, ...]] = (
    group_shape.RULE,
    unreadable.RULE,
    one_group_per_eip.RULE,
    region_offers_mode.RULE,
    mode_authorised.RULE,
    same_region.RULE,
    eni_secondary.RULE,
    eni_state.RULE,
    eni_private_ips.RULE,
    one_mode.RULE,
    at_most_ten.RULE,
    eip_free.RULE,
    eni_detached_while_binding.RULE,
    foreign_eips_consent.RULE,
    vpc_routing.RULE,
    same_vpc_zone.RULE,
    instance_family.RULE,
    instance_state.RULE,
    eni_room.RULE,
    assistant_online.RULE,
    windows_one_gateway.RULE,
    source_dest_check.RULE,
    eips_bound.RULE,
    eni_attached.RULE,
    eips_on_interface.RULE,
    replies_by_own_gateway.RULE,
    dhcp_on.RULE,
    service_network_on_primary.RULE,
    default_route_untouched.RULE,
    survives_reboot.RULE,
    no_stale_address.RULE,
    no_foreign_eip.RULE,
    no_idle_eip.RULE,
    mode_closed.RULE,
)
"""Every rule, in the order in which a reader wants to hear them."""

BY_ID: Final[Mapping[str, Rule]] = {rule.id: rule for rule in RULES}

_BY_CODE: Final[Mapping[str, Rule]] = {code: rule for rule in RULES for code in rule.predicts}


def evaluate(facts: Facts, phase: Phase | None = None) -> tuple[Finding, ...]:
    """Return what every rule (of this phase) says about the facts, in reading order."""
    return tuple(judge(rule, facts) for rule in RULES if phase in {None, rule.phase})


def judge(rule: Rule, facts: Facts) -> Finding:
    """Return what one rule says: the cloud's refusal first, then what could not be read, then the check."""
    verdict = _refused(rule, facts) or _unread(rule, facts) or rule.check(facts)
    bad = verdict.status in {Status.FAIL, Status.UNKNOWN}
    status, message = verdict.status, verdict.message
    if rule.id in facts.group.ignore and rule.may_exempt:
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
    )


def rule_for_code(code: str) -> Rule | None:
    """Return the rule that predicts this error code, None where no rule does."""
    return _BY_CODE.get(code)


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
    missing = [reading for reading in rule.needs if reading in facts.unread]
    if not missing:
        return _unasked(rule, facts)
    reasons = [facts.unread[reading] for reading in missing]
    why = "; ".join(f"{reading.value}: {facts.unread[reading]}" for reading in missing)
    denied = dict.fromkeys(each.permission for each in missing if facts.unread[each].denied)
    grant = f"; grant {', '.join(denied)} to the function's role" if denied else ""
    return unknown(f"could not be read ({why}){grant}", settles=all(each.passes for each in reasons))


def _unasked(rule: Rule, facts: Facts) -> Verdict | None:
    """Say that a rule cannot speak of what was not read; its own check knows what a look may spare."""
    missing = [each.value for each in rule.needs if each in facts.unasked - SPARED]
    return unknown(f"not read in this look: {', '.join(missing)}", settles=True) if missing else None


def _blocks(rule: Rule, status: Status) -> bool:
    if rule.phase is not Phase.BEFORE or rule.severity is not Severity.ERROR:
        return False
    return status is Status.FAIL or (status is Status.UNKNOWN and rule.unknown_blocks)
