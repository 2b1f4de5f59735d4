"""One line gives a cloud: in this process, in virtual time, or on a port."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from localcloud.cloud import LocalCloud
from localcloud.front.server import serving
from localcloud.guests import open_world
from localcloud.options import CloudOptions
from localcloud.physics.clock import Clock, RealClock, VirtualClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.front.api import InProcessApi
    from localcloud.state.seeds import Seeds


@dataclass(frozen=True, slots=True)
class MockCloud:
    """A local cloud with its seeds; `endpoint` is empty unless it is served."""

    cloud: LocalCloud
    seeds: Seeds
    endpoint: str = ""

    @property
    def api(self) -> InProcessApi:
        """The first account's RAM user, calling in this process."""
        return self.cloud.api()

    @property
    def clock(self) -> Clock:
        """The cloud's time; sleeping on a virtual one costs none."""
        return self.cloud.clock


@contextmanager
def mock_cloud(
    options: CloudOptions | None = None,
    *,
    http: bool = False,
    guest: Literal["namespaces", "simulated", "auto"] = "simulated",
) -> Iterator[MockCloud]:
    """Open a seeded cloud of its own, gone at the end; with `http` it is served on a free port.

    Time is virtual unless the options bring a clock. Callers over HTTP are other programs with a real
    clock, so their timestamps are judged by the real time.
    """
    options = options or CloudOptions()
    if options.clock is None:
        options = replace(options, clock=VirtualClock())
    if http and options.wall_clock is None:
        options = replace(options, wall_clock=RealClock())
    cloud = LocalCloud(open_world(guest), options)
    with ExitStack() as stack:
        stack.callback(cloud.close)
        seeds = cloud.seed()
        endpoint = stack.enter_context(serving(cloud)) if http else ""
        yield MockCloud(cloud, seeds, endpoint)
