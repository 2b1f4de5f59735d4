"""The operating systems of the local cloud's instances and the network around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tests.stubs.guests.permitted import why_not_namespaces

if TYPE_CHECKING:
    from tests.stubs.guests.base import Kind, World
    from tests.stubs.guests.managers import Manager

__all__ = ["open_world", "why_not_namespaces"]


def open_world(kind: Kind | Literal["auto"] = "auto", *, manager: Manager | None = None) -> World:
    """Open a world of this kind; `auto` takes namespaces where they are permitted.

    With a manager, Linux guests boot a whole system whose network it manages.
    """
    from tests.stubs.guests.namespaces import NamespacesWorld  # noqa: PLC0415 - a simulated world needs none of it
    from tests.stubs.guests.simulated import SimulatedWorld  # noqa: PLC0415

    if manager is None and (kind == "simulated" or (kind == "auto" and why_not_namespaces())):
        return SimulatedWorld()
    return NamespacesWorld(manager=manager)
