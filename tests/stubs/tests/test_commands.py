"""Cloud Assistant: commands, their results, and what can go wrong on the way."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import CallRefusedError
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from localcloud import MockCloud


def test_a_command_runs_and_its_result_is_found(local: MockCloud) -> None:
    """Running first, then Success with Base64 output; the paging fields sit inside Invocation."""
    hand = Hand(local)
    invoke = hand.run("echo hello", Name="mine")
    assert hand.result(invoke)["InvocationStatus"] == "Running"
    local.clock.sleep(2)
    body = hand.ecs("DescribeInvocationResults", InvokeId=invoke)
    assert body["Invocation"]["TotalCount"] == 1
    (row,) = body["Invocation"]["InvocationResults"]["InvocationResult"]
    assert base64.b64decode(row["Output"]) == b"hello\n"
    assert [row[name] for name in ("InvocationStatus", "InvokeRecordStatus", "ExitCode", "Dropped")] == [
        "Success",
        "Finished",
        0,
        0,
    ]
    whole = hand.ecs(
        "DescribeInvocations", InvokeId=invoke, IncludeOutput="true", ContentEncoding="PlainText"
    )
    (invocation,) = whole["Invocations"]["Invocation"]
    assert (invocation["CommandName"], invocation["InvokeStatus"]) == ("mine", "Finished")
    (instance,) = invocation["InvokeInstances"]["InvokeInstance"]
    assert (instance["Output"], instance["FinishTime"]) == ("hello\n", row["FinishedTime"])
    (status,) = _assistant(hand, local.seeds.instance)
    assert (status["CloudAssistantStatus"], status["InvocationCount"], status["OSType"]) == (
        "true",
        1,
        "Linux",
    )


def _assistant(hand: Hand, instance: str) -> list[dict[str, Any]]:
    body = hand.ecs("DescribeCloudAssistantStatus", InstanceId__1=instance)
    rows: list[dict[str, Any]] = body["InstanceCloudAssistantStatusSet"]["InstanceCloudAssistantStatus"]
    return rows


def test_a_failed_command_is_finished_but_no_success(instant: MockCloud) -> None:
    """The older status says Finished; the newer one Failed, with ExitCodeNonzero."""
    row = Hand(instant).result(Hand(instant).run("exit 3"))

    assert [row[name] for name in ("InvocationStatus", "InvokeRecordStatus", "ErrorCode", "ExitCode")] == [
        "Failed",
        "Finished",
        "ExitCodeNonzero",
        3,
    ]


def test_parameters_are_filled_in(instant: MockCloud) -> None:
    """Placeholders get their values, built-in ones the cloud's; both ways of encoding the text work."""
    hand = Hand(instant)
    text = "echo {{ word }} {{ACS::InstanceId}}"
    given = {"EnableParameter": "true", "Parameters": '{"word": "hi"}'}
    expected = f"hi {instant.seeds.instance}\n"
    encoded = base64.b64encode(text.encode()).decode()

    assert hand.result(hand.run(text, **given))["Output"] == expected
    assert hand.result(hand.run(encoded, ContentEncoding="Base64", **given))["Output"] == expected


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Type": "RunPythonScript"}, "InvalidCmdType.NotFound"),
        ({"Type": "RunPowerShellScript"}, "InvalidInstance.NotMatch"),
        ({"InstanceId.1": ""}, "MissingParam.InstanceId"),
        ({"InstanceId.2": "i-no"}, "InvalidInstance.NotFound"),
        ({f"InstanceId.{index}": f"i-{index}" for index in range(2, 103)}, "InstanceIds.ExceedLimit"),
        ({"CommandContent": "x" * 18433}, "CmdContent.ExceedLimit"),
        ({"CommandContent": ""}, "MissingCommandContent"),
        ({"Name": "n" * 129}, "CmdName.ExceedLimit"),
        ({"Description": "d" * 513}, "CmdDesc.ExceedLimit"),
        ({"Username": "u" * 256}, "Username.ExceedLimit"),
        ({"Parameters": '{"a": "b"}'}, "Parameter.Disabled"),
        ({"Parameters": "[", "EnableParameter": "true"}, "InvalidParameter.Parameters"),
        ({"Parameters": '{"a": "b"}', "EnableParameter": "true"}, "Parameter.NotMatched"),
        ({"CommandContent": "echo {{a}}", "EnableParameter": "true"}, "Parameter.MissingValue"),
        ({"RepeatMode": "Sometimes"}, "InvalidRepeatMode.NotFound"),
        ({"RepeatMode": "Period"}, "MissingParam.Frequency"),
        ({"TerminationMode": "Gently"}, "InvalidTerminationMode.NotFound"),
        ({"Timeout": "9"}, "InvalidParameter"),
        ({"ClientToken": "t" * 65}, "InvalidClientToken.Malformed"),
    ],
)
def test_a_command_is_refused(instant: MockCloud, changes: dict[str, str], code: str) -> None:
    """Each documented refusal can be reached, and nothing runs."""
    base = {"Type": "RunShellScript", "CommandContent": "echo", "InstanceId.1": instant.seeds.instance}
    hand = Hand(instant)

    assert hand.code("Ecs", "RunCommand", **{**base, **changes}) == code
    assert hand.ecs("DescribeInvocations")["TotalCount"] == 0


