"""Cloud Assistant on the running instance is online.

Fact: DescribeCloudAssistantStatus, `CloudAssistantStatus` is a heartbeat within two minutes; RunCommand to
a silent agent is aborted after about a minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.model.resources import InstanceStatus
from multieip.rules import sources
from multieip.rules.rule import NO_INSTANCE, Rule, Verdict, failed, not_applicable, passed, unknown

if TYPE_CHECKING:
    from multieip.model.facts import Facts

_LATELY_MS: Final = 600_000


def check(facts: Facts) -> Verdict:
    """Fail where the agent is silent; a guest that still boots comes online by itself."""
    instance, assistant = facts.instance, facts.assistant
    if instance is None:
        return NO_INSTANCE
    if instance.status is not InstanceStatus.RUNNING:
        return not_applicable(
            f"{instance.id} is {instance.status.value}; its guest is configured when it runs"
        )
    if Reading.ASSISTANT in facts.unasked:
        return not_applicable(f"the group is served by {instance.id}, and its guest answers for itself")
    if assistant is None:
        return unknown(f"Cloud Assistant has said nothing about {instance.id}", instance.id, settles=True)
    if not assistant.online:
        since = f" since {assistant.last_heartbeat}" if assistant.last_heartbeat else ""
        seen = assistant.seen_ms
        # One that was there minutes ago may come back by itself; one that never was needs somebody.
        lately = seen is not None and facts.asof_ms - seen <= _LATELY_MS
        return failed(f"Cloud Assistant on {instance.id} is silent{since}", instance.id, settles=lately)
    return passed(f"Cloud Assistant on {instance.id} is online", instance.id)


RULE = Rule(
    id="assistant-online",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="Cloud Assistant on the running instance is online",
    why="The EIPs are configured in the guest through Cloud Assistant. Without it a run would bind and "
    "attach, and then leave addresses that nobody answers on.",
    source=sources.ASSISTANT_STATUS,
    remedy="Install or start the Cloud Assistant agent in the guest, and let it reach 100.64.0.0/10 by the "
    "primary interface. After a start, wait two minutes.",
    predicts=("InvalidInstance.NotMatch",),
    needs=(Reading.INSTANCE, Reading.ASSISTANT),
    check=check,
    may_exempt=True,
    reach=Reach.CHANGE,
)
