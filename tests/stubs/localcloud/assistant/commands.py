"""Reading a RunCommand: its text, its parameters, and what of it may not be."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING

from localcloud.assistant.errors import refusal
from localcloud.errors import invalid_parameter
from localcloud.physics.clock import stamp
from localcloud.state.commands import CommandType, Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localcloud.calls.operations import Call
    from localcloud.state.ecs import Instance

_MAX_CONTENT = 24 * 1024
_MAX_KEPT = 18 * 1024
_MAX_INSTANCES = 100
_MAX_PARAMETERS = 20
_MAX_PARAMETER_NAME = 64
_MAX_NAME = 128
_MAX_DESCRIPTION = 512
_MAX_USERNAME = 255
_MIN_TIMEOUT_S = 10
_MAX_TIMEOUT_S = 86400
_PLACEHOLDER = re.compile(r"\{\{\s*(?P<name>[A-Za-z0-9_:.-]+)\s*\}\}")
_BUILT_IN = "ACS::"


def command_type(text: str) -> CommandType:
    """One of the three types."""
    if text == "RunShellScript":
        return "RunShellScript"
    if text == "RunPowerShellScript":
        return "RunPowerShellScript"
    if text == "RunBatScript":
        return "RunBatScript"
    raise refusal("InvalidCmdType.NotFound")


def targets(call: Call, kind: CommandType) -> list[Instance]:
    """Return the instances named; one that is unknown or of the other system fails the whole call."""
    ids = list(dict.fromkeys(call.args.many("InstanceId")))
    tags = call.args.tags("ResourceTag")
    if ids and tags:
        raise refusal("InvalidResourceTag.ConflictWithInstanceIds")
    if tags:
        ids = [each for each in call.state.tags.matching(tags) if each in call.state.instances]
        if not ids:
            raise refusal("InvalidResourceTag.InstanceNotFound")
    if not ids:
        raise refusal("MissingParam.InstanceId")
    if len(ids) > _MAX_INSTANCES:
        raise refusal("InstanceIds.ExceedLimit")
    instances = []
    for each in ids:
        instance = call.state.instances.get(each)
        if instance is None:
            raise refusal("InvalidInstance.NotFound")
        if (instance.os_type == "linux") != (kind == "RunShellScript"):
            raise refusal("InvalidInstance.NotMatch")
        instances.append(instance)
    return instances


def check_options(call: Call) -> None:
    """Refuse names, modes and numbers outside the documented bounds."""
    args = call.args
    for name, most, code in (
        ("Name", _MAX_NAME, "CmdName.ExceedLimit"),
        ("Description", _MAX_DESCRIPTION, "CmdDesc.ExceedLimit"),
        ("Username", _MAX_USERNAME, "Username.ExceedLimit"),
    ):
        if len(args.text(name)) > most:
            raise refusal(code)
    mode = args.text("RepeatMode", "Once")
    if mode == "Period" and not args.has("Frequency"):
        raise refusal("MissingParam.Frequency")
    if mode not in {"Once", "DryRun"}:
        # Timed runs are not part of this local cloud: better refused than silently never run.
        raise refusal("InvalidRepeatMode.NotFound")
    if args.text("TerminationMode", "Process") not in {"Process", "ProcessTree"}:
        raise refusal("InvalidTerminationMode.NotFound")
    if not _MIN_TIMEOUT_S <= args.integer("Timeout", 60) <= _MAX_TIMEOUT_S:
        raise invalid_parameter("Timeout", f"it is between {_MIN_TIMEOUT_S} and {_MAX_TIMEOUT_S}")


def content_of(call: Call) -> tuple[bytes, bool]:
    """Return the command's bytes, and whether they could be decoded; too long a text is refused."""
    text = call.args.text("CommandContent")
    encoded = call.args.text("ContentEncoding") == "Base64"
    size = len(text) if encoded else 4 * ((len(text.encode()) + 2) // 3)
    limit = _MAX_KEPT if call.args.flag("KeepCommand") else _MAX_CONTENT
    if size + len(call.args.text("Parameters")) > limit:
        raise refusal("CmdContent.ExceedLimit")
    if not encoded:
        return text.encode(), True
    try:
        # Tools wrap Base64 at 64 or 76 characters; the agent's decoder passes over line ends.
        return base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True), True
    except binascii.Error:
        return b"", False


def parameters_of(call: Call, content: bytes) -> Mapping[str, str]:
    """Return the values for the placeholders; every one that the text names has to be there."""
    args = call.args
    if not args.flag("EnableParameter"):
        if args.has("Parameters") and args.text("Parameters") not in {"{}", "null"}:
            raise refusal("Parameter.Disabled")
        return {}
    values = _json_object(args.text("Parameters", "{}"))
    if len(values) > _MAX_PARAMETERS:
        raise refusal("ParameterCount.ExceedLimit")
    named = {match["name"] for match in _PLACEHOLDER.finditer(content.decode("utf-8", "replace"))}
    named = {name for name in named if not name.startswith(_BUILT_IN)}
    if named - values.keys():
        raise refusal("Parameter.MissingValue")
    if values.keys() - named:
        raise refusal("Parameter.NotMatched")
    return values


def _json_object(text: str) -> dict[str, str]:
    try:
        parsed = json.loads(text, object_pairs_hook=_no_name_twice)
    except (ValueError, RecursionError):
        raise refusal("InvalidParameter.Parameters") from None
    if not isinstance(parsed, dict):
        raise refusal("InvalidParameter.Parameters")
    if any(len(key) > _MAX_PARAMETER_NAME for key in parsed):
        raise refusal("ParameterKey.ExceedLimit")
    return {key: str(value) for key, value in parsed.items()}


def _no_name_twice(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise refusal("ParameterKey.Duplicate")
    return found


def filled_in(call: Call, invocation: Invocation, instance: Instance, values: Mapping[str, str]) -> bytes:
    """Return the text as this instance gets it."""
    if not call.args.flag("EnableParameter"):
        return invocation.content
    known = {
        **values,
        "ACS::RegionId": call.region_id,
        "ACS::AccountId": call.account.account_id,
        "ACS::InstanceId": instance.instance_id,
        "ACS::InstanceName": instance.name,
        "ACS::CommandId": invocation.command_id,
        "ACS::InvokeId": invocation.invoke_id,
    }
    text = invocation.content.decode("utf-8", "surrogateescape")
    text = _PLACEHOLDER.sub(lambda match: known.get(match["name"], match[0]), text)
    return text.encode("utf-8", "surrogateescape")


def new_invocation(call: Call, kind: CommandType, content: bytes) -> Invocation:
    """Return the record of this call."""
    args, ids = call.args, call.cloud.ids
    windows = kind != "RunShellScript"
    return Invocation(
        f"t-{ids.token(16)}",
        f"c-{ids.token(16)}",
        kind,
        args.text("Name", "cmd"),
        content,
        stamp(call.cloud.clock.now()),
        args.integer("Timeout", 60),
        args.text("Username", "System" if windows else "root"),
        args.text("WorkingDir", "" if windows else "/root"),
        args.text("Parameters", "{}"),
        args.text("RepeatMode", "Once"),
        args.text("TerminationMode", "Process"),
        args.text("Launcher"),
        args.text("Description"),
        {key: value or "" for key, value in args.tags().items()},
    )
