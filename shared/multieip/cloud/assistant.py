"""Commands in guests through Cloud Assistant: sent once, and what has become of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from multieip.cloud.listing import tokens
from multieip.cloud.reading import number, rows, said, text
from multieip.cloud.refusals import passes
from multieip.dataclass import dataclass
from multieip.errors import CloudError, UnreadableError
from multieip.model.resources import InstanceId, Region

if TYPE_CHECKING:
    from multieip.ports import Api, Clock, Json

Kind = Literal["RunShellScript", "RunPowerShellScript"]

MOST_INSTANCES: Final = 50
"""Instances per RunCommand; newer pages say 100, older ones 50."""

_RUNNING: Final = frozenset({"Pending", "Running", "Stopping", "Scheduled", ""})
_PAUSES_S: Final = (0.5, 0.5, 1.0, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """How the command ended on one instance.

    `status` is the API's InvocationStatus; `error` joins its ErrorCode and ErrorInfo and is empty on success.
    `exit_code` is None where the cloud shows none.
    """

    instance: InstanceId
    status: str
    exit_code: int | None
    output: bytes
    dropped: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One command for one or more instances. `timeout_s` limits the run in the guest (at least 10).

    `reads` says that it changes nothing, so that sending it twice does no harm.
    """

    region: Region
    instances: tuple[InstanceId, ...]
    content: str
    kind: Kind
    name: str
    timeout_s: int = 120
    reads: bool = False

    def params(self) -> dict[str, str]:
        """Return the parameters of RunCommand (without ClientToken)."""
        numbered = {f"InstanceId.{n}": instance for n, instance in enumerate(self.instances, 1)}
        return {
            "RegionId": self.region,
            "Type": self.kind,
            "Name": self.name,
            "ContentEncoding": "Base64",
            "CommandContent": base64.b64encode(self.content.encode()).decode(),
            "Timeout": str(self.timeout_s),
            **numbered,
        }


def send(api: Api, clock: Clock, order: Order, *, deadline: float, new_token: Callable[[], str]) -> str:
    """Send the order and return the id of its invocation; waits for nothing but what refuses for a moment."""
    params = {**order.params(), "ClientToken": new_token()}
    return text(_send(api, clock, order, params, deadline), "InvokeId")


def ended_of(api: Api, region: Region, invocation: str) -> dict[InstanceId, CommandOutput]:
    """Return how the command ended on each instance on which it has."""
    return {o.instance: o for o in results(api, region, invocation) if o.status not in _RUNNING}


def _send(api: Api, clock: Clock, order: Order, params: Mapping[str, str], deadline: float) -> Json:
    """Send the command once; one that changes nothing is sent again after what passes by itself."""
    for pause in _PAUSES_S:
        try:
            return api.call("Ecs", "RunCommand", params)
        except CloudError as fault:
            if not order.reads or not passes(fault) or clock.monotonic() + pause > deadline:
                raise
        clock.sleep(pause)
    return api.call("Ecs", "RunCommand", params)


def results(api: Api, region: Region, invocation: str) -> list[CommandOutput]:
    """Return what DescribeInvocationResults knows; nothing is the normal picture just after RunCommand.

    An entry without an instance is nobody's and left out; the others keep their places.
    """
    action = "DescribeInvocationResults"
    asked = {"RegionId": region, "InvokeId": invocation, "MaxResults": "50"}
    found: list[CommandOutput] = []
    for page in tokens(lambda more: _page(api, action, {**asked, **more}), action):
        for row in rows(action, page, "InvocationResults", "InvocationResult"):
            instance = row.get("InstanceId") if isinstance(row, Mapping) else None
            if isinstance(instance, str) and instance:
                found.append(_output(InstanceId(instance), row))
    return found


def _page(api: Api, action: str, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return what the answer wraps once more; its paging stands inside."""
    page = api.call("Ecs", action, asked).get("Invocation")
    if not isinstance(page, dict):
        raise UnreadableError(action, "the answer has no Invocation")
    return page


def _output(instance: InstanceId, row: Mapping[str, Any]) -> CommandOutput:
    words: Sequence[str] = [str(row.get("ErrorCode") or ""), str(row.get("ErrorInfo") or "")]
    try:
        # Some tools break Base64 into lines, as mail does.
        output = base64.b64decode("".join(said(row, "Output").split()), validate=True)
    except (binascii.Error, UnreadableError, ValueError) as fault:
        output, words = b"", [*words, f"its Output is not Base64 ({fault})"]
    return CommandOutput(
        instance=instance,
        status=str(row.get("InvocationStatus") or ""),
        exit_code=_number_or_none(row, "ExitCode"),
        output=output,
        dropped=_number_or_none(row, "Dropped") or 0,
        error=": ".join(word for word in words if word),
    )


def _number_or_none(row: Mapping[str, Any], name: str) -> int | None:
    try:
        return number(row, name)
    except UnreadableError:
        return None
