"""What the cloud tells about itself: ActionTrail events of writes, and ECS's own events, as CloudEvents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from localcloud.calls.operations import PRODUCTS, Call, Json
from localcloud.physics.clock import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from localcloud.accounts.identity import Identity
    from localcloud.errors import ApiError
    from localcloud.front.context import Behind
    from localcloud.front.performing import Caller
    from localcloud.state.ecs import Eni

_VERSIONS = {product.name: product.version for product in PRODUCTS}
_SECRET = {
    "AccessKeyId",
    "Signature",
    "SignatureNonce",
    "SignatureMethod",
    "SignatureVersion",
    "SignatureType",
}
_HIDDEN = _SECRET | {"Timestamp", "SecurityToken", "Format", "Action", "Version"}

_RESOURCE_TYPES = {
    "eni": "ACS::ECS::NetworkInterface",
    "i": "ACS::ECS::Instance",
    "sg": "ACS::ECS::SecurityGroup",
    "eip": "ACS::VPC::EIP",
    "vpc": "ACS::VPC::VPC",
    "vsw": "ACS::VPC::VSwitch",
}


class Trail:
    """Writes events; whoever listens gets them when the cloud's lock is free again."""

    def __init__(self, cloud: Behind) -> None:
        """Record for this cloud."""
        self._cloud = cloud

    def record_call(self, call: Call, caller: Caller, body: Json, error: ApiError | None) -> None:
        """One API call that was accepted, or refused with `error`."""
        if not self._cloud.has_listeners:
            return
        key_id, headers = caller
        product, host = call.operation.product, headers.get("host", "")
        parameters: Json = {k: v for k, v in call.args.raw.items() if k not in _HIDDEN}
        found = _references([*parameters.values(), *_strings(body)])
        data = {
            **self._common(call.operation.name, "ApiCall", product, call.region_id, call.request_id),
            "requestParameters": {
                **parameters,
                "AcsHost": host,
                "AcsProduct": product,
                "AcceptLanguage": headers.get("accept-language", "en-US"),
                "HostId": host,
                "RequestId": call.request_id,
                "charset": "UTF-8",
            },
            "requestParameterJson": json.dumps(parameters, ensure_ascii=False),
            **_resources(found),
            "userIdentity": _who(call.identity, key_id, self._cloud.clock.now()),
            "sourceIpAddress": headers.get("x-forwarded-for", "127.0.0.1"),
            "userAgent": headers.get("user-agent", ""),
            "additionalEventData": {"Scheme": "http"},
        }
        if error is None:
            data["responseElements"] = body
            data.update(self._no_error())
        else:
            data["errorCode"], data["errorMessage"] = error.code, error.message
        if self._cloud.switches.is_("event-detail", "references"):
            data = _references_only(data)
        subject = next((each for ids in found.values() for each in ids), "")
        self._publish(
            f"{product.lower()}:ActionTrail:ApiCall", call.identity.account.account_id, subject, data
        )

    def _no_error(self) -> Json:
        """Say that a call went well, in one of the three forms that the cloud has for it."""
        form = self._cloud.switches.value("event-error-code")
        if form == "absent":
            return {}
        nothing = "" if form == "empty" else None
        return {"errorCode": nothing, "errorMessage": nothing}

    def record_purchase(self, identity: Identity, region: str, allocation_id: str) -> None:
        """Record an EIP bought on a console page: empty parameters, the id only among the resources."""
        request_id = self._cloud.ids.guid()
        data = {
            **self._common("Create", "ConsoleOperation", "Vpc", region, request_id),
            "requestParameters": {},
            **_resources({_RESOURCE_TYPES["eip"]: [allocation_id]}),
            "userIdentity": _who(identity, "", self._cloud.clock.now()),
            "sourceIpAddress": "203.0.113.7",
            "userAgent": "Mozilla/5.0",
        }
        self._publish("vpc:ActionTrail:ConsoleOperation", identity.account.account_id, allocation_id, data)

    def instance_state(self, account: str, region: str, instance_id: str, state: str) -> None:
        """ECS's own event: an instance reached a state."""
        data = {"resourceId": instance_id, "resourceType": "ALIYUN::ECS::Instance", "state": state}
        self._own("ecs:Instance:StateChange", account, region, instance_id, data)

    def eni_done(self, account: str, region: str, eni: Eni, operation: str, *, good: bool) -> None:
        """ECS's own event: an operation on a secondary interface has ended."""
        if self._cloud.switches.is_("eni-events", "off") or eni.kind == "Primary":
            return
        data = {
            "eniId": eni.eni_id,
            "operation": operation,
            "eniStatus": "Deleted" if operation == "DeleteNetworkInterface" else eni.status,
            "result": "Successful" if good else "Failed",
            "requestId": self._cloud.ids.guid(),
            "primaryPrivateIp": str(eni.primary_address),
            "secondaryPrivateIps": [str(each) for each in eni.addresses[1:]],
            "ipv4Prefixes": [],
            "ipv6s": [],
            "ipv6Prefixes": [],
        }
        event_type = "ecs:NetworkInterface:NetworkInterfaceOperateCompleted"
        self._own(event_type, account, region, eni.eni_id, data)

    def private_ips(self, account: str, region: str, eni: Eni, change: str) -> None:
        """ECS's own event: secondary private addresses were `PrivateIPAssigned` or `PrivateIPUnassigned`."""
        data = {
            "eniId": eni.eni_id,
            "primaryPrivateIp": str(eni.primary_address),
            "secondaryPrivateIps": [str(each) for each in eni.addresses[1:]],
            "ipv4Prefixes": [],
        }
        self._own(f"ecs:NetworkInterface:{change}", account, region, eni.eni_id, data)

    def command_done(self, account: str, region: str, fields: Mapping[str, str]) -> None:
        """ECS's own event: a command ended on an instance."""
        event_type = "ecs:CloudAssistant:TaskCompleted"
        self._own(event_type, account, region, fields["instanceId"], fields)

    def _own(
        self, event_type: str, account: str, region: str, subject: str, fields: Mapping[str, Any]
    ) -> None:
        data = dict(fields)
        if self._cloud.switches.is_("ecs-event-data", "content"):
            # As the notification form wraps the same fields.
            data = {
                "name": event_type.removeprefix("ecs:"),
                "product": "ECS",
                "resourceId": f"acs:ecs:{region}:{account}:{subject}",
                "userId": account,
                "regionId": region,
                "eventTime": self._cloud.clock.now().strftime("%Y%m%dT%H%M%S.000+0000"),
                "level": "INFO",
                "content": data,
            }
        self._publish(event_type, account, subject, {**data, "_region": region})

    def _common(self, name: str, kind: str, product: str, region: str, request_id: str) -> Json:
        return {
            "eventId": request_id,
            "eventName": name,
            "eventType": kind,
            "eventRW": "Write",
            "eventCategory": "Management",
            "eventVersion": 1,
            "eventTime": stamp(self._cloud.clock.now()),
            "eventSource": f"{product.lower()}.{region}.aliyuncs.com",
            "serviceName": product,
            "acsRegion": region,
            "isGlobal": False,
            "apiVersion": _VERSIONS[product],  # type: ignore[index] # a product's name
            "requestId": request_id,
        }

    def _publish(self, event_type: str, account: str, subject: str, data: Json) -> None:
        now = self._cloud.clock.now()
        region = data.pop("_region", None) or data["acsRegion"]
        source = f"acs.{event_type.partition(':')[0]}"
        self._cloud.publish(
            {
                "id": self._cloud.ids.guid().lower(),
                "source": source,
                "specversion": "1.0",
                "type": event_type,
                "subject": f"{source}:{region}:{account}:{subject}",
                "datacontenttype": "application/json;charset=utf-8",
                "time": stamp(now),
                "aliyunaccountid": account,
                "aliyunoriginalaccountid": account,
                "aliyuneventbusname": "default",
                "aliyunregionid": region,
                "aliyunpublishtime": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z",
                "aliyunpublishaddr": "192.0.2.10",
                "data": data,
            }
        )


