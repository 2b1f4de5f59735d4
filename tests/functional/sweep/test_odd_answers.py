"""One odd answer in a sweep is a finding where it is, and decides over nothing else."""

from __future__ import annotations

import base64
import json
import re
import textwrap
from typing import TYPE_CHECKING

from multieip.errors import RefusedError
from tests.functional.observe.bent import Bent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.ports import Api, Json, Product
    from tests.functional.scene import Scene


class Bending:
    """An `Api` whose answers are bent on the way."""

    def __init__(self, inner: Api, bend: Callable[[str, Mapping[str, str], Json], None]) -> None:
        """Let `bend` change each answer."""
        self._inner = inner
        self._bend = bend

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        answer = self._inner.call(product, action, params)
        self._bend(action, params, answer)
        return answer


def two_ready_groups(scene: Scene) -> tuple[str, list[str]]:
    """Make groups a and b ready, each on its own instance; return a's instance and EIPs."""
    _, eips = scene.ready_group("a", scene.seeds.instance)
    scene.ready_group("b", scene.hand.another_instance(scene.seeds))
    return scene.seeds.instance, eips


def by_group(report: Json) -> dict[str, Json]:
    """Return the groups of the home region by name."""
    return {group["group"]: group for group in report["regions"][0]["groups"]}


def bad_rules(group: Json) -> dict[str, str]:
    """Return rule → status of what somebody should look at."""
    return {
        finding["rule"]: finding["status"]
        for finding in group["findings"]
        if finding["status"] in {"fail", "unknown"} and finding["severity"] != "advice"
    }


def test_a_row_that_cannot_be_read_is_a_finding_and_everything_else_is_reported(scene: Scene) -> None:
    """Case c11: a lock that is a text, an interface without an id, a type without a number."""
    _, (first, *_) = two_ready_groups(scene)
    odd = {"MacAddress": "00:16:3e:00:00:01", "PrimaryIpAddress": "10.0.0.9"}

    def bend(action: str, params: Mapping[str, str], answer: Json) -> None:
        if action == "DescribeEipAddresses":
            for row in answer["EipAddresses"]["EipAddress"]:
                if row["AllocationId"] == first:
                    row["OperationLocks"] = {"LockReason": ["financial"]}
        elif action == "DescribeNetworkInterfaces" and "Tag.1.Key" in params:
            answer["NetworkInterfaceSets"]["NetworkInterfaceSet"].append(odd)
        elif action == "DescribeInstanceTypes":
            answer["InstanceTypes"]["InstanceType"][0]["EniQuantity"] = None

    scene.api = Bending(scene.api, bend)
    report = scene.sweep()
    groups = by_group(report)

    assert bad_rules(groups["a"])["unreadable"] == "fail"
    assert bad_rules(groups["b"]) == {}
    assert any(
        "unreadable: an entry of DescribeNetworkInterfaces" in each["text"] for each in ungrouped(report)
    )


def test_a_row_that_cannot_be_read_is_told_with_its_id(scene: Scene) -> None:
    """It is in no group, for nobody could read its tags; the id is what a person looks for."""
    two_ready_groups(scene)

    def bend(action: str, params: Mapping[str, str], answer: Json) -> None:
        if action == "DescribeNetworkInterfaces" and "Tag.1.Key" in params:
            odd = {"NetworkInterfaceId": "eni-odd", "Tags": "none"}
            answer["NetworkInterfaceSets"]["NetworkInterfaceSet"].append(odd)

    scene.api = Bending(scene.api, bend)

    told = [each for each in ungrouped(scene.sweep()) if each["text"].startswith("unreadable")]

    assert [each["ids"] for each in told] == [["eni-odd"]]


def ungrouped(report: Json) -> list[Json]:
    """Return what the home region has outside of groups."""
    found: list[Json] = report["regions"][0]["ungrouped"]
    return found


