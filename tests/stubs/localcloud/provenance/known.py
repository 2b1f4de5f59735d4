"""Where each behaviour is known from; a test opens every heading and looks for what it is to tell."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from localcloud.calls.operations import PRODUCTS
from localcloud.physics.switches import SWITCHES
from localcloud.provenance import functions
from localcloud.provenance.assumed import ASSUMED, SWITCHED
from localcloud.provenance.documented import DOCUMENTED, SEEN
from localcloud.provenance.inventory import behaviours
from localcloud.provenance.origins import Origin
from localcloud.vendor.models import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KINDS = ("documented", "model", "seen", "assumed")


@cache
def origins() -> Mapping[str, Origin]:
    """Return where each behaviour is known from."""
    found = dict(_written())
    for switch in SWITCHES:
        found[f"switch {switch.name}"] = Origin("assumed", switch=switch.name)
    for product in PRODUCTS:
        if product.name in PACKAGES:
            found.update({f"action {product.name} {name}": Origin("model") for name in product.actions})
    return found


def _written() -> Iterator[tuple[str, Origin]]:
    for (file, heading), names in (*DOCUMENTED.items(), *functions.DOCUMENTED.items()):
        yield from ((name, Origin("documented", file, heading)) for name in names)
    for (file, heading), names in SEEN.items():
        yield from ((name, Origin("seen", file, heading)) for name in names)
    yield from ((name, Origin("assumed", switch=switch)) for name, switch in SWITCHED.items())
    for name, why in (*ASSUMED.items(), *functions.ASSUMED.items()):
        yield name, Origin("assumed", why=why)


def lines() -> Iterator[str]:
    """Say for people how much is known from where, and list every assumption."""
    known = origins()
    counts = {kind: sum(each.kind == kind for each in known.values()) for kind in _KINDS}
    yield (
        f"{len(behaviours())} behaviours: "
        + ", ".join(f"{count} {kind}" for kind, count in counts.items())
        + "."
    )
    yield ""
    yield "| assumption | switch, or why there is none |"
    yield "| --- | --- |"
    for name in behaviours():
        origin = known[name]
        if origin.kind == "assumed":
            yield f"| {name} | {f'`{origin.switch}`' if origin.switch else origin.why} |"
