"""Commands that stay inside the script, and JSON as Windows PowerShell 5.1 has it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localcloud.guests.windows.cmdlets.registry import Call, cmdlet
from localcloud.guests.windows.language.errors import NotPlayedError, PowerShellError, ReturnError
from localcloud.guests.windows.language.expressions import Block
from localcloud.guests.windows.language.values import Table, Thing, Value, collected, text, truth

if TYPE_CHECKING:
    from collections.abc import Iterable


def _block(call: Call) -> Block:
    if len(call.words.places) != 1 or not isinstance(call.words.places[0], Block):
        raise NotPlayedError(f"{call.name} without one script block")
    return call.words.places[0]


def _results(call: Call, item: Value) -> list[Value]:
    block = _block(call)
    said: list[Value] = []

    def work() -> None:
        try:
            block.run(call.scope, said)
        except ReturnError:
            return

    call.scope.with_item(item, work)
    return said


@cmdlet("ForEach-Object", places=1)
def _for_each(call: Call) -> Iterable[Value]:
    return [value for item in call.items for value in _results(call, item)]


@cmdlet("Where-Object", places=1)
def _where(call: Call) -> Iterable[Value]:
    return [item for item in call.items if truth(collected(_results(call, item)))]


@cmdlet("Select-Object", "first unique")
def _select(call: Call) -> Iterable[Value]:
    items = call.items
    if call.given("Unique"):
        # Exact, unlike every other comparison.
        items = [item for place, item in enumerate(items) if item not in items[:place]]
    return items[: call.number("First")] if call.given("First") else items


@cmdlet("Sort-Object")
def _sort(call: Call) -> Iterable[Value]:
    return sorted(call.items, key=lambda item: text(item).lower())


@cmdlet("Out-Null")
def _out_null(_call: Call) -> Iterable[Value]:
    return ()


@cmdlet("Set-StrictMode", required="version")
def _strict(call: Call) -> Iterable[Value]:
    if call.text("Version") != "2":
        raise NotPlayedError("a strict mode other than 2")
    return ()


@cmdlet("Join-Path", places=2)
def _join_path(call: Call) -> Iterable[Value]:
    folder, name = (text(place) for place in call.words.places)
    return (folder.rstrip("\\") + "\\" + name,)


@cmdlet("Start-Sleep", "milliseconds seconds")
def _sleep(call: Call) -> Iterable[Value]:
    given = call.number("Milliseconds") / 1000 if call.given("Milliseconds") else call.number("Seconds")
    call.windows.let_pass(given)
    return ()


@cmdlet("ConvertFrom-Json")
def _from_json(call: Call) -> Iterable[Value]:
    if any(item is None for item in call.items):
        raise PowerShellError("Cannot bind argument to parameter 'InputObject' because it is null.")
    source = "\n".join(text(item) for item in call.items)
    try:
        # 5.1 gives an array as one object.
        return (_object(json.loads(source)),)
    except ValueError as error:
        raise PowerShellError(f"Invalid JSON primitive: {error}", "ConvertFrom-Json") from error


def _object(value: Any) -> Value:  # noqa: ANN401  whatever JSON holds
    if isinstance(value, dict):
        return Thing("PSCustomObject", **{key: _object(each) for key, each in value.items()})
    return [_object(each) for each in value] if isinstance(value, list) else value


@cmdlet("ConvertTo-Json", "compress depth")
def _to_json(call: Call) -> Iterable[Value]:
    if len(call.items) != 1:
        raise NotPlayedError(f"ConvertTo-Json with {len(call.items)} objects")
    return (json.dumps(_plain(call.items[0], call.number("Depth")), separators=(",", ":")),)


def _plain(value: Value, depth: int) -> Any:  # noqa: ANN401  whatever JSON holds
    if isinstance(value, (Table, Thing)):
        if depth < 0:
            raise NotPlayedError("ConvertTo-Json deeper than -Depth: it would write a type's name instead")
        pairs = value.items() if isinstance(value, Table) else value.properties.items()
        return {text(key): _plain(each, depth - 1) for key, each in pairs}
    if isinstance(value, list):
        return [_plain(each, depth - 1) for each in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise NotPlayedError(f"ConvertTo-Json with {type(value).__name__}")
