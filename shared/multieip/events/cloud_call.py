"""An event of the cloud → `CloudCall`: tolerant of what differs between products, tools and years.

Read here: ActionTrail's audited calls and purchases, and the events that ECS sends by itself, as EventBridge
brings them, and as `multieip.events.envelope` makes it of another coat.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from multieip.dataclass import dataclass
from multieip.events.envelope import object_of, text_of
from multieip.events.leaves import ids_at, ids_in, leaves, tags_in
from multieip.events.table import BY_NAME, ENI_COMPLETED, STATE_CHANGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.ports import Json

# Compiled with their first use: a payload by hand needs none of them.
_REGION: Final = r"[a-z]{2}-[a-z0-9-]{2,40}"
_MOMENT: Final = r"(?a)(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)"
_SHORT_MOMENT: Final = r"(?a)(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.\d+)?([+-]\d\d):?(\d\d)"
SUCCEEDED: Final = ("accomplished", "Accomplished", "Successful", "successful", "Success", "success")
"""How an ENI's operation says that it ended well; the pattern in `s.yaml` leaves these out."""

_FELL_BACK: Final = frozenset({("AttachNetworkInterface", "Available"), ("DetachNetworkInterface", "InUse")})
"""An attach that ends in `Available` has failed; no error code says so anywhere."""


@dataclass(frozen=True, slots=True)
class CloudCall:
    """One event of the cloud: an audited call, a purchase, or an event that ECS sends by itself.

    `ids` are the ENIs, EIPs and instances that it names; `tags` those of a tagging or creating call,
    with None for a value that the event does not tell. `state` is an instance's new one, or how an ENI's
    operation ended (`completed` or `failed`); `at` is when it happened, where the event tells it in a form
    that can be trusted.
    """

    event_id: str
    source: str
    type: str
    name: str
    product: str
    region: str
    account: str
    ids: tuple[str, ...] = ()
    caller: str = ""
    caller_type: str = ""
    failed_code: str | None = None
    read_only: bool = False
    tags: tuple[tuple[str, str | None], ...] = ()
    resource_type: str = ""
    state: str = ""
    at: datetime | None = None

    @property
    def tag_keys(self) -> tuple[str, ...]:
        """The tag keys that are visible in the event."""
        return tuple(key for key, _ in self.tags)

    @property
    def who(self) -> str:
        """The caller as people read it: `ram-user alice`; of the account itself its type alone."""
        return f"{self.caller_type} {self.caller}".strip()

    @property
    def role(self) -> str:
        """The RAM role of the caller, empty where it was none (`userName` is `role:session` for roles)."""
        role, colon, _ = self.caller.partition(":")
        return role if colon else ""


def read_cloud_event(envelope: Mapping[str, Any]) -> CloudCall:
    """Return the call that a CloudEvent tells of; what it does not tell stays empty."""
    data = object_of(envelope.get("data"))
    kind = text_of(envelope.get("type"))
    if "eventName" in data or (":ActionTrail:" in kind and kind not in BY_NAME):
        return _audited(envelope, data)
    return _own_event(envelope, data)


def _audited(envelope: Mapping[str, Any], data: Json) -> CloudCall:
    """Read what ActionTrail recorded. The request's own region comes before that of the event bus."""
    name, source = text_of(data.get("eventName")), text_of(envelope.get("source"))
    parameters = _parameters(data)
    return CloudCall(
        event_id=_event_id(envelope, data),
        source=source,
        type=text_of(envelope.get("type")),
        name=name,
        product=_product(text_of(data.get("serviceName")), source),
        region=_region(parameters.get("RegionId"), data.get("acsRegion"), envelope.get("aliyunregionid")),
        account=_account(envelope, data),
        ids=_ids(name, parameters, data),
        caller=text_of(object_of(data.get("userIdentity")).get("userName")),
        caller_type=text_of(object_of(data.get("userIdentity")).get("type")),
        failed_code=text_of(data.get("errorCode")) or None,
        read_only=text_of(data.get("eventRW")).lower() == "read",
        tags=tags_in(parameters),
        resource_type=text_of(parameters.get("ResourceType")) or _joined(data.get("resourceType")),
        at=_moment(data.get("eventTime")) or _moment(envelope.get("time")),
    )


