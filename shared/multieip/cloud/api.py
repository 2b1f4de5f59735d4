"""`Api` on the vendor's SDK: one signed call over https, with our own retries.

The SDK's retries are switched off. They leave out `Throttling.User`, every VPC action and every
write, and repeat CreateNetworkInterface without a ClientToken (measured, SDK core 2.16.1).
"""

from __future__ import annotations

import importlib
import logging
import math
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from multieip.cloud.rates import MINUTE_S, SPREAD_S, seconds_to_next_minute
from multieip.cloud.redact import no_answer, redact
from multieip.cloud.refusals import is_throttling, passes
from multieip.dataclass import dataclass
from multieip.errors import (
    CloudError,
    GarbledError,
    LostAnswerError,
    RefusedError,
    TooLateError,
    UnreadableError,
)
from multieip.json_text import read_json

if TYPE_CHECKING:
    from multieip.cloud.credentials import Credentials
    from multieip.log import CallLog
    from multieip.ports import Clock, Json, Product

_VERSIONS: Final = {"Ecs": "2014-05-26", "Vpc": "2016-04-28", "Sts": "2015-04-01"}
_REQUESTS: Final = {"Ecs": "aliyunsdkecs.request.v20140526", "Vpc": "aliyunsdkvpc.request.v20160428"}
_IN_BODY: Final = frozenset({"CommandContent"})
"""The gateway refuses long addresses (414); a script of some kilobytes travels as form data."""

_READS: Final = ("Describe", "List", "Get")
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 20.0
_USED_UP: Final = 2
"""A call that is throttled so often has met the limit of a whole minute, not of a moment."""

_CONNECT_TIMEOUT_S: Final = 5
_PAST_THE_END_S: Final = 15.0
"""A call that begins at the last moment ends this long after it; the rest is for handing over."""

_NO_ANSWER: Final = "SDK.HttpError"
_PAGE: Final = "SDK.UnknownServerError"


