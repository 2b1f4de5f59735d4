"""The contents for RunCommand: constant programs, data in one place, room to spare."""

from __future__ import annotations

import base64
import gzip
import re
import shutil
import subprocess
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest

from multieip.errors import WantedSetError
from multieip.guest.answer import read_answer
from multieip.guest.packing import (
    DIGITS,
    FIRST_LETTER,
    PACKED,
    SHARE,
    SURVEY,
    WHOLE,
    crc,
    in_order,
    read_found,
)
from multieip.guest.render import LIMIT_BYTES, MARKER, linux_program, linux_script, linux_source
from multieip.guest.shorten import shorten_program
from multieip.model.guest import GuestEip, GuestNic, Mode, Stamp, State

if TYPE_CHECKING:
    from pathlib import Path

TEN = GuestNic(
    "00:16:3e:12:e7:01",
    IPv4Address("172.16.123.120"),
    tuple(GuestEip(IPv4Address(f"198.51.100.{n}"), 24, IPv4Address("198.51.100.1")) for n in range(200, 210)),
)


# What a checker of source text says of names and words that only the source explains.
EXPLAINED_THERE = "SC2015,SC2016,SC2030,SC2031,SC2086,SC2317,SC3043"


def packed_program(content: str) -> str:
    """Unpack the program that a content carries, as its own awk does."""
    found = re.search(r"\$\(p='\n(.*?)' awk .*?^x=(\d+)$", content, re.DOTALL | re.MULTILINE)
    assert found is not None
    number, data = int(found.group(2)), bytearray()
    for digit in found.group(1).replace("\n", ""):
        place, share = DIGITS.find(digit) * SHARE, SHARE
        if place < 0:
            place, share = len(DIGITS) * SHARE + ord(digit) - FIRST_LETTER, 1
        while number >= share * 2_560_000:
            data.append(number % 256)
            number //= 256
        number = number // share * WHOLE + place + number % share
    unpacked = gzip.decompress(data).decode("latin-1")
    *phrases, program = unpacked.split("\t")
    for number in range(len(phrases), 0, -1):
        program = program.replace(chr(127 + number), phrases[number - 1])
    return program


@pytest.mark.parametrize("mode", list(Mode))
def test_the_marker_is_the_first_line_after_the_shebang(mode: Mode) -> None:
    """A reader of the content, such as a simulated guest, knows it by its second line."""
    assert linux_script(mode, [TEN]).splitlines()[:2] == ["#!/bin/sh", f"{MARKER} {mode.value}"]


def test_two_sets_differ_in_their_data_only() -> None:
    """The text around the data lines is the same, whatever is wanted."""
    other = GuestNic("00:16:3e:12:e7:09", IPv4Address("10.9.9.9"), TEN.eips[:1])
    data = re.compile(r"(?<=\nwanted='\n).*?(?='\nset -- )", re.DOTALL)

    one, two = (data.subn("", linux_script(Mode.APPLY, [nic])) for nic in (TEN, other))

    assert one == two
    assert one[1] == 1


def test_ten_eips_leave_room_to_spare() -> None:
    """In Base64 the largest usual content stays below what RunCommand takes."""
    size = len(base64.b64encode(linux_script(Mode.APPLY, [TEN]).encode()))

    assert size <= LIMIT_BYTES - 512


def longest(mac: int) -> GuestNic:
    """Want ten EIPs with addresses as long as they get, each with a gateway of its own."""
    return GuestNic(
        f"00:16:3e:12:e7:0{mac}",
        IPv4Address(f"172.116.123.12{mac}"),
        tuple(
            GuestEip(IPv4Address(f"198.151.{net}.20{mac}"), 24, IPv4Address(f"198.151.{net}.254"))
            for net in range(100 * mac, 100 * mac + 10)
        ),
    )


def test_two_full_enis_leave_room() -> None:
    """Twice ten EIPs with addresses as long as they get, and a stamp: one command, and 3 KB to grow."""
    stamp = Stamp(1795000000123, "r" * 32)
    content = linux_script(Mode.APPLY, [longest(1), longest(2)], stamp=stamp, lean=True)

    assert LIMIT_BYTES - len(base64.b64encode(content.encode())) >= 3072


@pytest.mark.parametrize("path", [PACKED, SURVEY])
def test_what_was_found_is_about_these_sources(path: Path) -> None:
    """After a change of the sources `make guest-program` looks anew; until then zlib packs the program."""
    found, survey = read_found(path), path == SURVEY

    assert found is not None
    assert found.source == crc("".join(linux_source(survey=survey))), "run make guest-program"
    assert found.program.digest == crc(linux_program(survey=survey))


