"""Services that other parts bring along, behind the cloud's signatures, permissions and faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from localcloud.errors import ApiError, DroppedConnection, GarbledAnswer
from localcloud.wire import answer
from localcloud.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from localcloud.front.context import Behind
    from localcloud.front.gateway import Gateway

Matcher = Callable[[HttpRequest], bool]
HttpHandler = Callable[[HttpRequest], HttpResponse]
ActionOf = Callable[[HttpRequest], str]
Asks = Callable[[HttpRequest], Sequence[tuple[str, str]]]


def nameless(_request: HttpRequest) -> str:
    """Name no action: neither a permission is asked for nor a fault strikes."""
    return ""


def anything(_request: HttpRequest) -> str:
    """Name no resource: only a policy for all of them allows the request."""
    return "*"


@dataclass(frozen=True, slots=True)
class Mount:
    """Which requests a service wants, what RAM calls them (`fc:InvokeFunction`), and the ARN they concern.

    Where RAM has other names, or is asked several things, `asks` gives the actions with their ARNs.
    """

    matches: Matcher
    handler: HttpHandler
    signed: bool = True
    action_of: ActionOf = nameless
    resource_of: ActionOf = anything
    asks: Asks | None = None

    def asked(self, request: HttpRequest, action: str) -> Sequence[tuple[str, str]]:
        """Return what RAM is asked about a request."""
        if self.asks is not None:
            return self.asks(request)
        return ((action, self.resource_of(request)),)


def serve(cloud: Behind, gateway: Gateway, mount: Mount, request: HttpRequest) -> HttpResponse:
    """Answer one request of a mounted service; call outside the cloud's lock."""
    if not mount.signed:
        return mount.handler(request)
    action = mount.action_of(request)
    delay_s = 0.0
    try:
        with cloud.lock:
            delay_s = cloud.latency.round_trip()
            gateway.admit(request, action, mount.asked(request, action))
        response = mount.handler(request)
        with cloud.lock:
            delay_s += gateway.performer.send_off(action.partition(":")[2])
    except ApiError as error:
        return replace(answer.refused_by_functions(error, cloud.ids.guid()), delay_s=delay_s)
    except DroppedConnection:
        return HttpResponse(0, drop=True, delay_s=delay_s)
    except GarbledAnswer as page:
        return answer.page(page.status, delay_s=delay_s)
    return replace(response, delay_s=response.delay_s + delay_s)
