"""A timer's report is kept in a bucket, by the vendor's library, and read again from there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, attach_functions, mock_cloud
from multieip.errors import SettingsError
from multieip.report.html import render_html
from multieip.settings import Settings
from tests.functional.handlers import Functions
from tests.functional.operator import Operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    import localcloud
    from multieip.ports import Json

BUCKET = "ops-reports"
KEY = "multi-eip/hourly-2026-11-20T04-00-00Z-part1.json"
POLICY = Path("docs/policies/sweep-report-bucket.json")


class Kept:
    """The handlers on a cloud with an object store, and what is in it."""

    def __init__(self, local: localcloud.MockCloud, store: localcloud.Functions) -> None:
        """Let one group be there to report on."""
        self.local = local
        self.functions = Functions(local, settings={"MULTI_EIP_REPORT_BUCKET": BUCKET})
        self._store = store
        hand = Operator(local.cloud)
        hand.eni(local.seeds, "web")

    def timer(self, **wish: object) -> Json:
        """Let the timer go off."""
        payload = json.dumps({"regions": ["cn-shanghai"], **wish})
        event = {"triggerTime": "2026-11-20T04:00:00Z", "triggerName": "hourly", "payload": payload}
        return self.functions("sweep", event)

    def read(self, key: str = KEY) -> Json:
        """Return what is kept under this name."""
        found: Json = json.loads(self._store.service.objects.get(BUCKET, key))
        return found

    def said(self, event: str) -> list[Json]:
        """Return the log's lines of this name."""
        return [line for line in self.functions.said if line["event"] == event]


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Serve a cloud with an object store."""
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as local:
        store = attach_functions(local.cloud, s_yaml=None, react=False, endpoint=local.endpoint)
        yield Kept(local, store)
        store.close()


def test_a_timers_report_is_kept_whole_and_once(kept: Kept) -> None:
    """By a role that may do that and no more to objects; a page is made of what is read back."""
    policy = POLICY.read_text(encoding="utf-8").replace("BUCKET", BUCKET)
    allow = {"Effect": "Allow", "Action": ["ecs:*", "vpc:*", "fc:*"], "Resource": ["*"]}
    kept.local.cloud.accounts.grant("multi-eip", policy, {"Version": "1", "Statement": [allow]})

    answer = kept.timer()
    again = kept.timer()

    assert kept.read() == again
    assert answer["totals"]["groups"] == 1
    assert "web" in render_html(kept.read())
    assert [line["key"] for line in kept.said("kept")] == [KEY, KEY]


def test_a_report_that_cannot_be_kept_costs_nothing_else(kept: Kept) -> None:
    """The role may not: the answer is what it was, and the log has the code and no key of anybody."""
    allow = {"Effect": "Allow", "Action": ["ecs:*", "vpc:*", "fc:*"], "Resource": ["*"]}
    kept.local.cloud.accounts.grant("multi-eip", {"Version": "1", "Statement": [allow]})

    report = kept.timer()

    assert report["complete"]
    (line,) = kept.said("not kept")
    assert line["key"] == KEY
    assert "PutObject" in line["reason"]
    assert "Signature" not in json.dumps(kept.functions.said)


def test_nothing_is_kept_of_a_call_by_hand_unless_it_asks(kept: Kept) -> None:
    """Who calls by hand has the answer; a timer may say that it wants none kept."""
    kept.functions("sweep", {"regions": ["cn-shanghai"]})
    kept.timer(keep=False)
    assert kept.said("kept") == []

    report = kept.functions("sweep", {"regions": ["cn-shanghai"], "keep": True})
    assert kept.read("multi-eip/1-request-part1.json") == report


@pytest.mark.parametrize(
    ("name", "value"), [("BUCKET", "Ops"), ("BUCKET", "a/b"), ("PREFIX", "/reports"), ("PREFIX", "a b")]
)
def test_names_that_no_bucket_or_object_has_are_refused(name: str, value: str) -> None:
    """Before anything is read."""
    with pytest.raises(SettingsError, match=f"MULTI_EIP_REPORT_{name}"):
        Settings.read({f"MULTI_EIP_REPORT_{name}": value})