def _who(identity: Identity, key_id: str, now: datetime) -> Json:
    who: Json = {
        "type": identity.kind,
        "principalId": identity.principal_id,
        "accountId": identity.account.account_id,
        "userName": identity.name,
    }
    if key_id:
        who["accessKeyId"] = key_id
    if identity.kind == "assumed-role":
        who["principalId"] = f"{identity.principal_id}:{identity.session}"
        who["userName"] = f"{identity.name}:{identity.session}"
        who["sessionContext"] = {"attributes": {"creationDate": stamp(now), "mfaAuthenticated": "false"}}
    return who


def _references_only(data: Json) -> Json:
    """Return the event as the vendor's sample of EventBridge has it: no parameters, no answer, no person."""
    left_out = {"requestParameters", "requestParameterJson", "responseElements", "resourceName"}
    kept = {name: value for name, value in data.items() if name not in left_out}
    kept["resourceType"] = list(data.get("referencedResources", {}))
    kept["userIdentity"] = {"type": "system", "accountId": data["userIdentity"]["accountId"]}
    return kept


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _strings(inner)]
    return []


def _references(values: Sequence[Any]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for value in values:
        prefix, separator, _ = str(value).partition("-")
        kind = _RESOURCE_TYPES.get(prefix)
        if separator and kind:
            found.setdefault(kind, {})[str(value)] = None
    return {kind: list(ids) for kind, ids in found.items()}


def _resources(found: Mapping[str, Sequence[str]]) -> Json:
    if not found:
        return {}
    return {
        "referencedResources": {kind: list(ids) for kind, ids in found.items()},
        "resourceType": ";".join(found),
        "resourceName": ";".join(",".join(ids) for ids in found.values()),
    }
