"""When a timer fires next: six fields, a zone of their own, and intervals."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from localcloud.fc.cron import next_firing

# A Thursday.
NOW = datetime(2026, 11, 26, 10, 30, 15, tzinfo=timezone.utc).timestamp()


@pytest.mark.parametrize(
    ("expression", "moment"),
    [
        ("@every 10m", "2026-11-26T10:40:15"),
        ("@every 1h30m", "2026-11-26T12:00:15"),
        ("0 * * * * *", "2026-11-26T10:31:00"),
        ("15 30 10 * * *", "2026-11-27T10:30:15"),
        ("0 0 4 * * *", "2026-11-27T04:00:00"),
        ("0 0 12 * * MON-FRI", "2026-11-26T12:00:00"),
        ("0 0 12 ? * SUN", "2026-11-29T12:00:00"),
        ("0 0 12 ? * 7", "2026-11-29T12:00:00"),
        ("0 0 0 1 JAN ?", "2027-01-01T00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("0 0 0 28 * SUN", "2026-11-28T00:00:00"),
        ("30 5/20 * * * *", "2026-11-26T10:45:30"),
        ("0 0 9,18 * * *", "2026-11-26T18:00:00"),
        ("CRON_TZ=Asia/Shanghai 0 0 4 * * *", "2026-11-26T20:00:00"),
    ],
)
def test_the_next_moment(expression: str, moment: str) -> None:
    """Strictly later than now; in UTC unless a zone is named."""
    found = next_firing(expression, NOW)

    assert found is not None
    assert datetime.fromtimestamp(found, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") == moment


def test_a_day_that_never_comes() -> None:
    """The thirtieth of February."""
    assert next_firing("0 0 0 30 2 *", NOW) is None
