"""The vendor's SDK, unmodified, on a served cloud: one line for each call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

if TYPE_CHECKING:
    from localcloud import MockCloud

_VERSIONS = {"vpc": "2016-04-28", "ecs": "2014-05-26"}


class Sdk:
    """Calls by the names of the wire; `Tag__1__Key` stands for `Tag.1.Key`."""

    def __init__(self, served: MockCloud, key_id: str = "", secret: str = "") -> None:
        """Act as the first account's RAM user, or as the owner of another key."""
        key = served.cloud.accounts.user_key
        self._region = served.seeds.region
        self._client = AcsClient(
            key_id or key.key_id, secret or key.secret, self._region, auto_retry=False, proxy={"http": ""}
        )
        self._endpoint = served.endpoint.removeprefix("http://")

    def vpc(self, action: str, **params: str) -> dict[str, Any]:
        """Call VPC."""
        return self._send("vpc", action, params)

    def ecs(self, action: str, **params: str) -> dict[str, Any]:
        """Call ECS."""
        return self._send("ecs", action, params)

    def _send(self, product: str, action: str, params: dict[str, str]) -> dict[str, Any]:
        request = CommonRequest(
            domain=self._endpoint, version=_VERSIONS[product], action_name=action, product=product
        )
        request.set_method("POST")
        for name, value in {"RegionId": self._region, **params}.items():
            request.add_query_param(name.replace("__", "."), value)
        answer: dict[str, Any] = json.loads(self._client.do_action_with_exception(request))
        return answer
