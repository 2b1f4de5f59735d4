"""Packs the Linux guest's program: phrases, gzip, digits. `deploy.guest_program` looks for what packs best.

What is packed is the phrases, one to a line, an empty line, and the program, in which the byte 127 + n stands
for phrase n. The file beside the sources has what a long search found for them; while it is about other
sources than those that are there, the program is packed without.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from multieip.guest.shorten import ShortNames, shorten_program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PACKED = Path(__file__).with_name("linux") / "packed.found"
# Printable characters but the quote and the blank, 93 of them: 23 stand for six bits and 70 for seven. The
# other 12 of the 128 ways to begin stand for fourteen, by 1,536 letters that UTF-8 writes in two bytes.
DIGITS = "".join(chr(code) for code in range(33, 127) if chr(code) != "'")
_SHORT, _LONG_FROM, _FIRST_LETTER = 23, 116, 0xC0
_LINE = 1000
# zlib's name for the largest window with gzip's head and check sum.
_GZIP = 31
# Smaller blocks, each with a code of its own, come out shorter here than the largest.
_MEMORY = 6
_BYTE = 8
_FIRST_CODE = 127


class Program(NamedTuple):
    """How the program's keeper names it, and its digits."""

    digest: str
    digits: str


class Searched(NamedTuple):
    """What the search has found, and for which sources."""

    source: str
    words: tuple[tuple[str, ...], ...]
    program: Program


def pack(shell: str, awk: str) -> Program:
    """Pack a program; the same sources always give the same. What was found need not be shortened anew."""
    found = _current(shell, awk)
    if found:
        return found.program
    text = shorten(shell, awk)
    return Program(crc(text), in_digits(gzip, f"\n{text}"))


def shorten(shell: str, awk: str) -> str:
    """Give the program in short names: the text that is packed."""
    found = _current(shell, awk)
    return shorten_program(shell, awk, ShortNames(found.words if found else ()))


def _current(shell: str, awk: str) -> Searched | None:
    found = read_found()
    return found if found and found.source == crc(shell + awk) else None


@cache
def read_found() -> Searched | None:
    """Read what was found; None where nothing was."""
    if not PACKED.is_file():
        return None
    head, *rest = PACKED.read_text(encoding="utf-8").splitlines()
    source, digest = head.split()
    words = tuple(tuple(line.split()) for line in rest[:3])
    return Searched(source, words, Program(digest, "".join(f"{line}\n" for line in rest[3:])))


def crc(text: str) -> str:
    """Name a text by its check sum."""
    return f"{zlib.crc32(text.encode()):08x}"


def with_phrases(text: str, phrases: Sequence[str]) -> str:
    """Put the phrases before the text and their codes into it."""
    for number, phrase in enumerate(phrases, 1):
        text = text.replace(phrase, chr(_FIRST_CODE + number))
    return "".join(f"{phrase}\n" for phrase in phrases) + f"\n{text}"


def gzip(text: str) -> bytes:
    """Pack as any machine can."""
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP, _MEMORY)
    return packer.compress(text.encode("latin-1")) + packer.flush()


def in_digits(packer: Callable[[str], bytes], text: str) -> str:
    """Pack and write down: in bytes a fifth longer than what is packed, where Base64 is a third longer."""
    written, spare = _digits_of(packer(text))
    # A whole byte too many would be something behind the end, of which some tools complain.
    while spare >= _BYTE:
        text += "\n"
        written, spare = _digits_of(packer(text))
    return in_lines(written)


def _digits_of(data: bytes) -> tuple[str, int]:
    """Write bytes down, and tell how many bits the last digit holds that were not there."""
    bits = "".join(f"{byte:08b}" for byte in data) + "0" * 14
    end, at, written = len(data) * _BYTE, 0, []
    while at < end:
        begin = int(bits[at : at + 7], 2)
        if begin < 2 * _SHORT:
            written.append(DIGITS[begin >> 1])
            at += 6
        elif begin < _LONG_FROM:
            written.append(DIGITS[begin - _SHORT])
            at += 7
        else:
            written.append(chr(_FIRST_LETTER + int(bits[at : at + 14], 2) - (_LONG_FROM << 7)))
            at += 14
    return "".join(written), at - end


def in_lines(text: str) -> str:
    """Long lines, because each end of line counts, but not without end: old tools have limits."""
    return "".join(f"{text[at : at + _LINE]}\n" for at in range(0, len(text), _LINE))
