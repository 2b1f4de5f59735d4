"""Files and folders, by command and by .NET."""

from __future__ import annotations

from typing import TYPE_CHECKING

from localcloud.guests.windows.cmdlets.registry import Call, cmdlet
from localcloud.guests.windows.language.errors import PowerShellError
from localcloud.guests.windows.language.values import Thing, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE_S = 0.01


@cmdlet("Test-Path", required="literalpath", seconds=FILE_S)
def _test_path(call: Call) -> Iterable[Value]:
    return (call.windows.disk.exists(call.text("LiteralPath")),)


@cmdlet("Get-ChildItem", "filter", required="literalpath", seconds=FILE_S)
def _children(call: Call) -> Iterable[Value]:
    suffix = call.text("Filter").removeprefix("*")
    names = call.windows.disk.names(call.text("LiteralPath"))
    # Windows also finds longer endings here, such as .json2, by a file's short name.
    return [
        Thing("FileInfo", Name=name, BaseName=name.rpartition(".")[0]) for name in names if suffix in name
    ]


@cmdlet("New-Item", "force", required="itemtype path", seconds=FILE_S)
def _new_item(call: Call) -> Iterable[Value]:
    call.windows.disk.make_folder(call.text("Path"))
    return (Thing("DirectoryInfo", FullName=call.text("Path")),)


@cmdlet("Move-Item", "force", required="literalpath destination", seconds=FILE_S)
def _move_item(call: Call) -> Iterable[Value]:
    disk = call.windows.disk
    disk.write(call.text("Destination"), disk.read(call.text("LiteralPath")))
    disk.remove(call.text("LiteralPath"))
    return ()


@cmdlet("Remove-Item", required="literalpath", seconds=FILE_S)
def _remove_item(call: Call) -> Iterable[Value]:
    call.windows.disk.remove(call.text("LiteralPath"))
    return ()


class Disk:
    """The files of a Windows, by path."""

    def __init__(self) -> None:
        """Begin without a folder of ours."""
        self.files: dict[str, str] = {}
        self.folders: set[str] = set()
        self.read_only = False

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder."""
        return path.lower() in self.files or path.lower() in self.folders

    def is_file(self, path: str) -> bool:
        """Whether there is a file."""
        return path.lower() in self.files

    def names(self, folder: str) -> list[str]:
        """List the files of a folder."""
        start = folder.lower() + "\\"
        return sorted(path.removeprefix(start) for path in self.files if path.startswith(start))

    def read(self, path: str) -> str:
        """Read a file."""
        if path.lower() not in self.files:
            raise PowerShellError(f"Could not find file '{path}'.", "FileNotFoundException")
        return self.files[path.lower()]

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        if self.read_only:
            raise PowerShellError(f"Access to the path '{path}' is denied.", "UnauthorizedAccessException")
        if path.lower().rpartition("\\")[0] not in self.folders:
            raise PowerShellError(f"Could not find a part of the path '{path}'.", "DirectoryNotFound")
        self.files[path.lower()] = text

    def remove(self, path: str) -> None:
        """Remove a file."""
        self.read(path)
        if self.read_only:
            raise PowerShellError(f"Access to the path '{path}' is denied.", "UnauthorizedAccessException")
        del self.files[path.lower()]

    def make_folder(self, path: str) -> None:
        """Make a folder."""
        if self.read_only and path.lower() not in self.folders:
            raise PowerShellError(f"Access to the path '{path}' is denied.", "UnauthorizedAccessException")
        self.folders.add(path.lower())
