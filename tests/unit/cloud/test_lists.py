"""Lists of the cloud: whole or refused, whatever a page looks like; an odd entry costs no other its place."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multieip.cloud import assistant, ecs, vpc
from multieip.errors import ContradictionError, UnreadableError
from multieip.model.resources import EniId, EniKind, InstanceId, Region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.ports import Json

REGION = Region("cn-shanghai")
TAG = ("multi-eip:group", "web")


class Scripted:
    """An `Api` that answers as its script does, and keeps what it was asked."""

    def __init__(self, answer: Callable[[str, Mapping[str, str]], Json]) -> None:
        """Answer every call with `answer(action, params)`."""
        self._answer = answer
        self.asked: list[Mapping[str, str]] = []

    def call(self, product: str, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        assert product in {"Ecs", "Vpc"}
        self.asked.append(params)
        return self._answer(action, params)


def eip_row(number: int, **more: Any) -> Json:  # noqa: ANN401  any JSON
    """Return one row of DescribeEipAddresses."""
    address = f"198.51.{number // 250}.{number % 250 + 1}"
    return {"AllocationId": f"eip-{number}", "IpAddress": address, "Status": "Available", **more}


def eip_page(rows: list[Any], total: object, **more: Any) -> Json:  # noqa: ANN401  any JSON
    """Return one page of DescribeEipAddresses."""
    return {"EipAddresses": {"EipAddress": rows}, "TotalCount": total, **more}


def by_pages(count: int, most: int) -> Callable[[str, Mapping[str, str]], Json]:
    """Return a list of EIPs whose pages hold at most so many, whatever is asked for."""

    def answer(_action: str, params: Mapping[str, str]) -> Json:
        size = min(int(params["PageSize"]), most)
        start = (int(params["PageNumber"]) - 1) * size
        rows = [eip_row(number) for number in range(count)][start : start + size]
        return eip_page(rows, count, PageSize=size, PageNumber=int(params["PageNumber"]))

    return answer


@given(count=st.integers(0, 230), most=st.integers(1, 120))
def test_every_entry_is_read_whatever_the_size_of_a_page(count: int, most: int) -> None:
    """The answer's own page size is followed, and in the end there are as many as it counts."""
    found = vpc.list_eips(Scripted(by_pages(count, most)), REGION, tag=TAG)

    assert [eip.id for eip in found] == [f"eip-{number}" for number in range(count)]


def test_a_page_smaller_than_asked_loses_nothing() -> None:
    """Case c03: 100 were asked for, a page holds 50, and there are 80."""
    assert len(vpc.list_eips(Scripted(by_pages(80, 50)), REGION, tag=TAG)) == 80


def test_no_ids_are_no_call() -> None:
    """An empty list of ids never becomes the list of a region."""
    api = Scripted(lambda _action, _params: pytest.fail("no call was to be made"))

    assert list(vpc.list_eips(api, REGION, ids=())) == []
    assert list(ecs.list_enis(api, REGION, ids=[])) == []
    assert list(ecs.list_instances(api, REGION, ids=())) == []
    assert list(ecs.assistants(api, REGION, [])) == []
    assert ecs.instance_types(api, []) == {}


