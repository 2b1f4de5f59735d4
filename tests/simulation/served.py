"""Which EIPs a guest has served, and must go on to serve: what a run may not take away by the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.functional.operator import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


@dataclass(slots=True)
class _Served:
    instance: str
    eips: set[str]


class Served:
    """EIPs that answered when a run said `ready`, as long as nobody unbound them or gave leave to."""

    def __init__(self) -> None:
        """Know of none."""
        self._by_eni: dict[str, _Served] = {}

    def note(self, state: Any) -> None:  # noqa: ANN401  the local cloud's own state, read only
        """Forget what has been unbound, is on another instance, is wanted undone or may be unbound."""
        for eni, served in list(self._by_eni.items()):
            found, tags = state.enis.all.get(eni), state.tags.of(eni)
            moved = found is None or found.instance_id not in ("", served.instance)
            if moved or tags.get(f"{PREFIX}hold") == "release" or tags.get(f"{PREFIX}prune") == "allow":
                del self._by_eni[eni]
                continue
            served.eips &= {each.allocation_id for each in state.eips.bound_to(eni)}

    def remember(self, eni: str, instance: str, eips: Iterable[str]) -> None:
        """Take down what answers now."""
        self._by_eni[eni] = _Served(instance, set(eips))

    def of(self, eni: str) -> set[str]:
        """Return what has to answer still."""
        served = self._by_eni.get(eni)
        return set(served.eips) if served else set()
