"""Makes the `CommandContent` that RunCommand sends to a guest.

A Linux content is a constant program and data lines, each in a quoted here-document:

    #!/bin/sh
    # multieip-guest v1 <mode>
    ... writes the two here-documents below to files of root's own, and runs the program ...
    <<'MULTIEIP-WANTED'    data lines, see `wanted.py`; none for a survey
    <<'MULTIEIP-SCRIPT'    the program, put together from `linux/*.sh`: gzip, Base64

No shell text is ever made from a value of the cloud: values pass `wanted.py` first and the program
reads them as data and checks them again.
"""

from __future__ import annotations

import base64
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from multieip.errors import WantedSetError
from multieip.guest.wanted import data_lines, plen_of
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
# Like beside like: the packer sees 32 KB back, and the program is longer.
_PIECES = (
    *("core", "converge", "read", "verify", "report", "writer-scripts", "writer-wicked", "writers"),
    *("writer-own", "writer-networkd", "writer-networkmanager", "managers", "files", "act", "main"),
)

_OUTER = """\
#!/bin/sh
{marker} {mode}
umask 077
r=/run
[ -d $r ] || r=/var/run
t=$r/multieip.$$
rm -rf $t
mkdir $t || exit 3
cat >$t/wanted <<'MULTIEIP-WANTED'
{wanted}MULTIEIP-WANTED
e=3
base64 -d <<'MULTIEIP-SCRIPT' | gzip -d >$t/guest.sh && e=
{program}MULTIEIP-SCRIPT
[ "$e" ] || sh $t/guest.sh {mode} $t/wanted {wait_s}
e=${{e:-$?}}
rm -rf $t
exit "$e"
"""


def linux_script(
    mode: Mode,
    nics: Sequence[GuestNic],
    *,
    stamp: Stamp | None = None,
    survey: bool = False,
    wait_s: int = 60,
) -> str:
    """Render the script for RunShellScript.

    `survey` takes no wanted set and reads only: it reports every interface and everything of ours,
    so one content serves many instances. With a `stamp`, apply and release are refused where the guest
    has a set of a later look. `wait_s` is how long `apply` waits for the interface and
    its private address.
    """
    if survey and (nics or mode is not Mode.CHECK):
        raise WantedSetError("a survey only checks and takes no wanted set; leave the interfaces out")
    lines = [] if survey else data_lines(mode, nics, stamp)
    content = _OUTER.format(
        marker=MARKER,
        mode="survey" if survey else mode.value,
        wanted="".join(f"{line}\n" for line in lines),
        program=packed(linux_program()),
        wait_s=int(wait_s),
    )
    return within_limit(content)


@cache
def linux_program(*, comments: bool = False) -> str:
    """Put the program together from its pieces; without `comments`, also without indentation.

    The pieces hold no here-document and no quoted text over several lines, so that this cannot
    change what they do.
    """
    return put_together("linux", _PIECES, "sh", comments=comments)


def put_together(system: str, pieces: Sequence[str], suffix: str, *, comments: bool = False) -> str:
    """Read a program's pieces as one text; without `comments`, also without indentation."""
    folder = Path(__file__).with_name(system)
    text = "\n".join((folder / f"{piece}.{suffix}").read_text(encoding="utf-8") for piece in pieces)
    if comments:
        return text
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("#"))


def packed(program: str) -> str:
    """Make the program fit into RunCommand's limit; the same program always gives the same text."""
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP, _MEMORY)
    text = base64.b64encode(packer.compress(program.encode()) + packer.flush()).decode()
    # Long lines, because each end of line counts, but not without end: old tools have limits.
    return "".join(f"{text[at : at + _LINE]}\n" for at in range(0, len(text), _LINE))


def within_limit(content: str) -> str:
    """Give the content back, or raise when RunCommand would not take it."""
    size = len(base64.b64encode(content.encode()))
    if size > LIMIT_BYTES:
        raise WantedSetError(
            f"the script would be {size} bytes in Base64, RunCommand takes {LIMIT_BYTES}; "
            "ask for fewer ENIs at once"
        )
    return content
