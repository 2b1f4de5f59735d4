"""The how-to pages, followed: each command ends as its page says, and the cloud is what the page promises."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import ROOT, blocks
from tests.docs.follow import wrong

if TYPE_CHECKING:
    from tests.docs.conftest import Reader

pytestmark = pytest.mark.timeout(600)
FOLLOWED = {"first-group.md", "change.md", "troubleshoot.md"}


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_first_group_is_ready(reader: Reader) -> None:
    """From nothing, by the aliyun command line and ours."""
    ended = reader.follow("docs/howto/first-group.md")

    assert wrong(ended) == []
    state = reader.local.cloud.state(reader.local.cloud.accounts.main.account_id, "cn-shanghai")
    (eni,) = [each for each in state.enis.all if _tags(reader, each).get("multi-eip:group") == "web"]
    assert state.enis.all[eni].instance_id == reader.local.seeds.instance
    assert [eip.mode for eip in state.eips.bound_to(eni)] == ["MULTI_BINDED"] * 2


def _tags(reader: Reader, eni: str) -> dict[str, str]:
    """Return the tags of an ENI, as the cloud's API tells them."""
    asked = {"RegionId": "cn-shanghai", "NetworkInterfaceId.1": eni}
    (row,) = reader.hand.api.call("Ecs", "DescribeNetworkInterfaces", asked)["NetworkInterfaceSets"][
        "NetworkInterfaceSet"
    ]
    return {tag["TagKey"]: tag["TagValue"] for tag in row["Tags"]["Tag"]}


def _ready_group(reader: Reader) -> dict[str, str]:
    """Make what `change.md` begins with, and what it adds."""
    hand, seeds = reader.hand, reader.local.seeds
    eni, (first, second) = hand.eni(seeds, "web", size="2"), hand.eips(2, "web")
    hand.tag("instance", [seeds.instance], "web")
    hand.bind(eni, [first, second])
    hand.attach(eni, seeds.instance)
    third, fourth = hand.eips(2)
    named = {"ENI": eni, "EIP_1": first, "EIP_2": second, "EIP_3": third, "EIP_4": fourth}
    return {**named, "ENI_2": hand.eni(seeds), "INSTANCE_2": hand.another_instance(seeds)}


def test_a_group_is_changed(reader: Reader) -> None:
    """Grown, exchanged, moved, held and released; in the end each EIP is where the page says."""
    ids = _ready_group(reader)

    ended = reader.follow("docs/howto/change.md", **ids)

    assert wrong(ended) == []
    state = reader.local.cloud.state(reader.local.cloud.accounts.main.account_id, "cn-shanghai")
    assert [eip.allocation_id for eip in state.eips.bound_to(ids["ENI"])] == []
    assert [eip.allocation_id for eip in state.eips.bound_to(ids["ENI_2"])] == [ids["EIP_2"]]
    assert _tags(reader, ids["ENI"]) == {
        f"multi-eip:{name}": value for name, value in (("detach", "allow"), ("prune", "allow"), ("size", "2"))
    }


def test_a_look_for_what_is_wrong_writes_nothing(reader: Reader) -> None:
    """Plan, sweep and doctor, with findings or without."""
    _ready_group(reader)
    state = reader.local.cloud.state(reader.local.cloud.accounts.main.account_id, "cn-shanghai")
    before = {eip.allocation_id: eip.instance_id for eip in state.eips.all.values()}

    ended = reader.follow("docs/howto/troubleshoot.md")

    assert wrong(ended) == []
    assert {eip.allocation_id: eip.instance_id for eip in state.eips.all.values()} == before


def test_each_how_to_page_with_commands_is_followed() -> None:
    """A page that is added is followed as well, or this says so."""
    pages = (ROOT / "docs" / "howto").glob("*.md")

    assert {page.name for page in pages if blocks(f"docs/howto/{page.name}")} == FOLLOWED
