"""RunCommand and the calls that ask what became of it."""

from __future__ import annotations

import base64
from typing import Any

from localcloud.assistant import agent, execution
from localcloud.assistant.commands import (
    check_options,
    command_type,
    content_of,
    new_invocation,
    parameters_of,
    targets,
)
from localcloud.assistant.errors import refusal
from localcloud.calls import paging
from localcloud.calls.listing import where
from localcloud.calls.operations import ECS, Call, Json
from localcloud.calls.params import PAGES, REGION, TAGS, TOKENS, Param, flags, integers, req, texts
from localcloud.physics.clock import stamp
from localcloud.state.commands import Invocation, Outcome, record_status

_PAGE = paging.Bounds(default=10, most=50)


@ECS.writes(
    "RunCommand",
    REGION,
    req("Type"),
    req("CommandContent"),
    Param("InstanceId", "list"),
    *texts("ContentEncoding", "Name", "Description", "Username", "WorkingDir", "Parameters", "RepeatMode"),
    *texts("Frequency", "TerminationMode", "Launcher", "ResourceGroupId"),
    *integers("Timeout"),
    *flags("EnableParameter", "KeepCommand", "Timed"),
    Param("ResourceTag", "tags", most=10),
    TAGS,
    idempotent=True,
)
def run_command(call: Call) -> Json:
    """RunCommand."""
    kind = command_type(call.args.text("Type"))
    _count(call)
    instances = targets(call, kind)
    check_options(call)
    content, readable = content_of(call)
    values = parameters_of(call, content)
    invocation = new_invocation(call, kind, content)
    call.state.invocations[invocation.invoke_id] = invocation
    for instance in instances:
        call.state.invocations_on.setdefault(instance.instance_id, []).append(invocation)
    for instance in instances:
        execution.deliver(call, invocation, instance, values, readable=readable)
    return {"CommandId": invocation.command_id, "InvokeId": invocation.invoke_id}


def _count(call: Call) -> None:
    """Count the commands of the day; refuse one above the account's quota."""
    today = stamp(call.cloud.clock.now())[:10]
    day, count = call.state.commands_today
    count = count + 1 if day == today else 1
    if count > call.account.invocation_quota:
        raise refusal("Invocation.ExceedQuota")
    call.state.commands_today = (today, count)


def _found(call: Call) -> list[Invocation]:
    invoke_id, everything = call.args.text("InvokeId"), call.state.invocations
    instance_id = call.args.text("InstanceId")
    if not invoke_id and instance_id:
        return list(reversed(call.state.invocations_on.get(instance_id, [])))
    if not invoke_id:
        return list(reversed(everything.values()))
    if invoke_id in everything:
        return [everything[invoke_id]]
    if call.cloud.switches.is_("unknown-invocation", "error"):
        raise refusal("InvalidInvokeId.NotFound")
    return []


@ECS.reads(
    "DescribeInvocationResults",
    REGION,
    *texts("InvokeId", "InstanceId", "CommandId", "InvokeRecordStatus"),
    Param("ContentEncoding", choices=("Base64", "PlainText")),
    *flags("IncludeHistory"),
    *TOKENS,
    *PAGES,
)
def describe_results(call: Call) -> Json:
    """DescribeInvocationResults; the paging fields sit inside `Invocation`."""
    pairs = [(invocation, outcome) for invocation in _found(call) for outcome in invocation.outcomes.values()]
    found = where(
        call,
        pairs,
        {
            "InstanceId": lambda pair, value: pair[1].instance_id == value,
            "CommandId": lambda pair, value: pair[0].command_id == value,
            "InvokeRecordStatus": lambda pair, value: record_status(pair[1]) == value,
        },
    )
    page, fields = paging.either(call, found, _PAGE, _PAGE)
    rows = [_result(call, invocation, outcome) for invocation, outcome in page]
    _seen(call, page)
    return {"Invocation": {**fields, "InvocationResults": {"InvocationResult": rows}}}


def _seen(call: Call, pairs: Any) -> None:  # noqa: ANN401 - a page of pairs
    for invocation, outcome in pairs:
        call.cloud.transitions.read(f"{invocation.invoke_id}/{outcome.instance_id}")


def _tags(invocation: Invocation) -> Json:
    return {"Tag": [{"TagKey": key, "TagValue": value} for key, value in invocation.tags.items()]}


def _output(call: Call, outcome: Outcome) -> str:
    if call.args.text("ContentEncoding") == "PlainText":
        return outcome.output.decode("utf-8", "replace")
    return base64.b64encode(outcome.output).decode()


def _result(call: Call, invocation: Invocation, outcome: Outcome) -> Json:
    row: Json = {
        "InvokeId": invocation.invoke_id,
        "InstanceId": outcome.instance_id,
        "CommandId": invocation.command_id,
        "InvocationStatus": outcome.status,
        "InvokeRecordStatus": record_status(outcome),
        "Output": _output(call, outcome),
        "Dropped": outcome.dropped,
        "ErrorCode": outcome.error_code,
        "ErrorInfo": outcome.error_info,
        "StartTime": outcome.started,
        "FinishedTime": outcome.finished,
        "StopTime": outcome.stopped,
        "Repeats": 1 if outcome.started else 0,
        "Username": invocation.username,
        "TerminationMode": invocation.termination_mode,
        "Launcher": invocation.launcher,
        "ContainerId": "",
        "ContainerName": "",
        "Tags": _tags(invocation),
    }
    if outcome.exit_code is not None:
        row["ExitCode"] = outcome.exit_code
    return row


