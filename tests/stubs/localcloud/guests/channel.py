"""The line to the agent: many callers at once, each waits for its own answer."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localcloud.guests.base import WorldError
from localcloud.guests.permitted import environment, holder
from localcloud.guests.processes import children_of

if TYPE_CHECKING:
    from collections.abc import Sequence

# Where this package is imported from: the agent is started there, so that it is the same one.
HOME = Path(__file__).parents[2]
END_TIMEOUT_S = 30.0


class Channel:
    """Owns the holder process; whatever way this process ends, the holder ends with it."""

    def __init__(self, *, user_namespace: bool, arguments: Sequence[str] = ()) -> None:
        """Start the holder; the first call waits until it listens."""
        agent = [sys.executable, "-m", "localcloud.guests.agent", *arguments]
        self._process = subprocess.Popen(
            [*holder(user_namespace=user_namespace), *agent],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=HOME,
            env=environment(),
            # Ctrl-C is for us; the holder ends when its input does.
            start_new_session=True,
        )
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[Any]] = {}
        self._ids = itertools.count(1)
        self._closed = False
        self._reader = threading.Thread(target=self._read, daemon=True, name="guest-agent-reader")
        self._reader.start()

    def call(self, operation: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        """Ask and wait; a fault in the holder is raised here."""
        future: Future[Any] = Future()
        with self._lock:
            if self._closed or self._process.stdin is None:
                raise WorldError(f"{operation}: this world is closed")
            number = next(self._ids)
            self._waiting[number] = future
            try:
                self._process.stdin.write(
                    json.dumps({"id": number, "op": operation, "arguments": arguments}) + "\n"
                )
                self._process.stdin.flush()
            except OSError as fault:
                raise WorldError(f"{operation}: the holder of the namespaces has ended") from fault
        return future.result()

    def close(self) -> None:
        """End the holder and everything in it; may be called twice."""
        with self._lock:
            self._closed = True
        if self._process.stdin is None or self._process.stdin.closed:
            return
        # Nothing inside is worth a goodbye: the kernel clears namespaces when process 1 is gone.
        self._end_all()
        self._reader.join(END_TIMEOUT_S)
        self._process.stdin.close()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _end_all(self) -> None:
        """Kill process 1 of the namespaces and wait until nothing in them is left."""
        with contextlib.ExitStack() as handles:
            ends = []
            for pid in children_of(self._process.pid):
                with contextlib.suppress(ProcessLookupError):
                    ends.append(os.pidfd_open(pid))
                    handles.callback(os.close, ends[-1])
            self._process.kill()
            self._process.wait(END_TIMEOUT_S)
            for end in ends:
                select.select([end], [], [], END_TIMEOUT_S)

    def _read(self) -> None:
        for line in self._process.stdout or ():
            reply = json.loads(line)
            with self._lock:
                future = self._waiting.pop(reply["id"])
            if "error" in reply:
                future.set_exception(WorldError(reply["error"]))
            else:
                future.set_result(reply["result"])
        with self._lock:
            left, self._waiting = list(self._waiting.values()), {}
            self._closed = True
        for future in left:
            future.set_exception(WorldError("the holder of the namespaces has ended"))
