"""The contents for RunCommand: constant programs, data in one place, room to spare."""

from __future__ import annotations

import base64
import gzip
import re
import shutil
import subprocess
from importlib.resources import files
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest

from multieip.errors import WantedSetError
from multieip.guest.render import LIMIT_BYTES, MARKER, linux_program, linux_script
from multieip.model.guest import GuestEip, GuestNic, Mode

if TYPE_CHECKING:
    from pathlib import Path

TEN = GuestNic(
    "00:16:3e:12:e7:01",
    IPv4Address("172.16.123.120"),
    tuple(GuestEip(IPv4Address(f"198.51.100.{n}"), 24, IPv4Address("198.51.100.1")) for n in range(200, 210)),
)
PIECES = sorted((files("multieip.guest") / "linux").iterdir(), key=lambda piece: piece.name)


def packed_program(content: str) -> str:
    """Unpack the program that a content carries."""
    block = content.partition("<<'MULTIEIP-SCRIPT' | gzip -d >$t/guest.sh && e=\n")[2].partition(
        "MULTIEIP-SCRIPT\n"
    )[0]
    return gzip.decompress(base64.b64decode(block)).decode()


@pytest.mark.parametrize("mode", list(Mode))
def test_the_marker_is_the_first_line_after_the_shebang(mode: Mode) -> None:
    """A reader of the content, such as a simulated guest, knows it by its second line."""
    assert linux_script(mode, [TEN]).splitlines()[:2] == ["#!/bin/sh", f"{MARKER} {mode.value}"]


def test_two_sets_differ_in_their_data_only() -> None:
    """The text around the data lines is the same, whatever is wanted."""
    other = GuestNic("00:16:3e:12:e7:09", IPv4Address("10.9.9.9"), TEN.eips[:1])
    data = re.compile(r"(?<=<<'MULTIEIP-WANTED'\n).*?(?=MULTIEIP-WANTED\n)", re.DOTALL)

    one, two = (data.sub("", linux_script(Mode.APPLY, [nic])) for nic in (TEN, other))

    assert one == two


def test_ten_eips_leave_room_to_spare() -> None:
    """In Base64 the largest usual content stays well below what RunCommand takes."""
    size = len(base64.b64encode(linux_script(Mode.APPLY, [TEN]).encode()))

    assert size <= LIMIT_BYTES - 768


def test_too_much_at_once_is_refused() -> None:
    """More ENIs than fit are refused before the cloud refuses them."""
    many = [
        GuestNic(
            f"00:16:3e:12:{n:02x}:01",
            IPv4Address(f"172.16.{n}.120"),
            tuple(
                GuestEip(IPv4Address(f"198.51.{n}.{host}"), 24, IPv4Address(f"198.51.{n}.1"))
                for host in range(200, 210)
            ),
        )
        for n in range(40)
    ]

    with pytest.raises(WantedSetError, match="fewer ENIs"):
        linux_script(Mode.APPLY, many)


def test_a_survey_carries_no_data() -> None:
    """One content for every instance; it takes no wanted set and no other mode."""
    content = linux_script(Mode.CHECK, [], survey=True)

    assert "<<'MULTIEIP-WANTED'\nMULTIEIP-WANTED\n" in content
    with pytest.raises(WantedSetError, match="survey"):
        linux_script(Mode.CHECK, [TEN], survey=True)
    with pytest.raises(WantedSetError, match="survey"):
        linux_script(Mode.APPLY, [], survey=True)


def test_the_content_carries_the_program() -> None:
    """What is packed is the program, byte for byte."""
    assert packed_program(linux_script(Mode.CHECK, [TEN])) == linux_program()


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: str(piece.name))
def test_taking_indentation_away_changes_nothing(piece: Path) -> None:
    """No piece has a here-document or a text over several lines, which stripping would change."""
    text = piece.read_text(encoding="utf-8")

    assert "<<" not in re.sub(r"\$\(\(.*?\)\)", "", text)
    for number, line in enumerate(text.splitlines(), 1):
        code = "" if line.lstrip().startswith("#") else re.sub(r"\\.", "", line)
        unquoted = re.sub(r"'[^']*'|\"[^\"]*\"", "", code)
        assert not set(unquoted) & {"'", '"'}, f"{piece.name}:{number}"


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_every_posix_shell_parses_it(shell: str, tmp_path: Path) -> None:
    """dash, bash and busybox's shell accept the program's syntax."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    program = tmp_path / "guest.sh"
    program.write_text(linux_program())
    argv = [shell, "-n", str(program)] if shell != "busybox" else [shell, "ash", "-n", str(program)]

    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("minimised", [False, True])
def test_shellcheck_has_nothing_to_say(tmp_path: Path, minimised: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """The pieces with their directives, and the content around them, are clean."""
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed here")
    program = tmp_path / "guest.sh"
    program.write_text(linux_script(Mode.APPLY, [TEN]) if minimised else linux_program(comments=True))

    done = subprocess.run(
        ["shellcheck", "--shell=sh", "--format=gcc", str(program)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == ""


@pytest.mark.parametrize(
    "line",
    [
        "eip 198.51.100.300 24 198.51.100.1 must",
        "eip 198.51.100.11 24 203.0.113.1 must",
        "eip 198.51.100.11 33 198.51.100.1 must",
        "eip 198.51.100.11 24 198.51.100.1 must more",
        "eip $(id) 24 198.51.100.1 must",
        "eip 198.51.100.11 24 198.51.100.1 must;id",
        "eip 198.51.100.200 24 198.51.100.1 must",
        "run reboot",
        "nic 00:16:3e:12:e7:01 10.0.0.1",
        "nic 00:16:3E:12:E7:0Z 10.0.0.1",
    ],
)
def test_the_program_checks_its_data_again(line: str, tmp_path: Path) -> None:
    """Data that were changed on their way are refused by the program itself, before anything is read."""
    program = tmp_path / "guest.sh"
    program.write_text(linux_program())
    data = tmp_path / "wanted"
    data.write_text(f"nic {TEN.mac} {TEN.private}\neip 198.51.100.200 24 198.51.100.1 must\n{line}\n")

    done = subprocess.run(
        ["sh", str(program), "check", str(data)], capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert '"state":"failed"' in done.stdout
    assert '"code":"data"' in done.stdout
