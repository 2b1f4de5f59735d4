"""The bound of all published limits together, against which 200 groups are measured."""

from __future__ import annotations

import pytest

from tests.bench.many import bound

LIMITS = {
    "AssociateEipAddressBatch": 30,
    "AssociateEipAddress": 120,
    "DescribeEipAddresses": 600,
    "DescribeNetworkInterfaces": 800,
    "AttachNetworkInterface": 500,
}
SECONDS = {"associate": 6.0, "attach": 5.0}


@pytest.mark.parametrize("start", [0, 17.5, 55])
def test_the_last_binding_waits_for_the_fourth_minute(start: float) -> None:
    """30 groups by batch and 24 by single calls pass in one minute: 162 in three, 216 in four."""
    assert bound(LIMITS, SECONDS, start) == pytest.approx(180 - start + 11.12)


def test_whichever_limit_is_the_smallest_decides() -> None:
    """Reads and attachments are counted as well."""
    assert bound({**LIMITS, "AttachNetworkInterface": 30}, SECONDS, 0) == pytest.approx(360 + 11.12)


def test_limits_that_let_everybody_through_leave_what_the_cloud_takes() -> None:
    """Then no minute is waited for, whatever the second of the start."""
    free = dict.fromkeys(LIMITS, 10_000)

    assert bound(free, SECONDS, 30) == pytest.approx(11.12)
