"""The .NET types that the script uses."""

from __future__ import annotations

import base64
import binascii
import gzip
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING

from localcloud.guests.windows.cmdlets.registry import Call, cmdlet
from localcloud.guests.windows.cmdlets.types import (
    Console,
    Encoding,
    FileStream,
    Memory,
    Moment,
    Mutex,
    OsVersion,
    Stopwatch,
    called,
)
from localcloud.guests.windows.language.errors import NotPlayedError, PowerShellError
from localcloud.guests.windows.language.expressions import Block
from localcloud.guests.windows.language.parse import parsed
from localcloud.guests.windows.language.registry import steps_of
from localcloud.guests.windows.language.values import NOTHING, Table, Value, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from localcloud.guests.windows.played import PlayedWindows

EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)
NULL_STRING = object()


@cmdlet("New-Object", places=2)
def _new_object(call: Call) -> Iterable[Value]:
    kind, *rest = call.words.places
    arguments = rest[0] if rest and isinstance(rest[0], list) else rest
    match text(kind).lower():
        case "system.threading.mutex" if arguments == [False, "Global\\multieip-guest"]:
            return (Mutex(call.windows),)
        case "io.memorystream":
            return (Memory(bytes(arguments[0])),)
        case "io.compression.gzipstream" if arguments[1:] == ["Decompress"]:
            try:
                return (Memory(gzip.decompress(arguments[0].data)),)
            except (OSError, EOFError) as error:
                raise called("ReadToEnd", error, 0) from error
        case "io.streamreader":
            return (arguments[0],)
    raise NotPlayedError(f"New-Object {text(kind)} with {len(arguments)} arguments")


class DotNet:
    """Static members and methods by name."""

    def __init__(self, windows: PlayedWindows) -> None:
        """Serve one machine."""
        self._windows = windows

    def static(self, kind: str, name: str) -> Value:
        """Read a static property."""
        made = _PROPERTIES.get(f"{kind}.{name}".lower())
        if made is None:
            raise NotPlayedError(f"[{kind}]::{name}")
        return made(self._windows)

    def invoke_static(self, kind: str, name: str, arguments: Sequence[Value]) -> Value:
        """Call a static method."""
        method = f"{kind}.{name}".lower()
        if method in _METHODS:
            return _METHODS[method](*arguments)
        if method == "diagnostics.stopwatch.startnew":
            return Stopwatch(self._windows)
        if kind.lower() == "io.file":
            try:
                return self._file(name.lower(), *arguments)
            except PowerShellError as error:
                raise called(name, error, len(arguments)) from error
        raise NotPlayedError(f"[{kind}]::{name}()")

    def _file(self, name: str, path: str, *more: Value) -> Value:
        windows = self._windows
        match name, more:
            case "exists", ():
                return windows.disk.is_file(path)
            case "readalltext", ():
                return windows.disk.read(path)
            case "create", ():
                return FileStream(windows, path)
            case "move", (target,) if not windows.disk.is_file(target):
                windows.touch(lambda: windows.move(path, target))
                return NOTHING
            case "replace", (target, backup) if backup is NULL_STRING:
                windows.disk.read(target)
                windows.touch(lambda: windows.move(path, target))
                return NOTHING
        raise PowerShellError(f"[IO.File]::{name} with {path} {more}")

    def invoke(self, target: Value, name: str, arguments: Sequence[Value]) -> Value:
        """Call a method of an object."""
        lower = name.lower()
        if isinstance(target, str):
            return _string_method(target, lower, arguments)
        if isinstance(target, Table) and lower == "clone" and not arguments:
            return target.clone()
        method = getattr(target, f"call_{lower}", None)
        if method is None:
            raise PowerShellError(
                f"Method invocation failed because [{type(target).__name__}] has no method '{name}'."
            )
        try:
            return method(*arguments)
        except PowerShellError as error:
            raise called(name, error, len(arguments)) from error


def _string_method(target: str, name: str, arguments: Sequence[Value]) -> Value:
    match name, list(arguments):
        case "replace", [old, new]:
            return target.replace(old, new)
        case "split", [mark]:
            return target.split(mark)
        case "toupper", []:
            return target.upper()
        case "tolower", []:
            return target.lower()
        case "tostring", []:
            return target
    raise NotPlayedError(f"String.{name} with {len(arguments)} arguments")


def _decoded(value: Value) -> bytes:
    try:
        return base64.b64decode(text(value), validate=True)
    except binascii.Error as error:
        raise called("FromBase64String", error, 1) from error


def _block(value: Value) -> Block:
    return _compiled(text(value))


@lru_cache(maxsize=8)
def _compiled(program: str) -> Block:
    return Block(steps_of(parsed(program)), program)


_METHODS: dict[str, Callable[..., Value]] = {
    "convert.frombase64string": _decoded,
    "scriptblock.create": _block,
    "math.min": min,
    "math.max": max,
    "math.pow": lambda base, power: float(base) ** power,
}
_PROPERTIES: dict[str, Callable[[PlayedWindows], Value]] = {
    "text.encoding.ascii": lambda _windows: Encoding("ascii"),
    "environment.osversion": lambda windows: OsVersion(windows.network.build),
    "datetime.now": lambda windows: Moment(EPOCH + timedelta(seconds=windows.network.now)),
    "console.out": Console,
    "nullstring.value": lambda _windows: NULL_STRING,
    "io.compression.compressionmode.decompress": lambda _windows: "Decompress",
}
