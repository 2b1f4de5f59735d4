"""A played Windows: the rendered script runs in it, see `played.py`. What is named here is public."""

from localcloud.guests.windows.language.errors import NotPlayedError, PowerShellError
from localcloud.guests.windows.language.parse import nodes, parsed
from localcloud.guests.windows.machine.state import Adapter, Address, Lease, Route, Store
from localcloud.guests.windows.played import TIME_LIMIT_S, Fault, PlayedWindows, Ran
from localcloud.guests.windows.switches import Switches, choices

__all__ = [
    "TIME_LIMIT_S",
    "Adapter",
    "Address",
    "Fault",
    "Lease",
    "NotPlayedError",
    "PlayedWindows",
    "PowerShellError",
    "Ran",
    "Route",
    "Store",
    "Switches",
    "choices",
    "nodes",
    "parsed",
]
