"""One instance of a function: loads the handler and serves one request at a time, as FC's Python 3.10 does.

Started by `localcloud.fc.runner` with nothing but the function's own environment, so it imports nothing of
this repository. It is spoken to over one socket (its first argument): a frame is two lengths, a JSON header
and a body. A second descriptor (its second argument) is a lifeline: with the runner the worker goes too.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import resource
import socket
import struct
import sys
import threading
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedRWPair

_LENGTHS = struct.Struct("!II")


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of the function's role."""

    access_key_id: str
    access_key_secret: str
    security_token: str

    # FC's own context has both spellings of the names.
    @property
    def accessKeyId(self) -> str:  # noqa: N802 - FC's name
        """The key's id, by FC's older name."""
        return self.access_key_id

    @property
    def accessKeySecret(self) -> str:  # noqa: N802 - FC's name
        """The key's secret, by FC's older name."""
        return self.access_key_secret

    @property
    def securityToken(self) -> str:  # noqa: N802 - FC's name
        """The token, by FC's older name."""
        return self.security_token


@dataclass(frozen=True)
class FunctionMeta:
    """The four fields that `context.function` has on Python 3.10."""

    name: str
    handler: str
    memory: int
    timeout: int


@dataclass(frozen=True)
class ServiceMeta:
    """`context.service`; its name is empty on FC 3.0."""

    name: str
    log_project: str
    log_store: str
    qualifier: str
    version_id: str


@dataclass(frozen=True)
class Context:
    """`context` as the handler gets it on Python 3.10 and older."""

    request_id: str
    credentials: Credentials
    function: FunctionMeta
    service: ServiceMeta
    region: str
    account_id: str

    @property
    def requestId(self) -> str:  # noqa: N802 - FC's name
        """The request's id, by FC's older name."""
        return self.request_id


def _context(raw: dict[str, Any]) -> Context:
    return Context(
        request_id=raw["request_id"],
        credentials=Credentials(**raw["credentials"]),
        function=FunctionMeta(**raw["function"]),
        service=ServiceMeta(**raw["service"]),
        region=raw["region"],
        account_id=raw["account_id"],
    )


def _read(stream: BufferedRWPair) -> tuple[dict[str, Any], bytes] | None:
    head = stream.read(_LENGTHS.size)
    if len(head) < _LENGTHS.size:
        return None
    header_size, body_size = _LENGTHS.unpack(head)
    return json.loads(stream.read(header_size)), stream.read(body_size)


def _write(stream: BufferedRWPair, header: dict[str, Any], body: bytes) -> None:
    raw = json.dumps(header).encode()
    stream.write(_LENGTHS.pack(len(raw), len(body)) + raw + body)
    stream.flush()


def _without_our_frames(error: Exception) -> Exception:
    inner = error.__traceback__
    while inner and inner.tb_frame.f_code.co_filename == __file__:
        inner = inner.tb_next
    return error.with_traceback(inner)


def _error(error: BaseException) -> bytes:
    frames = traceback.extract_tb(error.__traceback__)
    return json.dumps(
        {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "stackTrace": [
                [f'File "{frame.filename}"', f"line {frame.lineno}", f"in {frame.name}", frame.line or ""]
                for frame in frames
            ],
        }
    ).encode()


def _encoded(result: object) -> bytes:
    if isinstance(result, bytes):
        return result
    if isinstance(result, str):
        return result.encode()
    return json.dumps(result).encode()


class Instance:
    """The handler's module, imported and initialised at most once."""

    def __init__(self, handler: str, initializer: str) -> None:
        """Load nothing yet: a module that cannot be imported is an error of the first request."""
        self._handler = handler
        self._initializer = initializer
        self._ready = False

    def run(self, event: bytes, context: Context) -> bytes:
        """Return the encoded result of the handler; whatever it raises goes on."""
        handler = self._load(self._handler)
        if not self._ready:
            if self._initializer:
                self._load(self._initializer)(context)
            self._ready = True
        return _encoded(handler(event, context))

    @staticmethod
    def _load(dotted: str) -> Callable[..., object]:
        module, _, name = dotted.rpartition(".")
        found: Callable[..., object] = getattr(importlib.import_module(module.replace("/", ".")), name)
        return found


def _die_with(lifeline: int) -> None:
    def wait() -> None:
        os.read(lifeline, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _limit_memory(megabytes: int) -> None:
    """Take no more than the function's memory: heap and private mappings, not what is only reserved."""
    most = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def serve(channel: int, lifeline: int, initializer: str) -> None:
    """Answer requests until the runner closes the channel."""
    _die_with(lifeline)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(levelname)s] %(message)s")
    instance = Instance(os.environ["FC_FUNCTION_HANDLER"], initializer)
    stream = socket.socket(fileno=channel).makefile("rwb")
    while (message := _read(stream)) is not None:
        header, event = message
        try:
            body = instance.run(event, _context(header))
            failed = False
        except MemoryError:
            # Function Compute ends an instance that wants more than it has.
            os.write(2, b"the function wanted more memory than it has\n")
            os._exit(137)
        except Exception as error:  # noqa: BLE001 - FC turns whatever a handler raises into an answer
            error = _without_our_frames(error)
            traceback.print_exception(error)
            body, failed = _error(error), True
        sys.stdout.flush()
        sys.stderr.flush()
        _write(stream, {"failed": failed}, body)


if __name__ == "__main__":
    _limit_memory(int(sys.argv[4]))
    serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
