"""SIP names addresses in Via, Contact and in the description of its media; media goes to the latter."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest

from tests.guest.protocols.conftest import INTERNET_HOST, Place

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.guest

MEDIA_PORT = 6000
CALL_MS = 2500
# Sends one packet of media to an address and waits for its echo.
MEDIA = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as media:
    media.settimeout(1.5)
    media.sendto(b"\\x80\\x00" + bytes(170), (sys.argv[1], int(sys.argv[2])))
    sys.exit(0 if media.recvfrom(2000)[0] else 1)
"""


def call(place: Place, folder: Path) -> tuple[str, bool]:
    """Let the guest call the internet host: what the far end reads, and whether its media arrives."""
    log = folder / "messages"
    program = folder / "media.py"
    program.write_text(MEDIA)
    place.serve_outside(
        f"sipp -sn uas -i {INTERNET_HOST} -p 5060 -nostdin -trace_msg -message_file {log} -aa", 5060
    )
    caller = (
        f"cd /tmp && sipp -sn uac -i {place.local} -p 5060 -mi {place.local} -mp {MEDIA_PORT} -rtp_echo"
        f" -m 1 -d {CALL_MS} -nostdin -timeout 15s {INTERNET_HOST}:5060 >/dev/null 2>&1"
    )
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(place.site.run(caller).exit_code))
    thread.start()
    invite = place.outside(
        f"turns=0; until grep -q '^m=audio' {log} 2>/dev/null; do turns=$((turns + 1));"
        f" [ $turns -lt 3000 ] || exit 1; done; cat {log}"
    ).output.decode()
    media = re.search(r"^c=IN IP4 ([\d.]+)", invite, re.MULTILINE)
    assert media, invite
    echoed = place.outside(f"python3 {program} {media.group(1)} {MEDIA_PORT} 2>/dev/null").exit_code == 0
    thread.join(20)
    assert codes == [0], "the signalling itself succeeds: answers go to where the packet came from"
    return invite, echoed


def addresses(invite: str) -> set[str]:
    """List the addresses that the caller gives as its own."""
    via = re.findall(r"^Via: SIP/2.0/UDP ([\d.]+)", invite, re.MULTILINE)
    contact = re.findall(r"^Contact: sip:sipp@([\d.]+)", invite, re.MULTILINE)
    described = re.findall(r"^[co]=.*IN IP4 ([\d.]+)", invite, re.MULTILINE)
    assert via
    assert contact
    assert described
    return {*via, *contact, *described} - {INTERNET_HOST}


def test_private_behind_translation(translated: Place, tmp_path: Path) -> None:
    """The far end reads the private address, and its media goes nowhere."""
    invite, echoed = call(translated, tmp_path)

    assert addresses(invite) == {str(translated.local)}
    assert not echoed


def test_public_with_the_eip_on_the_interface(visible: Place, tmp_path: Path) -> None:
    """The far end reads the EIP, and its media arrives and comes back."""
    invite, echoed = call(visible, tmp_path)

    assert addresses(invite) == {str(visible.public)}
    assert echoed
