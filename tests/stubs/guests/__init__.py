"""The operating systems of the local cloud's instances and the network around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tests.stubs.guests.managers import MANAGERS, Manager
from tests.stubs.guests.permitted import why_not_namespaces

if TYPE_CHECKING:
    from tests.stubs.guests.base import World

__all__ = ["WORLDS", "Choice", "open_world", "why_not", "why_not_namespaces"]

Choice = Literal["auto", "namespaces", "simulated"] | Manager
WORLDS: tuple[Choice, ...] = ("auto", "namespaces", "simulated", *MANAGERS)


def open_world(choice: Choice = "auto") -> World:
    """Open a world: simulated, made of namespaces, or with guests that boot with this network manager.

    `auto` takes namespaces where they are permitted. Raises `WorldError` with the reason where the
    choice is not possible; `why_not` tells it beforehand.
    """
    # A simulated world needs none of what the others bring with them.
    from tests.stubs.guests.namespaces import NamespacesWorld  # noqa: PLC0415
    from tests.stubs.guests.simulated import SimulatedWorld  # noqa: PLC0415

    if choice == "simulated" or (choice == "auto" and why_not_namespaces()):
        return SimulatedWorld()
    manager = choice if choice in MANAGERS else None
    return NamespacesWorld(manager=manager)


def why_not(choice: Choice) -> str | None:
    """Say why this world is not possible here; None when it is."""
    if choice in MANAGERS:
        from tests.stubs.guests.rootfs import why_not_booted  # noqa: PLC0415 - nothing else needs it

        return why_not_booted()
    return why_not_namespaces() if choice == "namespaces" else None