def test_a_command_that_reaches_nobody_is_aborted(local: MockCloud) -> None:
    """A stopped instance at once, a silent agent after a minute."""
    hand, seeds = Hand(local), local.seeds
    state = local.cloud.state(local.cloud.accounts.main.account_id, seeds.region)
    state.instances[seeds.instance].assistant_online = False
    assert _assistant(hand, seeds.instance)[0]["CloudAssistantStatus"] == "false"
    invoke = hand.run("echo")
    assert hand.result(invoke)["InvocationStatus"] == "Pending"
    local.clock.sleep(60)
    assert (hand.result(invoke)["InvocationStatus"], hand.result(invoke)["ErrorCode"]) == (
        "Aborted",
        "ClientNotOnline",
    )
    hand.ecs("StopInstance", InstanceId=seeds.instance)
    local.clock.sleep(2)
    assert hand.result(hand.run("echo"))["ErrorCode"] == "InstanceNotRunning"


def test_undecodable_text_is_an_error_of_the_result(instant: MockCloud) -> None:
    """The call is accepted; the result says that the text could not be decoded."""
    row = Hand(instant).result(Hand(instant).run("no base64!", ContentEncoding="Base64"))

    assert (row["InvocationStatus"], row["ErrorCode"]) == ("Error", "CommandContentDecodeError")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("timeout", "Timeout", "ExecutionTimeout"),
        ("undelivered", "Aborted", "DeliveryTimeout"),
        ("offline", "Aborted", "ClientNotOnline"),
        ("client:error=AccountNotExists", "Error", "AccountNotExists"),
    ],
)
def test_commands_fail_on_demand(instant: MockCloud, fault: str, status: str, code: str) -> None:
    """Each way in which Cloud Assistant fails can be asked for; the next command runs again."""
    hand = Hand(instant)
    name, _, option = fault.partition(":")
    struck = instant.cloud.faults.add(f"RunCommand:{name}:times=1{',' + option if option else ''}")
    row = hand.result(hand.run("echo"))

    assert (row["InvocationStatus"], row["ErrorCode"], struck.struck) == (status, code, 1)
    assert hand.result(hand.run("echo"))["InvocationStatus"] == "Success"


def test_output_may_be_cut_or_polluted(instant: MockCloud) -> None:
    """Truncated and hostile output are what the guest said, spoiled."""
    hand = Hand(instant)
    instant.cloud.faults.add("RunCommand:truncate:bytes=3,times=1")
    assert hand.result(hand.run("echo abcdef"))["Output"] == "abc"
    instant.cloud.faults.add("RunCommand:hostile:times=1")
    output = hand.result(hand.run("echo abcdef"))["Output"]
    assert output.endswith("abcdef\n")
    assert len(output) > 50


def test_a_command_can_be_stopped(local: MockCloud) -> None:
    """A running one is Stopping, then Terminated; an unknown one is refused."""
    hand = Hand(local)
    invoke = hand.run("echo")
    hand.ecs("StopInvocation", InvokeId=invoke)
    assert hand.result(invoke)["InvocationStatus"] == "Stopping"
    local.clock.sleep(2)
    assert hand.result(invoke)["InvocationStatus"] == "Terminated"
    assert hand.code("Ecs", "StopInvocation", InvokeId="t-no") == "InvalidInvokeId.NotFound"


