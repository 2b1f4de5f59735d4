"""Makes the `CommandContent` that RunCommand sends to a guest.

A Linux content is a constant program and data lines, each in single quotes:

    #!/bin/sh
    # multieip-guest v1 <mode>
    wanted='...'     data lines, see `wanted.py`; none for a survey
    p='...'          the program, put together from `linux/*`: shortened, gzip, text
    ... unpacks the program and runs it ...

No shell text is ever made from a value of the cloud: values pass `wanted.py` first and the program
reads them as data and checks them again.
"""

from __future__ import annotations

import base64
import json
import zlib
from functools import cache
from typing import TYPE_CHECKING

from multieip.errors import WantedSetError
from multieip.guest.shorten import shorten_program, strip
from multieip.guest.wanted import PRIORITY, data_lines, plen_of, priority_line
from multieip.model.guest import GuestNic, Mode, Stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LIMIT_BYTES",
    "MARKER",
    "linux_program",
    "linux_script",
    "packed",
    "plen_of",
    "put_together",
    "within_limit",
]

MARKER = "# multieip-guest v1"
# RunCommand's limit for the content after Base64.
LIMIT_BYTES = 24 * 1024
_LINE = 1000
# zlib's name for the largest window with gzip's head and check sum.
_GZIP = 31
# Smaller blocks, each with a code of its own, come out shorter here than the largest.
_MEMORY = 6
_BYTE = 8
# In this order like stands beside like, which packs better; main.sh runs and so is last.
_SHELL_PIECES = (
    *("core", "wanted", "kernel", "nic", "keeper", "life", "manager-networkd", "manager-ifupdown"),
    *("manager-networkmanager", "manager-scripts", "manager-wicked", "undo", "managers", "main"),
)
_AWK_PIECES = ("parse", "data", "plan")
# The program as text: 13 bits in two of these digits, which awk reads back, so that no base64 is needed.
_BITS = 13
_DIGITS = "".join(chr(code) for code in range(33, 127) if chr(code) != "'")
# Nothing is written to a disk: the program is unpacked into the shell's memory. Where no tool can do that,
# the answer says so.
_OUTER = """\
#!/bin/sh
{marker} {mode}
wanted='
{wanted}'
set -- {mode} "$wanted" {wait_s} {digest}
z=gzip
command -v $z >/dev/null||z="busybox $z"
program=$(printf %b "$(p='
{program}' LC_ALL=C awk 'BEGIN{{for(i=33;i<127;i++)if(i!=39)d[sprintf("%c",i)]=k++
for(m[i=0]=1;i<21;i++)m[i+1]=m[i]*2
t=ENVIRON["p"]
gsub(/\\n/,"",t)
while(++p<length(t)){{a=a*8192+d[substr(t,p,1)]*93+d[substr(t,++p,1)]
for(n+=13;n>7;a%=m[n]){{n-=8;printf"\\\\0%o",a/m[n]}}}}}}')"|$z -dc)&&[ "$program" ]||{{
echo 'multieip-answer: {nothing}'
exit 1
}}
eval "$program"
"""
_NO_TOOLS = "this machine cannot unpack the script; install gzip and awk, or busybox"


def linux_script(
    mode: Mode,
    nics: Sequence[GuestNic],
    *,
    stamp: Stamp | None = None,
    survey: bool = False,
    wait_s: int = 60,
    priority: int = PRIORITY,
) -> str:
    """Render the script for RunShellScript.

    `survey` takes no wanted set and reads only: it reports every interface and everything of ours,
    so one content serves many instances. With a `stamp`, apply and release are refused where the guest
    has a set of a later look. `wait_s` is how long `apply` waits for the lock, the interface and
    its private address. `priority` is where the rules of EIPs stand among those of others.
    """
    if survey and (nics or mode is not Mode.CHECK):
        raise WantedSetError("a survey only checks and takes no wanted set; leave the interfaces out")
    lines = [] if survey else data_lines(mode, nics, stamp)
    if not survey and priority != PRIORITY:
        lines.insert(0, priority_line(priority))
    said = "survey" if survey else mode.value
    why = {"v": 1, "mode": said, "state": "failed", "problems": [{"code": "no-tools", "text": _NO_TOOLS}]}
    content = _OUTER.format(
        marker=MARKER,
        mode=said,
        wanted="".join(f"{line}\n" for line in lines),
        program=_linux_packed(),
        nothing=json.dumps(why, separators=(",", ":")),
        wait_s=int(wait_s),
        digest=f"{zlib.crc32(linux_program().encode()):08x}",
    )
    return within_limit(content)


@cache
def _linux_packed() -> str:
    return _in_digits(linux_program())


@cache
def linux_program(*, readable: bool = False) -> str:
    """Put the program together from its pieces: the shell's, and awk's as one text inside it.

    A `readable` one keeps its comments, indentation and names, for a checker.
    """
    shell, awk = (
        put_together("linux", pieces, suffix, comments=True)
        for pieces, suffix in ((_SHELL_PIECES, "sh"), (_AWK_PIECES, "awk"))
    )
    if readable:
        head, first, rest = shell.partition("set -uf\n")
        why = "# shellcheck disable=SC2016 # awk expands it"
        return f"{head}{first}{why}\ncompare_program='\n{strip(awk)}'\n{rest}"
    return shorten_program(shell, awk)


def put_together(system: str, pieces: Sequence[str], suffix: str, *, comments: bool = False) -> str:
    """Read a program's pieces as one text; without `comments`, also without indentation."""
    from pathlib import Path  # noqa: PLC0415

    folder = Path(__file__).with_name(system)
    text = "\n".join((folder / f"{piece}.{suffix}").read_text(encoding="utf-8") for piece in pieces)
    return text if comments else strip(text)


def packed(program: str) -> str:
    """Make the program fit into RunCommand's limit; the same program always gives the same text."""
    return _in_lines(base64.b64encode(_gzip(program)).decode())


def _in_digits(program: str) -> str:
    """Do as `packed` does, an eighth shorter: two digits of 93 hold 13 bits."""
    data = _gzip(program)
    # The last word may hold up to 12 bits too many, but no whole byte: some tools would complain of that.
    while -len(data) * _BYTE % _BITS >= _BYTE:
        program += "\n"
        data = _gzip(program)
    count = -(-len(data) * _BYTE // _BITS)
    # In pieces that hold whole words: shifting one number of all bits takes its square in time.
    data += bytes(-len(data) % _BITS)
    pieces = (int.from_bytes(data[at : at + _BITS], "big") for at in range(0, len(data), _BITS))
    shifts = [at * _BITS for at in reversed(range(_BYTE))]
    words = [piece >> shift & (1 << _BITS) - 1 for piece in pieces for shift in shifts][:count]
    return _in_lines("".join(_DIGITS[word // len(_DIGITS)] + _DIGITS[word % len(_DIGITS)] for word in words))


def _gzip(program: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP, _MEMORY)
    return packer.compress(program.encode()) + packer.flush()


def _in_lines(text: str) -> str:
    """Long lines, because each end of line counts, but not without end: old tools have limits."""
    return "".join(f"{text[at : at + _LINE]}\n" for at in range(0, len(text), _LINE))


def within_limit(content: str) -> str:
    """Give the content back, or raise when RunCommand would not take it."""
    size = len(base64.b64encode(content.encode()))
    if size > LIMIT_BYTES:
        raise WantedSetError(
            f"the program with the data of these ENIs would be {size} bytes in Base64, and RunCommand takes "
            f"{LIMIT_BYTES}; ask for fewer ENIs in one command"
        )
    return content
