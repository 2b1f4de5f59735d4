"""A small H.323 endpoint, as a program of the tests: one call with sound both ways.

The call is set up by H.225 (Q.931's frames, port 1720), the callee's Connect names the address of H.245,
and there each side names the address that it hears sound at. An endpoint gives the address that it sees as
its own.

    h323 call HOST ADDRESS
    h323 answer REPORT

The report is JSON: `call` and `h245` are the addresses that the other side has named for those, `media` and
`control` those that it has named for sound; null where it has not come to it.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from pycrate_asn1dir import H225
from rtp import count_sound, media_socket, send_sound

PORT = 1720
MEDIA_PORT = 5004
PATIENCE_S = 30.0
# A connection needs no longer where there is a way.
CONNECT_S = 5.0

ALERTING, SETUP, CONNECT, RELEASE_COMPLETE = 0x01, 0x05, 0x07, 0x5A
USER_USER, BEARER = 0x7E, b"\x04\x03\x88\x90\xa5"
CALL = bytes(range(16))
ENDPOINT = {"terminal": {}, "mc": False, "undefinedNode": False}
H225_VERSION, H245_VERSION = (0, 0, 8, 2250, 0, 4), (0, 0, 8, 245, 0, 7)
TERMINAL, SOUND = 50, ("audioData", ("g711Ulaw64k", 20))

Body = tuple[str, Any]


class Line:
    """A TCP connection that carries messages in TPKT's frames."""

    def __init__(self, connection: socket.socket) -> None:
        """Speak over this connection."""
        connection.settimeout(PATIENCE_S)
        self.connection = connection
        self.own: str = connection.getsockname()[0]
        self._stream = connection.makefile("rb")

    def send(self, message: bytes) -> None:
        """Send one message."""
        self.connection.sendall(struct.pack("!BBH", 3, 0, 4 + len(message)) + message)

    def read(self) -> bytes:
        """Read the next message."""
        version, _, length = struct.unpack("!BBH", self._stream.read(4))
        if version != 3:
            raise SystemExit(f"not a TPKT of version 3 but {version}")
        return self._stream.read(length - 4)


class Signalling:
    """H.225's messages over one line."""

    def __init__(self, line: Line, *, caller: bool) -> None:
        """Speak as the side that calls, or as the one that is called."""
        self._line = line
        # The bit tells whose reference it is: it is set in what is sent to the one who has chosen it.
        self._reference = 1 if caller else 0x8001

    def send(self, kind: int, name: str, **fields: object) -> None:
        """Send one message of Q.931 with H.225's as its user-to-user information."""
        body = {"protocolIdentifier": H225_VERSION, "callIdentifier": {"guid": CALL}, **fields}
        information = H225.H323_MESSAGES.H323_UserInformation
        information.set_val({"h323-uu-pdu": {"h323-message-body": (name, body), "h245Tunnelling": False}})
        content = b"\x05" + information.to_aper()
        head = struct.pack("!BBHB", 8, 2, self._reference, kind) + (BEARER if kind == SETUP else b"")
        self._line.send(head + struct.pack("!BH", USER_USER, len(content)) + content)

    def read(self) -> Body:
        """Read the next message: H.225's name of it and its fields."""
        message = self._line.read()
        elements = message[3 + message[1] :]
        while elements[0] != USER_USER:
            elements = elements[1 if elements[0] & 0x80 else 2 + elements[1] :]
        information = H225.H323_MESSAGES.H323_UserInformation
        # Behind the element's length stands its own discriminator.
        information.from_aper(elements[4 : 3 + int.from_bytes(elements[1:3], "big")])
        body: Body = information.get_val()["h323-uu-pdu"]["h323-message-body"]
        return body


