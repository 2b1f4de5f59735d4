"""The wire against the vendor's own models: the figures, and that a difference would be seen."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.calls.operations import ECS, Operation
from localcloud.calls.params import Param, req
from localcloud.calls.watchers import Exchange, watched
from localcloud.cli.main import main
from localcloud.vendor import check, lists, models
from localcloud.vendor.walk import ACTIONS
from localcloud.vendor.wire import Watch, measure, table_differences
from tests.stubs.tests.hand import Hand

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud import MockCloud


def test_nothing_differs_and_every_field_is_seen_or_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """28 actions, their parameters and fields; `localcloud wire` says so and ends with 0."""
    assert main(["wire"]) == 0

    said = capsys.readouterr().out
    assert "of them the mode's own: 28" in said
    assert "differences: 0" in said
    assert "neither there nor listed with a reason: 0" in said


def test_the_figures_add_up() -> None:
    """What is seen and what is left out are all that there is; each reason is used."""
    figures = measure()

    assert figures.seen + sum(figures.fields_out.values()) == figures.fields
    assert figures.taken + sum(figures.parameters_out.values()) == figures.parameters
    assert {each.reason for each in lists.FIELDS} == set(figures.fields_out)
    assert {each.reason for each in lists.PARAMETERS} == set(figures.parameters_out)
    assert figures.fields > 500
    assert figures.seen > 350


def test_a_model_is_a_tree_with_types_and_what_is_required() -> None:
    """Read from the generated source: nested lists, wire names, the comments that say required."""
    model = models.action_model("Vpc", "AssociateEipAddressBatch")
    assert model.request.required == {"RegionId", "BindedInstanceId", "BindedInstanceType", "InstanceIds"}
    assert model.request.fields["InstanceIds"].kind == "list"
    paths = dict(models.action_model("Vpc", "DescribeEipAddresses").response.paths())
    assert paths["EipAddresses.EipAddress[].ServiceManaged"].kind == "integer"
    assert paths["EipAddresses.EipAddress[].Tags.Tag[].Key"].kind == "text"
    with pytest.raises(models.NoModelError, match="no model NothingResponse"):
        models.action_model("Ecs", "Nothing")


ROW = {"AllocationId": "eip-1", "Bandwidth": "5", "DeletionProtection": False, "ServiceManaged": 0}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Bandwidth": 5}, "Bandwidth: int instead of text"),
        ({"ServiceManaged": False}, "ServiceManaged: bool instead of integer"),
        ({"DeletionProtection": "false"}, "DeletionProtection: str instead of flag"),
        ({"Tags": [{"Key": "a"}]}, "Tags: list instead of object"),
        ({"Tags": {"Tag": [{"TagKey": "a"}]}}, "Tags.Tag[].TagKey: the model has no such field"),
        ({"Mode": None}, "Mode: NoneType instead of text"),
    ],
)
def test_an_answer_that_differs_is_seen(change: dict[str, Any], problem: str) -> None:
    """A type, a nesting, a name: each is one difference with its path."""
    body = {"EipAddresses": {"EipAddress": [ROW, {**ROW, **change}]}, "TotalCount": 2}
    watch = Watch()
    watch(Exchange("Vpc", "DescribeEipAddresses", {"RegionId": "r"}, body))

    (found,) = watch.differences
    assert str(found) == f"Vpc DescribeEipAddresses, response EipAddresses.EipAddress[].{problem}"


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"PageSize": "many"}, "PageSize: 'many' is no integer"),
        ({"DryRun": "perhaps"}, "DryRun: 'perhaps' is no flag"),
        ({"Tag.1.Name": "a"}, "Tag.N.Name: the model has no such parameter"),
        ({"Tag.Key": "a"}, "Tag.Key: 'Key' stands where N belongs"),
        ({"Nothing": "a"}, "Nothing: the model has no such parameter"),
    ],
)
def test_a_request_that_differs_is_seen(params: dict[str, str], problem: str) -> None:
    """A type, a nesting, a name: each is one difference."""
    model = models.action_model("Vpc", "DescribeEipAddresses")

    (found,) = check.request_differences(model, {"RegionId": "r", "Action": "x", "Signature": "s", **params})
    assert str(found) == f"Vpc DescribeEipAddresses, request {problem}"


def test_a_required_parameter_that_was_not_sent_is_seen() -> None:
    """But not the region, which the host may name."""
    model = models.action_model("Ecs", "AttachNetworkInterface")

    found = check.request_differences(model, {"NetworkInterfaceId": "eni-1"})
    assert [each.path for each in found] == ["InstanceId"]


def test_a_table_that_differs_is_seen() -> None:
    """Our own tables of parameters: a name, a type, what is required."""
    table = (
        Param("RegionId"),
        req("NetworkInterfaceId", "integer"),
        req("InstanceId"),
        req("NetworkCardIndex", "integer"),
    )
    operation = Operation("Ecs", "AttachNetworkInterface", lambda _call: {}, (*table, Param("Odd")))

    assert {f"{each.path}: {each.problem}" for each in table_differences(operation)} == {
        "RegionId: required in the model, optional here",
        "NetworkInterfaceId: integer here, text in the model",
        "NetworkCardIndex: required here, optional in the model",
        "Odd: the model has no such parameter",
    }


@pytest.mark.wire_differs
def test_every_accepted_call_is_watched(instant: MockCloud) -> None:
    """Signed and below HTTP; refused ones are not, nor answers whose form a switch has changed."""
    seen: list[Exchange] = []
    hand = Hand(instant)
    with watched(seen.append):
        hand.eip()
        hand.code("Vpc", "ReleaseEipAddress", AllocationId="eip-none")
        instant.cloud.direct_api().call("Vpc", "DescribeEipAddresses", {"RegionId": hand.region})
        instant.cloud.switches.set("assistant-status", "bool")
        hand.ecs("DescribeCloudAssistantStatus")
    hand.eip()

    assert [each.action for each in seen] == ["AllocateEipAddress", "DescribeEipAddresses"]
    assert seen[0].params["RegionId"] == hand.region


def test_a_fault_bends_what_is_given_not_what_is_compared(instant: MockCloud) -> None:
    """A field that a fault has made null is no difference of ours."""
    instant.cloud.faults.add("DescribeEipAddresses:field:name=Status,as=null")
    hand = Hand(instant)
    hand.eip()
    watch = Watch()
    with watched(watch):
        assert hand.eip_rows()[0]["Status"] is None

    assert not watch.differences
    assert "EipAddresses.EipAddress[].Status" in watch.fields["Vpc", "DescribeEipAddresses"]


def test_function_compute_is_watched_by_its_bodies() -> None:
    """What its requests send as JSON and what it answers are compared with the models of 3.0."""
    watch = Watch()
    sent = {"functionName": "f", "memorySize": "512", "odd": 1}
    watch(Exchange("Fc", "CreateFunction", {}, {"functionName": "f", "timeout": 3.5}, sent))
    watch(Exchange("Fc", "DeleteFunction", {}, {}))

    assert {f"{each.side} {each.path}: {each.problem}" for each in watch.differences} == {
        "request body.memorySize: str instead of integer",
        "request body.odd: the model has no such field",
        "response timeout: float instead of integer",
    }


def test_the_mode_names_actions_that_are_served() -> None:
    """The list of the mode's actions has no name of the past."""
    assert set(ACTIONS["Ecs"]) <= ECS.actions.keys()
    assert sum(map(len, ACTIONS.values())) == 28


