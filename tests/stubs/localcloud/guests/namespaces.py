"""A world of network namespaces: real kernels' networking, real scripts, nothing of the machine touched."""

from __future__ import annotations

import base64
import secrets
from dataclasses import asdict
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from localcloud.guests.base import (
    Command,
    Execution,
    GatewayCount,
    Guest,
    Kind,
    Nic,
    OsType,
    PublicAddress,
    WorldError,
)
from localcloud.guests.cgroups import clear
from localcloud.guests.channel import Channel
from localcloud.guests.message import as_json
from localcloud.guests.permitted import ways
from localcloud.guests.rootfs import disk, why_not_booted
from localcloud.guests.simulated import SimulatedWorld

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localcloud.guests.managers import Manager


class NamespacesGuest:
    """A Linux guest in namespaces of its own."""

    kind: Kind = "namespaces"

    def __init__(self, channel: Channel, instance_id: str) -> None:
        """Speak for a guest that the agent has made."""
        self._channel = channel
        self.instance_id = instance_id

    def plug(self, nic: Nic) -> None:
        """Let the interface appear, as a hot-plug does."""
        self._channel.call("plug", instance_id=self.instance_id, nic=as_json(nic))

    def unplug(self, eni_id: str) -> None:
        """Let the interface disappear; unknown ids are no error."""
        self._channel.call("unplug", instance_id=self.instance_id, eni_id=eni_id)

    def carrier(self, eni_id: str, *, up: bool) -> None:
        """Take the carrier away from a plugged interface, or give it back."""
        self._channel.call("carrier", instance_id=self.instance_id, eni_id=eni_id, up=up)

    def start(self) -> None:
        """Boot: interfaces come up as the guest's configuration says."""
        self._channel.call("start", instance_id=self.instance_id)

    def stop(self) -> None:
        """Power off; files stay."""
        self._channel.call("stop", instance_id=self.instance_id)

    def run(self, command: Command) -> Execution:
        """Run the command as Cloud Assistant would and wait for its end."""
        fields = {**asdict(command), "content": base64.b64encode(command.content).decode()}
        return _execution(self._channel.call("run", instance_id=self.instance_id, command=fields))

    def listen(self, port: int) -> None:
        """Answer each TCP connection to `port` with the local address it arrived at, until `stop`."""
        self._channel.call("listen", instance_id=self.instance_id, port=port)

    def close(self) -> None:
        """Leave nothing behind; may be called twice."""
        self._channel.call("remove", instance_id=self.instance_id)


class NamespacesWorld:
    """Guests, EIP gateways and an internet host, all inside one holder process."""

    kind: Kind = "namespaces"

    def __init__(self, *, user_namespace: bool | None = None, manager: Manager | None = None) -> None:
        """Open the world; in a user namespace where that works, so that root has no more rights in it.

        With a manager, guests boot a whole system that it runs; that needs root.
        """
        working, reason = ways()
        if manager:
            user_namespace = False
            reason = why_not_booted()
            if reason:
                raise WorldError(f"no guest with {manager} here: {reason}")
        if user_namespace is None and working:
            user_namespace = working[0]
        if user_namespace is None or user_namespace not in working:
            raise WorldError(f"no namespaces world here: {reason or 'not in this form'}")
        self._name = secrets.token_hex(4)
        arguments = [manager, str(disk()), self._name] if manager else []
        self._channel = Channel(user_namespace=user_namespace, arguments=arguments)
        self._windows = SimulatedWorld()

    def create_guest(self, instance_id: str, os_type: OsType, primary: Nic) -> Guest:
        """Make the guest of a new instance; it is stopped until `start`. Windows is always simulated."""
        if os_type == "windows":
            return self._windows.create_guest(instance_id, os_type, primary)
        self._channel.call("create", instance_id=instance_id)
        guest = NamespacesGuest(self._channel, instance_id)
        guest.plug(primary)
        return guest

    def bind(self, public: PublicAddress) -> None:
        """Route an EIP to its interface from now on."""
        self._windows.bind(public)
        self._channel.call("bind", public=as_json(public))

    def unbind(self, address: IPv4Address) -> None:
        """Stop routing the EIP; unknown addresses are no error."""
        self._windows.unbind(address)
        self._channel.call("unbind", address=str(address))

    def internet(self, argv: Sequence[str], *, timeout_s: float = 30.0) -> Execution:
        """Run a program on the internet host (ping, python, ...)."""
        return _execution(self._channel.call("internet", argv=list(argv), timeout_s=timeout_s))

    def inside(self, private: IPv4Address, argv: Sequence[str], *, timeout_s: float = 30.0) -> Execution:
        """Run a program on a host of another subnet of the VPC that `private` lies in."""
        reply = self._channel.call("inside", private=str(private), argv=list(argv), timeout_s=timeout_s)
        return _execution(reply)

    def keep_sessions(self, services: Sequence[tuple[str, int]]) -> None:
        """Translate as a gateway with a session table does, from now on.

        What the guest has not asked for gets in only to these services (protocol, port). EIPs in
        the multi-EIP mode are not translated, so nothing changes for them.
        """
        self._channel.call("sessions", services=[list(service) for service in services])

    def counts(self) -> list[GatewayCount]:
        """Count what each gateway has forwarded and dropped so far."""
        rows = self._channel.call("counts")
        return [
            GatewayCount(IPv4Address(address), forwarded, spoofed) for address, forwarded, spoofed in rows
        ]

    def spoofed(self) -> int:
        """How many packets the gateways dropped because their source was not theirs."""
        return sum(one.spoofed for one in self.counts())

    def close(self) -> None:
        """Leave no namespace, process or file behind; may be called twice."""
        self._channel.close()
        clear(self._name)


def _execution(reply: dict[str, Any]) -> Execution:
    return Execution(
        reply["exit_code"],
        base64.b64decode(reply["output"]),
        reply["timed_out"],
        reply["duration_s"],
        reply["early"],
        reply["invalid"],
    )
