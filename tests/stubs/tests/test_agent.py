"""Cloud Assistant as its agent does it, seen through the vendor's SDK: output, what goes on, exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alibabacloud_ecs20140526 import models as ecs  # type: ignore[import-untyped]
from alibabacloud_ecs20140526.client import Client as EcsClient  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.models import Config

from localcloud import mock_cloud
from tests.stubs.tests.hand import Hand
from tests.stubs.tests.sdk import Sdk

if TYPE_CHECKING:
    from localcloud import MockCloud

QUICK_S = 2.0


def _text(count: int) -> str:
    """Lines of a hundred bytes, numbered, so that it can be seen which are left."""
    return "\n".join(f"echo {number:099d}" for number in range(count))


def test_long_output_keeps_its_tail(served: MockCloud) -> None:
    """At once: the last 12,000 bytes, and Dropped counts the head."""
    hand = Hand(served, sdk=True)
    row = hand.result(hand.run(_text(130)))

    assert (len(row["Output"]), row["Dropped"]) == (12_000, 1_000)
    assert row["Output"].startswith(f"{10:099d}\n")
    assert row["Output"].endswith(f"{129:099d}\n")


def test_slow_output_loses_its_middle(served: MockCloud) -> None:
    """What was reported every three seconds is kept: 6,144 bytes, and the last 5,856."""
    hand = Hand(served, sdk=True)
    script = f"{_text(70)}\nsleep 9\n{_text(70)}"
    row = hand.result(hand.run(script))

    assert (len(row["Output"]), row["Dropped"]) == (12_000, 2_000)
    assert row["Output"].startswith(f"{0:099d}\n")
    assert row["Output"][6144:].startswith(_said(script)[-5856:][:100])
    assert row["Output"].endswith(f"{69:099d}\n")


def _said(script: str) -> str:
    return "".join(f"{line[5:]}\n" for line in script.splitlines() if line.startswith("echo "))


def test_output_that_fits_is_whole(served: MockCloud) -> None:
    """12,000 bytes lose nothing, slow or not."""
    hand = Hand(served, sdk=True)
    row = hand.result(hand.run(f"{_text(60)}\nsleep 9\n{_text(60)}"))

    assert (len(row["Output"]), row["Dropped"]) == (12_000, 0)


@pytest.mark.parametrize(("code", "status"), [("193", "Stopped"), ("194", "Starting")])
def test_an_exit_code_stops_or_reboots_the_instance(timed: MockCloud, code: str, status: str) -> None:
    """After the result was reported; a rebooted instance comes back."""
    hand = Hand(timed, sdk=True)
    invoke = hand.run(f"echo last words\nexit {code}")
    timed.clock.sleep(0.16)
    assert hand.result(invoke)["ExitCode"] == int(code)
    assert hand.result(invoke)["Output"] == "last words\n"
    assert _instance(hand) in {status, "Stopping"}
    timed.clock.sleep(10)
    assert _instance(hand) == ("Stopped" if code == "193" else "Running")


def _instance(hand: Hand) -> str:
    ids = f'["{hand.local.seeds.instance}"]'
    (row,) = hand.ecs("DescribeInstances", InstanceIds=ids)["Instances"]["Instance"]
    return str(row["Status"])


def test_ten_run_at_once_and_the_rest_waits(timed: MockCloud) -> None:
    """The eleventh is Pending until one of the ten has ended."""
    hand = Hand(timed, sdk=True)
    commands = [hand.run("echo hi") for _ in range(12)]

    def statuses() -> list[str]:
        return [hand.result(each)["InvocationStatus"] for each in commands]

    assert statuses() == ["Running"] * 10 + ["Pending"] * 2
    assert _agent(hand)["ActiveTaskCount"] == 10
    hand.ecs("StopInvocation", InvokeId=commands[10])
    timed.clock.sleep(0.16)
    assert statuses() == ["Success"] * 10 + ["Cancelled", "Running"]
    timed.clock.sleep(QUICK_S)
    assert statuses()[-1] == "Success"
    assert _agent(hand)["ActiveTaskCount"] == 0


def _agent(hand: Hand) -> dict[str, Any]:
    body = hand.ecs("DescribeCloudAssistantStatus", InstanceId__1=hand.local.seeds.instance)
    (row,) = body["InstanceCloudAssistantStatusSet"]["InstanceCloudAssistantStatus"]
    return dict(row)


def test_a_timed_out_command_goes_on(timed: MockCloud) -> None:
    """Reported with exit code 1 when its time is over; the guest does the work all the same, later."""
    ran = _watch(timed)
    timed.cloud.faults.add("RunCommand:timeout:late=5,times=1")
    hand = Hand(timed, sdk=True)
    invoke = hand.run("echo applied", Timeout="30")
    timed.clock.sleep(30)
    row = hand.result(invoke)
    assert (row["InvocationStatus"], row["ErrorCode"], row["ExitCode"]) == ("Timeout", "ExecutionTimeout", 1)
    assert ran == []

    timed.clock.sleep(5.1)
    assert ran == [b"echo applied"]
    assert hand.result(invoke)["InvocationStatus"] == "Timeout"


def test_a_stopped_command_goes_on(timed: MockCloud) -> None:
    """Terminated without output, and the script did its work."""
    ran = _watch(timed)
    hand = Hand(timed, sdk=True)
    invoke = hand.run("echo applied")
    hand.ecs("StopInvocation", InvokeId=invoke)
    timed.clock.sleep(QUICK_S)

    row = hand.result(invoke)
    assert (row["InvocationStatus"], row["Output"]) == ("Terminated", "")
    assert ran == [b"echo applied"]


def test_a_command_stopped_in_the_queue_runs_only_with_the_fault(timed: MockCloud) -> None:
    """Cancelled both times; the second one runs all the same, later."""
    ran = _watch(timed)
    hand = Hand(timed, sdk=True)
    timed.cloud.faults.add("RunCommand:queued:seconds=20")
    first, second = hand.run("echo first"), hand.run("echo second")
    hand.ecs("StopInvocation", InvokeId=first)
    timed.cloud.faults.add("StopInvocation:runs-anyway")
    hand.ecs("StopInvocation", InvokeId=second)
    timed.clock.sleep(30)

    assert [hand.result(each)["InvocationStatus"] for each in (first, second)] == ["Cancelled"] * 2
    assert ran == [b"echo second"]


def test_two_queued_commands_start_in_the_other_order(timed: MockCloud) -> None:
    """The first one is overtaken while it waits."""
    ran = _watch(timed)
    hand = Hand(timed, sdk=True)
    timed.cloud.faults.add("RunCommand:queued:seconds=3,times=1")
    hand.run("echo apply")
    hand.run("echo release")
    timed.clock.sleep(10)

    assert ran == [b"echo release", b"echo apply"]


@pytest.mark.parametrize(
    ("answer", "after", "expected"),
    [("lost", 60.0, ("Failed", "ClientRestarted")), ("existed", 1.0, ("Error", "ScriptFileExisted"))],
)
def test_an_agent_restarted_in_the_middle(
    timed: MockCloud, answer: str, after: float, expected: tuple[str, str]
) -> None:
    """The script runs once; its result is lost until the time is over, or says that the file exists."""
    ran = _watch(timed)
    hand = Hand(timed, sdk=True)
    timed.cloud.faults.add(f"RunCommand:agent-restart:answer={answer},times=1")
    invoke = hand.run("echo applied", Timeout="60")
    timed.clock.sleep(0.1)
    assert hand.result(invoke)["InvocationStatus"] == "Running"
    timed.clock.sleep(after)

    row = hand.result(invoke)
    assert (row["InvocationStatus"], row["ErrorCode"]) == expected
    assert row["Output"] == ""
    assert ran == [b"echo applied"]


def _watch(timed: MockCloud) -> list[bytes]:
    """Note what the seeds' guest really runs, in its order."""
    ran: list[bytes] = []
    state = timed.cloud.state(timed.cloud.accounts.main.account_id, timed.seeds.region)
    instance = state.instances[timed.seeds.instance]
    instance.guest = _Watched(instance.guest, ran)  # type: ignore[assignment] # a guest in all that is asked here
    return ran


