"""The instance is Running or Stopped, and not locked.

Fact: AttachNetworkInterface takes instances in these two states; some small or old types take an ENI only
while Stopped (code InvalidOperation.HotPlugNotSupport).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.facts import Reading
from multieip.model.finding import Phase, Reach, Severity
from multieip.model.resources import InstanceStatus
from multieip.rules import sources
from multieip.rules.rule import NO_INSTANCE, Rule, Verdict, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for locks and for other states; time cures those between two states."""
    instance = facts.instance
    if instance is None:
        return NO_INSTANCE
    if instance.locks:
        return failed(f"{instance.id} is locked ({listed(instance.locks)})", instance.id)
    if instance.status in {InstanceStatus.RUNNING, InstanceStatus.STOPPED}:
        return passed(f"{instance.id} is {instance.status.value}", instance.id)
    return failed(f"{instance.id} is {instance.status.value}", instance.id, settles=instance.status.settles)


RULE = Rule(
    id="instance-state",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The instance is Running or Stopped, and not locked",
    why="An ENI can be attached to a running or a stopped instance only. Some small or old types take one "
    "only while stopped, which the cloud says when it is tried.",
    source=sources.ATTACH,
    remedy="Wait until the instance is Running or Stopped. If the cloud says that hot-plugging is not "
    "supported, stop the instance; the ENI is attached then. A locked instance: settle the account's bill or "
    "ask the vendor about the lock.",
    predicts=(
        "IncorrectInstanceStatus",
        "InvalidOperation.EniHotPlugNotSupported",
        "InvalidOperation.HotPlugNotSupport",
        "InvalidOperation.InvalidEcsState",
        "InvalidOperation.InvalidGeneration",
        "InvalidStatus.EcsStatusNotSupport",
        "OperationFailed.EcsMigrating",
    ),
    needs=(Reading.INSTANCE,),
    check=check,
    reach=Reach.ATTACH,
)
