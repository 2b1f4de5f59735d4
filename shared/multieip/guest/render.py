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
from functools import cache
from typing import TYPE_CHECKING

from multieip.errors import WantedSetError
from multieip.guest.packing import Program, gzip, in_lines, pack, shorten
from multieip.guest.shorten import strip
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
# In this order like stands beside like, which packs better; main.sh runs and so is last.
_SHELL_PIECES = (
    *("core", "wanted", "kernel", "nic", "keeper", "life", "manager-networkd", "manager-ifupdown"),
    *("manager-networkmanager", "manager-scripts", "manager-wicked", "undo", "managers", "lease", "main"),
)
# A survey has no data, so its program need not be as short as that of the other modes: they go without it.
_SURVEY_PIECES = (_SHELL_PIECES[0], "survey", *_SHELL_PIECES[1:])
_AWK_PIECES = ("parse", "data", "plan")
# Nothing is written to a disk: the program is unpacked into the shell's memory. Where no tool can do that,
# the answer says so.
_OUTER = """\
#!/bin/sh
{marker} {mode}
wanted='
{wanted}'
set -- {mode} "$wanted" {wait_s} {digest}
export LC_ALL=C
z=gzip
command -v $z>/dev/null||z="busybox $z"
program=$(printf %b "$(p='
{program}' awk 'BEGIN{{for(i=33;i<224;i++)if(i!=39)d[sprintf("%c",i)]=i<127?k++:i<192?i-128:i-9
x={number}
t=ENVIRON["p"]
gsub(/\\n/,"",t)
l=length(t)
while(p<l){{v=d[substr(t,++p,1)]
f=v<93?128:1
v=f>1?v*f:v*64+d[substr(t,++p,1)]
for(;x>=f*256e4;x=int(x/256))printf"\\\\0%o",x%256
x=int(x/f)*13760+v+x%f}}}}\')"|$z -dc)&&program=$(p=$program awk 'BEGIN{{n=split(ENVIRON["p"],d,"\\t")
for(t=d[n];--n;)gsub(sprintf("%c",127+n),d[n],t)
print t}}')&&[ "$program" ]||{{
echo 'multieip-answer: {nothing}'
exit 1
}}
eval "$program"
"""


def linux_script(  # noqa: PLR0913  what may be said in a script, each its own thing
    mode: Mode,
    nics: Sequence[GuestNic],
    *,
    stamp: Stamp | None = None,
    lean: bool = False,
    survey: bool = False,
    wait_s: int = 60,
    priority: int = PRIORITY,
) -> str:
    """Render the script for RunShellScript.

    `survey` takes no wanted set and reads only: it reports every interface and everything of ours,
    so one content serves many instances. With a `stamp`, apply and release are refused where the guest
    has a set of a later look. A `lean` set is refused where it does not name an EIP that the guest has: who
    made it has not read what is bound. `wait_s` is how long `apply` waits for the lock, the interface and
    its private address. `priority` is where the rules of EIPs stand among those of others.
    """
    if survey and (nics or mode is not Mode.CHECK):
        raise WantedSetError("a survey only checks and takes no wanted set; leave the interfaces out")
    lines = [] if survey else [_short(line) for line in data_lines(mode, nics, stamp, lean=lean)]
    if not survey and priority != PRIORITY:
        lines.insert(0, priority_line(priority))
    said = "survey" if survey else mode.value
    program = _survey() if survey else _linux()
    why = {"v": 1, "mode": said, "state": "failed", "problems": [{"code": "no-tools", "text": "@|"}]}
    content = _OUTER.format(
        marker=MARKER,
        mode=said,
        wanted="".join(f"{line}\n" for line in lines),
        number=program.number,
        program=program.digits,
        nothing=json.dumps(why, separators=(",", ":")),
        wait_s=int(wait_s),
        digest=_linux().digest,
    )
    return within_limit(content)


def _short(line: str) -> str:
    """Leave out what the program puts back: `eip`, a gateway's numbers that its EIP has as well, `must`."""
    kind, *words = line.split()
    if kind != "eip":
        return line
    ip, plen, gateway, word = words
    numbers, own = gateway.split("."), ip.split(".")
    while len(numbers) > 1 and numbers[0] == own[0]:
        numbers, own = numbers[1:], own[1:]
    return " ".join((ip, plen, ".".join(numbers), *([word] if word != "must" else [])))


@cache
def _linux() -> Program:
    return pack(*linux_source())


@cache
def _survey() -> Program:
    return pack(*linux_source(survey=True))


def linux_source(*, survey: bool = False) -> tuple[str, str]:
    """Put the sources together: the shell's, and awk's; those of a survey have its part as well."""
    pieces = _SURVEY_PIECES if survey else _SHELL_PIECES
    return put_together("linux", pieces, "sh", comments=True), put_together(
        "linux", _AWK_PIECES, "awk", comments=True
    )


def linux_program(*, readable: bool = False, survey: bool = False) -> str:
    """Give the program: the shell's pieces, and awk's as one text inside it.

    A `readable` one keeps its comments, indentation and names, for a checker.
    """
    shell, awk = linux_source(survey=survey)
    if not readable:
        return shorten(shell, awk)
    head, first, rest = shell.partition("set -uf\n")
    why = "# shellcheck disable=SC2016 # awk expands it"
    return f"{head}{first}{why}\ncompare_program='\n{strip(awk)}'\n{rest}"


def put_together(system: str, pieces: Sequence[str], suffix: str, *, comments: bool = False) -> str:
    """Read a program's pieces as one text; without `comments`, also without indentation."""
    from pathlib import Path  # noqa: PLC0415

    folder = Path(__file__).with_name(system)
    text = "\n".join((folder / f"{piece}.{suffix}").read_text(encoding="utf-8") for piece in pieces)
    return text if comments else strip(text)


def packed(program: str) -> str:
    """Make a program shorter for who has Base64; the same program always gives the same text."""
    return in_lines(base64.b64encode(gzip(program)).decode())


def within_limit(content: str) -> str:
    """Give the content back, or raise when RunCommand would not take it."""
    size = len(base64.b64encode(content.encode()))
    if size > LIMIT_BYTES:
        raise WantedSetError(
            f"the program with the data of these ENIs would be {size} bytes in Base64, and RunCommand takes "
            f"{LIMIT_BYTES}; ask for fewer ENIs in one command"
        )
    return content
