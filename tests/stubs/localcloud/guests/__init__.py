"""The operating systems of the local cloud's instances and the network around them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from localcloud.guests.base import Command, Execution, Guest, Nic, PublicAddress, World, WorldError
from localcloud.guests.managers import IMAGES, MANAGERS, Manager
from localcloud.guests.permitted import why_not_namespaces
from localcloud.guests.reach import answered_at, pings, pings_inside
from localcloud.guests.rootfs import disk, why_not_booted

if TYPE_CHECKING:
    from localcloud.guests.namespaces import NamespacesGuest, NamespacesWorld
    from localcloud.guests.simulated import SimulatedGuest

__all__ = [
    "IMAGES",
    "MANAGERS",
    "WORLDS",
    "Choice",
    "Command",
    "Execution",
    "Guest",
    "Manager",
    "NamespacesGuest",
    "NamespacesWorld",
    "Nic",
    "PublicAddress",
    "SimulatedGuest",
    "World",
    "WorldError",
    "answered_at",
    "disk",
    "open_world",
    "pings",
    "pings_inside",
    "why_not",
    "why_not_booted",
    "why_not_namespaces",
]

Choice = Literal["auto", "namespaces", "simulated"] | Manager
WORLDS: tuple[Choice, ...] = ("auto", "namespaces", "simulated", *MANAGERS)

_HOMES = {
    "NamespacesGuest": "localcloud.guests.namespaces",
    "NamespacesWorld": "localcloud.guests.namespaces",
    "SimulatedGuest": "localcloud.guests.simulated",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Import a kind of world only for those who name it."""
    home = _HOMES.get(name)
    if home is not None:
        return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def open_world(choice: Choice = "auto") -> World:
    """Open a world: simulated, made of namespaces, or with guests that boot with this network manager.

    `auto` takes namespaces where they are permitted. Raises `WorldError` with the reason where the
    choice is not possible; `why_not` tells it beforehand.
    """
    # A simulated world needs none of what the others bring with them.
    from localcloud.guests.namespaces import NamespacesWorld  # noqa: PLC0415
    from localcloud.guests.simulated import SimulatedWorld  # noqa: PLC0415

    if choice == "simulated" or (choice == "auto" and why_not_namespaces()):
        return SimulatedWorld()
    manager = choice if choice in MANAGERS else None
    return NamespacesWorld(manager=manager)


def why_not(choice: Choice) -> str | None:
    """Say why this world is not possible here; None when it is."""
    if choice in MANAGERS:
        return why_not_booted()
    return why_not_namespaces() if choice == "namespaces" else None
