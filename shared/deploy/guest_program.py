"""Looks for what makes the Linux guest's program short, and writes it beside its sources.

`make guest-program`, after each change of `multieip/guest/linux`; some minutes of one processor.

Three things are looked for: which short word each name has, phrases that get one byte each, and the best way
through gzip's format (zopfli). It goes on from what it has found before, so a second run finds a little more.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from typing import TYPE_CHECKING

from multieip.guest.packing import PACKED, crc, gzip, in_digits, read_found, with_phrases
from multieip.guest.render import linux_source
from multieip.guest.shorten import ShortNames, shorten_program

if TYPE_CHECKING:
    from collections.abc import Sequence

_TRIALS = 12000
_ROUNDS = 100
# Private characters, one for each name, so that a trial need not read the sources again.
_PRIVATE = 0xE000
_SHORTEST_PHRASE, _LONGEST_PHRASE = 2, 16
_SELDOM = 6
_CANDIDATES = 100

Words = list[list[str]]


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
    text = shorten_program(shell, awk, ShortNames(places))

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
    phrases = best_phrases(text, _ROUNDS)
    number, digits = in_digits(zopfli(with_phrases(text, phrases)))
    lines = [f"{crc(shell + awk)} {crc(text)} {number}", *map(" ".join, words)]
    PACKED.write_text("".join(f"{line}\n" for line in lines) + digits, encoding="utf-8")
    print(f"{len(text)} bytes in {len(digits)} digits, {len(phrases)} phrases: {PACKED}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
