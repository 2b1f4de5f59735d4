"""TFTP's server answers from a new port: a session that nobody has asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guest.protocols.conftest import INTERNET_HOST, Place

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.guest


def fetch(place: Place, folder: Path) -> tuple[int, str]:
    """Let the guest fetch a file from a server on the internet host."""
    folder.chmod(0o755)
    (folder / "file").write_text("from-the-internet\n")
    server = (
        f"dnsmasq -k -C /dev/null -p 0 --user=root --group= --pid-file= --enable-tftp --tftp-root={folder}"
    )
    place.serve_outside(server, 69)
    done = place.site.run(
        f"curl --silent --show-error --max-time 2 --interface {place.local} tftp://{INTERNET_HOST}/file"
    )
    return done.exit_code, done.output.decode()


def test_fails_behind_translation(translated: Place, tmp_path: Path) -> None:
    """The gateway knows no session for the answer's port, and drops it."""
    code, said = fetch(translated, tmp_path)

    assert code != 0
    assert "from-the-internet" not in said


def test_works_with_the_eip_on_the_interface(visible: Place, tmp_path: Path) -> None:
    """The EIP is delivered whatever the port."""
    code, said = fetch(visible, tmp_path)

    assert (code, said) == (0, "from-the-internet\n")
