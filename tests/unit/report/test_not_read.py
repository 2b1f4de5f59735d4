"""Equal causes are said once, with what has to be granted, and nothing is granted that was not denied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.report.not_read import not_read, policy_for

if TYPE_CHECKING:
    from multieip.ports import Json

DENIED = "RunCommand: Forbidden.RAM: User not authorized to operate on the resource (request 0A1B2C3D-4E5F)"


def _group(name: str, **unread: str) -> Json:
    return {"region": "cn-shanghai", "group": name, "unread": unread}


def test_one_missing_permission_is_one_entry_for_all_groups() -> None:
    """However many guests it concerns, and whatever the request's id."""
    groups = [_group(f"g{n}", guest=DENIED.replace("0A1B", f"0A{n:02d}")) for n in range(40)]

    (entry,) = not_read([], [], groups)

    assert (entry["kind"], entry["count"], len(entry["groups"])) == ("guest", 40, 40)
    assert policy_for([entry])["Statement"][0]["Action"] == [  # type: ignore[index]
        "ecs:DescribeInvocationResults",
        "ecs:RunCommand",
    ]


def test_one_missing_permission_is_one_entry_for_all_its_readings() -> None:
    """The lists of EIPs and of what is bound take the same action; each region that lacks it is named."""
    lost = "DescribeEipAddresses: Forbidden.RAM: User not authorized (request 0A1B2C3D-4E5F)"
    groups = [_group("a", eips=lost, bound=lost.replace("0A1B", "FF00")), _group("b", bound=lost)]
    regions = [(each, lost) for each in ("cn-beijing", "cn-hangzhou")]

    (groups_only,) = not_read([], [], groups)
    (entry,) = not_read(regions, [], groups)

    assert (groups_only["kind"], groups_only["where"], groups_only["count"]) == ("eips", ["cn-shanghai"], 2)
    assert (entry["kind"], entry["where"], entry["count"]) == ("region", ["cn-beijing", "cn-hangzhou"], 2)
    assert [each["group"] for each in entry["groups"]] == ["a", "b"]
    assert entry["grant"] == ["vpc:DescribeEipAddresses"]


def test_causes_that_differ_only_in_ids_are_one() -> None:
    """Two silent agents are one cause, and no permission mends it."""
    reason = "not asked: Cloud Assistant on {} is not known to be online"
    groups = [_group("a", guest=reason.format("i-uf60001")), _group("b", guest=reason.format("i-uf60002"))]

    (entry,) = not_read([], [], groups)

    assert (entry["count"], entry["grant"]) == (2, [])
    assert policy_for([entry]) is None


def test_a_region_names_the_action_that_was_denied() -> None:
    """The reason carries the API's name; the region that ran out of time needs no permission."""
    lost = "DescribeNetworkInterfaces: Forbidden.RAM: User not authorized"

    region, late = not_read([("eu-central-1", lost)], ["us-east-1", "eu-west-1"], [])

    assert (region["where"], region["grant"]) == (["eu-central-1"], ["ecs:DescribeNetworkInterfaces"])
    assert (late["where"], late["grant"]) == (["us-east-1", "eu-west-1"], [])


def test_everything_read_is_an_empty_list() -> None:
    """And no policy."""
    assert not_read([], [], [_group("a")]) == []
    assert policy_for([]) is None
