"""What went over the demo's wire, compared with the vendor's own models once the story is told."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from localcloud import Watch, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from localcloud import Exchange


@dataclass(slots=True)
class Wire:
    """Every call that the cloud accepted, in order; comparing them would slow the story down."""

    exchanges: list[Exchange] = field(default_factory=list)

    def differences(self) -> list[str]:
        """Return what differs from the vendor's models."""
        watch = Watch(remembers=False)
        for each in self.exchanges:
            watch(each)
        return [str(each) for each in sorted(watch.differences)]

    def judge(self, console: Console) -> bool:
        """Tell it; whether nothing differs, and there was something to compare."""
        differences = self.differences()
        mark = "[red]✗[/red]" if differences or not self.exchanges else "[green]✓[/green]"
        console.print(
            f"          {mark} {len(self.exchanges)} calls compared, {len(differences)} differ",
            highlight=False,
        )
        for each in differences:
            console.print(f"            {each}", highlight=False, markup=False)
        return bool(self.exchanges) and not differences


@contextmanager
def listening() -> Iterator[Wire]:
    """Keep what goes over the wire of every cloud of this process meanwhile."""
    wire = Wire()
    with watched(wire.exchanges.append):
        yield wire
