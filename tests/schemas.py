"""The published forms under `docs/schema`, to compare with what programs answer."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
from referencing import Registry, Resource

if TYPE_CHECKING:
    from multieip.ports import Json

SCHEMAS = Path(__file__).parents[1] / "docs" / "schema"


def published() -> dict[str, Json]:
    """Return every form by its file's name."""
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")}


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    """Return what compares with one form."""
    loaded = published()
    registry: Registry = Registry().with_resources(
        (each, Resource.from_contents(schema)) for each, schema in loaded.items()
    )
    return jsonschema.Draft202012Validator(
        loaded[name], registry=registry, format_checker=jsonschema.FormatChecker()
    )