Send = Callable[[str, str, Mapping[str, str]], dict[str, Any]]
"""Sends one action once; raises `RefusedError`, `LostAnswerError` or `GarbledError`."""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How long one call may take, retries included, and how long one try waits for its answer.

    `ends_at`, a reading of `clock.monotonic()`, is the end of the run: no call begins after it, and one that
    has begun ends within 15 seconds of it.
    """

    call_deadline_s: float = 75.0
    read_timeout_s: float = 20.0
    ends_at: float = math.inf


class SdkApi:
    """The cloud through aliyun-python-sdk-core and the request classes of -ecs and -vpc."""

    def __init__(  # noqa: PLR0913  named where it is composed
        self,
        credentials: Callable[[], Credentials],
        clock: Clock,
        calls: CallLog,
        *,
        endpoint: str = "",
        limits: CallLimits | None = None,
        send: Send | None = None,
        jitter: Callable[[float, float], float] | None = None,
    ) -> None:
        """Nothing is imported or opened before the first call.

        `endpoint` (`http://host:port`) replaces the vendor's hosts for all products. `send` takes the place
        of the vendor's SDK, `jitter` that of the machine's randomness in pauses.
        """
        self._credentials = credentials
        self._clock = clock
        self._calls = calls
        self._endpoint = endpoint
        self._limits = limits or CallLimits()
        self._send = send or self._by_sdk
        self._jitter = jitter or random.SystemRandom().uniform
        self._clients: dict[tuple[str, str], Any] = {}
        self._opening = threading.Lock()

    def load(self) -> None:
        """Import what a call takes; for whoever will soon make calls side by side."""
        import aliyunsdkcore.client  # noqa: F401

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`.

        A read is tried again after what passes by itself; `multieip.cloud.refusals` says what does. A write
        is sent once: what it rests on may have changed meanwhile, so its caller looks again first.
        """
        harmless = action.startswith(_READS)
        limits = self._limits
        give_up = min(self._clock.monotonic() + limits.call_deadline_s, limits.ends_at)
        pause, throttled = _FIRST_PAUSE_S, list[float]()
        while True:
            if self._clock.monotonic() >= limits.ends_at:
                raise TooLateError(action, "not begun, the time of this run is over")
            try:
                return self._try(product, action, params)
            except CloudError as fault:
                if isinstance(fault, RefusedError) and is_throttling(fault.code):
                    throttled.append(self._clock.monotonic())
                wait = self._rest(pause, throttled)
                if not (harmless and passes(fault)) or self._clock.monotonic() + wait > give_up:
                    raise
            self._clock.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    def _rest(self, pause: float, throttled: Sequence[float]) -> float:
        """Return how long to wait after a call that was throttled at these moments.

        What is throttled twice has used up the cloud's limit of this minute. The vendor says that it counts
        by the minute, not when its minutes begin: who is refused in the next one, too, waits until a whole
        minute has passed since the first refusal.
        """
        if len(throttled) < _USED_UP:
            return pause * self._jitter(0.5, 1.0)
        left = seconds_to_next_minute(self._clock.now().timestamp())
        if len(throttled) == _USED_UP + 1:
            left = max(pause, throttled[0] + MINUTE_S - self._clock.monotonic())
        return left + self._jitter(0.0, SPREAD_S)

    def _try(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        started = self._clock.monotonic()
        outcome = "lost"
        try:
            answer = self._send(product, action, params)
            outcome = "ok"
        except RefusedError as refusal:
            outcome = refusal.code
            raise
        else:
            return answer
        finally:
            self._calls.record(product, action, outcome, self._clock.monotonic() - started)

    def _by_sdk(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        from aliyunsdkcore.acs_exception.exceptions import (
            ClientException,
            ServerException,
        )

        credentials = self._credentials()
        request = self._request(product, action, params)
        if credentials.token:
            request.add_query_param("SecurityToken", credentials.token)
        client = self._client(credentials, params.get("RegionId", ""))
        try:
            body = client.do_action_with_exception(request)
        except ServerException as error:
            # Not `from` the SDK's own errors: a traceback would print their messages, signed address and all.
            raise _refused(action, error, credentials) from None
        except ClientException as error:
            if error.get_error_code() != _NO_ANSWER:
                # Nothing was sent: an endpoint that does not resolve, a key that cannot sign.
                message = redact(str(error.get_error_msg()), credentials.secrets)
                raise RefusedError(action, error.get_error_code(), message, http_status=0) from None
            raise LostAnswerError(action, no_answer(error)) from None
        except IndexError:
            # The SDK takes the refusal of a signature apart at a colon that is not always there.
            message = "the cloud refused the signature; check the access key of the function's role"
            raise RefusedError(action, "SignatureDoesNotMatch", message) from None
        return _decoded(action, body)

    def _request(self, product: Product, action: str, params: Mapping[str, str]) -> Any:
        from aliyunsdkcore.http.protocol_type import HTTPS

        request = _new_request(product, action)
        # The SDK compares this constant by identity: a computed "https" would silently become http.
        request.set_protocol_type(HTTPS)
        request.set_accept_format("json")
        request.set_method("POST")
        connect_s, read_s = self._timeouts()
        request.set_connect_timeout(connect_s)
        request.set_read_timeout(read_s)
        if self._endpoint:
            request.set_endpoint(self._endpoint)
        for name, value in params.items():
            add = request.add_body_params if name in _IN_BODY else request.add_query_param
            add(name, value)
        return request

    def _timeouts(self) -> tuple[float, float]:
        """Return how long connecting and reading may take: together they end soon after the run's own end."""
        left = self._limits.ends_at - self._clock.monotonic() + _PAST_THE_END_S - _CONNECT_TIMEOUT_S
        return _CONNECT_TIMEOUT_S, max(1.0, min(self._limits.read_timeout_s, left))

    def _client(self, credentials: Credentials, region: str) -> Any:
        key = (credentials.key_id, region)
        # Reads go side by side, and a client costs a thirtieth of the whole SDK: one is made for all of them.
        with self._opening:
            return self._clients.get(key) or self._opened(key, credentials)

    def _opened(self, key: tuple[str, str], credentials: Credentials) -> Any:
        from aliyunsdkcore.client import AcsClient

        # The SDK logs every refusal as an error, in a form of its own; we say it in ours.
        logging.getLogger("aliyunsdkcore").setLevel(logging.CRITICAL)
        # The SDK ignores NO_PROXY, so a proxy of the environment would take calls to the local cloud.
        proxy = {"http": "", "https": ""} if self._endpoint else None
        client = self._clients[key] = AcsClient(
            credentials.key_id,
            credentials.secret,
            key[1] or "cn-hangzhou",
            auto_retry=False,
            pool_size=32,
            proxy=proxy,
        )
        # Else a password that ~/.netrc holds for any host would go along with each signed call.
        client.session.trust_env = False
        return client


def _new_request(product: Product, action: str) -> Any:
    try:
        module = importlib.import_module(f"{_REQUESTS[product]}.{action}Request")
        return getattr(module, f"{action}Request")()
    except (KeyError, ModuleNotFoundError):
        # STS has no request classes here, and those that a runtime brings along may be older than the action
        # (-vpc 3.0.27 of FC's Python 3.10 lacks AssociateEipAddressBatch). The wire form is the same.
        from aliyunsdkcore.request import RpcRequest

        return RpcRequest(product, _VERSIONS[product], action, product.lower())


def _refused(action: str, error: Any, credentials: Credentials) -> RefusedError:
    code, status = str(error.get_error_code()), int(error.get_http_status() or 0)
    # A page of something on the way is not quoted: it may show all that it was sent, in any form.
    said = f"a page with status {status}" if code == _PAGE else str(error.get_error_msg())
    return RefusedError(
        action,
        redact(code, credentials.secrets),
        redact(said, credentials.secrets),
        http_status=status,
        request_id=redact(str(error.get_request_id() or ""), credentials.secrets),
    )


def _decoded(action: str, body: bytes) -> Json:
    try:
        answer = read_json(body)
    except (ValueError, RecursionError) as error:
        raise GarbledError(action, "the answer is not JSON") from error
    if not isinstance(answer, dict):
        raise UnreadableError(action, "the answer is not a JSON object")
    return answer
