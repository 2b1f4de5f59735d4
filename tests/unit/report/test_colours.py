"""Every colour that carries words is readable on its paper, in light, in dark and in print."""

from __future__ import annotations

import re
from importlib import resources

import pytest

STYLE = resources.files("multieip.report") / "page" / "style"
WORDS = ("ink", "mute", "fail", "warn", "unk", "held", "fix")
MARKS = ("good",)
WORDS_AT_LEAST, MARKS_AT_LEAST = 4.5, 3.0


def _luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(each * 2 for each in colour)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _palettes() -> dict[str, dict[str, str]]:
    """Return each set of colours as the style declares it."""
    base = (STYLE / "base.css").read_text(encoding="utf-8")
    paper = (STYLE / "print.css").read_text(encoding="utf-8")
    blocks = re.findall(r"\{([^{}]*--paper:[^{}]*)\}", base) + re.findall(
        r"\{([^{}]*--paper:[^{}]*)\}", paper
    )
    found = [dict(re.findall(r"--([a-z]+):#([0-9a-f]{3,6})", block)) for block in blocks]
    return dict(zip(("light", "dark by the system", "dark by choice", "print"), found, strict=True))


@pytest.mark.parametrize("name", ["light", "dark by the system", "dark by choice", "print"])
def test_words_and_marks_stand_out(name: str) -> None:
    """Words by 4.5, also on the raised ground of commands; marks that no word depends on by 3."""
    palette = _palettes()[name]

    for ground in ("paper", "raise"):
        for colour in WORDS:
            assert _contrast(palette[colour], palette[ground]) >= WORDS_AT_LEAST, (colour, ground)
    for colour in MARKS:
        assert _contrast(palette[colour], palette["paper"]) >= MARKS_AT_LEAST, colour


def test_both_ways_to_dark_are_the_same_dark() -> None:
    """By the system or by the button."""
    palettes = _palettes()

    assert palettes["dark by the system"] == palettes["dark by choice"]
