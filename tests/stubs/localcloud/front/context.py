"""What the front needs of the cloud behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from localcloud.calls.context import Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.accounts.identity import AccessKey, Keyring
    from localcloud.calls.operations import ProductName
    from localcloud.front.direct import Performed
    from localcloud.physics.clock import Clock
    from localcloud.physics.ids import IdSource
    from localcloud.physics.latency import Latency, Limits
    from localcloud.wire.http import HttpRequest, HttpResponse


class Entrance(Protocol):
    """The cloud as its clients meet it, over a socket or without one."""

    @property
    def clock(self) -> Clock:
        """The time by which the cloud changes."""

    @property
    def wall_clock(self) -> Clock:
        """The time by which requests are judged."""

    @property
    def ids(self) -> IdSource:
        """Where identifiers come from."""

    def performed(
        self, key: AccessKey, product: ProductName, action: str, params: Mapping[str, str]
    ) -> Performed:
        """Perform one call below its HTTP form; safe from any thread."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; safe from any thread."""

    def tick(self) -> None:
        """Carry out what has fallen due."""


class Behind(Context, Protocol):
    """The cloud as signatures, permissions and events see it."""

    writes: int
    """How many writes were asked for."""

    @property
    def has_listeners(self) -> bool:
        """Whether anybody wants to hear of events; without one none is made."""

    @property
    def bends_answers(self) -> bool:
        """Whether a fault or a switch may change answers that are right."""

    def check_key(self, key: AccessKey, token: str, action: str) -> None:
        """Refuse temporary credentials whose token is missing, wrong or old."""

    @property
    def wall_clock(self) -> Clock:
        """The time by which requests are judged."""

    @property
    def keys(self) -> Keyring:
        """The keys that are known."""

    @property
    def latency(self) -> Latency:
        """How long a round trip takes."""

    @property
    def limits(self) -> Limits:
        """How many calls a minute are allowed."""

    @property
    def home_region(self) -> str:
        """The region of a request that names none."""

    def publish(self, event: dict[str, Any]) -> None:
        """Queue an event for whoever listens."""