@pytest.mark.parametrize(
    ("why", "pages"),
    [
        ("c02: it counts three and holds none", [eip_page([], 3, PageNumber=1, PageSize=100)]),
        ("it holds more than it counts", [eip_page([eip_row(1), eip_row(2)], 1)]),
        ("it holds more than its page takes", [eip_page([eip_row(1), eip_row(2)], 2, PageSize=1)]),
        ("a page ends too soon", [eip_page([eip_row(1)], 250, PageSize=100)]),
        (
            "one id twice with different contents",
            [eip_page([eip_row(1), eip_row(1, Status="InUse"), eip_row(2)], 3)],
        ),
        (
            "an entry slipped to a page that was read already",
            [
                eip_page([eip_row(1), eip_row(2)], 3, PageSize=2),
                eip_page([eip_row(2)], 3, PageSize=2),
            ],
        ),
        (
            "pages change their size on the way",
            [eip_page([eip_row(1), eip_row(2)], 3, PageSize=2), eip_page([eip_row(3)], 3, PageSize=1)],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_list_that_contradicts_itself_is_read_once_more_and_then_refused(
    why: str, pages: list[Json]
) -> None:
    """It is never taken for a shorter list; a second reading that is in order is believed."""
    lying = Scripted(lambda _action, params: pages[int(params["PageNumber"]) - 1])
    with pytest.raises(ContradictionError):
        vpc.list_eips(lying, REGION, tag=TAG)
    assert sum(asked["PageNumber"] == "1" for asked in lying.asked) == 2, why

    answers = iter([*pages, eip_page([eip_row(7)], 1)])
    api = Scripted(lambda _action, _params: next(answers))
    assert [eip.id for eip in vpc.list_eips(api, REGION, tag=TAG)] == ["eip-7"]


@pytest.mark.parametrize("total", ["2", 2])
def test_a_count_may_be_a_text(total: object) -> None:
    """Both forms have been seen."""
    api = Scripted(lambda _action, _params: eip_page([eip_row(1), eip_row(2)], total, PageSize="100"))

    assert len(vpc.list_eips(api, REGION, tag=TAG)) == 2


@pytest.mark.parametrize("total", [None, "many", -1, True])
def test_a_list_without_a_count_is_refused(total: object) -> None:
    """Nobody could tell whether it is whole."""
    with pytest.raises(UnreadableError, match="TotalCount"):
        vpc.list_eips(Scripted(lambda _action, _params: eip_page([], total)), REGION, tag=TAG)


def eni_row(name: str, **more: Any) -> Json:  # noqa: ANN401  any JSON
    """Return one row of DescribeNetworkInterfaces."""
    return {"NetworkInterfaceId": name, "Status": "Available", "Type": "Secondary", **more}


def eni_page(rows: list[Any], token: str = "") -> Json:
    """Return one page of DescribeNetworkInterfaces."""
    return {"NetworkInterfaceSets": {"NetworkInterfaceSet": rows}, "NextToken": token}


def test_a_token_that_comes_back_is_an_error_and_no_loop() -> None:
    """The same page for ever."""
    with pytest.raises(ContradictionError, match="NextToken"):
        ecs.list_enis(
            Scripted(lambda _action, _params: eni_page([eni_row("eni-1")], "again")), REGION, tag=TAG
        )


def test_an_eni_on_two_pages_is_one_eni() -> None:
    """Lists move while they are read."""
    pages = {"": eni_page([eni_row("eni-1")], "more"), "more": eni_page([eni_row("eni-1"), eni_row("eni-2")])}
    api = Scripted(lambda _action, params: pages[params.get("NextToken", "")])

    assert [eni.id for eni in ecs.list_enis(api, REGION, tag=TAG)] == ["eni-1", "eni-2"]


def test_an_odd_entry_is_told_and_costs_no_other_its_place() -> None:
    """Case c11: an entry without an id, with texts for objects, or with numbers for texts."""
    tags = {"Tag": [{"TagKey": "multi-eip:group", "TagValue": "web"}]}
    rows = [
        {"MacAddress": "00:16:3e:00:00:01", "PrimaryIpAddress": "10.0.0.9", "Tags": tags},
        eni_row("eni-1", MacAddress=7, Tags=tags),
        eni_row("eni-2", Tags="none"),
        "no object",
        eni_row("eni-3", Tags=None, Attachment=None, MacAddress=None),
    ]
    found = ecs.list_enis(Scripted(lambda _action, _params: eni_page(rows)), REGION, tag=TAG)

    assert [eni.id for eni in found] == ["eni-3"]
    assert [odd.id for odd in found.odd] == ["", "eni-1", "eni-2", ""]
    assert dict(found.odd[1].tags) == {"multi-eip:group": "web"}
    assert "MacAddress is 7, not a text" in found.odd[1].text


def test_locks_as_texts_make_an_eip_unreadable_and_no_other() -> None:
    """Case c11: `OperationLocks` with texts instead of objects."""
    rows = [eip_row(1, OperationLocks={"LockReason": ["financial"]}), eip_row(2, OperationLocks=None)]
    found = vpc.list_eips(Scripted(lambda _action, _params: eip_page(rows, 2)), REGION, tag=TAG)

    assert ([eip.id for eip in found], [odd.id for odd in found.odd]) == (["eip-2"], ["eip-1"])


@pytest.mark.parametrize("address", ["", None, "198.51.100", "2001:db8::1"])
def test_an_eip_without_an_address_is_unreadable(address: str | None) -> None:
    """Whatever reads it later may rely on an IPv4 address."""
    rows = [eip_row(1, IpAddress=address)]
    found = vpc.list_eips(Scripted(lambda _action, _params: eip_page(rows, 1)), REGION, tag=TAG)

    assert ([*found], len(found.odd)) == ([], 1)


def test_an_instance_type_with_a_null_number_is_not_known() -> None:
    """Case c11: `EniQuantity: null`; the type beside it is."""
    types = [
        {"InstanceTypeId": "ecs.g5.large", "InstanceTypeFamily": "ecs.g5", "EniQuantity": None},
        {"InstanceTypeId": "ecs.c5.large", "InstanceTypeFamily": "ecs.c5", "EniQuantity": "3"},
    ]
    api = Scripted(lambda _action, _params: {"InstanceTypes": {"InstanceType": types}})

    found = ecs.instance_types(api, ["ecs.g5.large", "ecs.c5.large"])
    assert {name: kind.eni_quantity for name, kind in found.items()} == {"ecs.c5.large": 3}


@pytest.mark.parametrize(
    ("more", "kind", "other"),
    [
        ({"Type": "Member", "Attachment": {"TrunkNetworkInterfaceId": "eni-t"}}, EniKind.MEMBER, False),
        ({"Type": "Trunk"}, EniKind.TRUNK, False),
        ({"Type": "Primary"}, EniKind.PRIMARY, False),
        ({"Type": None}, EniKind.OTHER, False),
        ({"InstanceId": "ngw-1"}, EniKind.SECONDARY, True),
        ({"InstanceId": "i-1"}, EniKind.SECONDARY, False),
    ],
)
def test_the_kind_of_an_eni_is_read(more: Json, kind: EniKind, other: bool) -> None:  # noqa: FBT001  a table
    """What it is, and whether it hangs on an ECS instance."""
    (eni,) = ecs.list_enis(
        Scripted(lambda _action, _params: eni_page([eni_row("eni-1", **more)])), REGION, ids=["eni-1"]
    )

    assert (eni.kind, eni.on_other) == (kind, other)
    assert eni.trunk == more.get("Attachment", {}).get("TrunkNetworkInterfaceId")


def test_gateways_without_their_list_are_unreadable() -> None:
    """Case c04: no `EipInfos` is no empty list."""
    answer = {"RequestId": "x", "Code": "200", "Message": "successful"}
    with pytest.raises(UnreadableError, match="EipInfos"):
        vpc.gateways(Scripted(lambda _action, _params: answer), REGION, EniId("eni-1"))


def invocation(**row: Any) -> Scripted:  # noqa: ANN401  any JSON
    """Return a cloud whose command has ended on two instances, on the first with these fields."""
    rows = [
        {"InstanceId": "i-1", "InvocationStatus": "Success", "ExitCode": 0, **row},
        {"InstanceId": "i-2", "InvocationStatus": "Success", "ExitCode": 0, "Output": "ZmluZQ=="},
    ]
    return Scripted(
        lambda _action, _params: {"Invocation": {"InvocationResults": {"InvocationResult": rows}}}
    )


def test_output_in_base64_with_line_breaks_is_read() -> None:
    """Case c05: lines of 76 letters with CRLF between them, as mail has it."""
    said = b"a line of the guest\n" * 12
    folded = base64.encodebytes(said).decode().replace("\n", "\r\n")

    first, _ = assistant.results(invocation(Output=folded), REGION, "t-1")
    assert first.output == said


@pytest.mark.parametrize(
    "row",
    [{"ExitCode": "-"}, {"ExitCode": None}, {"Output": "no Base64!"}, {"Output": 7}, {"Dropped": "x"}],
    ids=json.dumps,
)
def test_one_odd_result_never_decides_over_the_others(row: Json) -> None:
    """Case c11: the other guests of the batch keep their answers."""
    found = {each.instance: each for each in assistant.results(invocation(**row), REGION, "t-1")}

    assert found[InstanceId("i-2")].output == b"fine"
    assert found[InstanceId("i-1")].status == "Success"


def test_more_instances_than_a_list_by_tag_holds_are_found_in_the_regions_list() -> None:
    """Without the odd entries of others, and with those that carry the tag."""
    tags = {"Tag": [{"TagKey": TAG[0], "TagValue": TAG[1]}]}
    ours = [{"InstanceId": f"i-{number}", "Status": "Running", "Tags": tags} for number in range(1001)]
    others = [{"InstanceId": "i-other", "Status": "Running"}, {"InstanceId": "i-odd", "ZoneId": 7}]
    odd = [{"InstanceId": "i-ours-and-odd", "ZoneId": 7, "Tags": tags}]

    def answer(_action: str, params: Mapping[str, str]) -> Json:
        return {"Instances": {"Instance": ours[:1000] if "Tag.1.Key" in params else [*ours, *others, *odd]}}

    found = ecs.list_instances(Scripted(answer), REGION, tag=TAG)

    assert len(found) == 1001
    assert [row.id for row in found.odd] == ["i-ours-and-odd"]