def test_output_with_line_breaks_is_read_from_every_guest(scene: Scene) -> None:
    """Case c05: Base64 in lines, as mail has it."""
    two_ready_groups(scene)

    def bend(action: str, _params: Mapping[str, str], answer: Json) -> None:
        if action == "DescribeInvocationResults":
            for row in answer["Invocation"]["InvocationResults"]["InvocationResult"]:
                row["Output"] = "\r\n".join(textwrap.wrap(row.get("Output") or "", 76)) + "\r\n"

    scene.api = Bending(scene.api, bend)

    assert {name: bad_rules(group) for name, group in by_group(scene.sweep()).items()} == {"a": {}, "b": {}}


def test_one_guest_with_an_odd_result_costs_no_other_its_report(scene: Scene) -> None:
    """Cases c05 and c11: output that is no Base64, an exit code that is a sign."""
    first, _ = two_ready_groups(scene)

    def bend(action: str, _params: Mapping[str, str], answer: Json) -> None:
        if action == "DescribeInvocationResults":
            for row in answer["Invocation"]["InvocationResults"]["InvocationResult"]:
                if row["InstanceId"] == first:
                    row |= {"Output": "this is no Base64!", "ExitCode": "-"}

    scene.api = Bending(scene.api, bend)
    groups = by_group(scene.sweep())

    assert "not Base64" in groups["a"]["unread"]["guest"]
    assert bad_rules(groups["b"]) == {}


def test_a_guest_that_answers_with_a_lone_surrogate_makes_no_report_unwritable(scene: Scene) -> None:
    """One guest's text must not cost all regions their report."""
    first, _ = two_ready_groups(scene)

    def bend(action: str, _params: Mapping[str, str], answer: Json) -> None:
        if action == "DescribeInvocationResults":
            for row in answer["Invocation"]["InvocationResults"]["InvocationResult"]:
                if row["InstanceId"] == first and row.get("Output"):
                    said = base64.b64decode(row["Output"]).decode()
                    told, found = re.subn(r'("manager": ?)"[^"]*"', r'\1"\\ud800"', said)
                    bent.append(found)
                    row["Output"] = base64.b64encode(told.encode()).decode()

    bent: list[int] = []
    scene.api = Bending(scene.api, bend)
    report = scene.sweep()

    assert json.dumps(report, ensure_ascii=False).encode()
    assert bent[0] > 0
    assert by_group(report)["a"]["guest"] is not None


def test_a_region_whose_instances_are_hidden_is_named_and_its_groups_are_unknown(scene: Scene) -> None:
    """Half a region is told as half a region; what is known of its groups is told too."""
    scene.group(2, name="web")

    class Hidden:
        """Shows no instance, as to a role without the permission."""

        def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
            """See `multieip.ports.Api.call`."""
            if action == "DescribeInstances":
                if "DryRun" in params:
                    raise RefusedError(action, "Forbidden.RAM", "User not authorized.", http_status=403)
                return {"Instances": {"Instance": []}, "TotalCount": 0}
            return inner.call(product, action, params)

    inner, scene.api = scene.api, Hidden()
    report = scene.sweep()

    assert report["complete"] is False
    assert "DescribeInstances" in report["unread"][0]["reason"]
    assert bad_rules(by_group(report)["web"])["group-shape"] == "unknown"


def test_an_instance_that_is_gone_is_told_with_what_to_do(scene: Scene) -> None:
    """The ENI still names it and no list shows it, though this role sees instances; b stays good."""
    gone, _ = two_ready_groups(scene)
    scene.api = Bent(scene.api, hidden=frozenset({gone}))

    groups = by_group(scene.sweep())
    (told,) = [each for each in groups["a"]["findings"] if each["rule"] == "attached-instance-exists"]

    assert (told["status"], told["ids"]) == ("fail", [groups["a"]["enis"][0], gone])
    assert f"--InstanceId {gone}" in told["commands"]["cli"]
    assert "ask the vendor" in told["remedy"]
    assert groups["b"]["status"] == "good"
