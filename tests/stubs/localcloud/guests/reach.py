"""Who answers: pings and TCP questions from the internet host, and from inside the VPC."""

from __future__ import annotations

import sys
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localcloud.guests.base import World

# One answer is enough; on a busy machine the first packet may wait for ARP longer than a second.
# As a program of its own: it is asked often, and the package would be read each time.
ECHO = (sys.executable, "-I", "-S", str(Path(__file__).with_name("echo.py")))
PING = ("ping", "-n", "-c", "1", "-w", "3")


def pings(world: World, address: IPv4Address) -> bool:
    """Whether the address answers a ping from the internet host."""
    return world.internet([*PING, str(address)]).exit_code == 0


def pings_inside(world: World, private: IPv4Address) -> bool:
    """Whether the private address answers a ping from another subnet of its VPC."""
    return world.inside(private, [*PING, str(private)]).exit_code == 0


def answered_at(world: World, address: IPv4Address, port: int) -> IPv4Address | None:
    """Learn at which local address a TCP connection from the internet host arrived; None without an answer.

    The guest must `listen` on the port.
    """
    asked = world.internet([*ECHO, "ask", str(address), str(port)])
    return IPv4Address(asked.output.decode().strip()) if asked.exit_code == 0 else None
