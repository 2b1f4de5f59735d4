"""A client in this process: signs for real and goes through the same entrance as everybody else."""

from __future__ import annotations

import itertools
import json
import uuid
from typing import TYPE_CHECKING, Any

from localcloud.calls.operations import PRODUCTS
from localcloud.errors import DroppedConnection, GarbledAnswer
from localcloud.physics.clock import stamp
from localcloud.wire import signature
from localcloud.wire.encoding import canonical_query
from localcloud.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.accounts.identity import AccessKey
    from localcloud.calls.operations import ProductName
    from localcloud.front.context import Entrance

_VERSIONS = {product.name: product.version for product in PRODUCTS}
# Two programs may call one cloud: no nonce of theirs may be the same.
_STARTED = uuid.uuid4().hex
_NONCES = itertools.count()


class CallRefusedError(Exception):
    """The cloud answered a call with an error code."""

    def __init__(self, action: str, code: str, message: str, *, http_status: int, request_id: str) -> None:
        """Keep what the answer said."""
        super().__init__(f"{action}: {code}: {message} (request {request_id})")
        self.action = action
        self.code = code
        self.message = message
        self.http_status = http_status
        self.request_id = request_id


class AnswerLostError(Exception):
    """The connection ended before an answer came; the call may have taken effect."""

    def __init__(self, action: str) -> None:
        """Say which call it was."""
        super().__init__(f"{action}: the connection was closed before an answer came")
        self.action = action


class AnswerGarbledError(Exception):
    """An answer came that is no JSON: a page of HTML."""

    def __init__(self, action: str, http_status: int) -> None:
        """Say which call it was, and the page's status."""
        super().__init__(f"{action}: the answer is a page of HTML, status {http_status}")
        self.action = action
        self.http_status = http_status


class InProcessApi:
    """One caller of a local cloud, without a socket."""

    def __init__(self, cloud: Entrance, key: AccessKey) -> None:
        """Call `cloud` as the owner of `key`."""
        self._cloud = cloud
        self._key = key
        self.calls: list[tuple[str, Mapping[str, str]]] = []

    def call(self, product: str, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Send one action and return the decoded answer; refusals and lost answers are raised."""
        self.calls.append((action, params))
        keys = (self._key.key_id, self._key.secret, self._key.token)
        now = stamp(self._cloud.wall_clock.now())
        response = self._cloud.handle(signed(keys, product, action, params, now))
        if response.delay_s:
            self._cloud.clock.sleep(response.delay_s)
        if response.drop:
            raise AnswerLostError(action)
        return decoded(action, response)


class DirectApi:
    """The same caller below the HTTP form: nothing is signed, encoded or decoded."""

    def __init__(self, cloud: Entrance, key: AccessKey) -> None:
        """Call `cloud` as the owner of `key`."""
        self._cloud = cloud
        self._key = key

    def call(self, product: ProductName, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Perform one action; refusals and lost answers are raised, and the time of the answer passes."""
        done = self._cloud.performed(self._key, product, action, params)
        if done.delay_s:
            self._cloud.clock.sleep(done.delay_s)
        failure = done.failure
        if failure is None:
            return done.body
        if isinstance(failure, GarbledAnswer):
            raise AnswerGarbledError(action, failure.status)
        if isinstance(failure, DroppedConnection):
            raise AnswerLostError(action)
        raise CallRefusedError(
            action, failure.code, failure.message, http_status=failure.status, request_id=done.request_id
        )


def signed(
    keys: tuple[str, str, str], product: str, action: str, params: Mapping[str, str], now: str
) -> HttpRequest:
    """Return the request of one action, signed with a key's id and secret; its token may be empty."""
    key_id, secret, token = keys
    sent = {
        **params,
        "Action": action,
        "Version": _VERSIONS[product],  # type: ignore[index] # unknown products fail here
        "Format": "JSON",
        "AccessKeyId": key_id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureType": "",
        "SignatureNonce": f"{_STARTED}-{next(_NONCES)}",
        "Timestamp": now,
    }
    if token:
        sent["SecurityToken"] = token
    to_sign = signature.rpc_string("POST", list(sent.items()))
    sent["Signature"] = signature.rpc_signature(secret, to_sign)
    headers = {
        "host": f"{product.lower()}.aliyuncs.com",
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": "in-process",
    }
    return HttpRequest("POST", "/", "", headers, canonical_query(sent.items()).encode())


def decoded(action: str, response: HttpResponse) -> dict[str, Any]:
    """Return what an answer says; a refusal is raised."""
    if response.headers.get("content-type") == "text/html":
        raise AnswerGarbledError(action, response.status)
    body: dict[str, Any] = json.loads(response.body)
    if response.status < 300:
        return body
    raise CallRefusedError(
        action,
        body["Code"],
        body["Message"],
        http_status=response.status,
        request_id=body["RequestId"],
    )
