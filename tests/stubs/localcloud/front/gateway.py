"""The one entrance: which product and action, who calls, may they, and the answer as bytes."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from localcloud import errors
from localcloud.calls.operations import PRODUCTS, Call, Json, Operation, Product
from localcloud.calls.params import Arguments
from localcloud.errors import ApiError, DroppedConnection
from localcloud.front.authentication import Authenticator
from localcloud.guests.base import WorldError
from localcloud.state.tags import check_tags
from localcloud.wire import answer
from localcloud.wire.encoding import body_pairs, query_pairs
from localcloud.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from localcloud.front.context import Behind
    from localcloud.front.trail import Trail

_LOG = logging.getLogger("localcloud")
_BY_VERSION = {product.version: product for product in PRODUCTS}
_BY_HOST = {host: product for product in PRODUCTS for host in product.hosts}
_HOST = re.compile(
    r"^(?P<product>[a-z-]+?)(?:-vpc|-share)?(?:[.-](?P<region>[a-z]{2}-[a-z0-9-]+?))?\.aliyuncs\.com$"
)
_PORT = re.compile(r":\d*$")


class _Exchange:
    """What is known of a request while it is looked at; enough to word a refusal at any point."""

    def __init__(self, request: HttpRequest, request_id: str) -> None:
        self.request = request
        self.request_id = request_id
        self.headers = request.headers
        self.host = _PORT.sub("", request.headers.get("host", "127.0.0.1")).lower()
        self.acs3 = request.headers.get("authorization", "").startswith("ACS3-")
        self.pairs = query_pairs(request.query)
        self.params: dict[str, str] = dict(self.pairs)
        self.product: Product | None = None

    def read_body(self) -> None:
        body = body_pairs(self.request.body, self.headers.get("content-type", ""))
        self.pairs += body
        self.params.update(body)

    def said(self, header: str, param: str) -> str:
        """Return what the signature covers: the header where headers are signed, else the parameter."""
        signed = self.headers.get(header) if "authorization" in self.headers else None
        return signed or self.params.get(param, "")

    @property
    def form(self) -> answer.Format:
        asked = self.params.get("Format", "").upper()
        if asked in {"JSON", "XML"}:
            return "XML" if asked == "XML" else "JSON"
        if self.acs3:
            return "XML" if "xml" in self.headers.get("accept", "") else "JSON"
        product = self.product or _BY_VERSION.get(self.params.get("Version", ""))
        return product.default_format if product else "XML"


class Gateway:
    """Turns requests into calls of actions, and what they give into answers."""

    def __init__(self, cloud: Behind, trail: Trail) -> None:
        """Serve this cloud; its writes are told to `trail`."""
        self._cloud = cloud
        self._trail = trail
        self._authenticator = Authenticator(cloud)

    def admit(self, request: HttpRequest, action: str) -> None:
        """Check signature and permission of a request to a mounted service, and let faults strike.

        `action` is what RAM calls it, `fc:InvokeFunction`, or empty. Raises `ApiError`.
        """
        key = self._authenticator.rest(request)
        if not action:
            return
        name = action.partition(":")[2]
        self._strike(name)
        if self._cloud.faults.strike(name, "deny") is not None or not key.identity.may(action):
            raise errors.forbidden_ram()

    def send_off(self, action: str) -> float:
        """Lose the answer of a call that has taken effect, or say how many seconds late it comes."""
        if self._cloud.faults.strike(action, "reset-after"):
            raise DroppedConnection
        slow = self._cloud.faults.strike(action, "slow")
        return float(slow.detail.get("seconds", "11")) if slow else 0.0

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one RPC request; call inside the cloud's lock."""
        if len(request.path) + len(request.query) > int(self._cloud.switches.value("url-limit")):
            return answer.too_long()
        exchange = _Exchange(request, self._cloud.ids.guid())
        delay = self._cloud.latency.round_trip()
        try:
            operation, region = self._route(exchange)
            body, late = self._call(exchange, operation, region)
        except ApiError as error:
            named = {"RequestId": exchange.request_id, "HostId": exchange.host}
            return answer.refused(error, named, exchange.form, delay_s=delay)
        except WorldError:
            _LOG.exception("the world of guests failed under %s", exchange.params.get("Action"))
            named = {"RequestId": exchange.request_id, "HostId": exchange.host}
            return answer.refused(errors.internal_error(), named, exchange.form, delay_s=delay)
        except DroppedConnection:
            return HttpResponse(0, drop=True, delay_s=delay)
        return answer.succeeded(operation.name, body, exchange.form, delay_s=delay + late)

    def _route(self, exchange: _Exchange) -> tuple[Operation, str]:
        if exchange.request.method not in {"GET", "POST"}:
            raise errors.unsupported_method()
        exchange.read_body()
        if exchange.request.path not in {"", "/"}:
            raise errors.action_not_found()
        by_host, region = _of_host(exchange.host)
        exchange.product = product = self._product(exchange, by_host)
        action = exchange.said("x-acs-action", "Action")
        if not action:
            raise errors.missing("Action")
        operation = product.actions.get(action)
        if operation is None:
            raise errors.action_not_found()
        return operation, exchange.params.get("RegionId") or region or self._cloud.home_region

    @staticmethod
    def _product(exchange: _Exchange, by_host: Product | None) -> Product:
        version = exchange.said("x-acs-version", "Version")
        if not version:
            raise errors.missing("Version")
        if exchange.host.endswith(".aliyuncs.com") and by_host is None:
            raise errors.product_not_found()
        by_version = _BY_VERSION.get(version)
        if by_version is None or (by_host is not None and by_host is not by_version):
            raise errors.invalid_version()
        return by_version

    def _call(self, exchange: _Exchange, operation: Operation, region: str) -> tuple[Json, float]:
        key = self._authenticator.rpc(exchange.request, exchange.pairs, exchange.params)
        call = Call(
            self._cloud,
            operation,
            key.identity,
            region,
            Arguments(exchange.params),
            exchange.request_id,
            host=exchange.headers.get("host", ""),
        )
        self._cloud.writes += operation.write
        try:
            body = self._perform(call)
        except ApiError as error:
            if operation.write:
                self._trail.record_call(call, key, exchange.request, {}, error)
            raise
        if operation.write:
            self._trail.record_call(call, key, exchange.request, body, None)
        return body, self.send_off(operation.name)

    def _perform(self, call: Call) -> Json:
        operation = call.operation
        self._strike(operation.name)
        self._cloud.limits.count(call.account.account_id, call.region_id, operation.name)
        if call.region_id not in self._cloud.regions:
            raise errors.region_not_found()
        call = self._permit(call)
        call.args.check(operation.params)
        if operation.write:
            # Before anything is made: a refused tag must not leave half an object behind.
            check_tags(call.args.tags())
        token = call.args.text("ClientToken") if operation.idempotent else ""
        if not token:
            return {"RequestId": call.request_id, **operation.handler(call)}
        return self._once(call, token)

    def _strike(self, action: str) -> None:
        fault = self._cloud.faults.strike(
            action, "reset-before", "throttle", "unavailable", "internal", "error"
        )
        if fault is None:
            return
        if fault.kind == "reset-before":
            raise DroppedConnection
        if fault.kind == "throttle":
            raise errors.throttled(fault.detail.get("code", "Throttling.User"))
        if fault.kind == "unavailable":
            raise errors.service_unavailable()
        if fault.kind == "internal":
            raise errors.internal_error()
        code = fault.detail.get("code", "InternalError")
        raise ApiError(code, fault.detail.get("message", code), int(fault.detail.get("status", "400")))

    def _permit(self, call: Call) -> Call:
        operation = call.operation
        if operation.denied == "free":
            return call
        denied = self._cloud.faults.strike(operation.name, "deny") is not None
        if not denied and call.identity.may(operation.permission):
            return call
        if operation.denied == "empty":
            return replace(call, permitted=False)
        raise errors.forbidden_ram()

    @staticmethod
    def _once(call: Call, token: str) -> Json:
        if len(token) > 64 or not token.isascii():
            raise ApiError("InvalidClientToken.Malformed", "The specified ClientToken is not valid.")
        common = {"Signature", "SignatureNonce", "Timestamp", "SecurityToken", "AccessKeyId"}
        rest = {key: value for key, value in call.args.raw.items() if key not in common}
        fingerprint = json.dumps(rest, sort_keys=True)
        known = call.state.answers.get((call.operation.name, token))
        if known is None:
            body = {"RequestId": call.request_id, **call.operation.handler(call)}
            call.state.answers[call.operation.name, token] = (fingerprint, body)
            return body
        if known[0] != fingerprint:
            raise ApiError(
                "IdempotentParameterMismatch",
                "The request uses the same client token as a previous, but non-identical request.",
                # Cloud Assistant's table has it among the 403s.
                403 if call.operation.name == "RunCommand" else 400,
            )
        return known[1]


def _of_host(host: str) -> tuple[Product | None, str]:
    match = _HOST.match(host)
    if match is None:
        return None, ""
    return _BY_HOST.get(match["product"]), match["region"] or ""
