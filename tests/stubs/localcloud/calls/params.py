"""Parameters of an action as a table, and the arguments read by it.

The tables are what the coverage page is generated from, so a parameter that is not in one is not supported.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from localcloud.errors import ApiError, invalid_parameter, missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Type = Literal["text", "integer", "flag", "list", "tags", "json-list", "commas"]


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: its name on the wire (without `.N`), its type, what it may be.

    `most` is the number of values of a list, and of characters of a text, which has `least` at least.
    """

    name: str
    type: Type = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    most: int = 0
    least: int = 0
    missing: tuple[str, int] | None = None
    too_many: tuple[str, int] | None = None


def req(name: str, type_: Type = "text", **more: object) -> Param:
    """Return a mandatory parameter."""
    return Param(name, type_, required=True, **more)  # type: ignore[arg-type] # the fields of Param


def texts(*names: str) -> tuple[Param, ...]:
    """Several optional text parameters."""
    return tuple(Param(name) for name in names)


def integers(*names: str) -> tuple[Param, ...]:
    """Several optional whole numbers."""
    return tuple(Param(name, "integer") for name in names)


def flags(*names: str) -> tuple[Param, ...]:
    """Several optional booleans."""
    return tuple(Param(name, "flag") for name in names)


REGION = req("RegionId")
PAGES = integers("PageNumber", "PageSize")
TOKENS = (Param("MaxResults", "integer"), Param("NextToken"))
CLIENT_TOKEN = Param("ClientToken")
TAGS = Param("Tag", "tags", most=20)

# Python's `int` takes more than the cloud does: `1_0`, ` 5`, digits of other scripts, any length.
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_NUMBERED = re.compile(r"^(?P<name>[A-Za-z0-9]+)\.(?P<index>[0-9]{1,6})(?:\.(?P<rest>.+))?$")


@lru_cache(maxsize=4096)
def _parted(key: str) -> tuple[str, int, str] | None:
    """Part `Tag.1.Key` into its list, its number and the rest; None where it is none of a list."""
    match = _NUMBERED.match(key)
    return match and (match["name"], int(match["index"]), match["rest"] or "")


class Arguments:
    """The parameters of one call, read by their types; every mistake is a refusal of the cloud."""

    __slots__ = ("_lists", "raw")

    def __init__(self, raw: Mapping[str, str]) -> None:
        """`raw` is what came over the wire, flattened."""
        self.raw = raw
        self._lists: dict[str, list[tuple[int, str, str]]] | None = None

    def _numbered(self, name: str) -> list[tuple[int, str, str]]:
        if self._lists is None:
            self._lists = {}
            for key, value in self.raw.items():
                if "." in key and (parted := _parted(key)):
                    list_name, index, rest = parted
                    self._lists.setdefault(list_name, []).append((index, rest, value))
            for entries in self._lists.values():
                entries.sort()
        return self._lists.get(name, [])

    def has(self, name: str) -> bool:
        """Whether the parameter was sent with a value, in any form."""
        return bool(self.raw.get(name)) or bool(self._numbered(name))

    def text(self, name: str, default: str = "") -> str:
        """Return the value, or the default where it is missing or empty."""
        return self.raw.get(name) or default

    def integer(self, name: str, default: int = 0) -> int:
        """Return a whole number."""
        value = self.raw.get(name)
        if not value:
            return default
        if not _WHOLE.fullmatch(value):
            raise invalid_parameter(name, "it has to be a whole number")
        return int(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean in any case (`True` is what a Python client sends)."""
        value = self.raw.get(name)
        if not value:
            return default
        if value.lower() not in {"true", "false"}:
            raise invalid_parameter(name, f"{value!r} is neither true nor false")
        return value.lower() == "true"

    def many(self, name: str) -> list[str]:
        """`Name.1`, `Name.2` …; clients that send a JSON array or one plain value are understood too."""
        entries = [value for _, rest, value in self._numbered(name) if not rest and value]
        if entries:
            return entries
        plain = self.raw.get(name, "")
        if plain.startswith("["):
            return self.json_list(name)
        return [plain] if plain else []

    def json_list(self, name: str) -> list[str]:
        """Return a JSON array in one string, as the list filters of DescribeInstances are."""
        value = self.raw.get(name, "")
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = None
        if not isinstance(parsed, list):
            raise invalid_parameter(name, "it has to be a JSON array")
        return [str(item) for item in parsed]

    def commas(self, name: str) -> list[str]:
        """Comma-separated values in one string."""
        return [part.strip() for part in self.raw.get(name, "").split(",") if part.strip()]

    def records(self, name: str) -> list[dict[str, str]]:
        """`Name.1.Key`, `Name.1.Value` … as one dict per number."""
        found: dict[int, dict[str, str]] = {}
        for index, rest, value in self._numbered(name):
            if rest:
                found.setdefault(index, {})[rest] = value
        return list(found.values())

    def tags(self, name: str = "Tag") -> dict[str, str | None]:
        """Tags by key; None is a filter on the key alone."""
        return {record["Key"]: record.get("Value") for record in self.records(name) if record.get("Key")}

    def check(self, table: Mapping[str, Param], required: Sequence[Param]) -> None:
        """Refuse what the table does not allow."""
        for param in required:
            if not self.has(param.name):
                raise _missing(param)
        for name in {key.partition(".")[0]: None for key, value in self.raw.items() if value}:
            known = table.get(name)
            if known is not None:
                self._check_one(known)

    def _check_one(self, param: Param) -> None:
        if param.type == "integer":
            self.integer(param.name)
        elif param.type == "flag":
            self.flag(param.name)
        elif param.type == "json-list":
            self._check_count(param, len(self.json_list(param.name)))
        elif param.type == "list":
            self._check_count(param, len(self.many(param.name)))
        elif param.type == "commas":
            self._check_count(param, len(self.commas(param.name)))
        elif param.type == "tags":
            self._check_count(param, len(self.records(param.name)))
        elif param.most and len(self.text(param.name)) > param.most:
            raise invalid_parameter(param.name, f"it has at most {param.most} characters")
        elif len(self.text(param.name)) < param.least:
            raise invalid_parameter(param.name, f"it has at least {param.least} characters")
        if param.choices and self.raw.get(param.name) not in {None, "", *param.choices}:
            raise invalid_parameter(param.name, f"it is one of {', '.join(param.choices)}")

    def _check_count(self, param: Param, count: int) -> None:
        if param.most and count > param.most:
            code, status = param.too_many or ("InvalidParameter", 400)
            raise ApiError(
                code, f"The specified parameter {param.name} is not valid: at most {param.most}.", status
            )


def _missing(param: Param) -> ApiError:
    if param.missing is None:
        return missing(param.name)
    code, status = param.missing
    return ApiError(
        code,
        f'The input parameter "{param.name}" that is mandatory for processing this request is not supplied.',
        status,
    )
