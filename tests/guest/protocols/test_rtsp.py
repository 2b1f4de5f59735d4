"""RTSP names in its Transport field where sound comes from and where it goes; a session of its own brings it.

A server that sends back to whoever has spoken to it, to a client that opens the path itself, passes a
translation. By the book the answer's addresses count, and then no client is served behind one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guest.protocols.conftest import INTERNET_HOST, PYTHON, Place, packed, read_report
from tests.guest.protocols.rtp import PACKETS

pytestmark = pytest.mark.guest

PORT = 554
PROGRAM = Path(__file__).with_name("rtsp.py")
# A client may send packets to where sound will come from, so that its own gateway lets the sound in.
CLIENTS = pytest.mark.parametrize("opening", ["", "--open"], ids=["as-written", "opens-the-path"])


def play_in_guest(place: Place, folder: Path, options: str) -> dict[str, object]:
    """Let the guest play from the internet host."""
    program = packed(PROGRAM, folder)
    place.serve_outside(f"{PYTHON} {program} serve", PORT)
    command = f"play {INTERNET_HOST} --from {place.local} {options}"
    return read_report(place.site.run(f"{PYTHON} {place.carry_in(program)} {command}"))


def play_from_guest(place: Place, folder: Path) -> dict[str, object]:
    """Let the internet host play from the guest, whose server waits for the client to open the path."""
    program = packed(PROGRAM, folder)
    place.serve_inside(f"{PYTHON} {place.carry_in(program)} serve --wait", PORT)
    return read_report(place.outside(f"{PYTHON} {program} play {place.public} --open", timeout_s=60))


@CLIENTS
def test_no_sound_for_the_guest_behind_translation(translated: Place, tmp_path: Path, opening: str) -> None:
    """The server's answer names the private address, and the sound goes there, whatever the client does."""
    told = play_in_guest(translated, tmp_path, f"--destination {opening}")

    assert told["destination"] == str(translated.local)
    assert told["heard"] == 0


@CLIENTS
def test_sound_for_the_guest_with_the_eip_on_the_interface(
    visible: Place, tmp_path: Path, opening: str
) -> None:
    """The server's answer names the EIP, and the sound comes."""
    told = play_in_guest(visible, tmp_path, f"--destination {opening}")

    assert told["destination"] == str(visible.public)
    assert told["heard"] == PACKETS


def test_what_passes_a_translation(translated: Place, tmp_path: Path) -> None:
    """Without an address of its own in what it asks, and by opening the path itself, a client is served."""
    told = play_in_guest(translated, tmp_path, "--open")

    assert told["destination"] == str(translated.public)
    assert told["heard"] == PACKETS


def test_no_sound_from_the_guest_behind_translation(translated: Place, tmp_path: Path) -> None:
    """The guest's server names its private address as the source; there the client opens no path."""
    told = play_from_guest(translated, tmp_path)

    assert {told["origin"], told["source"]} == {str(translated.local)}
    assert told["heard"] == 0


def test_sound_from_the_guest_with_the_eip_on_the_interface(visible: Place, tmp_path: Path) -> None:
    """The guest's server names the EIP as the source; the client opens the path to it."""
    told = play_from_guest(visible, tmp_path)

    assert {told["origin"], told["source"]} == {str(visible.public)}
    assert told["heard"] == PACKETS
