"""What the operator does: a handful of calls through the vendor's own SDK, as anybody would make them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aliyunsdkcore.client import AcsClient
from aliyunsdkecs.request.v20140526.CreateNetworkInterfaceRequest import CreateNetworkInterfaceRequest
from aliyunsdkecs.request.v20140526.TagResourcesRequest import TagResourcesRequest
from aliyunsdkvpc.request.v20160428.AllocateEipAddressRequest import AllocateEipAddressRequest

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Eip:
    """An EIP as AllocateEipAddress gives it."""

    id: str
    address: str


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody with a key. `endpoint` is the only thing that is not the real cloud."""

    endpoint: str
    key_id: str
    secret: str = field(repr=False)
    region: str

    def create_eni(self, vswitch: str, security_group: str, tags: Mapping[str, str]) -> tuple[str, str, str]:
        """Create an ENI and return its id, MAC and private address."""
        request = CreateNetworkInterfaceRequest()
        request.set_VSwitchId(vswitch)
        request.set_SecurityGroupId(security_group)
        request.set_Tags(_tags(tags))
        answer = self._send(request)
        return answer["NetworkInterfaceId"], answer["MacAddress"], answer["PrivateIpAddress"]

    def allocate_eip(self, tags: Mapping[str, str]) -> Eip:
        """Allocate an EIP that carries its tags from the start."""
        request = AllocateEipAddressRequest()
        for number, tag in enumerate(_tags(tags), 1):
            request.add_query_param(f"Tag.{number}.Key", tag["Key"])
            request.add_query_param(f"Tag.{number}.Value", tag["Value"])
        answer = self._send(request)
        return Eip(answer["AllocationId"], answer["EipAddress"])

    def tag_instance(self, instance: str, tags: Mapping[str, str]) -> None:
        """Tag an instance."""
        request = TagResourcesRequest()
        request.set_ResourceType("instance")
        request.set_ResourceIds([instance])
        request.set_Tags(_tags(tags))
        self._send(request)

    def _send(self, request: Any) -> dict[str, Any]:  # noqa: ANN401  the SDK is untyped
        client = AcsClient(self.key_id, self.secret, self.region, proxy={"http": "", "https": ""})
        request.set_endpoint(self.endpoint)
        request.set_accept_format("json")
        answer: dict[str, Any] = json.loads(client.do_action_with_exception(request))
        return answer


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