def _own_event(envelope: Mapping[str, Any], data: Json) -> CloudCall:
    """Read an event that ECS sends by itself: flat, or under `content` as its notifications have it."""
    name, source = text_of(envelope.get("type")), text_of(envelope.get("source"))
    row = BY_NAME.get(name)
    flat = {**data, **object_of(data.get("content"))}
    return CloudCall(
        event_id=_event_id(envelope, data),
        source=source,
        type=name,
        name=name,
        product=_product(name.partition(":")[0], source),
        region=_region(flat.get("regionId"), envelope.get("aliyunregionid")),
        account=_account(envelope, flat),
        ids=ids_at((flat,), row.ids) if row else (),
        state=_state(name, flat),
        at=_moment(envelope.get("time")) or _moment(data.get("eventTime")),
    )


def _state(name: str, flat: Mapping[str, Any]) -> str:
    if name == STATE_CHANGE:
        return text_of(flat.get("state"))
    if name != ENI_COMPLETED:
        return ""
    fell_back = (text_of(flat.get("operation")), text_of(flat.get("eniStatus"))) in _FELL_BACK
    return "completed" if text_of(flat.get("result")) in SUCCEEDED and not fell_back else "failed"


def _ids(name: str, parameters: Json, data: Json) -> tuple[str, ...]:
    """Return the ids: first where the table says, else what the event references, else its resource name."""
    row = BY_NAME.get(name)
    if row is None:
        return ()
    return (
        ids_at((object_of(data.get("responseElements")), parameters), row.ids)
        or ids_in(data.get("referencedResources"))
        or ids_in(data.get("resourceName"))
    )


def _parameters(data: Json) -> Json:
    """Return the request's parameters, from the object and from its copy in text."""
    return {**object_of(data.get("requestParameterJson")), **object_of(data.get("requestParameters"))}


def _event_id(envelope: Mapping[str, Any], data: Json) -> str:
    """Return what repeated deliveries share: the event's id, else a digest of what it says."""
    own = text_of(envelope.get("id")) or text_of(data.get("eventId")) or text_of(data.get("requestId"))
    if own:
        return own
    import hashlib  # noqa: PLC0415  hardly an event comes without an id, and loading OpenSSL costs every start

    told = {"type": envelope.get("type"), "time": envelope.get("time"), "data": data}
    flat = sorted(f"{path}={leaf!r}" for path, leaf in leaves(told))
    return hashlib.sha256("\n".join(flat).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _product(service: str, source: str) -> str:
    """Return `ecs` or `vpc` in small letters: EIP calls are audited under VPC, a source may still say EIP."""
    name = (service or re.split(r"[.:]", source)[-1]).lower()
    return "vpc" if name == "eip" else name


def _account(envelope: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    identity = object_of(data.get("userIdentity"))
    told = (envelope.get("aliyunaccountid"), identity.get("accountId"), data.get("userId"))
    return next((text for text in map(text_of, told) if text), "")


def _region(*candidates: object) -> str:
    """Return the first that has the form of a region id."""
    return next((text for text in map(text_of, candidates) if re.fullmatch(_REGION, text)), "")


def _moment(value: object) -> datetime | None:
    """Return a time to the second in UTC; forms without an offset (`...Asia/Shanghai`) are not guessed at."""
    form = re.fullmatch(_MOMENT, text_of(value))
    short = None if form else re.fullmatch(_SHORT_MOMENT, text_of(value))
    if form is not None:
        whole = form[1] + ("+00:00" if form[2] == "Z" else form[2])
    elif short is not None:
        year, month, day, hour, minute, second, hours, minutes = short.groups()
        whole = f"{year}-{month}-{day}T{hour}:{minute}:{second}{hours}:{minutes}"
    else:
        return None
    try:
        return datetime.fromisoformat(whole).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def _joined(value: object) -> str:
    """Return a text, or the texts of a list as one."""
    return ",".join(map(text_of, value)) if isinstance(value, list) else text_of(value)