@ECS.reads(
    "DescribeInvocations",
    REGION,
    *texts("InvokeId", "InstanceId", "CommandId", "CommandName", "CommandType", "InvokeStatus", "RepeatMode"),
    Param("ContentEncoding", choices=("Base64", "PlainText")),
    *flags("IncludeOutput", "Timed"),
    *TOKENS,
    *PAGES,
)
def describe_invocations(call: Call) -> Json:
    """DescribeInvocations."""
    found = where(
        call,
        _found(call),
        {
            "InstanceId": lambda each, value: value in each.outcomes,
            "CommandId": lambda each, value: each.command_id == value,
            "CommandName": lambda each, value: each.name == value,
            "CommandType": lambda each, value: each.kind == value,
            "InvokeStatus": lambda each, value: each.legacy_status == value,
            "RepeatMode": lambda each, value: each.repeat_mode == value,
        },
    )
    page, fields = paging.either(call, found, _PAGE, _PAGE)
    rows = [_invocation(call, each) for each in page]
    _seen(call, [(each, outcome) for each in page for outcome in each.outcomes.values()])
    return {**fields, "Invocations": {"Invocation": rows}}


def _invocation(call: Call, invocation: Invocation) -> Json:
    plain = call.args.text("ContentEncoding") == "PlainText"
    content = invocation.content
    outcomes = invocation.outcomes.values()
    return {
        "InvokeId": invocation.invoke_id,
        "CommandId": invocation.command_id,
        "CommandName": invocation.name,
        "CommandType": invocation.kind,
        "CommandContent": content.decode("utf-8", "replace") if plain else base64.b64encode(content).decode(),
        "Parameters": invocation.parameters,
        "Frequency": "",
        "RepeatMode": invocation.repeat_mode,
        "Timeout": invocation.timeout_s,
        "Timed": False,
        "Username": invocation.username,
        "WorkingDir": invocation.working_dir,
        "TerminationMode": invocation.termination_mode,
        "CreationTime": invocation.created,
        "InvokeStatus": invocation.legacy_status,
        "InvocationStatus": invocation.status,
        "CommandDescription": invocation.description,
        "Launcher": invocation.launcher,
        "ContainerId": "",
        "ContainerName": "",
        "Tags": _tags(invocation),
        "InvokeInstances": {"InvokeInstance": [_invoke_instance(call, each) for each in outcomes]},
    }


def _invoke_instance(call: Call, outcome: Outcome) -> Json:
    row: Json = {
        "InstanceId": outcome.instance_id,
        "InvocationStatus": outcome.status,
        "InstanceInvokeStatus": record_status(outcome),
        "Dropped": outcome.dropped,
        "ErrorCode": outcome.error_code,
        "ErrorInfo": outcome.error_info,
        "Repeats": 1 if outcome.started else 0,
        "Timed": False,
        "CreationTime": outcome.created,
        "StartTime": outcome.started,
        "FinishTime": outcome.finished,
        "StopTime": outcome.stopped,
        "UpdateTime": outcome.finished or outcome.started or outcome.created,
        "Output": _output(call, outcome) if call.args.flag("IncludeOutput") else "",
    }
    if outcome.exit_code is not None:
        row["ExitCode"] = outcome.exit_code
    return row


@ECS.writes("StopInvocation", REGION, req("InvokeId"), Param("InstanceId", "list", most=50))
def stop_invocation(call: Call) -> Json:
    """StopInvocation."""
    invocation = call.state.invocations.get(call.args.text("InvokeId"))
    if invocation is None:
        raise refusal("InvalidInvokeId.NotFound")
    wanted = call.args.many("InstanceId") or list(invocation.outcomes)
    if any(instance_id not in invocation.outcomes for instance_id in wanted):
        raise refusal("InvalidInstance.NotFound")
    for instance_id in wanted:
        agent.stop(call, invocation, invocation.outcomes[instance_id])
    return {}


@ECS.reads(
    "DescribeCloudAssistantStatus",
    REGION,
    Param("InstanceId", "list", most=100),
    Param("OSType", choices=("Windows", "Linux", "FreeBSD")),
    *TOKENS,
    *PAGES,
)
def describe_status(call: Call) -> Json:
    """DescribeCloudAssistantStatus; the status is the string "true" unless a switch says otherwise."""
    args, instances = call.args, call.state.instances
    ids = args.many("InstanceId")
    found = (
        [instances[each] for each in dict.fromkeys(ids) if each in instances]
        if ids
        else list(instances.values())
    )
    found = where(call, found, {"OSType": lambda each, value: each.os_type == value.lower()})
    page, fields = (found, {"TotalCount": len(found)}) if ids else paging.either(call, found, _PAGE, _PAGE)
    offline = call.cloud.faults.strike("DescribeCloudAssistantStatus", "offline") is not None
    now = stamp(call.cloud.clock.now())
    as_text = call.cloud.switches.is_("assistant-status", "string")
    rows = []
    for each in page:
        online = each.assistant_online and each.status == "Running" and not offline
        rows.append(
            {
                "InstanceId": each.instance_id,
                "CloudAssistantStatus": str(online).lower() if as_text else online,
                "CloudAssistantVersion": "2.2.4.1023" if each.os_type == "linux" else "2.1.4.1023",
                "LastHeartbeatTime": now if online else each.started,
                "LastInvokedTime": each.last_invoked,
                "InvocationCount": each.invocation_count,
                "ActiveTaskCount": len(each.agent.active),
                "OSType": each.os_type.capitalize(),
                "SupportSessionManager": True,
            }
        )
    return {**fields, "InstanceCloudAssistantStatusSet": {"InstanceCloudAssistantStatus": rows}}