class _Watched:
    """A guest that notes its commands."""

    def __init__(self, guest: Any, ran: list[bytes]) -> None:  # noqa: ANN401 - any guest
        self._guest = guest
        self._ran = ran

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the guest has
        return getattr(self._guest, name)

    def run(self, command: Any) -> Any:  # noqa: ANN401 - a command and its execution
        self._ran.append(command.content)
        return self._guest.run(command)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"Username": "root"}, "AccountNotExists"),
        ({"Username": "nobody-here"}, "AccountNotExists"),
        ({"WorkingDir": "/nowhere"}, "DirectoryNotExists"),
    ],
)
def test_nothing_runs_as_root_by_name_or_in_no_folder(
    served: MockCloud, params: dict[str, str], code: str
) -> None:
    """The status is Invalid; without a name it is root, and with an ordinary one it runs."""
    hand = Hand(served, sdk=True)
    row = hand.result(hand.run("echo hi", **params))

    assert (row["InvocationStatus"], row["ErrorCode"], row["Output"]) == ("Invalid", code, "")
    assert hand.result(hand.run("echo hi", Username="ecs-user"))["InvocationStatus"] == "Success"


def test_what_cannot_be_executed_has_its_codes(served: MockCloud) -> None:
    """A noexec mount is 126; a carriage return behind the interpreter's name 127."""
    hand = Hand(served, sdk=True)
    assert hand.result(hand.run("#!/bin/sh\r\necho hi\r\n"))["ExitCode"] == 127
    served.cloud.faults.add("RunCommand:noexec:times=1")
    assert hand.result(hand.run("echo hi"))["ExitCode"] == 126
    assert hand.result(hand.run("echo hi"))["ExitCode"] == 0