def test_a_survey_only_has_the_part_that_surveys() -> None:
    """It is of no use to the others, whose bytes are few; all else is the same."""
    survey, others = (linux_program(readable=True, survey=survey) for survey in (True, False))

    assert set(others.splitlines()) < set(survey.splitlines())
    assert "survey_state() {" in survey
    assert "survey_state() {" not in others
    assert packed_program(linux_script(Mode.CHECK, [], survey=True)).rstrip("\n") == linux_program(
        survey=True
    ).rstrip("\n")


def test_functions_move_and_nothing_else() -> None:
    """Another order of the functions is the same program; one that is about other functions is none."""
    program = "a=1\nB() {\necho $a\n}\nb=2\nC() {\necho $b\n}\nD() {\nC\nB\n}\nD\n"

    moved = in_order(program, [1, 0, 2])

    assert moved == "a=1\nC() {\necho $b\n}\nB() {\necho $a\n}\nb=2\nD() {\nC\nB\n}\nD\n"
    assert subprocess.run(["sh", "-c", moved], capture_output=True, check=True).stdout == b"2\n1\n"
    assert in_order(program, [0, 1]) == program


def test_what_an_eip_says_already_is_left_out_and_put_back(tmp_path: Path) -> None:
    """A gateway is sent as the numbers that its EIP has not, and the program checks it whole."""
    eips = [
        ("198.51.100.200", 24, "198.51.100.1"),
        ("198.51.100.201", 8, "198.0.0.9"),
        ("9.9.9.9", 30, "9.9.9.10"),
    ]
    keep = GuestEip(IPv4Address("8.8.8.200"), 24, IPv4Address("8.8.8.1"), keep=True)
    found = (*(GuestEip(IPv4Address(ip), plen, IPv4Address(gateway)) for ip, plen, gateway in eips), keep)
    content = linux_script(Mode.APPLY, [GuestNic(TEN.mac, TEN.private, found)])
    short = ["198.51.100.200 24 1", "198.51.100.201 8 0.0.9", "9.9.9.9 30 10", "8.8.8.200 24 1 keep"]
    assert "\n".join(short) in content
    _, awk = linux_source()
    program = tmp_path / "data.awk"
    program.write_text(awk)
    lines = "\n".join(["@want", f"nic {TEN.mac} {TEN.private}", *short, "@end"])

    said = subprocess.run(
        ["awk", "-v", "mode=data", "-v", "mode_name=apply", "-f", str(program)],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "is_whole='y'" in said
    assert all(f"eip {ip} {plen} {gateway} must\n" in said for ip, plen, gateway in eips)
    assert "eip 8.8.8.200 24 8.8.8.1 keep\n" in said


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

    assert "\nwanted='\n'\n" in content
    with pytest.raises(WantedSetError, match="survey"):
        linux_script(Mode.CHECK, [TEN], survey=True)
    with pytest.raises(WantedSetError, match="survey"):
        linux_script(Mode.APPLY, [], survey=True)


def test_the_content_carries_the_program() -> None:
    """What is packed is the program, byte for byte."""
    assert packed_program(linux_script(Mode.CHECK, [TEN])).rstrip("\n") == linux_program().rstrip("\n")


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox ash"])
@pytest.mark.parametrize("awk", ["mawk", "gawk", "busybox awk"])
def test_every_shell_and_awk_unpacks_it(shell: str, awk: str, tmp_path: Path) -> None:
    """The content's own lines give the program back, byte for byte, whatever reads them."""
    missing = [words for words in (shell, awk) if shutil.which(words.split()[0]) is None]
    if missing:
        pytest.skip(f"not installed here: {', '.join(missing)}")
    content = linux_script(Mode.CHECK, [TEN])
    told = content.replace('eval "$program"', "printf '%s\\n' \"$program\"")
    told, count = re.subn(r"(?<= )awk(?= ')", awk, told)
    assert count == 2
    (tmp_path / "content").write_text(told)

    done = subprocess.run(
        [*shell.split(), str(tmp_path / "content")], capture_output=True, text=True, check=True
    )

    assert (done.stdout.strip("\n"), done.stderr) == (linux_program().strip("\n"), "")


def test_a_machine_that_cannot_unpack_it_answers(tmp_path: Path) -> None:
    """Without gzip and busybox the last line is an answer that says what to install; nothing is written."""
    for tool in ("sh", "awk"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    argv = ["sh", "-c", linux_script(Mode.APPLY, [TEN])]

    done = subprocess.run(argv, capture_output=True, check=False, env={"PATH": str(tmp_path)})

    report = read_answer(done.stdout)
    assert (done.returncode, report.state, report.changed) == (1, State.FAILED, False)
    assert [problem.code for problem in report.problems] == ["no-tools"]


def test_no_word_of_a_message_is_shortened() -> None:
    """What the source says to people, and the words of sentences, are in the shortened program."""
    source, short = linux_program(readable=True), linux_program()
    said = re.findall(r"\b(?:fail_with|add_problem) ([a-z-]+ [\"'](?:@[a-z-]*\||[a-z: ]+))", source)
    said += re.findall(r'\b(?:bad|conflict)\(("[a-z]+\|)', source)

    assert len(said) > 30
    assert [text for text in said if text not in short] == []


def test_a_program_that_was_damaged_is_not_run(tmp_path: Path) -> None:
    """One digit more or less is an answer, never a part of the program."""
    for tool in ("sh", "awk", "gzip"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    # Where it were run all the same, it is not to configure this machine.
    content = linux_script(Mode.APPLY, [TEN]).replace('eval "$program"', 'echo "$program"')
    half = content.index(" awk") // 2
    other = "!" if content[half] == "~" else "~"
    for damaged in (content[:half] + other + content[half + 1 :], content[:half] + content[half + 2 :]):
        done = subprocess.run(
            ["sh", "-c", damaged], capture_output=True, check=False, env={"PATH": str(tmp_path)}
        )

        assert [problem.code for problem in read_answer(done.stdout).problems] == ["no-tools"]


def test_what_shortening_would_break_is_refused() -> None:
    """A function that uses a local of its caller would meet another name there."""
    borrows = "one() {\n  local here\n  two_it\n}\ntwo_it() {\n  echo $here\n}\n"

    with pytest.raises(ValueError, match="local in one function, used in another: here"):
        shorten_program(borrows, "")


def test_names_of_shell_and_awk_meet() -> None:
    """A value that awk is given by name, and one that it gives back, have one name at both ends."""
    call = 'eval "$(awk -v first_word="$1" "$compare_program" </dev/null)"'
    shell = f'run_it() {{\n  {call}\n  echo "$told_word"\n}}\nrun_it a\n'
    awk = 'function give(name, value) { print name "=" value }\nEND { give("told_word", first_word "b") }\n'

    program = shorten_program(shell, awk)

    assert "_word" not in program
    assert subprocess.run(["sh", "-c", program], capture_output=True, check=True).stdout == b"ab\n"


@pytest.mark.parametrize("survey", [False, True])
@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_every_posix_shell_parses_it(shell: str, survey: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of pytest
    """dash, bash and busybox's shell accept the program's syntax."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    program = tmp_path / "guest.sh"
    program.write_text(linux_program(survey=survey))
    argv = [shell, "-n", str(program)] if shell != "busybox" else [shell, "ash", "-n", str(program)]

    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("survey", [False, True])
@pytest.mark.parametrize("minimised", [False, True])
def test_shellcheck_has_nothing_to_say(tmp_path: Path, minimised: bool, survey: bool) -> None:  # noqa: FBT001 - parameters of pytest
    """The pieces with their directives, and the content around them, are clean."""
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed here")
    program = tmp_path / "guest.sh"
    program.write_text(linux_program(readable=not minimised, survey=survey))
    excluded = [f"--exclude={EXPLAINED_THERE}"] if minimised else []

    done = subprocess.run(
        ["shellcheck", "--shell=sh", "--format=gcc", *excluded, str(program)],
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
        "198.51.100.11 24 1 must more",
        "198.51.100.11 24 1 most",
        "198.51.100.11 24",
        "198.51.100.11 24 0.0.0.0.1",
        "198.51.100.11 24 2.1",
        "run reboot",
        "nic 00:16:3e:12:e7:01 10.0.0.1",
        "nic 00:16:3E:12:E7:0Z 10.0.0.1",
    ],
)
def test_the_program_checks_its_data_again(line: str, tmp_path: Path) -> None:
    """Data that were changed on their way are refused by the program itself, before anything is read."""
    program = tmp_path / "guest.sh"
    program.write_text(linux_program())
    data = f"nic {TEN.mac} {TEN.private}\neip 198.51.100.200 24 198.51.100.1 must\n{line}\n"

    done = subprocess.run(["sh", str(program), "check", data], capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert '"state":"failed"' in done.stdout
    assert '"code":"data"' in done.stdout
