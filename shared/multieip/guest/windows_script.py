"""Makes the `CommandContent` that RunCommand sends to a Windows guest.

The content is a marker line, three literals and a few constant lines that unpack and run the program:

    # multieip-guest v1 <mode>
    $Wanted = ''    the wanted set: JSON, gzip, Base64; empty for a survey
    $Packed = ''    the program, put together from `windows/*.ps1`: gzip, Base64

The program reads the wanted set as data and checks it again; no text of PowerShell is ever made from a
value of the cloud. Where it cannot even be unpacked, the outer lines print the answer.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from multieip.errors import WantedSetError
from multieip.guest.render import MARKER, packed, put_together, within_limit
from multieip.guest.wanted import data_lines
from multieip.model.guest import GuestNic, Mode, Stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIECES = (
    *("core", "look", "settings", "state", "tasks", "plan"),
    *("journal", "change", "keeper", "report", "main"),
)

_OUTER = """\
{marker} {mode}
$Mode = '{mode}'
$Wanted = '{wanted}'
$Packed = '{program}'
function Expand-Text($Packed) {{
$stream = New-Object IO.MemoryStream (,[Convert]::FromBase64String($Packed))
$plain = New-Object IO.Compression.GZipStream $stream, ([IO.Compression.CompressionMode]::Decompress)
return (New-Object IO.StreamReader $plain).ReadToEnd()
}}
try {{
$Program = Expand-Text $Packed
$Block = [scriptblock]::Create($Program)
}} catch {{
'{unpacked}'
exit 1
}}
. $Block
"""
# Plain output only, because a guest whose PowerShell is held to a language without .NET can do no more.
_NOT_UNPACKED: dict[str, Any] = {
    "v": 1,
    "state": "failed",
    "changed": False,
    "simulated": False,
    "nics": [],
    "service_route": {"dev": None, "mac": None},
    "default_route": {"dev": None, "via": None, "unchanged": True},
    "tools": [],
    "problems": [
        {
            "code": "unpack",
            "text": "PowerShell could not unpack the program, and nothing was changed; see whether a policy "
            "holds it to the constrained language mode",
        }
    ],
    "notes": [],
}


def windows_script(
    mode: Mode,
    nics: Sequence[GuestNic],
    *,
    stamp: Stamp | None = None,
    lean: bool = False,
    survey: bool = False,
) -> str:
    """Render the script for RunPowerShellScript; raise when Windows cannot do what is wanted.

    A `survey` takes no wanted set and reads only: it reports every interface and everything of ours. With a
    `stamp`, apply and release are refused where the guest has been told of a later look, and a `lean` set
    where it does not name an EIP that the guest has.
    """
    if survey and (nics or mode is not Mode.CHECK):
        raise WantedSetError("a survey only checks and takes no wanted set; leave the interfaces out")
    if not survey:
        data_lines(mode, nics, stamp, lean=lean)
    refusal = windows_refusal(nics)
    if refusal and mode is Mode.APPLY:
        raise WantedSetError(refusal)
    word = "survey" if survey else mode.value
    content = _OUTER.format(
        marker=MARKER,
        mode=word,
        wanted="" if survey else _literal(_wanted(nics, stamp, lean=lean)),
        program=_literal(windows_program()),
        unpacked="multieip-answer: " + json.dumps({"mode": word, **_NOT_UNPACKED}, separators=(",", ":")),
    )
    return within_limit(content)


def _literal(text: str) -> str:
    return packed(text).replace("\n", "")


def _wanted(nics: Sequence[GuestNic], stamp: Stamp | None, *, lean: bool) -> str:
    wanted = {
        "lean": lean,
        "asof": stamp.asof_ms if stamp else 0,
        "run": stamp.run if stamp else "",
        "nics": [
            {
                "mac": nic.mac.lower(),
                "private": str(nic.private),
                "eips": [
                    {"ip": str(e.ip), "plen": e.plen, "gateway": str(e.gateway), "keep": e.keep}
                    for e in nic.eips
                ],
            }
            for nic in nics
        ],
    }
    return json.dumps(wanted, separators=(",", ":"))


@cache
def windows_program() -> str:
    """Put the program for Windows together, without comments and indentation."""
    return put_together("windows", _PIECES, "ps1")


def windows_refusal(nics: Sequence[GuestNic]) -> str | None:
    """Say why Windows cannot carry this wanted set, or give None.

    Windows chooses a route by interface, not by source address, so the replies of all EIPs of one
    ENI leave by one gateway.
    """
    for nic in nics:
        gateways = sorted({eip.gateway for eip in nic.eips})
        if len(gateways) > 1:
            named = ", ".join(str(gateway) for gateway in gateways)
            return (
                f"Windows sends everything of ENI {nic.mac} by one gateway, but its EIPs have {named}; "
                "put EIPs with different gateways on different ENIs"
            )
    return None