def test_a_reboot_interrupts_a_command(local: MockCloud) -> None:
    """What ran when the instance went down has failed with InstanceRestarted."""
    hand = Hand(local)
    local.cloud.faults.add("RunCommand:stuck:times=1")
    invoke = hand.run("echo")
    hand.ecs("RebootInstance", InstanceId=local.seeds.instance)
    local.clock.sleep(2)

    assert (hand.result(invoke)["InvocationStatus"], hand.result(invoke)["ErrorCode"]) == (
        "Failed",
        "InstanceRestarted",
    )


def test_results_of_an_unknown_command_are_a_switch(instant: MockCloud) -> None:
    """An empty list by default, a refusal with the switch."""
    hand = Hand(instant)
    body = hand.ecs("DescribeInvocationResults", InvokeId="t-no")
    assert body["Invocation"]["InvocationResults"]["InvocationResult"] == []
    instant.cloud.switches.set("unknown-invocation", "error")
    assert hand.code("Ecs", "DescribeInvocationResults", InvokeId="t-no") == "InvalidInvokeId.NotFound"
    instant.cloud.switches.set("assistant-status", "bool")
    assert _assistant(hand, instant.seeds.instance)[0]["CloudAssistantStatus"] is True


def test_base64_may_be_wrapped_in_lines(instant: MockCloud) -> None:
    """Tools that encode break their lines; what is no Base64 at all still ends as an error."""
    hand = Hand(instant)
    wrapped = base64.encodebytes(f"# {'long ' * 30}\necho wrapped".encode()).decode()

    assert "\n" in wrapped.strip()
    assert hand.result(hand.run(wrapped, ContentEncoding="Base64"))["Output"] == "wrapped\n"
    broken = hand.result(hand.run("!!!", ContentEncoding="Base64"))
    assert (broken["InvocationStatus"], broken["ErrorCode"]) == ("Error", "CommandContentDecodeError")


def test_a_token_used_for_another_command_is_a_403(instant: MockCloud) -> None:
    """Cloud Assistant lists the mismatch among its 403s, the other products among their 400s."""
    hand = Hand(instant)
    hand.run("echo one", ClientToken="token")

    with pytest.raises(CallRefusedError) as caught:
        hand.run("echo two", ClientToken="token")
    assert (caught.value.code, caught.value.http_status) == ("IdempotentParameterMismatch", 403)


def test_instances_may_be_chosen_by_tag(instant: MockCloud) -> None:
    """By their tags or by their ids, not by both, and not by tags that nobody has."""
    hand = Hand(instant)
    instance = instant.seeds.instance
    hand.ecs("TagResources", ResourceType="instance", ResourceId__1=instance, Tag__1__Key="role")
    command = {"Type": "RunShellScript", "CommandContent": "echo by tag", "ResourceTag__1__Key": "role"}

    invoke = hand.ecs("RunCommand", **command)["InvokeId"]

    assert (hand.result(invoke)["InstanceId"], hand.result(invoke)["Output"]) == (instance, "by tag\n")
    both = hand.code("Ecs", "RunCommand", **command, InstanceId__1=instance)
    assert both == "InvalidResourceTag.ConflictWithInstanceIds"
    nobody = hand.code("Ecs", "RunCommand", **{**command, "ResourceTag__1__Key": "other"})
    assert nobody == "InvalidResourceTag.InstanceNotFound"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ('{"a": 1, "a": 2}', "ParameterKey.Duplicate"),
        (f'{{"{"n" * 65}": 1}}', "ParameterKey.ExceedLimit"),
        ("[" * 10_000, "InvalidParameter.Parameters"),
    ],
)
def test_parameters_have_names_of_their_own(instant: MockCloud, parameters: str, code: str) -> None:
    """No name twice, none too long, and JSON at all."""
    hand = Hand(instant)
    given = {"Type": "RunShellScript", "CommandContent": "echo {{a}}", "EnableParameter": "true"}

    refused = hand.code(
        "Ecs", "RunCommand", **given, Parameters=parameters, InstanceId__1=instant.seeds.instance
    )
    assert refused == code
