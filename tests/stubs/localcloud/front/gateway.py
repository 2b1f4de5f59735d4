"""The one entrance: which product and action, who calls, may they, and the answer as bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from localcloud import errors
from localcloud.accounts.policies import Asked, Target
from localcloud.calls.operations import PRODUCTS, Call, Json, Operation, Product
from localcloud.calls.params import Arguments
from localcloud.errors import ApiError, DroppedConnection, GarbledAnswer
from localcloud.front.authentication import Authenticator
from localcloud.front.performing import Caller, Performer
from localcloud.wire import answer
from localcloud.wire.encoding import body_pairs, query_pairs
from localcloud.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.front.context import Behind

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
        self.params.update(body)
        # What comes in the query and in the body again is one parameter, and signed once.
        self.pairs = list(self.params.items())

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

    def __init__(self, cloud: Behind, performer: Performer) -> None:
        """Serve this cloud."""
        self._cloud = cloud
        self.performer = performer
        self._authenticator = Authenticator(cloud)

    def admit(self, request: HttpRequest, action: str, asked: Sequence[tuple[str, str]]) -> None:
        """Check signature and permissions of a request to a mounted service, and let faults strike.

        `action` is what RAM calls it, `fc:InvokeFunction`, or empty; `asked` all that RAM is asked, each with
        the ARN that it is done to. Raises `ApiError`.
        """
        name = action.partition(":")[2]
        key = self._authenticator.rest(request, name)
        if not action:
            return
        self.performer.refuse(name)
        denied = self._cloud.faults.strike(name, "deny") is not None
        for each, resource in asked:
            if denied or not key.identity.may(Asked(each, [Target(resource)])):
                raise errors.not_authorized(each, resource)

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
        except DroppedConnection:
            return HttpResponse(0, drop=True, delay_s=delay)
        except GarbledAnswer as page:
            return answer.page(page.status, delay_s=delay)
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
        body = self.performer.perform(call, Caller(key.key_id, exchange.headers))
        return body, self.performer.send_off(operation.name, call.args)


def _of_host(host: str) -> tuple[Product | None, str]:
    match = _HOST.match(host)
    if match is None:
        return None, ""
    return _BY_HOST.get(match["product"]), match["region"] or ""
