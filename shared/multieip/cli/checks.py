"""What the doctor asks: each check is one harmless look, and says what to do where it is not good."""

from __future__ import annotations

import http
import http.client
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from multieip.cloud import ecs, vpc
from multieip.cloud.catalog import catalog
from multieip.cloud.refusals import is_denied
from multieip.errors import CloudError, CredentialsError, RefusedError
from multieip.model.resources import BindMode, Region
from multieip.permissions import ram_action

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multieip.app.wiring import App
    from multieip.ports import Json, Product

GOOD, BAD, UNKNOWN = "ok", "bad", "unknown"
_NOBODY: Final = "doctor0nobody0has0this"
_MOST_SKEW_S: Final = 60.0
_TIMEOUT_S: Final = 5.0
_STS: Final = "https://sts.aliyuncs.com"
_HOW_TO_GRANT: Final = "grant it; docs/policies has a policy for each role"

_READS: Final[tuple[tuple[Product, str, Mapping[str, str]], ...]] = (
    ("Ecs", "DescribeNetworkInterfaces", {"MaxResults": "10"}),
    ("Ecs", "DescribeInstances", {"DryRun": "true"}),
    ("Ecs", "DescribeInstanceTypes", {"InstanceTypes.1": "ecs.g6.large"}),
    ("Ecs", "DescribeCloudAssistantStatus", {}),
    ("Ecs", "DescribeInvocationResults", {}),
    ("Ecs", "DescribeSecurityGroupAttribute", {"SecurityGroupId": f"sg-{_NOBODY}"}),
    ("Vpc", "DescribeEipAddresses", {"PageSize": "10"}),
    ("Vpc", "DescribeEipGatewayInfo", {"InstanceId": f"eni-{_NOBODY}"}),
)
_ENI: Final = {"NetworkInterfaceId": f"eni-{_NOBODY}", "InstanceId": f"i-{_NOBODY}"}
_EIP: Final = {
    "AllocationId": f"eip-{_NOBODY}",
    "InstanceId": f"eni-{_NOBODY}",
    "InstanceType": "NetworkInterface",
}
_TAG: Final = {"Tag.1.Key": "multi-eip:group", "Tag.1.Value": "doctor"}
_WRITES: Final[tuple[tuple[Product, str, Mapping[str, str]], ...]] = (
    (
        "Ecs",
        "RunCommand",
        {
            "InstanceId.1": f"i-{_NOBODY}",
            "Type": "RunShellScript",
            "CommandContent": "true",
            "RepeatMode": "DryRun",
        },
    ),
    ("Ecs", "AttachNetworkInterface", _ENI),
    ("Ecs", "DetachNetworkInterface", _ENI),
    ("Vpc", "AssociateEipAddress", {**_EIP, "Mode": BindMode.MULTI.value}),
    ("Vpc", "UnassociateEipAddress", _EIP),
    ("Ecs", "TagResources", {"ResourceType": "eni", "ResourceId.1": f"eni-{_NOBODY}", **_TAG}),
    ("Vpc", "TagResources", {"ResourceType": "EIP", "ResourceId.1": f"eip-{_NOBODY}", **_TAG}),
)
"""Calls that name ids which no resource has: what a caller may not do is refused, else nothing is found."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How one thing stands, and what to do where it is not good."""

    what: str
    status: str
    text: str
    remedy: str = ""

    def as_json(self) -> Json:
        """Return it as data."""
        return {"check": self.what, "status": self.status, "message": self.text, "remedy": self.remedy}


def checks(app: App) -> Iterator[Checked]:
    """Ask one thing after the other; without keys, nothing that needs them is asked."""
    yield _region(app)
    yield installation(app)
    yield from _endpoint_and_clock(app)
    who = _credentials(app)
    yield who
    if who.status != GOOD or not app.settings.region:
        return
    for product, action, params in (*_READS, *_WRITES):
        yield permission(app, product, action, params)
    yield mode_authorised(app)
    yield agents(app)


def _region(app: App) -> Checked:
    settings = app.settings
    if not settings.region:
        return Checked("region", BAD, "no region is set", "say --region, or set MULTI_EIP_REGION")
    known = catalog(settings.extra_regions)
    if settings.region not in known.regions:
        text = f"{settings.region} is in no list of the vendor's for this mode (as of {known.as_of})"
        return Checked("region", UNKNOWN, text, "MULTI_EIP_EXTRA_REGIONS adds one that has it")
    if settings.region in known.closed_regions:
        return Checked("region", UNKNOWN, f"{settings.region} is closed, as of {known.as_of}")
    return Checked("region", GOOD, f"{settings.region} offers the mode (as of {known.as_of})")


