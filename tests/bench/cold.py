"""Cold starts of the packaged functions, whole processes, relative to importing the core of the vendor's SDK.

Instructions are callgrind's, so that they are the same on a busy machine; processor time is the least of
several runs. Both are net of an interpreter that does nothing. A function runs from its unpacked package in a
clean Python, and is ended by the call that the row names.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from deploy.interpreters import RUNTIME, Interpreter, find_interpreter, running
from localcloud import CloudOptions, HttpRequest, HttpResponse, mock_cloud
from tests.bench.frame import Row
from tests.built import built
from tests.functional.operator import Operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud import MockCloud

RUNS: Final = 7
SKIPPED: Final = {"specversion": "1.0", "id": "e", "source": "acs.ecs", "type": "ecs:ActionTrail:ApiCall"}
SKIPPED_DATA: Final = {"eventName": "DescribeInstances", "eventRW": "Read", "acsRegion": "cn-shanghai"}
HANDLER: Final = """
import sys
sys.path.insert(0, sys.argv[1])
class Meta: timeout = 600
class Context: request_id = "1-request"; function = Meta
import index
index.handler(sys.argv[2].encode(), Context)
"""
STATUS: Final = "print(open('/proc/self/status').read())"
CORE: Final = "import sys; sys.path.insert(0, sys.argv[1]); import aliyunsdkcore.client"


@dataclass(frozen=True, slots=True)
class Start:
    """One kind of start, and what it may cost; None stands for no goal."""

    name: str
    function: str
    event: str
    instructions: float
    seconds: float | None
    megabytes: float


@dataclass(slots=True)
class Door:
    """The served cloud: ends the measured process with the call that the measurement is about."""

    local: MockCloud
    until: str = "/"
    process: subprocess.Popen[str] | None = None
    reached: bool = False
    status: str = ""

    def wants(self, request: HttpRequest) -> bool:
        """Whether this call is the one."""
        return self.process is not None and request.path.startswith(self.until)

    def close_behind(self, _: HttpRequest) -> HttpResponse:
        """End who calls; callgrind then tells what it has counted."""
        # Calls come side by side; the process is asked before the first ends it, and has no size after that.
        first, self.reached = not self.reached, True
        if self.process is not None and first:
            self.status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
            self.process.send_signal(signal.SIGTERM)
        return HttpResponse(0, drop=True)


def rows() -> Iterator[Row]:
    """Measure each start beside the SDK's core."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise RuntimeError("valgrind is not installed: .ci/system-packages bench")
    interpreter = find_interpreter(RUNTIME) or running()
    with _site(interpreter) as (door, folders):
        bench = _Bench(interpreter, folders, door, valgrind)
        bare, core = bench.counted("pass"), bench.counted(CORE)
        bare_s = bench.timed("pass")
        core_s = bench.timed(CORE) - bare_s
        which = f"Python {interpreter.version}, {interpreter.path}"
        yield Row("core of the SDK, instructions", (core - bare) / 1e6, unit="million", note=which)
        yield Row("core of the SDK, processor time", core_s * 1000, unit="ms")
        for start in _starts(door.local):
            counted = bench.counted(HANDLER, start)
            seconds = (bench.timed(HANDLER, start) - bare_s) / core_s
            yield Row(f"{start.name}, instructions", (counted - bare) / (core - bare), start.instructions)
            yield Row(f"{start.name}, processor time", seconds, start.seconds)
            yield Row(f"{start.name}, memory", bench.sized(start), start.megabytes, "MB")


def _starts(local: MockCloud) -> list[Start]:
    events: list[dict[str, Any]] = []
    local.cloud.subscribe(events.append)
    Operator(local.cloud).eni(local.seeds, "web")
    tagged = next(each for each in events if each["data"].get("eventName") == "CreateNetworkInterface")
    bind = json.dumps({"group": "web", "action": "apply"})
    return [
        Start("react, skipped event", "react", json.dumps({**SKIPPED, "data": SKIPPED_DATA}), 0.22, 0.24, 15),
        Start("react up to its dispatch sent", "react", json.dumps(tagged), 1.25, None, 40),
        Start("bind up to its first call", "bind", bind, 1.15, None, 40),
        Start("sweep up to its first call", "sweep", "{}", 1.2, None, 40),
    ]


class _Bench:
    """Runs one Python on one piece of code, counted or timed."""

    def __init__(self, interpreter: Interpreter, folders: Path, door: Door, valgrind: str) -> None:
        self._python = [str(interpreter.path), "-I", "-S", "-B", "-c"]
        self._folders = folders
        self._door = door
        self._valgrind = [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null"]

    def counted(self, code: str, start: Start | None = None) -> int:
        """Return the instructions of a whole process."""
        told, _ = self._run([*self._valgrind, *self._python], code, start)
        found = re.search(r"Collected : (\d+)", told)
        if found is None:
            raise RuntimeError(f"callgrind told nothing: {told[-400:]}")
        return int(found[1])

    def timed(self, code: str, start: Start | None = None) -> float:
        """Return the least processor time in seconds of a whole process."""
        used = [self._run(self._python, code, start)[1] for _ in range(RUNS)]
        return float(min(each.ru_utime + each.ru_stime for each in used))

    def sized(self, start: Start) -> float:
        """Return the most memory in MB that the process has held until the call, or until its end."""
        told, _ = self._run(self._python, HANDLER + STATUS, start)
        return _peak(self._door.status or told)

    def _run(self, command: list[str], code: str, start: Start | None) -> tuple[str, Any]:
        function, event = (start.function, start.event) if start else ("bind", "")
        door, door.reached, self._door.status = self._door, False, ""
        door.until = "/2023-03-30/" if start and start.function == "react" else "/"
        environment = {
            "FC_FUNCTION_NAME": f"multi-eip-{function}",
            "FC_REGION": "cn-shanghai",
            "FC_ACCOUNT_ID": "1234567890123456",
            "MULTI_EIP_ENDPOINT": door.local.endpoint,
            "MULTI_EIP_SWEEP_REGIONS": "cn-shanghai",
            "PYTHONHASHSEED": "0",
            **_keys(door.local),
        }
        with tempfile.TemporaryFile("w+") as told:
            door.process = subprocess.Popen(
                [*command, code, str(self._folders / function), event],
                env=environment,
                stdout=told,
                stderr=told,
                text=True,
            )
            _, status, used = os.wait4(door.process.pid, 0)
            door.process.returncode, door.process = os.waitstatus_to_exitcode(status), None
            told.seek(0)
            text = told.read()
        ends_by_a_call = start is not None and "skipped" not in start.name
        if door.reached is not ends_by_a_call or (not ends_by_a_call and status):
            raise RuntimeError(f"{start.name if start else code}: ended otherwise: {text[-800:]}")
        return text, used


def _peak(status: str) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    if found is None:
        raise RuntimeError(f"the kernel told no memory: {status[-200:]}")
    return int(found[1]) / 1024


def _keys(local: MockCloud) -> dict[str, str]:
    key, secret, token = local.cloud.issue_credentials("acs:ram::1234567890123456:role/multi-eip", "s")
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": token,
    }


@contextmanager
def _site(interpreter: Interpreter) -> Iterator[tuple[Door, Path]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        mock_cloud(CloudOptions(transitions="immediate"), http=True) as local,
    ):
        for package in built(interpreter.version):
            with zipfile.ZipFile(package.file) as archive:
                archive.extractall(Path(folder, package.function))
        door = Door(local)
        local.cloud.mount(door.wants, door.close_behind, signed=False)
        yield door, Path(folder)
