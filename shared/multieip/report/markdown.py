"""A report as a short message in Markdown, and as what a DingTalk or Feishu robot takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from multieip.report.changes import with_changes
from multieip.report.front import front
from multieip.report.summary import completeness, delta, verdict
from multieip.report.words import english

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from multieip.ports import Json

MOST_BYTES: Final = 4000
"""A robot of either vendor takes several times as much; a message is read on a phone."""

_ROWS: Final = 8
_SIGNS: Final = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")
_FEISHU: Final = ("feishu.cn", "larksuite.com")


def render_markdown(report: Json, previous: Json | None = None) -> str:
    """Return verdict, change, silent EIPs and what waits for a person; the rest is counted."""
    if previous is not None or "history" not in report:
        report = with_changes(report, previous)
    sections = front(report)
    parts = [
        f"### {_plain(verdict(report))}",
        _plain(completeness(report)),
        _plain(delta(report, sections["changes"]["sums"])),
        *_part("sec.silent", sections["silent"], _silent),
        *_part("sec.waiting", sections["waiting"], _waiting),
    ]
    return _within("\n\n".join(parts))


def group_message(why: str, result: Json) -> str:
    """Return why one group waits for a person, and what a dry run shows of it now."""
    now = f"Now: {result['state']}" + (f": {result['message']}" if result["message"] else "")
    title = f"EIPs of {result['group']} ({result['region']}) wait for a person"
    parts = [f"### {_plain(title)}", _plain(why), _plain(now)]
    if result["next"]:
        parts.append(f"`{result['next']}`")
    return _within("\n\n".join(parts))


def robot_message(address: str, text: str) -> Json:
    """Return the body that the robot behind this address takes: Feishu's card, else DingTalk's Markdown."""
    title, _, rest = text.removeprefix("### ").partition("\n\n")
    host = urlsplit(address).hostname or ""
    if host.endswith(_FEISHU):
        card = {
            "header": {"title": {"tag": "plain_text", "content": _bare(title)}},
            "elements": [{"tag": "markdown", "content": rest or title}],
        }
        return {"msg_type": "interactive", "card": card}
    return {"msgtype": "markdown", "markdown": {"title": _bare(title), "text": text}}


def _part(title: str, rows: list[Json], line: Callable[[Json], str]) -> Iterable[str]:
    if not rows:
        return
    lines = [f"- {line(row)}" for row in rows[:_ROWS]]
    more = len(rows) - len(lines)
    yield "\n".join([f"**{english(title)}**", "", *lines, *([f"- and {more:,} more"] if more else [])])


def _silent(row: Json) -> str:
    change = f"**{english('new')}** " if row["change"] == "new" else ""
    addresses = ", ".join(row["addresses"][:3]) + ("…" if len(row["addresses"]) > 3 else "")  # noqa: PLR2004
    where = f"{addresses} · {row['group']} ({row['region']})"
    return f"{change}{_plain(where)}: {_plain(row['reason'])}"


def _waiting(row: Json) -> str:
    return f"{_plain(row['group'])}: {_plain(row['text'])}"


def _plain(text: str) -> str:
    """Return text in which no sign means anything to Markdown."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _within(text: str) -> str:
    """Return the text cut at a line, where it is too long for a robot."""
    if len(text.encode()) <= MOST_BYTES:
        return text
    kept: list[str] = []
    room = MOST_BYTES - len("\n…".encode())
    for line in text.split("\n"):
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, "…"])
