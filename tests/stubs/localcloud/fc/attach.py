"""Puts the functions of an s.yaml into a local cloud: its API, its events, its journal."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from localcloud.errors import ApiError
from localcloud.eventbridge import DeliveryOptions, EventBus
from localcloud.eventbridge.timeline import RealTimeline, Timeline, VirtualTimeline
from localcloud.fc import logs, objects
from localcloud.fc.config import read_functions
from localcloud.fc.control import ControlApi
from localcloud.fc.errors import ConfigError, FcError
from localcloud.fc.http import FunctionApi, wants
from localcloud.fc.model import Application
from localcloud.fc.runner import Platform
from localcloud.fc.service import FunctionService, ServiceSettings
from localcloud.physics.clock import Clock, VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from localcloud.wire.http import HttpRequest, HttpResponse

ACCOUNT: Final = "1234567890123456"
_ROLE: Final = re.compile(r"acs:ram::(?P<account>\d+):role/[A-Za-z0-9._-]+")


class Cloud(Protocol):
    """What the functions need of the local cloud."""

    @property
    def clock(self) -> Clock:
        """The time of everything."""

    def subscribe(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Call the listener with every event."""

    def mount(
        self,
        matcher: Callable[[HttpRequest], bool],
        handler: Callable[[HttpRequest], HttpResponse],
        *,
        signed: bool = True,
        action_of: Callable[[HttpRequest], str] = ...,
        resource_of: Callable[[HttpRequest], str] = ...,
        asks: Callable[[HttpRequest], Sequence[tuple[str, str]]] | None = None,
    ) -> None:
        """Answer what the matcher wants."""

    def issue_credentials(self, role_arn: str, session: str) -> tuple[str, str, str]:
        """Return temporary credentials of a role."""


@dataclass(frozen=True, slots=True)
class FunctionOptions:
    """The choices of the functions' side; `environ` is what `${env(…)}` in s.yaml sees."""

    delivery: DeliveryOptions = field(default_factory=DeliveryOptions)
    service: ServiceSettings = field(default_factory=ServiceSettings)
    environ: Mapping[str, str] | None = None
    account_id: str = ACCOUNT
    # The cloud's quota is 300 for a region; this many Python processes fit on a small machine.
    max_instances: int = 48
    # Whether timers fire by themselves; else only when somebody asks for it.
    timers: bool = True
    # Of functions that are deployed where no s.yaml names a region.
    region: str = "cn-shanghai"


class Functions:
    """The functions as part of one local cloud; close it before the cloud."""

    def __init__(self, service: FunctionService, bus: EventBus, timeline: Timeline) -> None:
        """Belong together."""
        self.service = service
        self.bus = bus
        self.timeline = timeline

    def wait_quiet(self, timeout_s: float = 60.0) -> bool:
        """Wait until every event is delivered and every task has ended; say whether that came about.

        In virtual time this runs them, and moves the time on as far as their pauses need.
        """
        if isinstance(self.timeline, VirtualTimeline):
            self.timeline.drain()
            return True
        return isinstance(self.timeline, RealTimeline) and self.timeline.wait_quiet(timeout_s)

    def pass_time(self, seconds: float) -> None:
        """Let virtual time pass, with all that falls due in it: timers fire, tasks run."""
        if not isinstance(self.timeline, VirtualTimeline):
            raise TypeError("real time passes by itself")
        end = self.timeline.now() + seconds
        self.timeline.drain(end)
        self.timeline.rest_until(end)

    def trust(self, authority: bytes) -> None:
        """Let packages that are deployed from now on trust an authority (PEM) beside their own."""
        self.service.packages.trusted = authority

    def kept(self, arn: str) -> list[bytes]:
        """Return what went to a queue, a topic or a bus that is not here: dead letters, results."""
        return list(self.service.kept.get(arn, ()))

    def close(self) -> None:
        """End every function and leave no process behind; may be called twice."""
        self.service.close()
        self.timeline.close()


def attach_functions(
    cloud: Cloud, *, s_yaml: Path | None, react: bool, endpoint: str, options: FunctionOptions | None = None
) -> Functions:
    """Mount the functions of `s_yaml` on the cloud; with `react` events and timers call them.

    Without an `s_yaml` there are none before some are deployed by the control API.
    `endpoint` is where the cloud listens; the functions find it as STUB_ENDPOINT and MULTI_EIP_ENDPOINT.
    Raises ConfigError when the file cannot be used.
    """
    options = options or FunctionOptions()
    environ = {**(os.environ if options.environ is None else options.environ), "STUB_ENDPOINT": endpoint}
    application = read_functions(s_yaml, environ) if s_yaml else Application(Path(), {})
    check_roles(application)
    regions = [function.region for function in application.functions.values()]
    platform = Platform(
        account_id=options.account_id,
        region=regions[0] if regions else options.region,
        issue_credentials=_of_trusted_roles(cloud),
        extra_environment=_addresses(endpoint),
        max_instances=options.max_instances,
    )
    timeline = _timeline(cloud.clock)
    service = FunctionService(application, platform, timeline, options.service)
    bus = EventBus(timeline, options=options.delivery, on_delivery=service.journal.delivery)
    service.connect(bus, timers=react and options.timers)
    api = FunctionApi(service)
    cloud.mount(wants, api, action_of=api.action_of, asks=api.asks)
    cloud.mount(objects.wants, service.objects, action_of=objects.action_of, resource_of=objects.resource_of)
    log_service = logs.LogService(service)
    cloud.mount(logs.wants, log_service, action_of=logs.action_of, resource_of=logs.resource_of)
    control = ControlApi(service)
    cloud.mount(control.wants, control, signed=False)
    if react:
        cloud.subscribe(bus.publish)
    return Functions(service, bus, timeline)


def check_roles(application: Application) -> None:
    """Refuse a role of which no credentials can be had."""
    for function in application.functions.values():
        if not _ROLE.fullmatch(function.role):
            raise ConfigError(
                f"{application.file}: resource {function.resource}: role is {function.role!r}, "
                "give the ARN acs:ram::<account>:role/<name>"
            )


def _of_trusted_roles(cloud: Cloud) -> Callable[[str, str], tuple[str, str, str]]:
    """Return what gives keys of a role; one that does not trust Function Compute is its refusal."""

    def issue(role: str, session: str) -> tuple[str, str, str]:
        try:
            return cloud.issue_credentials(role, session)
        except ApiError as error:
            message = f"Function Compute may not take on the role {role}: {error.message}"
            raise FcError(403, "AccessDenied", message) from error

    return issue


def _addresses(endpoint: str) -> dict[str, str]:
    # Where the vendor's own names lead here, nobody needs an address.
    return {"STUB_ENDPOINT": endpoint, "MULTI_EIP_ENDPOINT": endpoint} if endpoint else {}


def _timeline(clock: Clock) -> Timeline:
    if isinstance(clock, VirtualClock):
        return VirtualTimeline(lambda: clock.now().timestamp(), clock.sleep)
    return RealTimeline()
