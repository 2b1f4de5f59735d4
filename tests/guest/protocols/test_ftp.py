"""FTP puts addresses into its commands: PORT from the client, 227 from the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guest.protocols.conftest import INTERNET_HOST, Place

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.guest

CONFIGURATION = """
listen=YES
background=NO
anonymous_enable=YES
no_anon_password=YES
run_as_launching_user=YES
one_process_model=YES
seccomp_sandbox=NO
allow_writeable_chroot=YES
pasv_min_port=40000
pasv_max_port=40100
connect_timeout=3
accept_timeout=3
"""
# What clients do that believe the addresses they are told, as the protocol has it.
CLIENT = (
    "curl --silent --show-error --verbose --disable-eprt --disable-epsv --no-ftp-skip-pasv-ip --max-time 5"
)


def serve_inside(place: Place) -> None:
    """Offer a file in the guest."""
    place.site.shell(f"""
mkdir -p /srv/ftp
echo from-the-guest >/srv/ftp/file
cat >/etc/ftp.conf <<'END'
{CONFIGURATION}
anon_root=/srv/ftp
END
""")
    place.serve_inside("vsftpd /etc/ftp.conf", 21)


def serve_outside(place: Place, folder: Path) -> None:
    """Offer a file on the internet host."""
    (folder / "file").write_text("from-the-internet\n")
    configuration = folder / "ftp.conf"
    configuration.write_text(f"{CONFIGURATION}\nanon_root={folder}\n")
    place.serve_outside(f"vsftpd {configuration}", 21)


def fetch_active(place: Place) -> tuple[int, str]:
    """Let the guest fetch the file; the server opens the data connection."""
    command = f"{CLIENT} --interface {place.local} --ftp-port {place.local} ftp://{INTERNET_HOST}/file"
    done = place.site.run(command)
    return done.exit_code, done.output.decode()


def fetch_passive(place: Place) -> tuple[int, str]:
    """Let the internet host fetch the file; the client opens the data connection."""
    done = place.outside(f"{CLIENT} ftp://{place.public}/file")
    return done.exit_code, done.output.decode()


def test_active_fails_behind_translation(translated: Place, tmp_path: Path) -> None:
    """The server refuses a PORT command that names an address which is not the client's."""
    serve_outside(translated, tmp_path)

    code, said = fetch_active(translated)

    assert code != 0
    assert "500 Illegal PORT command" in said


def test_active_works_with_the_eip_on_the_interface(visible: Place, tmp_path: Path) -> None:
    """PORT names the EIP, and the server's data connection arrives."""
    serve_outside(visible, tmp_path)

    code, said = fetch_active(visible)

    assert code == 0, said
    assert "from-the-internet" in said


def test_passive_fails_behind_translation(translated: Place) -> None:
    """The server names its private address, which the client cannot reach."""
    serve_inside(translated)

    code, said = fetch_passive(translated)

    assert code != 0
    assert f"({str(translated.local).replace('.', ',')}," in said


def test_passive_works_with_the_eip_on_the_interface(visible: Place) -> None:
    """The server names the EIP that it was reached at."""
    serve_inside(visible)

    code, said = fetch_passive(visible)

    assert code == 0, said
    assert "from-the-guest" in said
    assert f"({str(visible.public).replace('.', ',')}," in said
