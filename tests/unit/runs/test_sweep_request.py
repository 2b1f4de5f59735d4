"""The payload of `sweep`: what it may say, and that every fault is named."""

from __future__ import annotations

from typing import Any

import pytest

from multieip.errors import RequestError
from multieip.runs.sweep_request import SweepMode, SweepRequest, read_sweep_request


def test_no_wishes_are_a_report_of_everything() -> None:
    """A timer without payload reports on all regions and groups and repairs nothing."""
    assert read_sweep_request({}) == SweepRequest(SweepMode.REPORT, (), (), None)
    assert read_sweep_request({"regions": "all"}) == read_sweep_request({})


def test_all_wishes_are_read() -> None:
    """Repeated names count once."""
    request = read_sweep_request(
        {"mode": "repair", "regions": ["cn-shanghai", "cn-shanghai"], "groups": ["web"], "max_repairs": 0}
    )

    assert (request.mode, request.regions, request.groups) == (SweepMode.REPAIR, ("cn-shanghai",), ("web",))
    assert request.max_repairs == 0


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"mode": "fix"}, "mode 'fix': must be report or repair"),
        ({"mode": ["report"]}, "must be report or repair"),
        ({"regions": "cn-shanghai"}, 'must be a list of strings, or "all"'),
        ({"regions": []}, "regions is empty; leave it out to mean all"),
        ({"regions": ["Shanghai"]}, "'Shanghai' is not a valid region id"),
        ({"groups": ["web 1"]}, "'web 1' is not a valid group name"),
        ({"groups": [1]}, "must be a list of strings"),
        ({"max_repairs": True}, "must be a number"),
        ({"max_repairs": -1}, "must be a number"),
        ({"sweeps_a_day": 0}, "sweeps_a_day 0: must be a number from 1 to"),
        ({"region": "cn-shanghai"}, "unknown: region; known are mode, regions"),
    ],
)
def test_a_wrong_payload_is_refused_in_words_that_help(payload: dict[str, Any], words: str) -> None:
    """A typing error must not become a sweep of everything."""
    with pytest.raises(RequestError, match="sweep: ") as caught:
        read_sweep_request(payload)

    assert words in str(caught.value)


def test_one_sweep_a_day_is_enough() -> None:
    """A timer that fires once a day says so, and each of its sweeps reads every gateway."""
    assert read_sweep_request({"sweeps_a_day": 1}).sweeps_a_day == 1


def test_all_faults_come_at_once() -> None:
    """One look is enough to mend them all."""
    with pytest.raises(RequestError, match=r"mode .*; group .*; max_repairs"):
        read_sweep_request({"mode": "x", "groups": ["-"], "max_repairs": "3"})
