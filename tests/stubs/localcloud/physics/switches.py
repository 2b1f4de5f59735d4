"""What the documents leave open, as named switches: the product must work on every setting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Switch:
    """One open question and its possible answers; the first is the default."""

    name: str
    values: tuple[str, ...]
    question: str


SWITCHES: tuple[Switch, ...] = (
    Switch("bind-while-attached", ("refuse", "allow"), "May MULTI_BINDED EIPs be bound to an attached ENI?"),
    Switch("unbind-while-attached", ("refuse", "allow"), "May they be unbound from an attached ENI?"),
    Switch(
        "concurrent-unbind",
        ("refuse", "allow"),
        "May several EIPs of one interface be unbound at the same time?",
    ),
    Switch(
        "resource-type-case",
        ("exact", "any"),
        "Is the ResourceType of tag calls taken in its documented case only (EIP, eni, instance)?",
    ),
    Switch("gateway-info", ("bound", "attached"), "Does DescribeEipGatewayInfo answer before the attach?"),
    Switch("gateway-ip-key", ("Ip", "IP"), "How is the address spelt in DescribeEipGatewayInfo?"),
    Switch("batch", ("atomic", "partial"), "Does one bad EIP fail the whole batch?"),
    Switch(
        "unauthorised-code",
        (
            "Mode.NotSupport",
            "OperationDenied.Unauthorized",
            "Invalid.Function.NotSupported",
            "OperationUnsupported.MultiIp",
        ),
        "What does an account without the mode get?",
    ),
    Switch("family-check", ("attach", "never"), "When is OperationUnsupported.EipBindModel answered?"),
    Switch("private-ip", ("optional", "required"), "Does MULTI_BINDED ask for PrivateIpAddress?"),
    Switch(
        "secondary-ips", ("allow", "refuse"), "Do secondary private IPs block MULTI_BINDED (Eni.HasSubIp)?"
    ),
    Switch(
        "associated-public-ip", ("first", "none"), "How do several EIPs show in the ENI's AssociatedPublicIp?"
    ),
    Switch("ipv4-gateway", ("absent", "present"), "Has the VPC an IPv4 gateway?"),
    Switch("unbind-unbound", ("refuse", "accept"), "What does unbinding an unbound EIP answer?"),
    Switch("unknown-invocation", ("empty", "error"), "What do results of an unknown InvokeId answer?"),
    Switch("assistant-status", ("string", "bool"), "Which JSON type has CloudAssistantStatus?"),
    Switch(
        "url-limit", ("32768", "8192"), "From how many characters is the address of a call too long (414)?"
    ),
    Switch(
        "request-tags-in-policies",
        ("known", "absent"),
        "Does RAM see the tags of a request (acs:RequestTag, acs:TagKeys)?",
    ),
    Switch("token-status", ("400", "403"), "Which HTTP status have the security token errors?"),
    Switch("source-dest-check", ("off", "on"), "Have new interfaces the source/destination check on?"),
    Switch(
        "eips-are-own-addresses",
        ("yes", "no"),
        "Does the source/destination check let packets of visible EIPs pass?",
    ),
    Switch("rdma-detach", ("stopped", "running"), "When may a HighPerformance (RDMA) interface be detached?"),
    Switch("total-count", ("number", "text"), "Which JSON type has TotalCount?"),
    Switch("gateway-code", ("text", "number"), "Which JSON type has Code in DescribeEipGatewayInfo?"),
    Switch(
        "event-error-code",
        ("absent", "empty", "null"),
        "What stands in errorCode and errorMessage of a successful call's event?",
    ),
    Switch(
        "event-detail",
        ("full", "references"),
        "Does a call's event say the parameters, or name the resources only?",
    ),
    Switch(
        "eni-events", ("on", "off"), "Are NetworkInterfaceOperateCompleted events sent (invitation only)?"
    ),
    Switch("ecs-event-data", ("flat", "content"), "Where are the fields of ECS's own events inside data?"),
)

# Switches whose other values are forms that were seen or feared, against the vendor's own models.
_OTHER_FORMS = ("gateway-ip-key", "gateway-code", "assistant-status")

_BY_NAME: Mapping[str, Switch] = {switch.name: switch for switch in SWITCHES}


class Switches:
    """The settings of one cloud."""

    def __init__(self, chosen: Mapping[str, str] | None = None) -> None:
        """Defaults, with `chosen` over them."""
        self._values = {switch.name: switch.values[0] for switch in SWITCHES}
        for name, value in (chosen or {}).items():
            self.set(name, value)

    def set(self, name: str, value: str) -> None:
        """Choose an answer; a wrong name or value says which ones there are."""
        switch = _BY_NAME.get(name)
        if switch is None:
            raise ValueError(f"no switch {name!r}; there are: {', '.join(sorted(_BY_NAME))}")
        if value not in switch.values:
            raise ValueError(f"switch {name} cannot be {value!r}; it is one of: {', '.join(switch.values)}")
        self._values[name] = value

    def is_(self, name: str, value: str) -> bool:
        """Whether the switch has this value; asking for one that cannot be is a fault of ours."""
        if value not in _BY_NAME[name].values:
            raise ValueError(f"switch {name} is never {value!r}")
        return self._values[name] == value

    @property
    def speak_otherwise(self) -> bool:
        """Whether answers have forms on purpose that the vendor's models do not have."""
        return any(self._values[name] != _BY_NAME[name].values[0] for name in _OTHER_FORMS)

    def value(self, name: str) -> str:
        """Return the chosen value."""
        return self._values[name]

    def as_dict(self) -> dict[str, str]:
        """All settings, for people."""
        return dict(self._values)
