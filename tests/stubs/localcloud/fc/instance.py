"""One running worker process, as its owner sees it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LENGTHS: Final = struct.Struct("!II")
_WORKER: Final = Path(__file__).with_name("worker.py")
# Running the worker by its path would put this folder, with its own http.py, before the standard library.
_BOOT: Final = "import runpy, sys; runpy.run_path(sys.argv.pop(1), run_name='__main__')"


@dataclass(frozen=True, slots=True)
class Launch:
    """What a new instance is started with."""

    python: str
    code_dir: Path
    initializer: str
    environment: Mapping[str, str]
    memory_mb: int
    # Without the packages that are installed beside the interpreter.
    alone: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from one request. `ended` says why there is no regular answer."""

    body: bytes
    failed: bool = False
    ended: str = ""  # "", "timeout", "exited"


class Instance:
    """A worker process. One request at a time; its log is kept per request."""

    def __init__(self, launch: Launch) -> None:
        """Start the process; the handler is loaded by the first request."""
        self.id = f"c-{uuid.uuid4().hex[:24]}"
        self.idle_since = time.monotonic()
        self.remark = launch.remark
        self._log = tempfile.TemporaryFile(prefix="fc-log-")  # noqa: SIM115 - lives as long as the process
        self._channel, theirs = socket.socketpair()
        lifeline, self._lifeline = os.pipe()
        self._lock = threading.Lock()
        try:
            self._process = self._start(launch, theirs.fileno(), lifeline)
        except OSError:
            self._let_go()
            self._log.close()
            raise
        finally:
            theirs.close()
            os.close(lifeline)
        self._stream = self._channel.makefile("rwb")

    def _start(self, launch: Launch, channel: int, lifeline: int) -> subprocess.Popen[bytes]:
        alone = ["-S", "-s"] if launch.alone else []
        program = [launch.python, *alone, "-X", "utf8", "-c", _BOOT, str(_WORKER)]
        return subprocess.Popen(
            [*program, str(channel), str(lifeline), launch.initializer, str(launch.memory_mb)],
            cwd=launch.code_dir,
            env={**launch.environment, "FC_INSTANCE_ID": self.id},
            stdin=subprocess.DEVNULL,
            stdout=self._appending(),
            stderr=subprocess.STDOUT,
            pass_fds=(channel, lifeline),
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """The process id, for who wants to see or to kill it."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process can serve another request."""
        return self._process.poll() is None

    def ask(self, header: Mapping[str, object], event: bytes, timeout_s: float) -> Answer:
        """Send one request and wait for its answer; after a timeout or an exit the process is gone."""
        self._log.seek(0)
        self._log.truncate()
        self._channel.settimeout(timeout_s)
        raw = json.dumps(header).encode()
        try:
            self._stream.write(_LENGTHS.pack(len(raw), len(event)) + raw + event)
            self._stream.flush()
            return self._answer()
        except TimeoutError:
            self.close()
            return Answer(b"", failed=True, ended="timeout")
        except (OSError, EOFError):
            self.close()
            return Answer(b"", failed=True, ended="exited")

    def log(self) -> bytes:
        """Return what the process has written since the last request began."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0)

    def kill(self) -> None:
        """End the process and its children at once; who waits for an answer sees an exit."""
        with self._lock:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """End the process and give back what it held, except the log; may be called twice."""
        self.kill()
        with self._lock:
            with contextlib.suppress(OSError):  # what could not be sent to a dead process
                self._stream.close()
            self._let_go()

    def _let_go(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
            self._channel.close()

    def discard(self) -> None:
        """Close and forget the log too."""
        self.close()
        self._log.close()

    def _appending(self) -> int:
        # O_APPEND: after we truncate, the process goes on at the new end and not behind a hole.
        fd = self._log.fileno()
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_APPEND)
        return fd

    def _answer(self) -> Answer:
        header_size, body_size = _LENGTHS.unpack(self._exactly(_LENGTHS.size))
        header = json.loads(self._exactly(header_size))
        return Answer(self._exactly(body_size), failed=bool(header["failed"]))

    def _exactly(self, size: int) -> bytes:
        data = self._stream.read(size) if size else b""
        if len(data) < size:
            raise EOFError("the worker is gone")
        return data