def test_a_dry_run_asks_for_the_agent(served: MockCloud) -> None:
    """Through the newer SDK: Success without a run, Aborted at once where the agent is offline."""
    client = EcsClient(
        Config(
            access_key_id=served.cloud.accounts.user_key.key_id,
            access_key_secret=served.cloud.accounts.user_key.secret,
            region_id=served.seeds.region,
            endpoint=served.endpoint.removeprefix("http://"),
            protocol="http",
        )
    )
    ran = _watch(served)

    def dry() -> tuple[str, str]:
        request = ecs.RunCommandRequest(
            region_id=served.seeds.region,
            type="RunShellScript",
            command_content="echo hi",
            instance_id=[served.seeds.instance],
            repeat_mode="DryRun",
        )
        row = Hand(served, sdk=True).result(client.run_command(request).body.invoke_id)
        return row["InvocationStatus"], row["ErrorCode"]

    assert dry() == ("Success", "")
    served.cloud.faults.add("RunCommand:offline:times=1")
    assert dry() == ("Aborted", "ClientNotOnline")
    assert ran == []


def test_the_daily_quota_is_told_and_kept(served: MockCloud) -> None:
    """DescribeAccountAttributes names it through the SDK, and the command above it is refused."""
    served.cloud.accounts.main.invocation_quota = 2
    sdk, hand = Sdk(served), Hand(served, sdk=True)
    body = sdk.ecs("DescribeAccountAttributes", AttributeName__1="max-axt-invocation-daily")
    (row,) = body["AccountAttributeItems"]["AccountAttributeItem"]
    assert row["AttributeValues"]["ValueItem"] == [{"Value": "2"}]
    for _ in range(2):
        hand.run("echo hi")

    given = {"Type": "RunShellScript", "CommandContent": "echo", "InstanceId.1": served.seeds.instance}
    assert hand.code("Ecs", "RunCommand", **given) == "Invocation.ExceedQuota"


def test_the_quota_begins_anew_each_day() -> None:
    """Counted by the cloud's day."""
    with mock_cloud(http=True) as timed:
        timed.cloud.accounts.main.invocation_quota = 1
        hand = Hand(timed, sdk=True)
        hand.run("echo hi")
        timed.clock.sleep(86_400)
        hand.run("echo hi")


def test_a_reboot_takes_the_queue_with_it(timed: MockCloud) -> None:
    """What runs and what waits has failed; the agent is free afterwards, and nothing runs late."""
    ran = _watch(timed)
    hand = Hand(timed, sdk=True)
    commands = [hand.run("echo hi") for _ in range(11)]
    hand.ecs("RebootInstance", InstanceId=timed.seeds.instance)
    timed.clock.sleep(QUICK_S)

    assert {hand.result(each)["ErrorCode"] for each in commands} == {"InstanceRestarted"}
    assert ran == []
    again = hand.run("echo hi")
    timed.clock.sleep(QUICK_S)
    assert hand.result(again)["InvocationStatus"] == "Success"
