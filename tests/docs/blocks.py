"""The code blocks of a page, and the commands in them.

`console`: lines that begin with `$ ` are typed one after the other into one shell, the lines below one are a
part of what it answers (`…` stands for anything). `sh`: typed as it is. A command ends with status 0 unless
`# ends with N` stands behind it. `terraform` and `json` are parsed. What cannot be run carries its reason, as
`<!-- not run: reason -->` on the line before the block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
RUN = ("console", "sh")

_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]*) -->\n)?^```(?P<language>[^\n`]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_ENDS = re.compile(r"# ends with (\d+)$")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page; `not_run` is the reason, empty where it is run."""

    page: str
    line: int
    language: str
    text: str
    not_run: str = ""

    @property
    def place(self) -> str:
        """Say where it is, for a message."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """What is typed, the status that it ends with, and the lines that its answer has, in this order."""

    place: str
    text: str
    status: int
    shown: tuple[str, ...]


def blocks(page: str, text: str | None = None) -> tuple[Block, ...]:
    """Return the blocks of a page of the repository."""
    text = (ROOT / page).read_text(encoding="utf-8") if text is None else text
    return tuple(
        Block(
            page,
            text.count("\n", 0, found.start("language")) + 1,
            found["language"].strip(),
            found["text"],
            found["reason"] or "",
        )
        for found in _BLOCK.finditer(text)
    )


def commands(shown: Sequence[Block]) -> Iterator[Command]:
    """Return what is typed, in order; a block of another language has nothing, nor one that is not run."""
    for block in shown:
        if block.not_run or block.language not in RUN:
            continue
        if block.language == "sh":
            yield Command(block.place, block.text, 0, ())
        else:
            yield from _typed(block)


def _typed(block: Block) -> Iterator[Command]:
    lines = block.text.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith("$ ")]
    if not starts or starts[0] != 0:
        raise ValueError(f"{block.place}: a console block begins with a line `$ command`")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        text = lines[start].removeprefix("$ ")
        first = start + 1
        while text.endswith("\\"):
            text, first = f"{text}\n{lines[first].removeprefix('> ')}", first + 1
        ends = _ENDS.search(text)
        answer = tuple(line for line in lines[first:end] if line.strip())
        yield Command(f"{block.page}:{block.line + 1 + start}", text, int(ends[1]) if ends else 0, answer)


def missing(shown: Sequence[str], answer: str) -> list[str]:
    """Return the lines that an answer should have, in order, and has not; `…` stands for anything."""
    rest = answer.splitlines()
    for n, line in enumerate(shown):
        wanted = re.compile(".*".join(map(re.escape, line.strip().split("…"))))
        at = next((i for i, got in enumerate(rest) if wanted.fullmatch(got.strip())), None)
        if at is None:
            return list(shown[n:])
        rest = rest[at + 1 :]
    return []
