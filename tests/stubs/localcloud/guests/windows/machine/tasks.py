"""Scheduled tasks, read from the XML that registers them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
_ARGUMENTS = re.compile(r'-NoProfile -NonInteractive -ExecutionPolicy Bypass -File "([^"]+)" (\w+)')


@dataclass(frozen=True, slots=True)
class Task:
    """A task that runs one PowerShell file with one word."""

    name: str
    path: str
    word: str
    at_start: bool
    on_network: bool
    when: str | None
    enabled: bool = True


def task_of(name: str, xml: str) -> Task:
    """Read a task; raise `ValueError` with what Windows would not take or this one does not know."""
    root = ET.fromstring(xml)  # noqa: S314 - the script's own
    listed = root.find(f"{NAMESPACE}Triggers")
    triggers = {} if listed is None else {child.tag.removeprefix(NAMESPACE): child for child in listed}
    unknown = set(triggers) - {"BootTrigger", "EventTrigger", "TimeTrigger"}
    user = root.findtext(f"{NAMESPACE}Principals/{NAMESPACE}Principal/{NAMESPACE}UserId")
    said = root.findtext(f"{NAMESPACE}Actions/{NAMESPACE}Exec/{NAMESPACE}Arguments") or ""
    found = _ARGUMENTS.fullmatch(said)
    if unknown or user != "S-1-5-18" or found is None:
        raise ValueError(f"task {name}: triggers {sorted(triggers)}, user {user}, arguments {said!r}")
    timer = triggers.get("TimeTrigger")
    when = timer.findtext(f"{NAMESPACE}StartBoundary") if timer is not None else None
    return Task(
        name, found.group(1), found.group(2), "BootTrigger" in triggers, "EventTrigger" in triggers, when
    )
