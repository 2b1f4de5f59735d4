"""Looks for what makes the Linux guest's program short, and writes it beside its sources.

`make guest-program`, after each change of `multieip/guest/linux`; some minutes of one processor.

Four things are looked for: which short word each name has, the order of the functions, phrases that get
one byte each, and the best way through gzip's format (zopfli). It goes on from what it has found before, so a
second run finds a little more.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from multieip.guest.packing import (
    PACKED,
    SURVEY,
    crc,
    functions_of,
    gzip,
    in_digits,
    in_order,
    read_found,
    with_phrases,
)
from multieip.guest.render import linux_source
from multieip.guest.shorten import ShortNames, shorten_program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TRIALS = 12000
# An order is tried in a tenth of the time that a word takes.
_ORDERS = 40000
_MOVED = (1, 1, 1, 2, 3, 5)
_ROUNDS = 100
# Private characters, one for each name, so that a trial need not read the sources again.
_PRIVATE = 0xE000
_SHORTEST_PHRASE, _LONGEST_PHRASE = 2, 16
_SELDOM = 6
_CANDIDATES = 100

Words = list[list[str]]


class Found(NamedTuple):
    """What makes one program short."""

    words: Words
    order: list[int]
    phrases: list[str]


def best_words(shell: str, awk: str, trials: int) -> Words:
    """Exchange two words of one kind as long as that makes the program shorter."""
    usual = ShortNames()
    shorten_program(shell, awk, usual)
    found = read_found()
    words = [list(kind) for kind in usual.given]
    # Goes on from what was found last, as long as there are as many names.
    if found and [sorted(kind) for kind in found.words] == [sorted(kind) for kind in words]:
        words = [list(kind) for kind in found.words]
    places = _places(words)
    text = in_order(shorten_program(shell, awk, ShortNames(places)), found.order if found else ())

    def size() -> int:
        table = {
            ord(place): word
            for kind in zip(places, words, strict=True)
            for place, word in zip(*kind, strict=True)
        }
        return len(gzip(text.translate(table)))

    chance = random.Random(0)  # noqa: S311  not a secret
    best = size()
    for _ in range(trials):
        kind = chance.choice(words)
        one, other = chance.sample(range(len(kind)), 2)
        kind[one], kind[other] = kind[other], kind[one]
        now = size()
        if now > best:
            kind[one], kind[other] = kind[other], kind[one]
        best = min(now, best)
    return words


def _places(words: Words) -> Words:
    """Give each name a character of its own."""
    at, places = _PRIVATE, []
    for kind in words:
        places.append([chr(at + number) for number in range(len(kind))])
        at += len(kind)
    return places


def best_order(program: str, trials: int) -> list[int]:
    """Move functions as long as that makes the program no longer; the last one stays the last."""
    head, pieces = functions_of(program)
    found = read_found()
    order = list(range(len(pieces)))
    if found and sorted(found.order) == order:
        order = list(found.order)

    def size(order: list[int]) -> int:
        return len(gzip(head + "".join(pieces[at] for at in order)))

    chance = random.Random(0)  # noqa: S311  not a secret
    best = size(order)
    for _ in range(trials):
        moved, count = order[:-1], chance.choice(_MOVED)
        at, to = chance.sample(range(len(moved)), 2)
        group = moved[at : at + count]
        del moved[at : at + count]
        moved[to:to] = group
        moved.append(order[-1])
        now = size(moved)
        if now <= best:
            best, order = now, moved
    return order


def best_phrases(text: str, rounds: int) -> list[str]:
    """Choose the phrase that saves most, again and again, as long as one saves anything."""
    phrases: list[str] = []
    best = len(gzip(with_phrases(text, phrases)))
    for _ in range(rounds):
        trials = [
            (len(gzip(with_phrases(text, [*phrases, phrase]))), phrase)
            for phrase in _candidates(with_phrases(text, phrases).rpartition("\t")[2])
        ]
        size, phrase = min(trials, default=(best, ""))
        if size >= best:
            break
        phrases.append(phrase)
        best = size
    return phrases


def _candidates(body: str) -> list[str]:
    counts: Counter[str] = Counter()
    for length in range(_SHORTEST_PHRASE, _LONGEST_PHRASE):
        pieces = Counter(body[at : at + length] for at in range(len(body) - length))
        for piece, count in pieces.items():
            if count > _SELDOM and "\n" not in piece and "\\" not in piece and "&" not in piece:
                counts[piece] = int(count * (length - 1) ** 0.5 * 100)
    return [piece for piece, _ in counts.most_common(_CANDIDATES)]


def zopfli(text: str) -> bytes:
    """Pack as well as gzip's format can."""
    from zopfli.gzip import compress  # type: ignore[import-not-found]  # noqa: PLC0415

    return bytes(compress(text.encode("latin-1"), numiterations=60))


def main(argv: Sequence[str] | None = None) -> int:
    """Search, and write the file."""
    parser = argparse.ArgumentParser(prog="deploy.guest_program", description=__doc__)
    parser.add_argument("--trials", type=int, default=_TRIALS)
    trials = parser.parse_args(argv).trials
    shell, awk = linux_source()
    words = best_words(shell, awk, trials)
    text = shorten_program(shell, awk, ShortNames(words))
    order = best_order(text, _ORDERS)
    found = Found(words, order, best_phrases(in_order(text, order), _ROUNDS))
    write_found(PACKED, shell, awk, found)
    # A survey has bytes enough; its file is there so that no function has to shorten it at its start.
    survey = linux_source(survey=True)
    usual = ShortNames()
    shorten_program(*survey, usual)
    write_found(SURVEY, *survey, Found(usual.given, [], []))
    return 0


def write_found(path: Path, shell: str, awk: str, found: Found) -> None:
    """Pack a program with what was found for it, and write it down."""
    text = in_order(shorten_program(shell, awk, ShortNames(found.words)), found.order)
    number, digits = in_digits(zopfli(with_phrases(text, found.phrases)))
    head = f"{crc(shell + awk)} {crc(text)} {number}"
    lines = [head, *map(" ".join, found.words), " ".join(map(str, found.order))]
    path.write_text("".join(f"{line}\n" for line in lines) + digits, encoding="utf-8")
    print(f"{len(text)} bytes in {len(digits)} digits, {len(found.phrases)} phrases: {path}")


if __name__ == "__main__":
    sys.exit(main())
