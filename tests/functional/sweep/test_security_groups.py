"""Whether anything may come in at all: the rules of the ENIs' security groups, with few calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from multieip.cloud.parallel import OneByOne
from multieip.dataclass import replace
from multieip.model.facts import Facts, Reading
from multieip.observe.security_groups import SecurityGroups
from multieip.reference.good_group import AFTER, ATTACHED
from multieip.report.changes import with_changes
from multieip.report.html import render_html
from tests.functional.scene import GROUP, Scene, statuses
from tests.functional.sweep.test_many_groups import LEAN, ready

if TYPE_CHECKING:
    from multieip.ports import Json

RULE = "security-group-open"
ACTION = "DescribeSecurityGroupAttribute"


@pytest.fixture
def closed(scene: Scene) -> str:
    """Make a ready group whose ENI is in a security group without a rule."""
    group = _made(scene)
    eni, _ = scene.ready_group(GROUP, scene.seeds.instance)
    _put(scene, eni, group)
    return group


def _made(scene: Scene) -> str:
    where = {"RegionId": scene.seeds.region, "VpcId": scene.seeds.vpc}
    return str(scene.hand.api.call("Ecs", "CreateSecurityGroup", where)["SecurityGroupId"])


def _put(scene: Scene, eni: str, group: str) -> None:
    asked = {"RegionId": scene.seeds.region, "NetworkInterfaceId": eni, "SecurityGroupId.1": group}
    scene.hand.api.call("Ecs", "ModifyNetworkInterfaceAttribute", asked)


def _let_in(scene: Scene, group: str, **rule: str) -> None:
    said = {"IpProtocol": "TCP", "PortRange": "443/443", "SourceCidrIp": "0.0.0.0/0", **rule}
    named = {"RegionId": scene.seeds.region, "SecurityGroupId": group}
    asked = {f"Permissions.1.{name}": value for name, value in said.items() if value}
    scene.hand.api.call("Ecs", "AuthorizeSecurityGroup", {**named, **asked})


def _finding(report: Json) -> Json:
    (found,) = [each for each in report["regions"][0]["groups"][0]["findings"] if each["rule"] == RULE]
    return dict(found)


def test_a_security_group_that_lets_nothing_in_is_told_with_the_way_out(scene: Scene, closed: str) -> None:
    """Everything else is good; a rule for the internet mends it, and the next report says so."""
    report = scene.sweep(LEAN)
    found = _finding(report)

    assert (found["status"], found["ids"]) == ("fail", [closed])
    assert "AuthorizeSecurityGroup" in found["remedy"]
    assert report["totals"]["groups_by_status"]["good"] == 1
    assert f"{closed} lets nothing in from the internet" in render_html(with_changes(report, None))

    _let_in(scene, closed)
    after = with_changes(scene.sweep(LEAN), with_changes(report, None))
    (group,) = after["regions"][0]["groups"]
    assert [each["rule"] for each in group["fixed"]] == [RULE]


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ({"SourceCidrIp": "10.0.0.0/8"}, "fail"),
        ({"SourceCidrIp": "", "SourceGroupId": "sg-other"}, "fail"),
        ({"SourceCidrIp": "", "Ipv6SourceCidrIp": "::/0"}, "fail"),
        ({"Policy": "drop"}, "fail"),
        ({"SourceCidrIp": "8.8.8.8"}, "pass"),
        ({"SourceCidrIp": "", "SourcePrefixListId": "pl-1"}, "pass"),
    ],
)
def test_only_what_lets_the_internet_in_counts(
    scene: Scene, closed: str, rule: dict[str, str], status: str
) -> None:
    """Neighbours in the VPC, IPv6 and what is dropped do not reach an EIP."""
    _let_in(scene, closed, **rule)

    assert statuses(scene.sweep(), GROUP)[RULE] == status


def test_what_drops_everything_first_leaves_nothing_in(scene: Scene, closed: str) -> None:
    """Rules go by priority, and of two that are equal the one that drops counts."""
    _let_in(scene, closed, Priority="5")
    _let_in(scene, closed, IpProtocol="ALL", PortRange="-1/-1", Policy="drop", Priority="5")
    assert statuses(scene.sweep(), GROUP)[RULE] == "fail"

    _let_in(scene, closed, Priority="4")
    assert statuses(scene.sweep(), GROUP)[RULE] == "pass"


def test_one_call_for_all_groups_of_a_security_group_and_none_for_runs(scene: Scene) -> None:
    """A run of one group asks nothing of the kind, and says nothing about it."""
    ready(scene, "a", "b", "c")

    before = scene.actions()[ACTION]
    scene.sweep(LEAN)
    assert scene.actions()[ACTION] - before == 1

    said = scene.bind({"group": "a", "action": "plan"})
    assert f"Ecs.{ACTION}" not in said["api_calls"]["by_action"]
    assert RULE not in {each["rule"] for each in said["findings"]}


def test_a_role_that_may_not_read_them_is_told_once(scene: Scene, closed: str) -> None:
    """The groups stay lines of the report, with what to grant beside them; the call is tried once."""
    ready(scene, "a", "b")
    scene.cloud.faults.add(f"{ACTION}:deny")

    before = scene.actions()[ACTION]
    report = scene.sweep(LEAN)

    assert scene.actions()[ACTION] - before == 1
    assert [each["grant"] for each in report["not_read"]] == [[f"ecs:{ACTION}"]]
    assert report["totals"]["groups_by_status"]["good"] == 3
    assert [each["undecided"] for each in report["regions"][0]["good"]] == [[RULE]] * 3
    assert closed


def test_what_is_not_read_in_this_sweep_is_not_called_fixed(scene: Scene, closed: str) -> None:
    """It was closed, and now nobody looked."""
    before = with_changes(scene.sweep(LEAN), None)
    scene.cloud.faults.add(f"{ACTION}:deny")

    after = with_changes(scene.sweep(LEAN), before)

    assert after["regions"][0]["groups"][0]["fixed"] == []
    assert closed


def test_no_more_are_read_than_may_be(scene: Scene) -> None:
    """Who comes first in the turn of this sweep is read; of the rest it is said that nobody looked."""
    groups = [_made(scene) for _ in range(3)]
    reader = SecurityGroups(scene.api, AFTER.group.region, OneByOne(), most=2)
    some = [in_security_group(each) for each in groups]

    found = reader.add_to(some)

    assert [each.security_groups for each in found[2:]] == [()]
    assert [len(each.security_groups or ()) for each in found] == [1, 1, 0]
    assert reader.read == 2


def in_security_group(group: str) -> Facts:
    """Return the good group with its ENI in this security group, before anything was read."""
    eni = replace(ATTACHED, security_groups=(group,))
    return replace(AFTER, enis=(eni,), unasked=frozenset({Reading.SECURITY_GROUPS}))
