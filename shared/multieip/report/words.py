"""The words of a report in two languages, for the page and for every other form that people read."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources


def english(key: str, **values: object) -> str:
    """Return a sentence in English; `n` chooses between its singular and its plural."""
    sentence = chosen(words()[key][0], values.get("n"))
    return sentence.format_map({name: shown(value) for name, value in values.items()})


def chosen(sentence: str, number: object) -> str:
    """Return the one of two forms, apart by a bar, that goes with a number."""
    if "|" not in sentence:
        return sentence
    one, many = sentence.split("|")
    return one if number == 1 else many


def shown(value: object) -> str:
    """Return a number with its thousands apart, and everything else as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value)


@lru_cache(maxsize=1)
def words() -> dict[str, list[str]]:
    """Return all sentences by key: English, then Chinese."""
    place = resources.files("multieip.report") / "page" / "words.json"
    found: dict[str, list[str]] = json.loads(place.read_text(encoding="utf-8"))
    return found
