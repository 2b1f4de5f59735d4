"""Each sentence of the page stands in both languages with the same blanks, and each that is used is there."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from multieip.report.words import english, words

PAGE = resources.files("multieip.report") / "page"
BLANK = re.compile(r"\{(\w+)\}")


def _texts(folder: str) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in (PAGE / folder).iterdir() if file.is_file())


@pytest.mark.parametrize("key", words())
def test_both_languages_fill_the_same_blanks(key: str) -> None:
    """A singular may leave its number out."""
    english_form, chinese_form = words()[key]

    plural = english_form.rsplit("|", maxsplit=1)[-1]
    assert set(BLANK.findall(plural)) == set(BLANK.findall(chinese_form))
    assert set(BLANK.findall(english_form)) == set(BLANK.findall(plural))
    assert "|" not in chinese_form


def test_every_sentence_that_is_asked_for_is_there() -> None:
    """By the templates and by the script."""
    asked = set(re.findall(r"""\bt\("([a-z_.]+)"[,)]""", _texts("parts")))
    asked |= set(re.findall(r"""(?:nothing|label)\("([a-z_.]+)"\)""", _texts("parts")))
    script = {f"js.{key}" for key in re.findall(r"""\bT\("(\w+)"[,)]""", _texts("script"))}

    assert len(asked) > 40
    assert len(script) > 40
    assert (asked | script) - set(words()) == set()


def test_no_sentence_is_left_that_nobody_asks_for() -> None:
    """Those whose key is put together (a status, a link, a section) are asked for by its first part."""
    everything = _texts("parts") + _texts("script") + (PAGE / "page.html.j2").read_text(encoding="utf-8")
    everything += "".join(
        file.read_text(encoding="utf-8")
        for file in resources.files("multieip.report").iterdir()
        if file.name.endswith(".py")
    )
    left = [
        key
        for key in words()
        if f'"{key.removeprefix("js.")}"' not in everything
        and not re.search(rf'"{re.escape(key.rsplit(".", 1)[0])}\.(?:"| )', everything)
        and key.removeprefix("js.")
        not in {"fail", "unknown", "held", "warning", "good", "new", "still", "fixed", "first"}
        and not re.fullmatch(r"js\.(link\d|guest|cloud|assumed)", key)
        and not re.search(rf'f"{re.escape(key.rsplit(".", 1)[0])}\.\{{', everything)
    ]

    assert left == []


def test_a_number_chooses_its_form() -> None:
    """With thousands apart."""
    assert english("days", n=1) == "1 day"
    assert english("days", n=1234) == "1,234 days"
