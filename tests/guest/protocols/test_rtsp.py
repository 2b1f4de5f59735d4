"""RTSP's server opens the media's session: to the ports that the client has named.

The client must not open the path by itself, as most do today: `nat-method=none` is RTSP as it was written.
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.guest.protocols.conftest import INTERNET_HOST, Place

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.guest

PORT = 8554
SERVER = f"""
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_service("{PORT}")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch("( audiotestsrc is-live=true ! mulawenc ! rtppcmupay name=pay0 )")
server.get_mount_points().add_factory("/tone", factory)
server.attach(None)
GLib.MainLoop().run()
"""
# The distribution's own Python has the server's binding.
PYTHON = "/usr/bin/python3"
PACKAGES = (
    "gir1.2-gst-rtsp-server-1.0", "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good",
    "gstreamer1.0-tools", "python3-gi",
)  # fmt: skip


@pytest.fixture(autouse=True)
def packaged() -> None:
    """Skip where server or client is absent."""
    binding = [PYTHON, "-c", 'import gi; gi.require_version("GstRtspServer", "1.0")']
    if (
        not shutil.which("gst-launch-1.0")
        or subprocess.run(binding, check=False, capture_output=True).returncode
    ):
        pytest.skip(f"no RTSP server or client; install with: apt-get install {' '.join(PACKAGES)}")


def listen_to(place: Place, folder: Path) -> tuple[int, str]:
    """Let the guest play from the internet host until some packets of sound have come."""
    server = folder / "server.py"
    server.write_text(SERVER)
    place.serve_outside(f"{PYTHON} {server}", PORT)
    done = place.site.run(
        f"timeout 4 gst-launch-1.0 rtspsrc location=rtsp://{INTERNET_HOST}:{PORT}/tone"
        " protocols=udp nat-method=none timeout=0 ! fakesink num-buffers=10"
    )
    return done.exit_code, done.output.decode()


def test_no_sound_behind_translation(translated: Place, tmp_path: Path) -> None:
    """The conversation succeeds and the sound never comes: nobody has opened a session for it."""
    code, said = listen_to(translated, tmp_path)

    assert code != 0
    assert "Progress: (request) Sent PLAY request" in said


def test_sound_with_the_eip_on_the_interface(visible: Place, tmp_path: Path) -> None:
    """The sound comes to the EIP."""
    # A program that cannot choose its address is sent out by the EIP with a rule.
    visible.site.shell(f"ip rule add pref 20999 to {INTERNET_HOST} lookup 21001")

    code, said = listen_to(visible, tmp_path)

    assert code == 0, said
