"""What the lists of one region teach about the next one's."""

from __future__ import annotations

from localcloud import CloudOptions, mock_cloud
from multieip.cloud.parallel import OneByOne
from multieip.model.resources import Region
from multieip.observe.region_lists import Known, RegionLists
from tests.functional.in_process import InProcess
from tests.functional.operator import PREFIX, Operator

GROUPS = 6
PAGE = 100


def test_the_length_of_the_list_of_all_eips_is_remembered_in_pages() -> None:
    """So the next region knows whether asking for its length is worth a call."""
    known = Known()
    with mock_cloud(CloudOptions(transitions="immediate")) as local:
        local.cloud.accounts.main.eip_quota = 2 * PAGE
        hand, seeds = Operator(local.cloud), local.seeds
        for number in range(GROUPS):
            hand.eni(seeds, f"group-{number}")
        hand.eips(PAGE + 1)

        found = RegionLists(
            InProcess(local.cloud), Region("cn-shanghai"), f"{PREFIX}group", OneByOne(), known
        ).read()

    assert len(found.members.enis) == GROUPS
    assert known.eip_pages == 2
