"""Packs the Linux guest's program: phrases, gzip, digits. `deploy.guest_program` looks for what packs best.

What is packed is the phrases and the program, with a tab between each two; in the program the byte 127 + n
stands for phrase n. A file beside the sources has what a long search found for them, another one the
program of a survey; while they are about other sources than those that are there, it is done without.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multieip.guest.shorten import ShortNames, shorten_program

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKED = Path(__file__).with_name("linux") / "packed.found"
SURVEY = PACKED.with_name("survey.found")
# Printable characters but the quote and the blank, 93 of them, and the letters that UTF-8 writes in two
# bytes. Each stands for its share of a number, as in arithmetic coding: one of the first kind is worth 128
# of the others, which is near to what makes the text shortest.
DIGITS = "".join(chr(code) for code in range(33, 127) if chr(code) != "'")
SHARE, FIRST_LETTER, _LETTERS = 128, 0xC0, 0x800 - 0xC0
WHOLE = len(DIGITS) * SHARE + _LETTERS
_LEAST = 10_000 * WHOLE
_LINE = 1000
# zlib's name for the largest window with gzip's head and check sum.
_GZIP = 31
# Smaller blocks, each with a code of its own, come out shorter here than the largest.
_MEMORY = 6
_BYTE = 8
_FIRST_CODE = 127
_BEGIN = re.compile(r"^(?=[A-Za-z][A-Za-z0-9]*\(\) \{)", re.MULTILINE)


class Program(NamedTuple):
    """How the program's keeper names it, the number that its reader begins with, and its digits."""

    digest: str
    number: int
    digits: str


class Searched(NamedTuple):
    """What the search has found, and for which sources."""

    source: str
    words: tuple[tuple[str, ...], ...]
    order: tuple[int, ...]
    program: Program


def pack(shell: str, awk: str) -> Program:
    """Pack a program; the same sources always give the same. What was found need not be shortened anew."""
    found = _current(shell, awk)
    if found:
        return found.program
    text = shorten(shell, awk)
    return Program(crc(text), *in_digits(gzip(with_phrases(text, ()))))


def shorten(shell: str, awk: str) -> str:
    """Give the program in short names: the text that is packed."""
    found = _current(shell, awk)
    if found is None:
        return shorten_program(shell, awk)
    return in_order(shorten_program(shell, awk, ShortNames(found.words)), found.order)


def _current(shell: str, awk: str) -> Searched | None:
    source = crc(shell + awk)
    found = (read_found(path) for path in (PACKED, SURVEY))
    return next((each for each in found if each and each.source == source), None)


@cache
def read_found(path: Path = PACKED) -> Searched | None:
    """Read what was found; None where nothing was."""
    if not path.is_file():
        return None
    head, *rest = path.read_text(encoding="utf-8").splitlines()
    source, digest, number = head.split()
    words = tuple(tuple(line.split()) for line in rest[:3])
    order = tuple(map(int, rest[3].split()))
    program = Program(digest, int(number), "".join(f"{line}\n" for line in rest[4:]))
    return Searched(source, words, order, program)


def functions_of(program: str) -> tuple[str, list[str]]:
    """Cut a short program before each of its functions: what comes before all, and the pieces.

    What follows a function stays with it. The last piece calls the first function and has to stay the last.
    """
    head, *pieces = _BEGIN.split(program)
    return head, pieces


def in_order(program: str, order: Sequence[int]) -> str:
    """Put the functions in another order, which is nothing to the shell and much to a packer."""
    head, pieces = functions_of(program)
    if sorted(order) != list(range(len(pieces))):
        return program
    return head + "".join(pieces[at] for at in order)


def crc(text: str) -> str:
    """Name a text by its check sum."""
    return f"{zlib.crc32(text.encode()):08x}"


def with_phrases(text: str, phrases: Sequence[str]) -> str:
    """Put the phrases before the text and their codes into it."""
    for number, phrase in enumerate(phrases, 1):
        text = text.replace(phrase, chr(_FIRST_CODE + number))
    return "\t".join([*phrases, text])


def gzip(text: str) -> bytes:
    """Pack as any machine can."""
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP, _MEMORY)
    return packer.compress(text.encode("latin-1")) + packer.flush()


def in_digits(data: bytes) -> tuple[int, str]:
    """Write bytes down: 18 % longer than they are, where Base64 is a third longer.

    The reader begins with a number, which is given first, and puts one character after the other into it;
    what is too much for it comes out as bytes. So this goes backwards.
    """
    written: list[str] = []
    number, left = _LEAST, len(data)
    while number >= _LEAST:
        number, place = divmod(number, WHOLE)
        if place < len(DIGITS) * SHARE:
            written.append(DIGITS[place // SHARE])
            number = number * SHARE + place % SHARE
        else:
            written.append(chr(FIRST_LETTER + place - len(DIGITS) * SHARE))
        while number < _LEAST and left:
            left -= 1
            number = number << _BYTE | data[left]
    return number, in_lines("".join(reversed(written)))


def in_lines(text: str) -> str:
    """Long lines, because each end of line counts, but not without end: old tools have limits."""
    return "".join(f"{text[at : at + _LINE]}\n" for at in range(0, len(text), _LINE))
