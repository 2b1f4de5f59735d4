"""Security groups: what their rules let in from the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.listing import tokens
from multieip.cloud.reading import Row, rows, said
from multieip.errors import UnreadableError
from multieip.model.resources import SecurityGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.model.resources import Region
    from multieip.ports import Api, Json

_ACTION: Final = "DescribeSecurityGroupAttribute"
_EVERYWHERE: Final = "0.0.0.0/0"
_LOWEST: Final = 100
_PER_PAGE: Final = "1000"


def security_group(api: Api, region: Region, group: str) -> SecurityGroup:
    """Return whether anything may come in; raises `CloudError` where the rules cannot be read."""
    asked = {"RegionId": region, "SecurityGroupId": group, "Direction": "ingress", "MaxResults": _PER_PAGE}

    def page(more: Mapping[str, str]) -> Json:
        return api.call("Ecs", _ACTION, {**asked, **more})

    found = [rule for shown in tokens(page, _ACTION) for rule in _rules(shown)]
    closed = min((_priority(rule) for rule in found if _drops_everything(rule)), default=_LOWEST + 1)
    return SecurityGroup(group, any(_lets_in(rule) and _priority(rule) < closed for rule in found))


def _rules(page: Row) -> list[Row]:
    found = rows(_ACTION, page, "Permissions", "Permission")
    if not all(isinstance(each, dict) for each in found):
        raise UnreadableError(_ACTION, "an entry is no object")
    return [each for each in found if said(each, "Direction").lower() in {"", "ingress"}]


def _lets_in(rule: Row) -> bool:
    """Whether the rule accepts something from a public address; an EIP is reached by IPv4."""
    if said(rule, "Policy").lower() != "accept":
        return False
    source = said(rule, "SourceCidrIp")
    return bool(said(rule, "SourcePrefixListId")) or (bool(source) and not _is_private(source))


def _drops_everything(rule: Row) -> bool:
    whole = said(rule, "IpProtocol").upper() == "ALL" and said(rule, "SourceCidrIp") == _EVERYWHERE
    return whole and said(rule, "Policy").lower() == "drop"


def _priority(rule: Row) -> int:
    """Return the priority, 1 before all others; of two that are equal, the one that drops counts."""
    value = str(rule.get("Priority"))
    return int(value) if value.isdecimal() else 1


def _is_private(source: str) -> bool:
    # Only a sweep that reads security groups loads it.
    from ipaddress import IPv4Network  # noqa: PLC0415

    from multieip.model.ranges import NOT_PUBLIC  # noqa: PLC0415

    try:
        network = IPv4Network(source, strict=False)
    except ValueError:
        return False
    return any(network.subnet_of(net) for net, _ in NOT_PUBLIC)
