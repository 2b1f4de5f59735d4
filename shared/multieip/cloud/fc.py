"""Asynchronous invocations: `aliyun-fc2` on FC 2.0, the FC 3.0 SDK on 3.0, one `Invoker` for both."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from multieip.errors import LostAnswerError, RefusedError

if TYPE_CHECKING:
    from multieip.cloud.credentials import Credentials
    from multieip.log import CallLog
    from multieip.ports import Clock, Json

_TAKEN: Final = 409
"""A repeated task id. The code beside it differs between 2.0 and 3.0, so the status decides."""

_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_TRIES: Final = 4
_PAUSE_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Place:
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
    def of(cls, environ: Mapping[str, str], *, region: str, prefix: str, endpoint: str) -> Place:
        """Read what the runtime says about itself; `FC_SERVICE_NAME` exists on FC 2.0 only."""
        return cls(
            account=environ.get("FC_ACCOUNT_ID", ""),
            region=environ.get("FC_REGION", "") or region,
            prefix=prefix,
            service=environ.get("FC_SERVICE_NAME", ""),
            endpoint=endpoint,
        )


Send = Callable[[str, bytes, str], None]
"""Sends function name, payload and task id; raises `RefusedError` or `LostAnswerError`."""


class FunctionInvoker:
    """`Invoker` on either generation of Function Compute."""

    def __init__(
        self, place: Place, credentials: Callable[[], Credentials], clock: Clock, calls: CallLog
    ) -> None:
        """Nothing is imported or opened before the first start."""
        self._place = place
        self._clock = clock
        self._calls = calls
        self._send: Send = _Fc2(place, credentials).send if place.service else _Fc3(place, credentials).send

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker.start`. The task id makes it safe to try again after a lost answer."""
        name = f"{self._place.prefix}{function}"
        body = json.dumps(payload, ensure_ascii=False).encode()
        for remaining in reversed(range(_TRIES)):
            started = self._clock.monotonic()
            outcome = "lost"
            try:
                self._send(name, body, task_id)
                outcome = "ok"
            except RefusedError as refusal:
                outcome = refusal.code
                if refusal.http_status == _TAKEN:
                    return False
                passing = refusal.http_status == _TOO_MANY or refusal.http_status >= _SERVER_ERROR
                if not passing or not remaining:
                    raise
            except LostAnswerError:
                # aliyun-fc2 has tried six times by itself when it gives up on a connection.
                if self._place.service or not remaining:
                    raise
            else:
                return True
            finally:
                self._calls.record("Fc", "InvokeFunction", outcome, self._clock.monotonic() - started)
            self._clock.sleep(_PAUSE_S)
        raise AssertionError("unreachable: the last try returns or raises")


class _Fc3:
    """FC 3.0: `alibabacloud_fc20230330`."""

    def __init__(self, place: Place, credentials: Callable[[], Credentials]) -> None:
        self._place = place
        self._credentials = credentials
        self._client: Any = None
        self._key = ""

    def send(self, function: str, body: bytes, task_id: str) -> None:
        from alibabacloud_fc20230330 import models
        from darabonba.exceptions import DaraException, UnretryableException
        from darabonba.runtime import RuntimeOptions

        headers = models.InvokeFunctionHeaders(x_fc_invocation_type="Async", x_fc_async_task_id=task_id)
        request = models.InvokeFunctionRequest(body=io.BytesIO(body), qualifier="LATEST")
        try:
            self._connected().invoke_function_with_options(
                function,
                request,
                headers,
                RuntimeOptions(autoretry=False, connect_timeout=5000, read_timeout=20000),
            )
        except (DaraException, UnretryableException) as error:
            raise _refused_by_fc3(error) from error
        except OSError as error:
            raise LostAnswerError("InvokeFunction", f"no answer: {error}") from error

    def _connected(self) -> Any:
        from alibabacloud_fc20230330.client import Client
        from alibabacloud_tea_openapi.models import Config

        found = self._credentials()
        if self._client is None or self._key != found.key_id:
            scheme, _, host = self._place.url.partition("://")
            config = Config(
                access_key_id=found.key_id,
                access_key_secret=found.secret,
                security_token=found.token or None,
                endpoint=host,
                protocol=scheme,
                region_id=self._place.region,
            )
            self._client = Client(config)
            self._key = found.key_id
        return self._client


def _refused_by_fc3(error: Any) -> RefusedError | LostAnswerError:
    data = getattr(error, "data", None) or {}
    status = int(getattr(error, "status_code", 0) or data.get("statusCode", 0) or 0)
    if not status:
        return LostAnswerError("InvokeFunction", f"no answer: {error}")
    request_id = str(getattr(error, "request_id", "") or data.get("RequestId", ""))
    return RefusedError(
        "InvokeFunction",
        str(getattr(error, "code", "") or ""),
        str(getattr(error, "message", "") or ""),
        http_status=status,
        request_id=request_id,
    )


class _Fc2:
    """FC 2.0: `aliyun-fc2`."""

    def __init__(self, place: Place, credentials: Callable[[], Credentials]) -> None:
        self._place = place
        self._credentials = credentials

    def send(self, function: str, body: bytes, task_id: str) -> None:
        import fc2
        import requests

        found = self._credentials()
        client = fc2.Client(
            endpoint=self._place.url,
            accessKeyID=found.key_id,
            accessKeySecret=found.secret,
            securityToken=found.token,
            Timeout=20,
        )
        headers = {"x-fc-invocation-type": "Async", "x-fc-stateful-async-invocation-id": task_id}
        try:
            client.invoke_function(self._place.service, function, payload=body, headers=headers)
        except fc2.FcError as error:
            raise RefusedError(
                "InvokeFunction",
                str(error.err_code),
                str(error.message),
                http_status=int(error.status_code or 0),
                request_id=str(error.request_id or ""),
            ) from error
        except (requests.RequestException, ValueError) as error:
            # A server error without a JSON body makes this SDK fail while it decodes.
            raise LostAnswerError("InvokeFunction", f"no answer: {error}") from error