class Control:
    """H.245 over one line, up to one channel of sound each way."""

    def __init__(self, line: Line, *, caller: bool) -> None:
        """Speak as the side that calls, or as the one that is called."""
        self._line = line
        # The lower number is the master of two equal terminals.
        self._number, self._decision = (1, "slave") if caller else (2, "master")
        self._acknowledged: set[str] = set()
        self._answered = False
        self.media: tuple[str, int] | None = None
        self.control: tuple[str, int] | None = None

    def talk(self) -> int:
        """Open the channels, send sound, and count what has come once the other side has sent all of its."""
        with media_socket(self._line.own, MEDIA_PORT) as socket_:
            self._offer()
            while not (self.media and self._answered):
                self._take()
            send_sound(socket_, self.media)
            self._send("command", "endSessionCommand", ("disconnect", 0))
            while self._read()[0] != "endSessionCommand":
                pass
            return count_sound(socket_)

    def _offer(self) -> None:
        table = {"capabilityTableEntryNumber": 1, "capability": ("receiveAudioCapability", SOUND[1])}
        sets = {"capabilityDescriptorNumber": 0, "simultaneousCapabilities": [[1]]}
        capabilities = {
            "sequenceNumber": 1, "protocolIdentifier": H245_VERSION,
            "capabilityTable": [table], "capabilityDescriptors": [sets],
        }  # fmt: skip
        self._send("request", "terminalCapabilitySet", capabilities)
        determination = {"terminalType": TERMINAL, "statusDeterminationNumber": self._number}
        self._send("request", "masterSlaveDetermination", determination)

    def _take(self) -> None:
        """Read one message and do what follows from it."""
        name, body = self._read()
        if name == "terminalCapabilitySet":
            self._send("response", f"{name}Ack", {"sequenceNumber": body["sequenceNumber"]})
        elif name == "masterSlaveDetermination":
            self._send("response", f"{name}Ack", {"decision": (self._decision, 0)})
        elif name in {"terminalCapabilitySetAck", "masterSlaveDeterminationAck"}:
            self._acknowledged.add(name)
            if len(self._acknowledged) == 2:
                self._open_channel()
        elif name == "openLogicalChannel":
            self._answer_channel(body)
        elif name == "openLogicalChannelAck":
            self.media = _read_address(body["forwardMultiplexAckParameters"][1]["mediaChannel"])
        else:
            raise SystemExit(f"unexpected in H.245: {name}")

    def _open_channel(self) -> None:
        parameters = {"sessionID": 1, "mediaControlChannel": self._address(MEDIA_PORT + 1)}
        forward = {
            "dataType": SOUND,
            "multiplexParameters": ("h2250LogicalChannelParameters", parameters),
        }
        channel = {"forwardLogicalChannelNumber": 1, "forwardLogicalChannelParameters": forward}
        self._send("request", "openLogicalChannel", channel)

    def _answer_channel(self, body: dict[str, Any]) -> None:
        asked = body["forwardLogicalChannelParameters"]["multiplexParameters"][1]
        self.control = _read_address(asked["mediaControlChannel"])
        parameters = {
            "sessionID": asked["sessionID"],
            "mediaChannel": self._address(MEDIA_PORT),
            "mediaControlChannel": self._address(MEDIA_PORT + 1),
        }
        answer = {
            "forwardLogicalChannelNumber": body["forwardLogicalChannelNumber"],
            "forwardMultiplexAckParameters": ("h2250LogicalChannelAckParameters", parameters),
        }
        self._send("response", "openLogicalChannelAck", answer)
        self._answered = True

    def _address(self, port: int) -> Body:
        address = {"network": IPv4Address(self._line.own).packed, "tsapIdentifier": port}
        return "unicastAddress", ("iPAddress", address)

    def _send(self, kind: str, name: str, body: object) -> None:
        message = H225.MULTIMEDIA_SYSTEM_CONTROL.MultimediaSystemControlMessage
        message.set_val((kind, (name, body)))
        self._line.send(message.to_aper())

    def _read(self) -> Body:
        message = H225.MULTIMEDIA_SYSTEM_CONTROL.MultimediaSystemControlMessage
        message.from_aper(self._line.read())
        body: Body = message.get_val()[1]
        return body


def _read_address(value: Body) -> tuple[str, int]:
    """Read an address, of H.225's form or of H.245's."""
    fields = value[1] if value[0] == "ipAddress" else value[1][1]
    network = fields.get("ip") or fields["network"]
    return str(IPv4Address(network)), fields["port"] if "port" in fields else fields["tsapIdentifier"]


def _transport(address: tuple[str, int]) -> Body:
    return "ipAddress", {"ip": IPv4Address(address[0]).packed, "port": address[1]}


def _report(**told: object) -> dict[str, object]:
    return {"call": None, "h245": None, "media": None, "control": None, "heard": None, **told}


def _talk(line: Line, *, caller: bool) -> dict[str, object]:
    control = Control(line, caller=caller)
    heard = control.talk()
    return {"media": control.media, "control": control.control, "heard": heard}


def call(host: str, own: str) -> dict[str, object]:
    """Call a host from this address."""
    connection = socket.create_connection((host, PORT), PATIENCE_S, (own, 0))
    signalling = Signalling(Line(connection), caller=True)
    signalling.send(
        SETUP, "setup", sourceInfo=ENDPOINT, activeMC=False, conferenceID=CALL, conferenceGoal=("create", 0),
        callType=("pointToPoint", 0), sourceCallSignalAddress=_transport(connection.getsockname()),
        destCallSignalAddress=_transport((host, PORT)), mediaWaitForConnect=False, canOverlapSend=False,
        multipleCalls=False, maintainConnection=False,
    )  # fmt: skip
    name, body = signalling.read()
    while name != "connect":
        name, body = signalling.read()
    h245 = _read_address(body["h245Address"])
    try:
        line = Line(socket.create_connection(h245, CONNECT_S, (own, 0)))
    except OSError:
        report = _report(h245=h245)
    else:
        report = _report(h245=h245, **_talk(line, caller=True))
    signalling.send(RELEASE_COMPLETE, "releaseComplete")
    return report


def answer(listener: socket.socket) -> dict[str, object]:
    """Take one call."""
    connection = listener.accept()[0]
    line = Line(connection)
    signalling = Signalling(line, caller=False)
    told = _read_address(signalling.read()[1]["sourceCallSignalAddress"])
    with socket.create_server((line.own, 0)) as h245:
        signalling.send(ALERTING, "alerting", destinationInfo=ENDPOINT)
        signalling.send(
            CONNECT, "connect", h245Address=_transport(h245.getsockname()), destinationInfo=ENDPOINT,
            conferenceID=CALL, multipleCalls=False, maintainConnection=False,
        )  # fmt: skip
        ready = select.select([h245, connection], [], [], PATIENCE_S)[0]
        report = _report(call=told)
        if h245 in ready:
            report.update(_talk(Line(h245.accept()[0]), caller=False))
    if signalling.read()[0] != "releaseComplete":
        raise SystemExit("the caller has not released the call")
    return report


def main() -> None:
    """Do what the command line says."""
    if sys.argv[1] == "call":
        print(json.dumps(call(*sys.argv[2:])))
        return
    with socket.create_server(("", PORT)) as listener:
        listener.settimeout(PATIENCE_S)
        report = Path(sys.argv[2])
        unfinished = report.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(answer(listener)))
    unfinished.replace(report)


if __name__ == "__main__":
    main()
