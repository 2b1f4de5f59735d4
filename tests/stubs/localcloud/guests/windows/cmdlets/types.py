"""Objects of .NET that the script holds: their properties are `get_...`, their methods `call_...`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from localcloud.guests.windows.language.errors import NotPlayedError, PowerShellError
from localcloud.guests.windows.language.values import NOTHING, Value, number, text

if TYPE_CHECKING:
    from localcloud.guests.windows.played import PlayedWindows


def called(name: str, error: Exception | str, count: int) -> PowerShellError:
    """Wrap what a .NET method throws, as PowerShell does; `catch` finds the inner type."""
    kinds = error.kinds if isinstance(error, PowerShellError) else (type(error).__name__,)
    return PowerShellError(
        f'Exception calling "{name}" with "{count}" argument(s): "{error}"', "MethodInvocation", kinds
    )


class Encoding:
    """System.Text.Encoding."""

    def __init__(self, name: str) -> None:
        """Keep Python's name of it."""
        self.name = name

    def call_getbytes(self, data: Value) -> Value:
        """Encode; what does not fit becomes a question mark."""
        return text(data).encode(self.name, "replace")


class Stopwatch:
    """System.Diagnostics.Stopwatch on the machine's clock."""

    def __init__(self, windows: PlayedWindows) -> None:
        """Start."""
        self._windows = windows
        self._start = windows.network.now

    def get_elapsedmilliseconds(self) -> int:
        """Give the time since the start."""
        return int((self._windows.network.now - self._start) * 1000)


class Moment:
    """System.DateTime, local."""

    def __init__(self, at: datetime) -> None:
        """Keep the moment."""
        self._at = at

    def call_addseconds(self, seconds: Value) -> Value:
        """Give a later moment."""
        return Moment(self._at + timedelta(seconds=number(seconds)))

    def call_tostring(self, form: Value) -> Value:
        """Say it in the sortable form."""
        if form != "s":
            raise NotPlayedError(f"DateTime.ToString({form!r})")
        return self._at.strftime("%Y-%m-%dT%H:%M:%S")


class OsVersion:
    """System.OperatingSystem and its version in one."""

    def __init__(self, build: int) -> None:
        """Keep the build."""
        self._build = build

    def get_version(self) -> OsVersion:
        """Give the version."""
        return self

    def get_build(self) -> int:
        """Give the build's number."""
        return self._build

    def call_tostring(self) -> str:
        """Say the version."""
        return f"10.0.{self._build}.0"


class Console:
    """The console's output."""

    def __init__(self, windows: PlayedWindows) -> None:
        """Write to the process's output."""
        self._windows = windows

    def call_writeline(self, line: Value) -> Value:
        """Write a line."""
        self._windows.say(text(line))
        return NOTHING


class Mutex:
    """A named mutex of the machine."""

    def __init__(self, windows: PlayedWindows) -> None:
        """Open it; another account's can be closed to us."""
        if windows.mutex == "denied":
            raise called(".ctor", PowerShellError("Access to the path 'Global' is denied."), 2)
        self._windows = windows

    def call_waitone(self, milliseconds: Value) -> Value:
        """Wait for it."""
        return self._windows.take_mutex(number(milliseconds) / 1000)


class Memory:
    """System.IO.MemoryStream, and the readers on top of it."""

    def __init__(self, data: bytes) -> None:
        """Keep the bytes."""
        self.data = data

    def call_readtoend(self) -> str:
        """Read all of it as UTF-8."""
        return self.data.decode()


class FileStream:
    """A file that is being written; what is not flushed is lost when the process ends."""

    def __init__(self, windows: PlayedWindows, path: str) -> None:
        """Create the file, empty."""
        self._windows = windows
        self._path = path
        self._data = b""
        windows.touch(lambda: windows.disk.write(path, ""))

    def call_write(self, data: Value, start: Value, count: Value) -> Value:
        """Write bytes."""
        self._data += bytes(data)[start : start + count]
        return NOTHING

    def call_flush(self, to_disk: Value) -> Value:
        """Bring it to the disk."""
        if to_disk is not True:
            raise NotPlayedError("Flush without the disk")
        self._windows.touch(lambda: self._windows.disk.write(self._path, self._data.decode("ascii")))
        return NOTHING

    def call_dispose(self) -> Value:
        """Close."""
        return NOTHING
