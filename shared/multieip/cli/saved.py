"""A plan in a file: what it would do and what it rests on, so that it is refused when that has moved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from multieip import __version__
from multieip.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.ports import Json

SCHEMA: Final = "multieip-plan/1"
_RESTS_ON: Final = ("eni", "instance")
_OF_EIP: Final = ("address", "status", "bound")


def save(file: str, body: Json, of: str, prefix: str) -> None:
    """Write a plan; raises `RequestError` where the file cannot be written."""
    saved = {
        "schema": SCHEMA,
        "version": __version__,
        "region": body["region"],
        "group": body["group"],
        "of": of,
        "tag_prefix": prefix,
        "as_of": body["as_of"],
        "rests_on": rests_on(body),
        "plan": body["plan"],
    }
    try:
        Path(file).write_text(json.dumps(saved, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise RequestError(f"{file} cannot be written: {error.strerror}") from error


def is_saved(argument: str) -> bool:
    """Whether the argument names a file that holds a plan; everything else is a group's name."""
    return Path(argument).is_file() and _read(argument).get("schema") == SCHEMA


def load(file: str) -> Json:
    """Return a saved plan; raises `RequestError` for one of another form."""
    saved = _read(file)
    wanted = {"region": str, "group": str, "of": str, "rests_on": dict}
    for key, kind in wanted.items():
        if not isinstance(saved.get(key), kind):
            raise RequestError(f"{file} is not a plan as `multieip plan --out` writes it: {key} is missing")
    if saved["of"] not in {"apply", "release"}:
        raise RequestError(f"{file} is a plan of {saved['of']!r}, and must be one of apply or release")
    return saved


def rests_on(body: Json) -> Json:
    """Return what a plan stands on: the members, where they are, what stands against it, and each call."""
    plan: Any = body.get("plan") or {"steps": [], "waits_for": body["message"]}
    return {
        **{key: body[key] for key in _RESTS_ON},
        **{eip["id"]: {key: eip[key] for key in _OF_EIP} for eip in body["eips"]},
        "findings": sorted(f"{each['rule']}: {each['status']}" for each in body["findings"]),
        "steps": [[step["title"], step["calls"], step.get("wanted", [])] for step in plan["steps"]],
        "waits for": plan["waits_for"],
    }


def moved(saved: Json, now: Json) -> list[str]:
    """Return what is not as it was when the plan was made, in words; empty where nothing has moved."""
    return list(_differences(saved["rests_on"], rests_on(now)))


def _differences(then: Json, now: Json) -> Iterator[str]:
    for key in sorted({*then, *now}):
        before, after = then.get(key), now.get(key)
        if before == after:
            continue
        if key == "steps":
            yield f"steps: was {_titles(before)}; now {_titles(after)}"
        else:
            yield f"{key}: was {_short(before)}; now {_short(after)}"


def _titles(steps: Any) -> str:  # noqa: ANN401  from a file
    return ", ".join(str(step[0]) for step in steps or ()) or "none"


def _short(value: Any) -> str:  # noqa: ANN401  from a file
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return str(value) if value else "nothing"


def _read(file: str) -> Json:
    try:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {error.strerror}") from error
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
