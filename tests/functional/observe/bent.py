"""A cloud seen through bent glass: lists that lag, lie or hide, and actions that are denied."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from multieip.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.ports import Api, Json, Product

LISTS = {
    "DescribeEipAddresses": ("EipAddresses", "EipAddress", "AllocationId"),
    "DescribeNetworkInterfaces": ("NetworkInterfaceSets", "NetworkInterfaceSet", "NetworkInterfaceId"),
    "DescribeInstances": ("Instances", "Instance", "InstanceId"),
}
AGAIN = "the-same-again"
"""A token that leads to the same page again."""

READS = (
    *LISTS,
    "DescribeEipGatewayInfo",
    "DescribeInstanceTypes",
    "DescribeCloudAssistantStatus",
)


@dataclass
class Bent:
    """An `Api` over another.

    `denied`: actions that the role lacks. `late`: ids that no list by tag shows yet. `stale`: ids that lists
    by tag show as they were at the start. `hidden`: instances that no list shows to this role. `lying`: how
    often an action's list contradicts itself from now on (-1: always).
    """

    inner: Api
    denied: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    stale: Mapping[str, Json] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    lying: dict[str, int] = field(default_factory=dict)
    lie: Callable[[Json, list[Json]], None] | None = None
    calls: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        self.calls.append((action, params))
        if action in self.denied:
            return self._deny(action, params)
        asked = {name: value for name, value in params.items() if value != AGAIN}
        answer = self.inner.call(product, action, asked)
        if action not in LISTS:
            return answer
        outer, inner, name = LISTS[action]
        rows: list[Json] = answer[outer][inner]
        before = len(rows)
        by_tag = "Tag.1.Key" in params
        rows[:] = [row for row in rows if row[name] not in self.hidden]
        if by_tag:
            rows[:] = [self.stale.get(row[name], row) for row in rows if row[name] not in self.late]
        if "TotalCount" in answer:
            answer["TotalCount"] -= before - len(rows)
        self._lie(action, answer, rows)
        return answer

    def _lie(self, action: str, answer: Json, rows: list[Json]) -> None:
        left = self.lying.get(action, 0)
        if left and self.lie is not None:
            self.lying[action] = left - 1 if left > 0 else left
            self.lie(answer, rows)

    def _deny(self, action: str, params: Mapping[str, str]) -> Json:
        if action == "DescribeInstances" and "DryRun" not in params:
            # As the real one: without the permission there is nothing to see, and no refusal.
            return {"Instances": {"Instance": []}, "TotalCount": 0, "NextToken": ""}
        raise RefusedError(action, "Forbidden.RAM", "User not authorized.", http_status=403)


def more_than_there_are(answer: Json, _rows: list[Json]) -> None:
    """Count one entry that is not in the list; lists of ECS have no count that means anything."""
    if "PageSize" in answer and not answer.get("NextToken") and "EipAddresses" in answer:
        answer["TotalCount"] += 1
    else:
        answer["NextToken"] = AGAIN


def one_id_twice(answer: Json, rows: list[Json]) -> None:
    """Show the first entry twice, with two sets of tags."""
    if not rows:
        more_than_there_are(answer, rows)
        return
    twin: dict[str, Any] = copy.deepcopy(rows[0])
    twin["Tags"] = {"Tag": [{"Key": "other", "TagKey": "other", "Value": "1", "TagValue": "1"}]}
    rows.append(twin)
    if "TotalCount" in answer:
        answer["TotalCount"] += 1
