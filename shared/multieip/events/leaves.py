"""Ids and tags among the scalars of any JSON, however deep and in whatever form the caller's SDK sent it.

Parameters of RPC calls reach an event flattened (`ResourceId.1`), nested or as lists; `leaves` makes the
forms equal, and paths are written without numbers (`ResourceId`, `InstanceIdSets.InstanceIdSet`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from multieip.json_text import read_json

# Compiled with their first use: most events are skipped without them.
_RESOURCE_ID: Final = r"(?:eni|eip|i)-[A-Za-z0-9_-]{1,64}"


_NUMBER: Final = r"\.\d+(?=\.|$)"


_MAX_DEPTH: Final = 12
"""Deeper than any parameter of these APIs; it bounds the work on hostile input."""


def leaves(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield every scalar with its dotted path; lists count from 0, a JSON text is entered.

    `{"Tag": [{"Key": "a"}]}` gives `("Tag.0.Key", "a")`, `{"Tag.1.Key": "a"}` gives `("Tag.1.Key", "a")`.
    """
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, str):
        # Most values are plain texts.
        parsed = parsed_json(value) if value[:1] in {"[", "{"} else None
        yield from ((path, value),) if parsed is None else leaves(parsed, path, depth + 1)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}.{number}", depth + 1)
    else:
        yield path, value


def parsed_json(text: str) -> Any:  # noqa: ANN401  whatever JSON holds
    """Return what the JSON text holds, or None where it is none."""
    try:
        return read_json(text)
    except (ValueError, RecursionError):
        return None


def ids_in(value: object) -> tuple[str, ...]:
    """Return every id of an ENI, EIP or instance among the scalars, in order of their paths, each once."""
    found = (leaf for _, leaf in sorted(leaves(value), key=lambda pair: pair[0]))
    return _distinct(found)


def ids_at(parts: tuple[object, ...], paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids that stand at one of the paths in one of the parts of an event, each once."""
    wanted = {path: rank for rank, path in enumerate(paths)}
    found: list[tuple[int, str, object]] = []
    for part in parts:
        for path, leaf in leaves(part):
            rank = wanted.get(re.sub(_NUMBER, "", path))
            if rank is not None:
                found.append((rank, path, leaf))
    return _distinct(leaf for _, _, leaf in sorted(found, key=lambda entry: entry[:2]))


def tags_in(parameters: object) -> tuple[tuple[str, str | None], ...]:
    """Return the tags that the parameters name; the value is None where only a key is given (`TagKey.N`)."""
    keys: dict[str, str] = {}
    values: dict[str, str] = {}
    bare: set[str] = set()
    for path, leaf in leaves(parameters):
        where, _, last = path.rpartition(".")
        name = re.sub(_NUMBER, "", path)
        if name in {"TagKey", "TagKeys"}:
            bare.add(str(leaf))
        elif name in {"Tag.Key", "Tag.key", "Tags.Tag.Key", "Tags.Key", "Tag.TagKey"}:
            keys[where] = str(leaf)
        elif last in {"Value", "value", "TagValue"}:
            values[where] = str(leaf)
    pairs: set[tuple[str, str | None]] = {(key, values.get(where)) for where, key in keys.items()}
    pairs |= {(key, None) for key in bare}
    return tuple(sorted(pairs, key=lambda pair: (pair[0], pair[1] or "")))


def _distinct(values: Iterator[object]) -> tuple[str, ...]:
    texts = (part.strip() for value in values if isinstance(value, str) for part in re.split(r"[,;]", value))
    return tuple(dict.fromkeys(text for text in texts if re.fullmatch(_RESOURCE_ID, text)))
