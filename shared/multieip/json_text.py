"""JSON from outside, read so that everything made of it can be written again."""

from __future__ import annotations

import json
from typing import Any, Final

_LONGEST_ECHO: Final = 80


def read_json(text: str | bytes) -> Any:  # noqa: ANN401  whatever JSON holds
    r"""Return what the JSON text holds, lone surrogates (`\ud800`) written out.

    JSON can name them and no encoding can write them: no log line, payload, answer or report could be made of
    them. Raises `ValueError` for what is no JSON, `RecursionError` for what is nested too deep.
    """
    value = json.loads(text)
    may_hold_one = b"\\ud" in text.lower() if isinstance(text, bytes) else "\\ud" in text.lower()
    return _encodable(value) if may_hold_one else value


def echoed(value: object) -> str:
    """Return a value from outside as a message may repeat it: quoted, and cut where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_ECHO else f"{text[: _LONGEST_ECHO - 1]}…"


def _encodable(value: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_encodable(inner) for inner in value]
    if isinstance(value, dict):
        return {_encodable(name): _encodable(inner) for name, inner in value.items()}
    return value
