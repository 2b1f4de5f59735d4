"""What a call may ask of the cloud that it runs in; nothing else of the cloud is known to the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from localcloud.accounts.published import Accounts
    from localcloud.guests.base import World
    from localcloud.physics.clock import Clock
    from localcloud.physics.faults import Faults
    from localcloud.physics.ids import IdSource
    from localcloud.physics.latency import Profile
    from localcloud.physics.switches import Switches
    from localcloud.physics.transitions import Transitions
    from localcloud.physics.workers import Workers
    from localcloud.regions import Region
    from localcloud.state.addresses import AddressPool
    from localcloud.state.ecs import Eni
    from localcloud.state.region import RegionState


class OwnEvents(Protocol):
    """The events that ECS itself sends when something has come about."""

    def instance_state(self, account: str, region: str, instance_id: str, state: str) -> None:
        """Tell that an instance reached a state."""

    def eni_done(self, account: str, region: str, eni: Eni, operation: str, *, good: bool) -> None:
        """Tell that an operation on an interface has ended."""

    def private_ips(self, account: str, region: str, eni: Eni, change: str) -> None:
        """Tell that private addresses were assigned or unassigned."""

    def command_done(self, account: str, region: str, fields: Mapping[str, str]) -> None:
        """Tell that a command ended on an instance."""


class Context(Protocol):
    """The cloud, as a call sees it."""

    some_unlisted: bool
    """Whether there are objects that lists do not show yet."""

    @property
    def lock(self) -> threading.RLock:
        """What is held while the state changes."""

    @property
    def clock(self) -> Clock:
        """Its time."""

    @property
    def ids(self) -> IdSource:
        """Where identifiers come from."""

    @property
    def profile(self) -> Profile:
        """How long changes take."""

    @property
    def faults(self) -> Faults:
        """What goes wrong."""

    @property
    def switches(self) -> Switches:
        """What the documents leave open."""

    @property
    def transitions(self) -> Transitions:
        """The changes under way."""

    @property
    def workers(self) -> Workers:
        """Where guests work in the background."""

    @property
    def trail(self) -> OwnEvents:
        """Whom to tell what has come about."""

    @property
    def world(self) -> World:
        """The guests and the network around them."""

    @property
    def addresses(self) -> AddressPool:
        """Where public addresses come from."""

    @property
    def accounts(self) -> Accounts:
        """Who may call."""

    @property
    def regions(self) -> Mapping[str, Region]:
        """The regions that there are, by id."""

    @property
    def revision(self) -> int:
        """A number that grows whenever something may have changed."""

    def state(self, account_id: str, region_id: str) -> RegionState:
        """Return what an account has in a region."""

    def tick(self) -> None:
        """Carry out what has fallen due; call it outside the lock."""
