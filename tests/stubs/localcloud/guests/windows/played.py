"""A Windows that runs our script: real text, real order, real output, and a model behind the commands.

It proves decisions, not Windows: what no source says is a switch, see `switches.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from localcloud.guests.windows.cmdlets import files, general, native, net, scheduled  # noqa: F401  they register
from localcloud.guests.windows.cmdlets.dotnet import DotNet
from localcloud.guests.windows.cmdlets.registry import CMDLETS, Call
from localcloud.guests.windows.language.errors import CutError, NotPlayedError, PowerShellError
from localcloud.guests.windows.language.runtime import Runtime
from localcloud.guests.windows.machine.network import Network, RefusedError
from localcloud.guests.windows.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localcloud.guests.windows.language.commands import Words
    from localcloud.guests.windows.language.scope import Scope
    from localcloud.guests.windows.language.values import Value
    from localcloud.guests.windows.machine.tasks import Task

ROOT = "C:\\Windows"
TIME_LIMIT_S = 120.0
MutexState = Literal["free", "held", "abandoned", "denied"]
FaultKind = Literal["refused", "half", "late", "cut", "cut-half"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the n-th change that a run makes.

    `refused`: nothing is done, and it says so. `half`: the first of two stores, then an error. `late`: all
    of it, then an error. `cut`: the process is killed before it; `cut-half`: after its first half.
    """

    at: int
    kind: FaultKind
    times: int = 1
    """To how many changes in a row: the script tries some of them again."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended; without a code it was cut off."""

    code: int | None
    lines: tuple[str, ...]
    changes: int
    seconds: float


@dataclass
class PlayedWindows:
    """One machine."""

    switches: Switches = field(default_factory=Switches)
    build: int = 20348
    domain: bool = False

    def __post_init__(self) -> None:
        """Begin without adapters, files and tasks."""
        self.network: Network = Network(self.switches, self.build)
        self.disk = files.Disk()
        self.tasks: dict[str, Task] = {}
        self.mutex: MutexState = "free"
        self.fault: Fault | None = None
        self.denied: frozenset[str] = frozenset()
        """Commands that are refused to whoever runs the script, in lower case."""
        self._changes = 0
        self._limit = 0.0
        self._runtime: Runtime | None = None
        self._dotnet = DotNet(self)

    # Running.

    def run(self, script: str, *words: str, limit_s: float = TIME_LIMIT_S) -> Ran:
        """Run a script as the agent does, until it ends or the limit cuts it off."""
        before = self.network.now
        runtime = self._runtime = Runtime(self, {"SystemRoot": ROOT})
        self._changes = 0
        self._limit = before + limit_s
        code: int | None = None
        try:
            code = runtime.run(script, words)
            self.mutex = "free" if self.mutex == "abandoned" else self.mutex
        except CutError:
            pass
        self._runtime = None
        return Ran(code, tuple(runtime.lines), self._changes, self.network.now - before)

    def run_task(self, task: Task) -> Ran:
        """Run what a task runs; tasks have minutes."""
        return self.run(self.disk.read(task.path), task.word, limit_s=600.0)

    # Time.

    def restart(self) -> list[Ran]:
        """Start Windows anew: runtime state is gone, tasks at the start run."""
        self.mutex = "free"
        self.fault = None
        for index, adapter in list(self.network.adapters.items()):
            if adapter.present:
                self.network.start(index)
        self.network.wait(30.0)
        done = [self.run_task(task) for task in list(self.tasks.values()) if task.at_start and task.enabled]
        # Windows makes up for a moment that was missed.
        return [*done, *self.later(300.0)]

    def later(self, seconds: float) -> list[Ran]:
        """Let time pass; a task whose moment comes runs."""
        self.network.wait(seconds)
        return [self.run_task(task) for task in list(self.tasks.values()) if task.when and task.enabled]

    def connected(self) -> list[Ran]:
        """Let Windows tell of a new connection."""
        return [self.run_task(task) for task in list(self.tasks.values()) if task.on_network and task.enabled]

    def let_pass(self, seconds: float) -> None:
        """Let time pass inside a run; over the limit the process ends."""
        if self.network.now + seconds > self._limit:
            self.network.wait(max(0.0, self._limit - self.network.now))
            self.cut()
        self.network.wait(seconds)

    def cut(self) -> None:
        """End the process here."""
        self.mutex = "abandoned"
        raise CutError

    # What commands do.

    def change(self, *halves: Callable[[], object]) -> None:
        """Make a change, unless a fault comes between."""
        self._changes += 1
        fault = self.fault if self.fault and 0 <= self._changes - self.fault.at < self.fault.times else None
        if fault and fault.kind in ("refused", "cut"):
            self._fail(fault)
        halves[0]()
        if fault and fault.kind in ("half", "cut-half"):
            self._fail(fault)
        for half in halves[1:]:
            half()
        if fault:
            self._fail(fault)

    def touch(self, act: Callable[[], object]) -> None:
        """Write to the disk, unless a fault comes between."""
        try:
            self.change(act)
        except RefusedError as error:
            raise PowerShellError(str(error), "IOException", ("IOException",)) from error

    def _fail(self, fault: Fault) -> None:
        if fault.kind in ("cut", "cut-half"):
            self.cut()
        raise RefusedError("A general error occurred that is not covered by a more specific error code.")

    def move(self, path: str, target: str) -> None:
        """Put a file in another's place."""
        self.disk.write(target, self.disk.read(path))
        self.disk.remove(path)

    def native(self, seconds: float, act: Callable[[], list[str]]) -> tuple[int, list[str]]:
        """Run a program; its refusal is an exit code."""
        self.let_pass(seconds * self.switches.pace)
        try:
            return 0, act()
        except RefusedError as error:
            return 1, [str(error)]

    def take_mutex(self, seconds: float) -> bool:
        """Wait for the one lock of all runs."""
        if self.mutex == "held":
            self.let_pass(seconds)
            return False
        if self.mutex == "abandoned":
            raise PowerShellError(
                "The wait completed due to an abandoned mutex.", "Abandoned", ("AbandonedMutexException",)
            )
        return True

    def say(self, line: str) -> None:
        """Write a line of output."""
        if self._runtime is not None:
            self._runtime.lines.append(line)

    # The library of the language.

    def command(
        self, scope: Scope, name: str, words: Words, items: list[Value] | None, said: list[Value]
    ) -> None:
        """Run a command that is no function of the script."""
        cmdlet = CMDLETS.get(name.lower())
        if cmdlet is None:
            raise NotPlayedError(f"command {name}")
        cmdlet.check(words)
        if cmdlet.seconds is not None:
            self.let_pass(cmdlet.seconds * self.switches.pace)
        if name.lower() in self.denied:
            raise PowerShellError("Access is denied.", f"HRESULT 0x80070005,{cmdlet.name}")
        try:
            said.extend(cmdlet.body(Call(cmdlet.name, scope, words, items or [], self)))
        except RefusedError as error:
            raise PowerShellError(str(error), f"Windows System Error 31,{cmdlet.name}") from error

    def static(self, kind: str, name: str) -> Value:
        """Read a static property of a .NET type."""
        return self._dotnet.static(kind, name)

    def invoke_static(self, scope: Scope, kind: str, name: str, arguments: Sequence[Value]) -> Value:
        """Call a static method of a .NET type."""
        del scope
        return self._dotnet.invoke_static(kind, name, arguments)

    def invoke(self, target: Value, name: str, arguments: Sequence[Value]) -> Value:
        """Call a method of an object."""
        return self._dotnet.invoke(target, name, arguments)
