"""The functions' commands of `localcloud`: log, fire-timer, invoke."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localcloud import FunctionOptions, Functions, LocalCloud, attach_functions, serving
from localcloud.guests import open_world

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURE = Path(__file__).parent / "fixtures" / "s.yaml"


class Shell:
    """A shell beside a running local cloud."""

    def __init__(self, cloud: LocalCloud, endpoint: str, functions: Functions) -> None:
        """Take the environment that the server would have written."""
        self.cloud = cloud
        self.functions = functions
        self.environment = {
            **os.environ,
            "STUB_ENDPOINT": endpoint,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.accounts.user_key.key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.accounts.user_key.secret,
        }

    def run(self, *arguments: str, given: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        """Run one command."""
        return subprocess.run(
            [sys.executable, "-m", "localcloud", *arguments],
            cwd=FIXTURE.parent,
            env={**self.environment, **changes},
            input=given,
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )


@pytest.fixture
def shell() -> Iterator[Shell]:
    """Serve a cloud with the fixture's functions."""
    cloud = LocalCloud(open_world("simulated"))
    with serving(cloud) as endpoint:
        functions = attach_functions(
            cloud, s_yaml=FIXTURE, react=True, endpoint=endpoint, options=FunctionOptions(environ={})
        )
        yield Shell(cloud, endpoint, functions)
        functions.close()
    cloud.close()


def test_the_log_tells_what_was_delivered_and_run(shell: Shell) -> None:
    """Events, rules, functions, states and results, for people and for programs."""
    seeds = shell.cloud.seed()
    shell.cloud.api().call(
        "Ecs",
        "CreateNetworkInterface",
        {"RegionId": seeds.region, "VSwitchId": seeds.vswitch, "SecurityGroupId": seeds.security_group},
    )
    assert shell.functions.wait_quiet(100)

    told = shell.run("log")
    everything = shell.run("log", "--all")
    lines = [json.loads(line) for line in shell.run("log", "--json").stdout.splitlines()]

    assert told.returncode == 0
    assert "CreateNetworkInterface -> fx-echo/eni delivered" in told.stdout
    assert "no rule wants it" not in told.stdout
    assert "--all shows them" in told.stderr
    assert "NetworkInterfaceOperateCompleted -> no rule wants it" in everything.stdout
    run = next(line for line in lines if line.get("state") == "Succeeded")
    assert (run["function"], "CreateNetworkInterface" in run["result"]) == ("fx-echo", True)
    assert [line["number"] for line in lines] == sorted(line["number"] for line in lines)


def test_a_timer_fires_when_asked_to(shell: Shell) -> None:
    """Timers do not fire by themselves here."""
    fired = shell.run("fire-timer", "echo")
    missing = shell.run("fire-timer", "fx-task")
    assert shell.functions.wait_quiet(100)

    assert fired.stdout.startswith("timer hourly of fx-echo fired: 1-")
    assert [task.state.value for task in shell.functions.service.tasks.of("fx-echo")] == ["Succeeded"]
    assert (missing.returncode, "has no timer" in missing.stderr) == (1, True)


def test_a_function_runs_once_with_an_event_from_standard_input(shell: Shell) -> None:
    """Result on standard output, log on standard error, status 0."""
    done = shell.run(
        "invoke", "echo", "-f", "-", "--s-yaml", str(FIXTURE), given='{"do": "log", "text": "hi"}'
    )

    assert (done.returncode, json.loads(done.stdout)["type"]) == (0, "bytes")
    assert "\nhi\n" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-e", '{"do": "raise", "text": "no luck"}'], "function fx-echo failed (raised): no luck"),
        (["-e", '{"do": "exit"}'], "function fx-echo failed (exited)"),
        (["-f", "nothing.json"], "nothing.json: cannot be read"),
        (["--props", "-", "-f", "-"], "both want standard input"),
        (["--props", "-"], "holds no JSON"),
    ],
)
def test_a_run_that_fails_has_a_status_of_its_own(shell: Shell, arguments: list[str], says: str) -> None:
    """3 where the function failed, 1 where it was not even called; the last line says why."""
    done = shell.run("invoke", "fx-echo", "--s-yaml", str(FIXTURE), *arguments)

    assert done.returncode == (3 if "failed" in says else 1)
    assert says in done.stderr.splitlines()[-1]


def test_an_unknown_function_is_told_with_those_that_there_are(shell: Shell) -> None:
    """A typing error is no empty answer."""
    done = shell.run("invoke", "ecko", "--s-yaml", str(FIXTURE))

    assert done.returncode == 1
    assert "no function 'ecko', there are echo, task, stateful, pushed" in done.stderr


@pytest.mark.parametrize(
    "command", [["log"], ["fire-timer", "echo"], ["invoke", "echo", "--s-yaml", str(FIXTURE)]]
)
def test_without_a_local_cloud_the_way_to_start_one_is_told(shell: Shell, command: list[str]) -> None:
    """One line, with the command."""
    done = shell.run(*command, STUB_ENDPOINT="")

    assert done.returncode == 1
    assert "localcloud serve" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def _pushed(*eni_names: str) -> str:
    """Return props of a function with two EventBridge triggers, which wait for these calls."""
    triggers = [
        {
            "triggerName": f"t{number}",
            "triggerType": "eventbridge",
            "triggerConfig": {
                "triggerEnable": True,
                "asyncInvocationType": True,
                "eventRuleFilterPattern": json.dumps({"source": ["acs.ecs"], "data": {"eventName": [name]}}),
                "eventSourceConfig": {"eventSourceType": "Default"},
            },
        }
        for number, name in enumerate(eni_names)
    ]
    return json.dumps(
        {
            "functionName": "trapped",
            "region": "cn-shanghai",
            "runtime": "python3.10",
            "handler": "index.handler",
            "code": "./echo",
            "triggers": triggers,
        }
    )


def test_a_later_event_trigger_is_deployed_by_its_name_only_as_fc3_has_it(shell: Shell) -> None:
    """The component leaves at the first that has not changed; `--trigger` takes the one that has."""

    def function(what: str, *more: str, second: str) -> subprocess.CompletedProcess[str]:
        given = _pushed("CreateNetworkInterface", second)
        return shell.run("function", what, "--s-yaml", str(FIXTURE), *more, given=given)

    made = function("deploy", second="AttachNetworkInterface")
    again = function("deploy", second="DetachNetworkInterface")
    planned = function("plan", second="DetachNetworkInterface")
    named = function("deploy", "--trigger", "t1", second="DetachNetworkInterface")
    whole = function("plan", second="DetachNetworkInterface")
    unknown = function("deploy", "--trigger", "t9", second="DetachNetworkInterface")

    assert made.returncode == 0, made
    assert "trigger trapped/t0 unchanged; those after it are left" in again.stderr
    assert "trapped/t1: + triggerConfig" in planned.stdout, planned
    assert "trigger trapped/t1 updated" in named.stderr, named
    assert "function trapped" not in named.stderr
    assert "nothing would change" in whole.stdout, whole
    assert (unknown.returncode, "has no trigger t9" in unknown.stderr) == (1, True)
