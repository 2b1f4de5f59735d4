"""The function `react` where the event alone decides: no SDK, no adapters, a reason."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from multieip.events.table import ROWS

ROOT = Path(__file__).parents[3]
SKIPPED = {
    "call-delete-network-interface",
    "call-release-eip-address",
    "ecs-eni-operate-completed",
    "ecs-eni-operate-completed-in-content",
    "ecs-instance-state-change-stopping",
    "failed-associate",
    "own-attach",
    "unrelated-create-disk",
    "unrelated-product",
    "unrelated-read",
    "unrelated-tag-disk",
    "unrelated-tag-resources",
}
DRIVER = """
import json, pathlib, runpy, sys
handler = runpy.run_path("functions/react/index.py")["handler"]
answers = {name: handler(pathlib.Path(f"events/{name}.json").read_bytes(), None) for name in sys.argv[1:]}
heavy = ("aliyunsdk", "alibabacloud", "fc2", "multieip.cloud.")
print(json.dumps({"answers": answers, "sdk": [name for name in sys.modules if name.startswith(heavy)]}))
"""


@pytest.fixture(scope="module")
def run() -> subprocess.CompletedProcess[str]:
    """Call the real handler with each skipped sample, in a fresh process with the function's environment."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", DRIVER, *sorted(SKIPPED)],
        cwd=ROOT,
        env={"PYTHONPATH": "shared", "MULTI_EIP_OWN_ROLE": "multi-eip", "FC_REGION": "cn-shanghai"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_skipped_events_cost_no_sdk(run: subprocess.CompletedProcess[str]) -> None:
    """Neither an SDK nor an adapter of ours was imported for any of them."""
    assert json.loads(run.stdout)["sdk"] == []


def test_each_skip_is_answered_and_logged_with_its_reason(run: subprocess.CompletedProcess[str]) -> None:
    """The answer starts nothing and says why; the log has a line of JSON with the same reason."""
    answers = {name: json.loads(body) for name, body in json.loads(run.stdout)["answers"].items()}
    lines = [json.loads(line) for line in run.stderr.splitlines()]

    assert set(answers) == SKIPPED
    for answer in answers.values():
        assert answer["started"] == answer["collapsed"] == answer["failed"] == []
        (skip,) = answer["skipped"]
        assert [line["reason"] for line in lines if line["cause"] == skip["event"]] == [skip["reason"]]


def test_the_patterns_of_s_yaml_name_the_events_of_the_table() -> None:
    """An event that is in one of them only would be deployed in vain, or never arrive."""
    functions = yaml.safe_load((ROOT / "s.yaml").read_text(encoding="utf-8"))["resources"]
    triggers = [t for t in functions["react"]["props"]["triggers"] if t["triggerType"] == "eventbridge"]
    patterns = [json.loads(t["triggerConfig"]["eventRuleFilterPattern"]) for t in triggers]
    names = {name for pattern in patterns for name in pattern.get("data", {}).get("eventName", [])}
    own = {kind for p in patterns for kind in p["type"] if ":ActionTrail:" not in kind}

    assert names | own == {row.name for row in ROWS}
    assert {source for pattern in patterns for source in pattern["source"]} == {
        f"acs.{product}" for row in ROWS for product in row.products
    }
