"""What the local cloud needs of an instance's operating system and of the network around it.

Two worlds stand behind these protocols: `namespaces` (a Linux guest made of network
namespaces, with gateways and an internet host) and `simulated` (keeps addresses in memory
and says so). The ECS and VPC services call them; they know nothing of the cloud's API.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network

Kind = Literal["namespaces", "simulated"]
OsType = Literal["linux", "windows"]


class WorldError(RuntimeError):
    """The fabric could not do what was asked; the message says what, where, and the way out."""


@dataclass(frozen=True, slots=True)
class Nic:
    """A network interface as the fabric knows it: `private` carries the vSwitch's prefix.

    `vswitch_id` keeps vSwitches with equal prefixes apart; without it the prefix names the segment.
    """

    eni_id: str
    mac: str
    private: IPv4Interface
    gateway: IPv4Address
    primary: bool = False
    vswitch_id: str = ""


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """An EIP bound to an interface.

    `visible` is the multi-EIP mode (packets reach the guest with the EIP as destination);
    otherwise the fabric translates the EIP one-to-one to `private`.
    """

    address: IPv4Address
    gateway: IPv4Address
    network: IPv4Network
    eni_id: str
    private: IPv4Address
    visible: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A script that waits for the lock or an interface: told whether it goes on, so that others meet it."""

    goes_on: Callable[[], None]
    gives_up: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Execution:
    """How a command ended in the guest. `output` is stdout and stderr together, as Cloud Assistant has it."""

    exit_code: int
    output: bytes
    timed_out: bool = False
    duration_s: float = 0.0
    # How much of the output was reported before the end, and why the agent would not run the command at all.
    early: int = 0
    invalid: str = ""
    # A script that is still waiting, with what it would say if it gave up now.
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One command for one guest. `kind` is Cloud Assistant's `Type`."""

    kind: Literal["RunShellScript", "RunPowerShellScript", "RunBatScript"]
    content: bytes
    timeout_s: float = 60.0
    username: str = ""
    working_dir: str = ""
    environment: Sequence[tuple[str, str]] = field(default=())


@dataclass(frozen=True, slots=True)
class GatewayCount:
    """What one gateway has seen: packets of its own addresses, and those it dropped as spoofed.

    `gateway` is the EIP gateway's address, or a vSwitch's gateway for private addresses.
    """

    gateway: IPv4Address
    forwarded: int
    spoofed: int


class Guest(Protocol):
    """One instance's operating system."""

    @property
    def kind(self) -> Kind:
        """Which world it lives in; shown to people, so that a simulation never passes for a guest."""

    def plug(self, nic: Nic) -> None:
        """Let the interface appear, as a hot-plug does."""

    def unplug(self, eni_id: str) -> None:
        """Let the interface disappear; unknown ids are no error."""

    def start(self) -> None:
        """Boot: interfaces come up as the guest's configuration says; runtime state of before is gone."""

    def stop(self) -> None:
        """Power off; files stay."""

    def run(self, command: Command) -> Execution:
        """Run the command as Cloud Assistant would and wait for its end (blocking, thread-safe)."""

    def listen(self, port: int) -> None:
        """Answer each TCP connection to `port` with the local address it arrived at, until `stop`."""

    def close(self) -> None:
        """Leave nothing behind; may be called twice."""


class World(Protocol):
    """The fabric: guests, EIP gateways, an internet host."""

    @property
    def kind(self) -> Kind:
        """Which world this is."""

    def create_guest(self, instance_id: str, os_type: OsType, primary: Nic) -> Guest:
        """Make the guest of a new instance; it is stopped until `start`."""

    def bind(self, public: PublicAddress) -> None:
        """Route an EIP to its interface from now on."""

    def unbind(self, address: IPv4Address) -> None:
        """Stop routing the EIP; unknown addresses are no error."""

    def internet(self, argv: Sequence[str], *, timeout_s: float = 30.0) -> Execution:
        """Run a program on the internet host (ping, python, ...)."""

    def inside(self, private: IPv4Address, argv: Sequence[str], *, timeout_s: float = 30.0) -> Execution:
        """Run a program on a host of another subnet of the VPC that `private` lies in."""

    def counts(self) -> Sequence[GatewayCount]:
        """Count what each gateway has forwarded and dropped so far."""

    def spoofed(self) -> int:
        """How many packets the gateways dropped because their source was not theirs."""

    def close(self) -> None:
        """Leave no namespace, process or file behind; may be called twice."""
