"""What happens to one call between its signature and its answer, whatever carried it here.

Faults, rate limits, permission, parameters, idempotence, the action itself, its event, and what faults make
of the answer. The gateway brings calls that came signed over HTTP, `LocalCloud.perform` a simulation's.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from localcloud import errors
from localcloud.calls.bending import bend
from localcloud.calls.watchers import WATCHERS, Exchange
from localcloud.errors import ApiError, DroppedConnection, GarbledAnswer
from localcloud.front.permission import asked
from localcloud.guests.base import WorldError
from localcloud.state.tags import check_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.calls.operations import Call, Json
    from localcloud.calls.params import Arguments
    from localcloud.front.context import Behind
    from localcloud.front.trail import Trail
    from localcloud.physics.faults import Fault

_LOG = logging.getLogger("localcloud")
_BEFORE = (
    "reset-before",
    "throttle",
    "unavailable",
    "internal",
    "error",
    "conflict",
    "bad-gateway",
    "signature",
)
_NOT_COMPARED = frozenset(("Signature", "SignatureNonce", "Timestamp", "SecurityToken", "AccessKeyId"))
_LONGEST_TOKEN = 64
# How values of tags may not begin, besides with an address.
_RESERVED = {"Vpc": ("acs:",)}
# A call that makes something has an answer of its own; where nothing was made there is none to give.
_MAKERS = ("Allocate", "Assign", "Assume", "Create", "Run")


class Caller(NamedTuple):
    """Who calls, as an event tells it: the key's id, and the headers of the request that brought the call."""

    key_id: str
    headers: Mapping[str, str]


class Performer:
    """Performs the calls of one cloud; call it inside the cloud's lock."""

    def __init__(self, cloud: Behind, trail: Trail) -> None:
        """Perform for this cloud; its writes are told to `trail`."""
        self._cloud = cloud
        self._trail = trail

    def perform(self, call: Call, caller: Caller) -> Json:
        """Return the answer; a refusal, a lost and a garbled answer are raised."""
        cloud, operation = self._cloud, call.operation
        if operation.write:
            cloud.writes += 1
            try:
                body = self._performed(call)
            except ApiError as error:
                self._trail.record_call(call, caller, {}, error)
                raise
            self._trail.record_call(call, caller, body, None)
            cloud.faults.accepted(operation.name)
        else:
            body = self._performed(call)
        if WATCHERS and not cloud.switches.speak_otherwise:
            for watcher in list(WATCHERS):
                watcher(Exchange(operation.product, operation.name, call.args.raw, body))
        return bend(call, body) if cloud.bends_answers else body

    def send_off(self, action: str, args: Arguments | None = None) -> float:
        """Lose or garble the answer of a call that took effect, or say how many seconds late it comes."""
        faults = self._cloud.faults
        if not faults.all:
            return 0.0
        if faults.strike(action, "reset-after", args=args):
            raise DroppedConnection
        page = faults.strike(action, "html", args=args)
        if page is not None:
            raise GarbledAnswer(page.number("status", 200))
        slow = faults.strike(action, "slow", args=args)
        return slow.seconds(11) if slow else 0.0

    def refuse(self, action: str, args: Arguments | None = None) -> None:
        """Let a fault that was asked for refuse the call before it takes effect."""
        faults = self._cloud.faults
        fault = faults.strike(action, *_BEFORE, args=args) if faults.all else None
        if fault is None:
            return
        if fault.kind == "reset-before":
            raise DroppedConnection
        if fault.kind == "bad-gateway":
            raise GarbledAnswer(fault.number("status", 502))
        raise _refusal(fault)

    def _performed(self, call: Call) -> Json:
        cloud, operation, args = self._cloud, call.operation, call.args
        self.refuse(operation.name, args)
        cloud.limits.count(call.account.account_id, call.region_id, operation.name)
        if call.region_id not in cloud.regions:
            raise errors.region_not_found()
        call = self._permitted(call)
        args.check(operation.by_name, operation.required)
        if operation.write:
            # Before anything is made: a refused tag must not leave half an object behind.
            check_tags(args.tags(), reserved=_RESERVED.get(operation.product, ()))
            if self._comes_to_nothing(call):
                return {"RequestId": call.request_id}
        token = args.text("ClientToken") if operation.idempotent else ""
        try:
            if token:
                return _once(call, token)
            return {"RequestId": call.request_id, **operation.handler(call)}
        except WorldError as failed:
            _LOG.exception("the world of guests failed under %s", operation.name)
            raise errors.internal_error() from failed

    def _permitted(self, call: Call) -> Call:
        operation = call.operation
        if operation.denied == "free":
            return call
        denied = self._cloud.faults.strike(operation.name, "deny", args=call.args) is not None
        if not denied and (call.identity.unlimited or call.identity.may(asked(call))):
            return call
        if operation.denied == "empty":
            return replace(call, permitted=False)
        raise errors.no_permission() if operation.product == "Sts" else errors.forbidden_ram()

    def _comes_to_nothing(self, call: Call) -> bool:
        name = call.operation.name
        if name.startswith(_MAKERS):
            return False
        return self._cloud.faults.strike(name, "nothing", args=call.args) is not None


def _refusal(fault: Fault) -> ApiError:
    """Return what a fault of the kinds that refuse says."""
    detail = fault.detail
    if fault.kind == "throttle":
        return errors.throttled(detail.get("code", "Throttling.User"))
    if fault.kind == "unavailable":
        return errors.service_unavailable()
    if fault.kind == "signature":
        return errors.signature_mismatch_in_other_words()
    if fault.kind == "conflict":
        code = detail.get("code", "OperationConflict")
        return ApiError(code, "The operation conflicts with another one that is under way.", 409)
    if fault.kind == "internal":
        return errors.internal_error()
    code = detail.get("code", "InternalError")
    return ApiError(code, detail.get("message", code), fault.number("status", 400))


def _once(call: Call, token: str) -> Json:
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        raise ApiError("InvalidClientToken.Malformed", "The specified ClientToken is not valid.")
    rest = {key: value for key, value in call.args.raw.items() if key not in _NOT_COMPARED}
    fingerprint = json.dumps(rest, sort_keys=True)
    known = call.state.answers.get((call.operation.name, token))
    if known is None:
        body = {"RequestId": call.request_id, **call.operation.handler(call)}
        call.state.answers[call.operation.name, token] = (fingerprint, body)
        return body
    if known[0] != fingerprint:
        raise ApiError(
            "IdempotentParameterMismatch",
            "The request uses the same client token as a previous, but non-identical request.",
            # Cloud Assistant's table has it among the 403s.
            403 if call.operation.name == "RunCommand" else 400,
        )
    # The answer of the first call, under this request's own id.
    return {**known[1], "RequestId": call.request_id}
