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

    `denied`: actions that the role lacks. `late`: ids that no list by tag shows yet. `old`: id → the tags by
    which lists by tag still find it, or still do not; the rows themselves are true. `hidden`: instances
    that no list shows to this role. `lying`: how often an action's list contradicts itself from now on
    (-1: always).
    """

    inner: Api
    denied: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()
    old: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
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
        if "Tag.1.Key" in params:
            self._lag(product, action, asked, rows)
        rows[:] = [row for row in rows if row[name] not in self.hidden]
        if "TotalCount" in answer:
            answer["TotalCount"] -= before - len(rows)
        self._lie(action, answer, rows)
        return answer

    def _lag(self, product: Product, action: str, params: Mapping[str, str], rows: list[Json]) -> None:
        """Leave out what the index does not know yet, and show what it has not forgotten."""
        outer, inner, name = LISTS[action]
        plain = {key: value for key, value in params.items() if not key.startswith("Tag.")}
        everything: list[Json] = self.inner.call(product, action, plain)[outer][inner]
        key, value = params["Tag.1.Key"], params.get("Tag.1.Value")
        ghosts = [
            row
            for row in everything
            if key in self.old.get(row[name], {})
            and value in {None, self.old[row[name]][key]}
            and key not in tags(row)
        ]
        kept = [row for row in rows if row[name] not in self.late and not self._moved(row, name, key)]
        rows[:] = [*kept, *ghosts]

    def _moved(self, row: Json, name: str, key: str) -> bool:
        old = self.old.get(row[name])
        return old is not None and old.get(key) != tags(row).get(key)

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


def tags(row: Json) -> dict[str, str]:
    """Return a row's own tags, in either product's form."""
    found = (row.get("Tags") or {}).get("Tag") or []
    return {each.get("TagKey") or each["Key"]: each.get("TagValue", each.get("Value", "")) for each in found}


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
