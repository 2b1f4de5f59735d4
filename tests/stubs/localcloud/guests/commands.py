"""How Cloud Assistant's agent runs a command in a Linux guest: a file that stays, a shell that it ends."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from localcloud.guests.base import Command, Execution, WorldError
from localcloud.guests.processes import execute
from localcloud.guests.tools import call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    class Entered(Protocol):
        """A running guest that programs can be put into."""

        init: int

        def enter(self, argv: Sequence[str], environment: Sequence[tuple[str, str]]) -> list[str]:
            """Make the program a process of the guest."""


# The agent's own folder lies under /usr/local, which a guest made of namespaces shares with the machine.
SCRIPTS: Final = "/var/lib/aliyun-assist/work/script"
SCRIPTS_OF_USERS: Final = "/tmp"  # noqa: S108 - in the guest
# The first argument is the folder to work in, the second the user (empty: root), the third what `sh -c` runs.
_WRAPPER: Final = """
cd "$1" || exit 1
[ -n "$2" ] || exec sh -c "$3"
exec setpriv --reuid="$2" --regid="$(id -g "$2")" --init-groups sh -c "$3"
"""


def run(guest: Entered, command: Command, running: set[int]) -> Execution:
    """Run the command to its end or its time limit; `running` holds the process groups that are left over."""
    invalid = _invalid(guest, command)
    if invalid:
        return Execution(1, b"", invalid=invalid)
    shell = [
        "sh",
        "-c",
        _WRAPPER,
        "sh",
        command.working_dir or "/root",
        command.username,
        _script(guest, command),
    ]
    return execute(guest.enter(shell, command.environment), command.timeout_s, running)


def _script(guest: Entered, command: Command) -> str:
    """Write the script where the agent does and return its path; where nothing can be written, its text."""
    folder = SCRIPTS_OF_USERS if command.username else SCRIPTS
    file = f"{folder}/t-{secrets.token_hex(8)}.sh"
    outside = Path(f"/proc/{guest.init}/root{file}")
    try:
        outside.parent.mkdir(parents=True, exist_ok=True)
        outside.write_bytes(command.content)
        outside.chmod(0o755)
    except OSError:
        outside.unlink(missing_ok=True)
        return command.content.decode("utf-8", "surrogateescape")
    return file


def _invalid(guest: Entered, command: Command) -> str:
    """Why the agent would not run the command: an unknown user, root by name, a folder that is not there."""
    if command.username == "root" or (
        command.username and not _true(guest, 'id -u -- "$1"', command.username)
    ):
        return "AccountNotExists"
    if command.working_dir not in ("", "/root") and not _true(guest, 'test -d "$1"', command.working_dir):
        return "DirectoryNotExists"
    return ""


def _true(guest: Entered, question: str, word: str) -> bool:
    try:
        call(guest.enter(["sh", "-c", f"{question} >/dev/null 2>&1", "sh", word], []))
    except WorldError:
        return False
    return True
