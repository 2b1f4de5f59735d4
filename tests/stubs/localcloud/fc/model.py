"""What a function is: the frozen result of reading s.yaml, or of a call that deployed it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localcloud.eventbridge import Pattern, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class AsyncConfig:
    """How asynchronous invocations are treated; defaults are the cloud's."""

    task: bool = False
    max_retries: int = 3
    max_age_s: int = 86_400
    on_success: str = ""
    on_failure: str = ""


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """An EventBridge rule on the default bus that pushes to the function."""

    name: str
    pattern: Pattern
    pattern_text: str
    async_flag: bool = False
    retry: RetryPolicy = RetryPolicy.BACKOFF
    enabled: bool = True
    dead_letters: str = ""


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """A timer; `payload` is the string that the function finds in its event."""

    name: str
    cron: str
    payload: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class OtherTrigger:
    """A trigger that the local cloud lists but does not run."""

    name: str
    kind: str


Trigger = EventTrigger | TimerTrigger | OtherTrigger


@dataclass(frozen=True, slots=True)
class FunctionConfig:
    """One function as FC would run it. `resource` is its name in s.yaml, `name` its name in the cloud."""

    resource: str
    name: str
    region: str
    runtime: str
    handler: str
    code_dir: Path
    # What all functions of an s.yaml import: the folder `shared` beside it, as a layer would bring it.
    shared_dir: Path | None = None
    timeout_s: int = 3
    memory_mb: int = 512
    role: str = ""
    initializer: str = ""
    reserved_concurrency: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    asynchronous: AsyncConfig = field(default_factory=AsyncConfig)
    triggers: Sequence[Trigger] = ()
    raw_triggers: Sequence[Mapping[str, Any]] = ()
    # What GetFunction says of it beside: description, cpu, diskSize, logConfig and the like, as given.
    described: Mapping[str, Any] = field(default_factory=dict)
    # What was deployed runs without the packages that are installed here. Instances serve one revision.
    deployed: bool = False
    revision: int = 0
    version: str = "LATEST"


@dataclass(frozen=True, slots=True)
class Application:
    """The functions of one s.yaml, by resource name."""

    file: Path
    functions: Mapping[str, FunctionConfig]
