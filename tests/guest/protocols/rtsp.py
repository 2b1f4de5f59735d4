"""A small RTSP server and its client (RFC 2326), as a program of the tests.

The server sends the sound to the address that its answer names as the destination. With `--wait` it sends
nothing before the client has opened the path with a packet to the address that the answer names as the
source.

    rtsp serve [--wait]
    rtsp play HOST [--from ADDRESS] [--open] [--destination]

`play` prints what it was told and what it has heard as JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
from dataclasses import dataclass, field

from rtp import count_sound, media_socket, send_sound

PORT = 554
CLIENT_PORT = 5004
SERVER_PORT = 6970
SESSION = "47112344"
PATIENCE_S = 30.0


@dataclass
class Message:
    """A request or an answer."""

    start: str
    fields: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def __str__(self) -> str:
        """Give the form on the wire."""
        length = {"Content-Length": str(len(self.body))} if self.body else {}
        lines = [self.start, *(f"{name}: {value}" for name, value in {**self.fields, **length}.items())]
        return "\r\n".join([*lines, "", self.body])


class Conversation:
    """One connection of control."""

    def __init__(self, connection: socket.socket) -> None:
        """Speak over this connection."""
        connection.settimeout(PATIENCE_S)
        self.own: str = connection.getsockname()[0]
        self.peer: str = connection.getpeername()[0]
        self._connection = connection
        self._stream = connection.makefile("rb")

    def send(self, message: Message) -> None:
        """Send a request or an answer."""
        self._connection.sendall(str(message).encode())

    def read(self) -> Message | None:
        """Read the next one; None when the other side has hung up."""
        start = self._stream.readline().decode().strip()
        if not start:
            return None
        message = Message(start)
        while line := self._stream.readline().decode().strip():
            name, _, value = line.partition(":")
            message.fields[name] = value.strip()
        message.body = self._stream.read(int(message.fields.get("Content-Length", "0"))).decode()
        return message


def parameters(transport: str) -> dict[str, str]:
    """Read the parameters of a Transport field."""
    pairs = (word.partition("=") for word in transport.split(";"))
    return {name: value for name, _, value in pairs}


def found(pattern: str, description: str) -> str:
    """Read the first such line of a description."""
    match = re.search(pattern, description, re.MULTILINE)
    if match is None:
        raise SystemExit(f"nothing like {pattern} in {description}")
    return match[1]


class Session:
    """The server's side of one conversation."""

    def __init__(self, conversation: Conversation, *, wait: bool) -> None:
        """Serve this client; with `wait`, no sound before it has opened the path."""
        self._with = conversation
        self._wait = wait
        self._media = media_socket(conversation.own, SERVER_PORT)
        self._destination = ("", 0)

    def serve(self) -> None:
        """Answer until the client hangs up; what is played is sent whole before the next request is read."""
        while request := self._with.read():
            method, url, _ = request.start.split()
            answer = getattr(self, f"_{method.lower()}")(url, request)
            answer.fields = {"CSeq": request.fields["CSeq"], **answer.fields}
            self._with.send(answer)
            if method == "PLAY" and (not self._wait or self._opened()):
                send_sound(self._media, self._destination)

    def _options(self, _url: str, _request: Message) -> Message:
        return Message("RTSP/1.0 200 OK", {"Public": "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"})

    def _describe(self, url: str, _request: Message) -> Message:
        lines = (
            "v=0", f"o=- 1 1 IN IP4 {self._with.own}", "s=tone", "c=IN IP4 0.0.0.0", "t=0 0",
            "a=control:*", "a=range:npt=0-0.5", "m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000",
            "a=control:track1",
        )  # fmt: skip
        fields = {"Content-Base": f"{url}/", "Content-Type": "application/sdp"}
        return Message("RTSP/1.0 200 OK", fields, "".join(f"{line}\r\n" for line in lines))

    def _setup(self, _url: str, request: Message) -> Message:
        asked = parameters(request.fields["Transport"])
        if "unicast" not in asked or "client_port" not in asked:
            return Message("RTSP/1.0 461 Unsupported Transport")
        destination, ports = asked.get("destination", self._with.peer), asked["client_port"]
        self._destination = (destination, int(ports.partition("-")[0]))
        transport = (
            f"RTP/AVP;unicast;destination={destination};source={self._with.own}"
            f";client_port={ports};server_port={SERVER_PORT}-{SERVER_PORT + 1}"
        )
        return Message("RTSP/1.0 200 OK", {"Session": SESSION, "Transport": transport})

    def _play(self, url: str, _request: Message) -> Message:
        info = f"url={url.rstrip('/')}/track1;seq=0;rtptime=0"
        return Message("RTSP/1.0 200 OK", {"Session": SESSION, "Range": "npt=0-0.5", "RTP-Info": info})

    def _teardown(self, _url: str, _request: Message) -> Message:
        return Message("RTSP/1.0 200 OK", {"Session": SESSION})

    def _opened(self) -> bool:
        """Whether the client has sent a packet to where the answer says that the sound comes from."""
        try:
            return self._media.recvfrom(2048)[1] == self._destination
        except TimeoutError:
            return False


