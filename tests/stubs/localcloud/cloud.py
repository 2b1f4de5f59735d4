"""The local cloud: accounts, regions, clock, switches, faults and services behind one entrance.

`handle` is that entrance, whatever the front: the HTTP server, and the transport in process, both use it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import localcloud.catalogue  # noqa: F401 - registers the actions that the gateway answers
from localcloud.accounts.published import Accounts
from localcloud.accounts.roles import FUNCTION_COMPUTE
from localcloud.front.api import DirectApi, InProcessApi
from localcloud.front.direct import Performed, perform_directly
from localcloud.front.gateway import Gateway
from localcloud.front.mounts import ActionOf, Asks, HttpHandler, Matcher, Mount, anything, nameless, serve
from localcloud.front.performing import Performer
from localcloud.front.trail import Trail
from localcloud.options import CloudOptions
from localcloud.other_services import OtherServices
from localcloud.physics.clock import RealClock, VirtualClock
from localcloud.physics.faults import Faults
from localcloud.physics.ids import IdSource
from localcloud.physics.latency import PROFILES, Latency, Limits
from localcloud.physics.switches import Switches
from localcloud.physics.transitions import Transitions
from localcloud.physics.workers import Workers
from localcloud.regions import REGIONS
from localcloud.seeds import buy_eip, plant
from localcloud.state.addresses import AddressPool
from localcloud.state.region import RegionState
from localcloud.state.tags import Moment, TagStore

if TYPE_CHECKING:
    from localcloud.accounts.identity import AccessKey
    from localcloud.calls.operations import Json, ProductName
    from localcloud.guests.base import World
    from localcloud.state.seeds import Seeds
    from localcloud.wire.http import HttpRequest, HttpResponse

Event = dict[str, Any]
Listener = Callable[[Event], None]

_LOG = logging.getLogger("localcloud")


class LocalCloud:
    """One cloud, complete and alone; several can live beside each other."""

    def __init__(self, world: World, options: CloudOptions | None = None) -> None:
        """Make it with one account's keys and nothing else; `seed` gives the first resources."""
        self.options = options = options or CloudOptions()
        self.world = world
        self.clock = options.clock or RealClock()
        self.wall_clock = options.wall_clock or self.clock
        self.lock = threading.RLock()
        self.regions = REGIONS
        self.home_region = options.home_region
        self._mounts: list[Mount] = []
        self._listeners: list[Listener] = []
        self._outbox: deque[Event] = deque()
        self._begin()
        if isinstance(self.clock, VirtualClock):
            self.clock.drive(self.transitions.next_due, self.tick)

    def _begin(self) -> None:
        options = self.options
        self.ids = IdSource(options.seed)
        self.profile = PROFILES[options.latency]
        self.latency = Latency(self.profile, options.seed)
        self.limits = Limits(self.clock, self.profile.per_minute)
        self.faults = Faults(options.seed, options.faults)
        self.switches = Switches(options.switches)
        self.transitions = Transitions(
            self.clock, self.lock, options.transitions, reads=options.reads, threaded=options.threaded
        )
        self.workers = Workers(threaded=options.threaded)
        self.addresses = AddressPool(options.eip_networks)
        self.accounts = Accounts(self.ids)
        self.keys = self.accounts.keys
        self.trail = Trail(self)
        self.performer = Performer(self, self.trail)
        self._gateway = Gateway(self, self.performer)
        self.writes = 0
        self.some_unlisted = False
        self._seeds: Seeds | None = None
        self._states: dict[tuple[str, str], RegionState] = {}

    @property
    def revision(self) -> int:
        """A number that grows whenever something may have changed."""
        return self.writes + self.transitions.finished

    def state(self, account_id: str, region_id: str) -> RegionState:
        """Return what an account has in a region."""
        key = (account_id, region_id)
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = RegionState(account_id, region_id, tags=TagStore(self._moment))
        return state

    def _moment(self) -> Moment:
        return Moment(self.writes, self.clock.monotonic())

    @property
    def has_listeners(self) -> bool:
        """Whether anybody wants to hear of events; without one none is made."""
        return bool(self._listeners)

    @property
    def bends_answers(self) -> bool:
        """Whether a fault or a switch may change answers that are right."""
        return bool(self.faults.all) or self.switches.is_("total-count", "text")

    def check_key(self, key: AccessKey, token: str, action: str) -> None:
        """Refuse temporary credentials whose token is missing, wrong or old; a fault may make it old now."""
        if not (key.token or token):
            return
        now = self.clock.now()
        if key.token and self.faults.strike(action, "expire") is not None:
            key.expires = now
        self.keys.check_token(key, token, now, int(self.switches.value("token-status")))

    def states(self) -> list[RegionState]:
        """All accounts' regions that were ever looked at."""
        return list(self._states.values())

    def seed(self) -> Seeds:
        """Plant the first network and instances in the home region; the ids are in the result."""
        with self.lock:
            self._seeds = plant(self)
            return self._seeds

    @property
    def others(self) -> OtherServices:
        """What other services do in the account: managed things, NAT gateways, locks; needs the seeds."""
        if self._seeds is None:
            raise ValueError("the other services work in the network of the seeds; call `seed` first")
        return OtherServices(self, self._seeds)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; safe from any thread."""
        for mount in self._mounts:
            if mount.matches(request):
                return serve(self, self._gateway, mount, request)
        with self.lock:
            self.transitions.fire()
            response = self._gateway.handle(request)
        self._settle()
        return response

    def perform(self, key: AccessKey, product: ProductName, action: str, params: Mapping[str, str]) -> Json:
        """Perform one call below its HTTP form: no signature, no bytes, no waiting; for simulations.

        `params` are named as on the wire (`Tag.1.Key`). Faults, limits, permissions and events are those of a
        signed call. Raises `ApiError`, and `DroppedConnection` or `GarbledAnswer` where a fault says so.
        """
        done = self.performed(key, product, action, params)
        if done.failure is not None:
            raise done.failure
        return done.body

    def performed(
        self, key: AccessKey, product: ProductName, action: str, params: Mapping[str, str]
    ) -> Performed:
        """Do the same, and return a failure beside the seconds that the answer takes to arrive."""
        with self.lock:
            self.transitions.fire()
            done = perform_directly(self, self.performer, key, (product, action), params)
        self._settle()
        return done

    def tick(self) -> None:
        """Carry out what has fallen due; a server's ticker and the virtual clock call it."""
        with self.lock:
            self.transitions.fire()
        self._settle()

    def _settle(self) -> None:
        self.transitions.drain()
        while self._outbox:
            try:
                event = self._outbox.popleft()
            except IndexError:  # another thread was faster
                break
            for listener in self._listeners:
                _tell(listener, event)

    def publish(self, event: Event) -> None:
        """Queue an event; listeners get it as soon as the lock is free."""
        if self._listeners:
            self._outbox.append(event)

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` with every event: ActionTrail's of each write, and ECS's own."""
        self._listeners.append(listener)

    def mount(
        self,
        matcher: Matcher,
        handler: HttpHandler,
        *,
        signed: bool = True,
        action_of: ActionOf = nameless,
        resource_of: ActionOf = anything,
        asks: Asks | None = None,
    ) -> None:
        """Let another service answer the requests that `matcher` names; their signature is checked first.

        `action_of` gives the RAM action of a request: permissions and faults go by it; `resource_of` the ARN
        of what it is done to. `asks` gives both where RAM has other names, or is asked several things.
        """
        self._mounts.append(Mount(matcher, handler, signed, action_of, resource_of, asks))

    def api(self, key: AccessKey | None = None) -> InProcessApi:
        """Return a client in this process that signs for real, by default as the first account's RAM user."""
        return InProcessApi(self, key or self.accounts.user_key)

    def direct_api(self, key: AccessKey | None = None) -> DirectApi:
        """Return a client that calls below the HTTP form, for simulations: nothing is signed."""
        return DirectApi(self, key or self.accounts.user_key)

    def issue_credentials(
        self, role_arn: str, session: str, seconds: int = 36 * 3600
    ) -> tuple[str, str, str]:
        """Temporary credentials of a role, as a function gets them: key id, secret, token."""
        with self.lock:
            key = self.accounts.assume(
                role_arn, session, self.clock.now(), seconds, principal=FUNCTION_COMPUTE
            )
        return key.key_id, key.secret, key.token

    def buy_eip(self) -> str:
        """Buy an EIP on the console's page, as the first account's root: an event without parameters."""
        with self.lock:
            allocation_id = buy_eip(self, self.trail)
            self.writes += 1
        self._settle()
        return allocation_id

    def reset(self) -> None:
        """Forget everything but the mounts and listeners; the ids begin anew."""
        self.transitions.clear()
        self.transitions.close()
        self.workers.close()
        with self.lock:
            self._close_guests()
            self._outbox.clear()
            self._begin()
        if isinstance(self.clock, VirtualClock):
            self.clock.drive(self.transitions.next_due, self.tick)

    def _close_guests(self) -> None:
        for state in self._states.values():
            for eip in state.eips.all.values():
                self.world.unbind(eip.public.address)
            for instance in state.instances.values():
                instance.guest.close()

    def close(self) -> None:
        """End threads and leave nothing of the world behind."""
        self.transitions.clear()
        self.transitions.close()
        self.workers.close()
        self.world.close()


def _tell(listener: Listener, event: Event) -> None:
    try:
        listener(event)
    except Exception:  # noqa: BLE001 - one listener's fault must not keep events from the others
        _LOG.exception("a listener failed on event %s (%s)", event["id"], event["type"])
