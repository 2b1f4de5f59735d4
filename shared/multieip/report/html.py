"""A report as one HTML page that carries everything it needs: style, script and data.

The only module that knows Jinja2, which is the extra `html` and not part of the functions' code.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from multieip.report.changes import with_changes
from multieip.report.compact import compact
from multieip.report.front import front
from multieip.report.words import chosen, shown, words

if TYPE_CHECKING:
    from multieip.ports import Json

RULES_URL: Final = "docs/rules/"
"""Where the pages of the rules are looked for, unless the caller knows better."""

_PAGE: Final = resources.files("multieip.report") / "page"
_STYLES: Final = ("base", "front", "tables", "register", "drawing", "narrow", "print")
_SCRIPTS: Final = (
    "data",
    "words",
    "dom",
    "marks",
    "spark",
    "drawing",
    "reply",
    "findings",
    "apply",
    "facts",
    "group",
    "state",
    "register",
    "front",
    "start",
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def render_html(report: Json, previous: Json | None = None, *, rules_url: str = RULES_URL) -> str:
    """Return the page of one report, beside the one before it where that is given.

    Both are data as `as_json` makes it. A report that carries its changes already is taken as it is.
    """
    if previous is not None or "history" not in report:
        report = with_changes(report, previous)
    every = words()
    style, script = _joined("style", "css", _STYLES), _script()
    environment = _environment(every)
    data = compact(report) | {
        "rulesUrl": rules_url,
        "words": {key[3:]: pair for key, pair in every.items() if key.startswith("js.")},
    }
    return environment.get_template("page.html.j2").render(
        report=report,
        front=front(report),
        rules_url=rules_url,
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own files
        style_hash=_hash(style),
        script_hash=_hash(script),
        data=Markup(_in_script(data)),  # noqa: S704  escaped for its place
    )


def _environment(every: dict[str, list[str]]) -> Environment:
    environment = Environment(
        loader=PackageLoader("multieip.report", "page"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["t"] = lambda key, **values: _both(every[key], values)
    environment.globals["label"] = lambda key: _label(every[key])
    environment.filters["moment"] = _moment
    environment.filters["day"] = _day
    environment.filters["days_between"] = _days_between
    environment.filters["pretty"] = lambda data: json.dumps(data, indent=1, ensure_ascii=False)
    environment.filters["number"] = lambda number: f"{number:,}"
    return environment


def _both(pair: list[str], values: dict[str, Any]) -> Markup:
    """Return a sentence in both languages; the style shows the one that is chosen."""
    english, chinese = chosen(pair[0], values.get("n")), pair[1]
    said = {key: escape(shown(value)) for key, value in values.items()}
    if english == chinese:
        return Markup(english).format_map(said)  # noqa: S704  our own words
    return Markup('<span class="en">{}</span><span class="zh" lang="zh-Hans">{}</span>').format(
        Markup(english).format_map(said),  # noqa: S704
        Markup(chinese).format_map(said),  # noqa: S704
    )


def _label(pair: list[str]) -> Markup:
    """Return what stands before a table's cell where the table becomes cards."""
    return Markup('data-l="{}" data-z="{}"').format(*pair)


def _moment(text: str) -> Markup:
    """Return a point in time as both languages write it."""
    at = datetime.fromisoformat(text)
    clock = f"{at:%H:%M} UTC"
    return _time(
        text,
        f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {clock}",
        f"{at.year}年{at.month}月{at.day}日 {clock}",
    )


def _day(text: str) -> Markup:
    at = datetime.fromisoformat(text)
    return _time(text, f"{at.day} {_MONTHS[at.month - 1]}", f"{at.month}月{at.day}日")


def _time(text: str, english: str, chinese: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(text, _both([english, chinese], {}))


def _days_between(earlier: str, later: str) -> int | None:
    """Return the days from a day, or from a month's first, to a moment; None where that is no date."""
    try:
        begin = datetime.fromisoformat(earlier if earlier.count("-") > 1 else f"{earlier}-01")
    except ValueError:
        return None
    return (datetime.fromisoformat(later).date() - begin.date()).days


@lru_cache(maxsize=2)
def _joined(folder: str, ending: str, names: tuple[str, ...]) -> str:
    return "\n".join((_PAGE / folder / f"{name}.{ending}").read_text(encoding="utf-8") for name in names)


def _script() -> str:
    """Return the script: it reads the data and draws when the front has been painted."""
    whole = _joined("script", "js", _SCRIPTS)
    return (
        'document.documentElement.classList.add("script");\n'
        f'requestAnimationFrame(() => setTimeout(() => {{\n"use strict";\n{whole}\n}}));\n'
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _in_script(data: Json) -> str:
    """Return data as JSON that can end neither its element nor a line."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
