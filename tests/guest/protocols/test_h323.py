"""H.323 names addresses in each step of a call: of the call, of H.245, and of the sound each way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.guest.protocols.conftest import INTERNET_HOST, PYTHON, Place, packed, read_report
from tests.guest.protocols.rtp import PACKETS

pytestmark = pytest.mark.guest

PORT = 1720
PROGRAM = Path(__file__).with_name("h323.py")
# The messages and what encodes them (packed encoding rules).
LIBRARIES = (
    "pycrate_core/*.py", "pycrate_asn1rt/*.py", "pycrate_asn1dir/__init__.py", "pycrate_asn1dir/H225.py",
    "pycrate_asn1c/__init__.py", "pycrate_asn1c/utils.py", "pycrate_asn1c/err.py",
)  # fmt: skip
AWAIT_REPORT = """
turns=0
until [ -e {0} ]; do turns=$((turns + 1)); [ $turns -lt 300 ] || exit 1; sleep 0.1; done
cat {0}
"""

Report = dict[str, Any]


def call_guest(place: Place, folder: Path) -> tuple[Report, Report]:
    """Let the internet host call the guest; give what the caller and what the callee have met."""
    program = packed(PROGRAM, folder, LIBRARIES)
    place.serve_inside(f"{PYTHON} {place.carry_in(program)} answer /run/call.json", PORT)
    caller = read_report(
        place.outside(f"{PYTHON} {program} call {place.public} {INTERNET_HOST}", timeout_s=60)
    )
    return caller, read_report(place.site.run(AWAIT_REPORT.format("/run/call.json")))


def call_from_guest(place: Place, folder: Path) -> tuple[Report, Report]:
    """Let the guest call the internet host; give what the caller and what the callee have met."""
    program = packed(PROGRAM, folder, LIBRARIES)
    file = folder / "call.json"
    place.serve_outside(f"{PYTHON} {program} answer {file}", PORT)
    caller = read_report(
        place.site.run(f"{PYTHON} {place.carry_in(program)} call {INTERNET_HOST} {place.local}")
    )
    return caller, read_report(place.outside(AWAIT_REPORT.format(file), timeout_s=60))


def addresses(report: Report) -> set[str]:
    """List the addresses that the other side has named."""
    return {report[name][0] for name in ("call", "h245", "media", "control") if report[name]}


def test_no_call_to_the_guest_behind_translation(translated: Place, tmp_path: Path) -> None:
    """The guest is reached and answers, names its private address for H.245, and there is no further step."""
    caller, callee = call_guest(translated, tmp_path)

    assert addresses(caller) == {str(translated.local)}
    assert caller["h245"]
    assert caller["media"] is None
    assert callee["media"] is None


def test_a_call_to_the_guest_with_the_eip_on_the_interface(visible: Place, tmp_path: Path) -> None:
    """Each address that the guest names is the EIP, and both sides hear each other."""
    caller, callee = call_guest(visible, tmp_path)

    assert addresses(caller) == {str(visible.public)}
    assert (caller["heard"], callee["heard"]) == (PACKETS, PACKETS)


def test_a_deaf_call_from_the_guest_behind_translation(translated: Place, tmp_path: Path) -> None:
    """The call stands, and the guest hears nothing: sound for it goes to its private address."""
    caller, callee = call_from_guest(translated, tmp_path)

    assert addresses(callee) == {str(translated.local)}
    assert (caller["heard"], callee["heard"]) == (0, PACKETS)


def test_a_call_from_the_guest_with_the_eip_on_the_interface(visible: Place, tmp_path: Path) -> None:
    """Each address that the guest names is the EIP, and both sides hear each other."""
    caller, callee = call_from_guest(visible, tmp_path)

    assert addresses(callee) == {str(visible.public)}
    assert (caller["heard"], callee["heard"]) == (PACKETS, PACKETS)
