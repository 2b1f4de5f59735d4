"""What there is to say about where a behaviour is known from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["documented", "model", "seen", "assumed"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one behaviour is known from.

    *documented* and *seen* name the file and heading of the repository's facts where the page, its date or
    the experiment stands; *model* is the vendor's SDK package; *assumed* names its switch, or says why it has
    none.
    """

    kind: Kind
    file: str = ""
    heading: str = ""
    switch: str = ""
    why: str = ""

    def __str__(self) -> str:
        """For people."""
        if self.kind in {"documented", "seen"}:
            return f"{self.kind}: {self.file}, {self.heading}"
        return f"{self.kind}: switch {self.switch}" if self.switch else f"{self.kind}: {self.why}"