_SUITE = """
import subprocess, sys
import pytest
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

def send(local_cloud):
    api = local_cloud.cloud.api()
    api.call("Vpc", "ReleaseEipAddress", {"AllocationId": api.call("Vpc", "AllocateEipAddress", {
        "RegionId": "cn-shanghai"})["AllocationId"], "Odd": "1"})

def test_differs(local_cloud):
    send(local_cloud)

@pytest.mark.wire_differs
def test_is_marked(local_cloud):
    send(local_cloud)

def test_agrees(local_cloud):
    local_cloud.cloud.api().call("Vpc", "DescribeRegions", {})

def test_is_served(tmp_path):
    command = [sys.executable, "-m", "localcloud", "serve", "--port", "0", "--guest", "simulated"]
    command.append("--no-react")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as server:
        host = server.stdout.readline().split()[1].partition("//")[2]
        request = CommonRequest(host, "2016-04-28", "DescribeRegions")
        request.set_protocol_type("http")
        request.add_query_param("OddToo", "1")
        client = AcsClient("LTAI5tLocalUser000000001", "main-user-secret", "cn-shanghai")
        client.do_action_with_exception(request)
        server.kill()
"""


@pytest.mark.wire_differs
@pytest.mark.parametrize(("option", "errors"), [("true", "2 errors"), ("false", "")])
def test_a_test_on_whose_way_the_wire_differs_fails(tmp_path: Path, option: str, errors: str) -> None:
    """With the option two of four tests are errors, and each reason names the parameter; without it none.

    One of the two has its cloud in another process, which is killed afterwards.
    """
    (tmp_path / "test_suite.py").write_text(_SUITE)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nlocalcloud_wire = {option}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert "4 passed" in done.stdout, done.stdout + done.stderr
    assert ("ReleaseEipAddress, request Odd: the model has no such parameter" in done.stdout) is bool(errors)
    assert ("DescribeRegions, request OddToo: the model has no such" in done.stdout) is bool(errors)
    assert (errors or "passed") in done.stdout
    assert done.returncode == (1 if errors else 0)
