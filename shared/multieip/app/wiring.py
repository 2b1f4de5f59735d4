"""Settings → adapters: what every function is wired from."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from multieip import __version__
from multieip.app.failures import is_cold, logged, refused
from multieip.clock import SystemClock
from multieip.cloud.api import CallLimits, SdkApi
from multieip.cloud.credentials import Keyring, RenewingApi, RenewingInvoker
from multieip.dataclass import dataclass
from multieip.errors import RequestError
from multieip.log import CallLog, Log, to_stderr
from multieip.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.cloud.credentials import Credentials
    from multieip.log import Sink
    from multieip.ports import Api, Clock, Invoker, Json, Parallel

_LONGEST_RUN_S: Final = 600.0
"""What a run takes for its limit where nobody says one (a call outside of Function Compute)."""


def always() -> bool:
    """Say yes: no switch is there to be read."""
    return True


def new_token() -> str:
    """Return a ClientToken that nobody has used."""
    return os.urandom(16).hex()


def nothing() -> None:
    """Do nothing: what calls are made with is there already."""


@dataclass(frozen=True, slots=True)
class App:
    """Everything a use case needs, wired for one invocation. `load` imports what its calls take.

    `keys` is for what is reached by other ways than `api`.
    """

    settings: Settings
    api: Api
    clock: Clock
    invoker: Invoker
    log: Log
    calls: CallLog
    deadline: float
    request_id: str = ""
    account: str = ""
    deployed: bool = False
    timeout_s: float = _LONGEST_RUN_S
    parallel: Parallel | None = None
    new_token: Callable[[], str] = new_token
    writable: Callable[[], bool] = always
    load: Callable[[], None] = nothing
    keys: Callable[[], Credentials] | None = None

    @classmethod
    def from_function(
        cls,
        context: object,
        environ: Mapping[str, str] | None = None,
        *,
        sink: Sink = to_stderr,
        invoker: Invoker | None = None,
    ) -> App:
        """Wire the real adapters from what the runtime gives: its environment and the call's context.

        A command gives its own `sink` of log lines, and an `invoker` where runs are not started as functions.
        """
        environ = os.environ if environ is None else environ
        settings = Settings.read(environ)
        clock = SystemClock()
        request_id = str(getattr(context, "request_id", "") or "")
        log = _log_of(clock, sink, environ, request_id, settings.region)
        calls, keyring = CallLog(log), Keyring(environ, context)
        deadline = clock.monotonic() + _time_limit(context) - settings.deadline_margin_seconds
        sdk = SdkApi(keyring, clock, calls, endpoint=settings.endpoint, limits=CallLimits(ends_at=deadline))
        return cls(
            settings=settings,
            api=RenewingApi(sdk, keyring),
            clock=clock,
            invoker=invoker or LateInvoker(lambda: _invoker(environ, settings, keyring, calls)),
            log=log,
            calls=calls,
            deadline=deadline,
            request_id=request_id,
            account=environ.get("FC_ACCOUNT_ID", ""),
            deployed=bool(environ.get("FC_FUNCTION_NAME")),
            timeout_s=_time_limit(context),
            load=sdk.load,
            keys=keyring,
            writable=lambda: environ.get("MULTI_EIP_WRITES", "").lower() != "off",
        )


def _log_of(clock: Clock, sink: Sink, environ: Mapping[str, str], request: str, region: str) -> Log:
    return Log(clock, sink).with_fields(
        version=__version__,
        request=request,
        function=environ.get("FC_FUNCTION_NAME", ""),
        region=region,
        cold_start=is_cold(),
    )


class LateInvoker:
    """An `Invoker` that is imported and made with its first start: many runs start nothing."""

    def __init__(self, make: Callable[[], Invoker]) -> None:
        """`make` is called at most once."""
        self._make = make
        self._made: Invoker | None = None

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker.start`."""
        self._made = self._made or self._make()
        return self._made.start(function, payload, task_id=task_id)


def _invoker(environ: Mapping[str, str], settings: Settings, keyring: Keyring, calls: CallLog) -> Invoker:
    from multieip.cloud.fc import FunctionInvoker, FunctionPlace  # noqa: PLC0415

    place = FunctionPlace.of(
        environ, region=settings.region, prefix=settings.function_prefix, endpoint=settings.endpoint
    )
    invoker = FunctionInvoker(place, keyring, SystemClock(), calls, new_nonce=new_token)
    return RenewingInvoker(invoker, keyring)


def on_event(run: Callable[[App, bytes], Json | str], event: bytes, context: object) -> str:
    """Wire, run, encode: the whole of a function. A failure is logged once, and raised for who called."""
    app = App.from_function(context)
    return logged(app.log, lambda: _answered(run, app, event))


def _answered(run: Callable[[App, bytes], Json | str], app: App, event: bytes) -> str:
    """Return the result as text; a use case whose result is long makes it so itself."""
    try:
        result = run(app, event)
    except RequestError as error:
        result = refused(app.log, error)
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)


def _time_limit(context: object) -> float:
    """Return the function's timeout in seconds; Python 3.10's context carries it, a shell does not."""
    limit = getattr(getattr(context, "function", None), "timeout", None)
    try:
        return float(str(limit))
    except ValueError:
        return _LONGEST_RUN_S
