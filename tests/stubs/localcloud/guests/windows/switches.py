"""What no source says of Windows for certain: each is a switch, and the script has to be right for all."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class Switches:
    """One possible Windows. The first value of each is what most sources lean to."""

    coexistence_from: Literal[15063, 19041] = 15063
    """The first build on which an interface may have DHCP and static addresses."""
    coexistence_told: Literal["yes", "no"] = "yes"
    """Whether netsh's verbose output names it in English."""
    coexistence_off: Literal["keep", "drop"] = "keep"
    """What switching it off does to static addresses that are left."""
    static_active: Literal["keeps", "off"] = "keeps"
    """What a static address in the active store does to DHCP, though they may coexist."""
    add_persistent: Literal["both", "one"] = "both"
    """Whether an address for the persistent store goes into the active one, too."""
    add_over_active: Literal["writes", "refused", "half"] = "writes"
    """An address that only the active store has is added to the persistent one."""
    delete_persistent: Literal["both", "one"] = "both"
    """Whether taking an address out of the persistent store takes it out of the active one."""
    remove_route: Literal["works", "silent"] = "works"
    """Whether Remove-NetRoute takes a route out of the persistent store, or leaves it without a word."""
    ignore_now: Literal["keeps", "drops"] = "keeps"
    """What IgnoreDefaultRoutes does to a default route by DHCP that is there."""
    ignore_lease: Literal["honoured", "not"] = "honoured"
    """Whether a lease's default route stays away because of IgnoreDefaultRoutes."""
    ignore_static: Literal["kept", "dropped"] = "kept"
    """Whether a persistent static default route comes up at a start in spite of IgnoreDefaultRoutes."""
    template: Literal["shown", "none"] = "shown"
    """Whether Get-NetIPInterface shows what the persistent store has for an interface."""
    renewal: Literal["keeps", "resets"] = "keeps"
    """Whether a renewed lease sets the metric of its default route again."""
    replug: Literal["same", "new"] = "same"
    """Whether an interface that is plugged in again finds its old settings."""

    tie: Literal["first", "last"] = "first"
    """Which of two equally good default routes is taken, by their order of age."""
    pace: Literal[1, 20, 400] = 1
    """How many times as long as usual each command takes: with 400 a question takes a minute."""


def choices() -> dict[str, tuple[object, ...]]:
    """List what each switch can be."""
    hints = get_type_hints(Switches)
    return {field.name: get_args(hints[field.name]) for field in fields(Switches)}
