"""What every run needs of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.log import CallLog, Log
    from multieip.ports import Api, Clock, Invoker
    from multieip.runs.waiting import Durations


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Outside:
    """What a run needs of the world. `durations` outlives the run; `writable` is the kill switch."""

    api: Api
    clock: Clock
    invoker: Invoker
    log: Log
    calls: CallLog
    new_token: Callable[[], str]
    durations: Durations
    writable: Callable[[], bool] = _always
