"""Asynchronous invocations: `aliyun-fc2` on FC 2.0, our own small adapter on 3.0, one `Invoker` for both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from multieip.cloud.fc3 import Fc3
from multieip.cloud.redact import no_answer, redact
from multieip.dataclass import dataclass
from multieip.errors import LostAnswerError, RefusedError

if TYPE_CHECKING:
    from multieip.cloud.credentials import Credentials
    from multieip.log import CallLog
    from multieip.ports import Clock, Json

_CONFLICT: Final = 409
_TAKEN: Final = "AlreadyExists"
"""How the code of a repeated task id ends, on 2.0 and 3.0; other conflicts (`ConcurrentUpdateError`) pass."""

_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_TRIES: Final = 4
_PAUSE_S: Final = 1.0
_IN_ALL_S: Final = 10.0
"""A run hands over to itself in the last seconds before it is killed, so a start may not take longer."""
_ONE_TRY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class FunctionPlace:
    """Where our functions live. `service` is set on FC 2.0 only (`FC_SERVICE_NAME`)."""

    account: str
    region: str
    prefix: str
    service: str = ""
    endpoint: str = ""

    @property
    def url(self) -> str:
        """The invocation host of the account, or the endpoint that replaces it."""
        return self.endpoint or f"https://{self.account}.{self.region}.fc.aliyuncs.com"

    @classmethod
    def of(cls, environ: Mapping[str, str], *, region: str, prefix: str, endpoint: str) -> FunctionPlace:
        """Read what the runtime says about itself; `FC_SERVICE_NAME` exists on FC 2.0 only."""
        return cls(
            account=environ.get("FC_ACCOUNT_ID", ""),
            region=environ.get("FC_REGION", "") or region,
            prefix=prefix,
            service=environ.get("FC_SERVICE_NAME", ""),
            endpoint=endpoint,
        )


Send = Callable[[str, bytes, str, float], None]
"""Sends function name, payload and task id in so many seconds; raises `RefusedError` or `LostAnswerError`."""


class FunctionInvoker:
    """`Invoker` on either generation of Function Compute."""

    def __init__(
        self,
        place: FunctionPlace,
        credentials: Callable[[], Credentials],
        clock: Clock,
        calls: CallLog,
        *,
        new_nonce: Callable[[], str],
    ) -> None:
        """Nothing is imported or opened before the first start; each request takes a nonce that is new."""
        self._place = place
        self._clock = clock
        self._calls = calls
        self._send: Send = (
            _Fc2(place, credentials).send
            if place.service
            else Fc3(place.url, credentials, clock.now, new_nonce).send
        )

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker.start`. The task id makes it safe to try again after a lost answer."""
        name = f"{self._place.prefix}{function}"
        body = json.dumps(payload, ensure_ascii=False).encode()
        give_up = self._clock.monotonic() + _IN_ALL_S
        for remaining in reversed(range(_TRIES)):
            try:
                return self._try(name, body, task_id, give_up)
            except (RefusedError, LostAnswerError) as error:
                out_of_time = self._clock.monotonic() + _PAUSE_S >= give_up
                if not remaining or out_of_time or not _passes(error):
                    raise
            self._clock.sleep(_PAUSE_S)
        raise AssertionError("unreachable: the last try returns or raises")

    def _try(self, name: str, body: bytes, task_id: str, give_up: float) -> bool:
        started = self._clock.monotonic()
        outcome = "lost"
        try:
            self._send(name, body, task_id, min(_ONE_TRY_S, give_up - started))
            outcome = "ok"
        except RefusedError as refusal:
            outcome = refusal.code
            if refusal.http_status == _CONFLICT and refusal.code.endswith(_TAKEN):
                return False
            raise
        finally:
            self._calls.record("Fc", "InvokeFunction", outcome, self._clock.monotonic() - started)
        return True


class _Fc2:
    """FC 2.0: `aliyun-fc2`."""

    def __init__(self, place: FunctionPlace, credentials: Callable[[], Credentials]) -> None:
        self._place = place
        self._credentials = credentials

    def send(self, function: str, body: bytes, task_id: str, timeout_s: float) -> None:
        import fc2
        import fc2.client

        # Its own six tries take half a minute; a start has ten seconds, and its tries are ours.
        fc2.client.retries = 0
        found = self._credentials()
        client = fc2.Client(
            endpoint=self._place.url,
            accessKeyID=found.key_id,
            accessKeySecret=found.secret,
            securityToken=found.token,
            Timeout=timeout_s,
        )
        headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": task_id}
        try:
            client.invoke_function(self._place.service, function, payload=body, headers=headers)
        except fc2.FcError as error:
            raise RefusedError(
                "InvokeFunction",
                redact(str(error.err_code), found.secrets),
                redact(str(error.message), found.secrets),
                http_status=int(error.status_code or 0),
                request_id=redact(str(error.request_id or ""), found.secrets),
            ) from None
        except (OSError, ValueError) as error:
            # What `requests` raises is an OSError; a server error without a JSON body cannot be decoded.
            raise LostAnswerError("InvokeFunction", no_answer(error)) from None


def _passes(error: RefusedError | LostAnswerError) -> bool:
    if isinstance(error, LostAnswerError):
        return True  # the task id makes it safe
    return error.http_status in {_CONFLICT, _TOO_MANY} or error.http_status >= _SERVER_ERROR
