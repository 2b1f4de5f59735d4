"""One command in a guest in two halves: it is sent, and its answer is read when it is due.

Between the two the run may do something else: the command waits in the guest while the ENI is being attached.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from multieip.cloud import assistant
from multieip.cloud.reading import text
from multieip.dataclass import dataclass, replace
from multieip.errors import AnswerError, GuestError, WantedSetError
from multieip.guest.answer import read_answer
from multieip.guest.render import linux_script
from multieip.guest.wanted import wanted_nic
from multieip.guest.windows_script import windows_script
from multieip.model.guest import GuestNic, GuestReport, Mode, Stamp
from multieip.plan.steps import ConfigureGuest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from multieip.model.resources import Gateway, InstanceId, Region
    from multieip.plan.steps import GuestStep
    from multieip.ports import Api

UNDER_WAY: Final = frozenset({"Pending", "Running", "Stopping", "Scheduled", ""})
"""The states of a command that may still end with an answer."""

GIVEN_UP_S: Final = 195.0
"""Two minutes in the guest, and a little more than the minute after which delivering is given up."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A command on its way."""

    step: GuestStep
    region: Region
    instance: InstanceId
    invocation: str
    at: float
    stamp: Stamp


def wanted_of(step: GuestStep, gateways: Sequence[Gateway]) -> GuestNic:
    """Return the set that a step wants in the guest; raises `GuestError` where a gateway is not known.

    What is only to be kept is left out where no gateway of it is known; such a set is lean.
    """
    if not isinstance(step, ConfigureGuest):
        return wanted_nic(step.target, (), ())
    known = {gateway.address for gateway in gateways}
    kept = tuple(eip.address for eip in step.keep if eip.address in known)
    must = tuple(eip.address for eip in step.must)
    nic = wanted_nic(step.target, (*must, *kept), gateways)
    eips = tuple(replace(eip, keep=str(eip.ip) in kept) for eip in nic.eips)
    return replace(nic, eips=eips)


def content_of(step: GuestStep, nic: GuestNic, stamp: Stamp, rule_priority: int, *, lean: bool) -> str:
    """Return the script for the guest's system; raises `GuestError` where the set is refused.

    From a `lean` set the guest takes nothing out that it has.
    """
    mode = Mode.APPLY if isinstance(step, ConfigureGuest) else Mode.RELEASE
    target = step.target
    try:
        if target.instance.windows:
            return windows_script(mode, [nic], stamp=stamp, lean=lean)
        return linux_script(mode, [nic], stamp=stamp, lean=lean, priority=rule_priority)
    except WantedSetError as error:
        raise GuestError(f"{target.eni}: {error}") from error


def send(
    api: Api, step: GuestStep, content: str, stamp: Stamp, now: float, new_token: Callable[[], str]
) -> Sent:
    """Send the script; raises as `Api.call` does."""
    target = step.target
    call = step.calls()[0]
    encoded = base64.b64encode(content.encode()).decode()
    params = {**call.params, "CommandContent": encoded, "ClientToken": new_token()}
    invocation = text(api.call(call.product, call.action, params), "InvokeId")
    return Sent(step, target.instance.region, target.instance.id, invocation, now, stamp)


def ended(api: Api, sent: Sent) -> bool:
    """Say whether a command that nobody waits for has ended; used to look without believing."""
    return _output(api, sent) is not None


def answer_of(api: Api, sent: Sent) -> GuestReport | None:
    """Return what the guest said; None while the command is under way.

    Raises `GuestError` where it ended without an answer of ours.
    """
    output = _output(api, sent)
    if output is None:
        return None
    try:
        return read_answer(output.output)
    except AnswerError as error:
        cut = f"; {output.dropped} bytes of output were cut" if output.dropped else ""
        raise GuestError(
            f"{sent.instance}: the command ended {output.status} (exit {output.exit_code}) "
            f"{output.error}{cut}: {error}"
        ) from error


def _output(api: Api, sent: Sent) -> assistant.CommandOutput | None:
    found = assistant.results(api, sent.region, sent.invocation)
    return next((o for o in found if o.instance == sent.instance and o.status not in UNDER_WAY), None)
