"""The vendor's SDK, unmodified, on a served cloud: one line for each call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

from localcloud import CallRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud import AccessKey, MockCloud

_VERSIONS = {
    "vpc": "2016-04-28",
    "ecs": "2014-05-26",
    "sts": "2015-04-01",
    "resourcemanager": "2020-03-31",
}


class Sdk:
    """Calls by the names of the wire; `Tag__1__Key` stands for `Tag.1.Key`."""

    def __init__(self, served: MockCloud, key: AccessKey | None = None) -> None:
        """Act as the first account's RAM user, or as the owner of another key, temporary ones included."""
        key = key or served.cloud.accounts.user_key
        self._region = served.seeds.region
        if key.token:
            keys = StsTokenCredential(key.key_id, key.secret, key.token)
            self._client = AcsClient(
                region_id=self._region, credential=keys, auto_retry=False, proxy={"http": ""}
            )
        else:
            self._client = AcsClient(
                key.key_id, key.secret, self._region, auto_retry=False, proxy={"http": ""}
            )
        self._endpoint = served.endpoint.removeprefix("http://")

    def vpc(self, action: str, **params: str) -> dict[str, Any]:
        """Call VPC."""
        return self.send("vpc", action, params)

    def ecs(self, action: str, **params: str) -> dict[str, Any]:
        """Call ECS."""
        return self.send("ecs", action, params)

    def send(self, product: str, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Call any product."""
        request = CommonRequest(
            domain=self._endpoint, version=_VERSIONS[product], action_name=action, product=product
        )
        request.set_method("POST")
        for name, value in {"RegionId": self._region, **params}.items():
            request.add_query_param(name.replace("__", "."), value)
        answer: dict[str, Any] = json.loads(self._client.do_action_with_exception(request))
        return answer


class SdkApi:
    """The vendor's SDK in the place of the client in process: the same call, over a socket."""

    def __init__(self, served: MockCloud, key: AccessKey | None = None) -> None:
        """Act as the owner of a key, or as the first account's user."""
        self._sdk = Sdk(served, key)

    def call(self, product: str, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Make a call; a refusal is raised as the client in process raises it."""
        try:
            return self._sdk.send(product.lower(), action, params)
        except ServerException as refused:
            raise CallRefusedError(
                action,
                str(refused.get_error_code()),
                str(refused.get_error_msg()),
                http_status=int(refused.get_http_status()),
                request_id=str(refused.get_request_id()),
            ) from None
