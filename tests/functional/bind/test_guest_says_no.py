"""A guest that refuses for good is asked twice, with a pause; one that only failed is asked again."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from multieip.runs.waiting import PATIENCE_PAUSES_S, Change
from tests.functional.between import Between
from tests.functional.scene import GROUP

if TYPE_CHECKING:
    from multieip.ports import Json
    from tests.functional.scene import Scene


def _saying(line: str) -> Json:
    """Return what makes a guest's output something else, in the cloud's own answer."""
    output = base64.b64encode(line.encode()).decode()

    def answer(body: Json) -> Json:
        for row in body["Invocation"]["InvocationResults"]["InvocationResult"]:
            if row["InvocationStatus"] not in {"Pending", "Running"}:
                row["Output"] = output
        return body

    return answer


def _no(*problems: Json) -> str:
    said = {"v": 1, "mode": "apply", "state": "failed", "problems": problems}
    return f"multieip-answer: {json.dumps(said)}\n"


@pytest.mark.parametrize(
    ("line", "times"),
    [
        (_no({"code": "tools", "text": "ip"}), 2),
        (_no({"code": "no-interface", "text": "00:16:3e:00:00:01"}), 3),
        ("Killed\n", 3),
    ],
    ids=["the same refusal twice", "an interface that is on its way", "no answer of ours"],
)
def test_a_guest_that_never_says_yes_is_asked_so_often(scene: Scene, line: str, times: int) -> None:
    """Each time after a longer pause; then the run ends and says what the guest said."""
    scene.ready_group(GROUP, scene.seeds.instance)
    began = scene.clock.monotonic()
    api = Between(scene.api).answer("DescribeInvocationResults", _saying(line))

    body = scene.bind(api=api)

    assert (body["state"], api.actions().count("RunCommand")) == ("failed", times)
    assert "the guest is not right" in body["message"]
    # Each command is asked for when it has likely ended; between two of them is a pause that grows.
    asked_s = times * Change.COMMAND.value
    assert scene.clock.monotonic() - began == pytest.approx(asked_s + sum(PATIENCE_PAUSES_S[: times - 1]))


def test_what_a_command_beside_the_attach_said_is_told_with_the_attach(scene: Scene) -> None:
    """The attach itself went well; that its command ended without a word is not lost."""
    scene.group(2, size="2")
    api = Between(scene.api).answer("DescribeInvocationResults", _saying("Killed\n"))

    body = scene.bind(api=api)

    (attach,) = [each for each in body["steps"] if each["step"] == "Attach"]
    assert (attach["state"], "no answer of the guest script" in attach["detail"]) == ("done", True)
