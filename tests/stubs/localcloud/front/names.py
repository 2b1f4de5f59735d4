"""A name server that knows one domain: every name of the vendor's is here, no other exists."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Final

_HEAD: Final = struct.Struct("!6H")
_DOMAIN: Final = "aliyuncs.com"
_ADDRESS: Final = socket.inet_aton("127.0.0.1")
_TYPE_A, _CLASS_IN, _TTL_S = 1, 1, 60
# Answer, recursion available; and the code for "no such name".
_ANSWERED, _NO_SUCH_NAME = 0x8180, 3
_MOST_BYTES: Final = 512


def answer(query: bytes) -> bytes:
    """Return the answer to one query of one question; empty for what is none."""
    if len(query) < _HEAD.size:
        return b""
    number, flags, questions, _, _, _ = _HEAD.unpack_from(query)
    if flags & 0x8000 or questions != 1:
        return b""
    name, end = _name(query)
    if end + 4 > len(query):
        return b""
    kind, _class = struct.unpack_from("!2H", query, end)
    question = query[_HEAD.size : end + 4]
    ours = name == _DOMAIN or name.endswith(f".{_DOMAIN}")
    found = ours and kind == _TYPE_A
    flags = _ANSWERED | (0 if ours else _NO_SUCH_NAME)
    # The name of the row is a pointer to the question's.
    row = struct.pack("!HHHIH", 0xC00C, _TYPE_A, _CLASS_IN, _TTL_S, len(_ADDRESS)) + _ADDRESS
    return _HEAD.pack(number, flags, 1, int(found), 0, 0) + question + (row if found else b"")


def _name(query: bytes) -> tuple[str, int]:
    """Return the name that is asked for, and where it ends."""
    labels, at = [], _HEAD.size
    while at < len(query) and query[at]:
        size = query[at]
        labels.append(query[at + 1 : at + 1 + size].decode("ascii", "replace").lower())
        at += size + 1
    return ".".join(labels), at + 1


class NameServer:
    """Answers on one address until it is closed."""

    def __init__(self, host: str = "127.0.0.1", port: int = 53) -> None:
        """Open the port; an `OSError` says why it cannot. Port 0 takes any free one."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="names", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the port."""
        # A datagram to ourselves wakes the thread; closing alone would not.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, whence = self._socket.recvfrom(_MOST_BYTES)
            if not query:
                return
            reply = answer(query)
            if reply:
                self._socket.sendto(reply, whence)
