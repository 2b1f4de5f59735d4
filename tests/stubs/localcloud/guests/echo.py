"""A TCP service that answers with the address it was reached at, and the question to it.

`python echo.py serve PORT` / `ask ADDRESS PORT`; it needs the standard library only.
"""

from __future__ import annotations

import socket
import socketserver
import sys

ASK_TIMEOUT_S = 3.0


class _Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        address = self.request.getsockname()[0]
        self.request.sendall(f"{address}\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def serve(port: int) -> None:
    """Answer until killed; prints one line when the port is open."""
    with _Server(("0.0.0.0", port), _Answer) as server:
        print("listening", flush=True)
        server.serve_forever()


def ask(address: str, port: int) -> str:
    """Learn the address that the far end was reached at."""
    with socket.create_connection((address, port), timeout=ASK_TIMEOUT_S) as connection:
        return connection.makefile().readline().strip()


def main(argv: list[str]) -> int:
    """Run as a program: 0 answered, 1 no answer, 2 wrong use."""
    match argv:
        case ["serve", port]:
            serve(int(port))
        case ["ask", address, port]:
            try:
                print(ask(address, int(port)))
            except OSError as fault:
                print(f"no answer from {address}:{port}: {fault}", file=sys.stderr)
                return 1
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