def installation(app: App) -> Checked:
    """Say which installation these settings are, and what another one beside it has to have differently."""
    settings = app.settings
    groups = ", ".join(settings.only_groups) or "all groups"
    text = (
        f"functions {settings.function_prefix}*, tag keys {settings.tag_prefix}*, {groups}; another one in "
        "this region must differ in MULTI_EIP_FUNCTION_PREFIX, "
        "and in MULTI_EIP_ONLY_GROUPS or MULTI_EIP_TAG_PREFIX"
    )
    return Checked("installation", GOOD, text)


def _endpoint_and_clock(app: App) -> Iterator[Checked]:
    address = app.settings.endpoint or _STS
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/")
        date = connection.getresponse().getheader("Date", "")
    except (OSError, http.client.HTTPException) as error:
        why = f"{address} does not answer ({type(error).__name__})"
        yield Checked("endpoint", BAD, why, "check the network, the proxy, and MULTI_EIP_ENDPOINT")
        yield Checked("clock", UNKNOWN, "nobody could be asked for the time")
        return
    finally:
        connection.close()
    yield Checked("endpoint", GOOD, f"{address} answers")
    yield _clock(app, date)


def _clock(app: App, date: str | None) -> Checked:
    try:
        skew = abs((parsedate_to_datetime(date or "") - app.clock.now()).total_seconds())
    except (TypeError, ValueError):
        return Checked("clock", UNKNOWN, "the answer carries no date")
    if skew > _MOST_SKEW_S:
        text = f"this machine's clock is {skew:.0f} s off"
        return Checked("clock", BAD, text, "set it by NTP: the cloud refuses signatures of another time")
    return Checked("clock", GOOD, f"within {max(skew, 1):.0f} s of the cloud's")


def _credentials(app: App) -> Checked:
    params = {"RegionId": app.settings.region} if app.settings.region else {}
    try:
        found = app.api.call("Sts", "GetCallerIdentity", params)
    except CredentialsError as error:
        return Checked("credentials", BAD, str(error), "docs/command.md tells where keys are looked for")
    except CloudError as error:
        return Checked("credentials", BAD, str(error), "check the key, and the clock above")
    return Checked("credentials", GOOD, f"{found.get('Arn') or found.get('AccountId')}")


def permission(app: App, product: Product, action: str, params: Mapping[str, str]) -> Checked:
    """Say whether the caller may make a call, by one that changes nothing."""
    needed = ram_action(action, product)
    try:
        app.api.call(product, action, {"RegionId": app.settings.region, **params})
    except RefusedError as refusal:
        if is_denied(refusal.code):
            return Checked(needed, BAD, f"denied: {refusal.code}", _HOW_TO_GRANT)
        if refusal.http_status >= http.HTTPStatus.INTERNAL_SERVER_ERROR or not refusal.http_status:
            return Checked(needed, UNKNOWN, str(refusal), "ask again")
        return Checked(needed, GOOD, f"allowed (asked without effect: {refusal.code})")
    except CloudError as error:
        return Checked(needed, UNKNOWN, str(error), "ask again")
    return Checked(needed, GOOD, "allowed")


def mode_authorised(app: App) -> Checked:
    """Say whether the account has the mode: an EIP that is bound in it proves it, nothing else does."""
    what = "mode authorised"
    try:
        eips = vpc.list_eips(app.api, Region(app.settings.region))
    except CloudError as error:
        return Checked(what, UNKNOWN, str(error))
    proof = next((eip for eip in eips if eip.mode is BindMode.MULTI), None)
    if proof is not None:
        return Checked(what, GOOD, f"{proof.id} is bound in this mode")
    text = f"none of {len(eips)} EIPs is bound in this mode; only binding one tells"
    return Checked(what, UNKNOWN, text, "multieip explain mode-authorised")


def agents(app: App) -> Checked:
    """Say whether Cloud Assistant is online on the instances that are in groups."""
    region, key = Region(app.settings.region), f"{app.settings.tag_prefix}group"
    try:
        instances = ecs.list_instances(app.api, region, tag=(key, None))
        found = ecs.assistants(app.api, region, [each.id for each in instances])
    except CloudError as error:
        return Checked("agent", UNKNOWN, str(error))
    online = {each.instance for each in found if each.online}
    silent = [each.id for each in instances if each.id not in online]
    if silent:
        text = f"Cloud Assistant is not online on {', '.join(silent)}"
        return Checked("agent", BAD, text, "multieip explain assistant-online")
    return Checked(
        "agent", GOOD, "online on all instances in groups" if instances else "no instance is in a group"
    )