class Player:
    """The client's side of one conversation."""

    def __init__(self, conversation: Conversation, url: str) -> None:
        """Play what this address leads to."""
        self._with = conversation
        self._url = url
        self._number = 0

    def play(self, *, open_path: bool, destination: bool) -> dict[str, object]:
        """Play to the end: what the server has told and how many packets of sound have come."""
        media = media_socket(self._with.own, CLIENT_PORT)
        self._ask("OPTIONS", self._url)
        described = self._ask("DESCRIBE", self._url, Accept="application/sdp")
        base = described.fields["Content-Base"]
        track = base + found(r"^a=control:(\w+)", described.body)
        wish = f"RTP/AVP;unicast;client_port={CLIENT_PORT}-{CLIENT_PORT + 1}"
        if destination:
            wish += f";destination={self._with.own}"
        setup = self._ask("SETUP", track, Transport=wish)
        told = parameters(setup.fields["Transport"])
        if open_path:
            send_sound(media, (told["source"], int(told["server_port"].partition("-")[0])))
        session = {"Session": setup.fields["Session"]}
        self._ask("PLAY", base, Range="npt=0-", **session)
        # Its answer comes when all sound was sent.
        self._ask("TEARDOWN", base, **session)
        return {
            "origin": found(r"^o=.*IN IP4 (\S+)", described.body), "source": told["source"],
            "destination": told["destination"], "heard": count_sound(media),
        }  # fmt: skip

    def _ask(self, method: str, url: str, **fields: str) -> Message:
        self._number += 1
        self._with.send(Message(f"{method} {url} RTSP/1.0", {"CSeq": str(self._number), **fields}))
        answer = self._with.read()
        if answer is None or answer.start != "RTSP/1.0 200 OK" or answer.fields["CSeq"] != str(self._number):
            raise SystemExit(f"{method} was answered with {answer}")
        return answer


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve").add_argument("--wait", action="store_true")
    play = commands.add_parser("play")
    play.add_argument("host")
    play.add_argument("--from", dest="own", default="")
    play.add_argument("--open", action="store_true")
    play.add_argument("--destination", action="store_true")
    given = parser.parse_args()
    if given.command == "serve":
        with socket.create_server(("", PORT)) as listener:
            listener.settimeout(PATIENCE_S)
            Session(Conversation(listener.accept()[0]), wait=given.wait).serve()
    else:
        connection = socket.create_connection((given.host, PORT), PATIENCE_S, (given.own, 0))
        player = Player(Conversation(connection), f"rtsp://{given.host}/tone")
        print(json.dumps(player.play(open_path=given.open, destination=given.destination)))


if __name__ == "__main__":
    main()
