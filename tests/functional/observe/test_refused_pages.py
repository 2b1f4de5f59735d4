"""The list of all EIPs of a region while the cloud refuses one of its pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, mock_cloud
from multieip.cloud.parallel import OneByOne
from multieip.errors import RefusedError
from multieip.model.resources import Region
from multieip.observe.region_lists import Known, RegionLists
from tests.functional.in_process import InProcess
from tests.functional.operator import PREFIX, Operator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud import MockCloud
    from multieip.observe.region_lists import Found
    from multieip.ports import Api, Json, Product

GROUPS = 6
PAGE = 100


class Refusing:
    """Refuses the second page of the list of all EIPs so many times, and counts what is asked."""

    def __init__(self, api: Api, code: str, times: int) -> None:
        """`code` is what it refuses with."""
        self._api = api
        self._code = code
        self._left = times
        self.asked: list[str] = []

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        if action == "DescribeEipAddresses":
            of_all = "Tag.1.Key" not in params
            self.asked.append(f"{'all' if of_all else 'tagged'} {params['PageNumber']}")
            if of_all and params["PageNumber"] == "2" and self._left:
                self._left -= 1
                raise RefusedError(action, self._code, "not now", http_status=400)
        return self._api.call(product, action, params)


@pytest.fixture
def local() -> Iterator[MockCloud]:
    """Fill a region with some groups, an EIP on each ENI, and more EIPs than one page holds."""
    with mock_cloud(CloudOptions(transitions="immediate")) as made:
        made.cloud.accounts.main.eip_quota = 2 * PAGE
        hand = Operator(made.cloud)
        for number in range(GROUPS):
            hand.bind(hand.eni(made.seeds, f"group-{number}"), hand.eips(1))
        hand.eips(PAGE)
        yield made


def _read(api: Api) -> Found:
    return RegionLists(api, Region("cn-shanghai"), f"{PREFIX}group", OneByOne(), Known()).read()


@pytest.mark.parametrize("code", ["Throttling.User", "ServiceUnavailable"])
def test_a_page_that_is_refused_for_a_while_is_asked_for_again_and_no_other(
    local: MockCloud, code: str
) -> None:
    """What every ENI holds is told by the list, not by a call for each ENI."""
    api = Refusing(InProcess(local.cloud), code, times=2)

    found = _read(api)

    assert found.bound is not None
    assert sorted(len(eips) for eips in found.bound.by_eni.values()) == [1] * GROUPS
    assert api.asked == ["tagged 1", "all 1", "all 2", "all 2", "all 2"]


def test_a_page_that_is_throttled_for_long_leaves_the_region_unread(local: MockCloud) -> None:
    """Whoever would ask for each ENI instead would ask the same action more often."""
    api = Refusing(InProcess(local.cloud), "Throttling.User", times=10)

    with pytest.raises(RefusedError, match=r"Throttling\.User"):
        _read(api)

    assert len(api.asked) == 5


def test_a_page_that_is_refused_for_good_leaves_each_eni_to_be_asked_for(local: MockCloud) -> None:
    """Deep pages may be more than the cloud takes: then the members come by their tag."""
    found = _read(Refusing(InProcess(local.cloud), "InvalidParameter", times=10))

    assert found.bound is None
    assert len(found.members.enis) == GROUPS
