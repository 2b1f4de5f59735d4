"""A little sound by RTP: one side sends it, the other counts what of it has arrived."""

from __future__ import annotations

import contextlib
import socket
import struct

PACKETS = 25
PACKET_SAMPLES = 160
SOURCE = 0x5EED
# How long a packet may be on its way after its sender has said, by the control connection, that it was sent.
ON_ITS_WAY_S = 2.0


def media_socket(address: str, port: int) -> socket.socket:
    """Open the socket that sound goes out of and comes in at."""
    media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    media.bind((address, port))
    media.settimeout(ON_ITS_WAY_S)
    return media


def send_sound(media: socket.socket, address: tuple[str, int]) -> None:
    """Send half a second of silence; an address that no route leads to loses it as any network would."""
    for number in range(PACKETS):
        header = struct.pack("!BBHII", 0x80, 0, number, number * PACKET_SAMPLES, SOURCE)
        with contextlib.suppress(OSError):
            media.sendto(header + b"\xff" * PACKET_SAMPLES, address)


def count_sound(media: socket.socket) -> int:
    """Count the packets of sound that have arrived, once their sender has sent all of them."""
    heard = 0
    with contextlib.suppress(TimeoutError):
        while heard < PACKETS:
            packet = media.recv(2048)
            heard += len(packet) == 12 + PACKET_SAMPLES and packet[:2] == b"\x80\x00"
    return heard
