"""Tag lists that the cloud cuts short without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.resources import Region
from multieip.observe.directory import Directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.ports import Json

TAG = {"TagKey": "multi-eip:group", "TagValue": "web"}


class CuttingCloud:
    """Lists at most 1,000 ENIs by tag, as DescribeNetworkInterfaces does, and all of them without a tag."""

    def __init__(self, enis: int) -> None:
        """Have so many tagged ENIs, and one without a tag."""
        self.tagged = [self._eni(f"eni-{number}", [TAG]) for number in range(enis)]
        self.everything = [*self.tagged, self._eni("eni-other", [])]

    def call(self, product: str, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api`; EIPs and instances there are none."""
        assert (product, params["RegionId"]) in {("Ecs", "cn-shanghai"), ("Vpc", "cn-shanghai")}
        if action == "DescribeEipAddresses":
            return {"EipAddresses": {"EipAddress": []}, "TotalCount": 0}
        if action == "DescribeInstances":
            return {"Instances": {"Instance": []}}
        found = self.tagged[:1000] if "Tag.1.Key" in params else self.everything
        start, size = int(params.get("NextToken", "0")), int(params["MaxResults"])
        rest = str(start + size) if start + size < len(found) else ""
        return {
            "NetworkInterfaceSets": {"NetworkInterfaceSet": found[start : start + size]},
            "NextToken": rest,
        }

    @staticmethod
    def _eni(name: str, tags: list[Json]) -> Json:
        return {"NetworkInterfaceId": name, "Status": "Available", "Type": "Secondary", "Tags": {"Tag": tags}}


def test_more_enis_than_a_tag_list_holds_are_all_found() -> None:
    """The list by tag ends at 1,000 and does not say so; then the whole region is read."""
    directory = Directory(CuttingCloud(1200), Region("cn-shanghai"), "multi-eip:")

    found = directory.tagged().enis

    assert len(found) == 1200
    assert all(eni.tags == {"multi-eip:group": "web"} for eni in found)


def test_groups_of_ids_that_are_there_and_that_are_not() -> None:
    """An id without an ENI has no group, which is not the same as an id that was not asked for."""
    directory = Directory(CuttingCloud(2), Region("cn-shanghai"), "multi-eip:")

    assert directory.groups_of(["eni-1", "eni-other", "eni-gone", "eni-1"]) == {
        "eni-1": "web",
        "eni-other": None,
        "eni-gone": None,
    }
    assert directory.groups_of([]) == {}
