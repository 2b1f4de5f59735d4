"""Calls below their HTTP form: for simulations, which make millions of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from localcloud import errors
from localcloud.calls.operations import PRODUCTS, Call, Json, ProductName
from localcloud.calls.params import Arguments
from localcloud.errors import ApiError, DroppedConnection, GarbledAnswer
from localcloud.front.performing import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.accounts.identity import AccessKey
    from localcloud.front.context import Behind
    from localcloud.front.performing import Performer

_ACTIONS: Final = {product.name: product.actions for product in PRODUCTS}
_HEADERS: Final[Mapping[str, str]] = {"user-agent": "in-process"}
_NOTHING: Final[Json] = {}


class Performed(NamedTuple):
    """How a call ended: its answer, or what took it, and how many seconds that takes to be known."""

    body: Json
    failure: ApiError | DroppedConnection | GarbledAnswer | None
    delay_s: float
    request_id: str


def perform_directly(
    cloud: Behind,
    performer: Performer,
    key: AccessKey,
    asked: tuple[ProductName, str],
    params: Mapping[str, str],
) -> Performed:
    """Perform one call of the owner of `key`; call it inside the cloud's lock."""
    product, action = asked
    delay_s = cloud.latency.round_trip()
    request_id = cloud.ids.guid()
    try:
        operation = _ACTIONS[product].get(action)
        if operation is None:
            raise errors.action_not_found()
        cloud.check_key(key, key.token, action)
        region = params.get("RegionId") or cloud.home_region
        call = Call(cloud, operation, key.identity, region, Arguments(params), request_id)
        body = performer.perform(call, Caller(key.key_id, _HEADERS))
        late = performer.send_off(action, call.args)
    except (ApiError, DroppedConnection, GarbledAnswer) as failure:
        return Performed(_NOTHING, failure, delay_s, request_id)
    return Performed(body, None, delay_s + late, request_id)
