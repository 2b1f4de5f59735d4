"""`ready` is never said over an unknown, nor over a guest whose yes does not show."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from tests.functional.between import Between
from tests.functional.in_process import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from multieip.ports import Json
    from tests.functional.scene import Scene

_PREFIX = "multieip-answer: "


def _changed(change: Callable[[Json], None]) -> Callable[[Json], Json]:
    """Return what makes a guest say something else, in the cloud's own answer."""

    def answer(body: Json) -> Json:
        for row in body["Invocation"]["InvocationResults"]["InvocationResult"]:
            said = base64.b64decode(row["Output"]).decode()
            if _PREFIX in said:
                report = json.loads(said.partition(_PREFIX)[2])
                for nic in report["nics"]:
                    change(nic)
                row["Output"] = base64.b64encode(f"{_PREFIX}{json.dumps(report)}\n".encode()).decode()
        return body

    return answer


def _dhcp_unknown(nic: Json) -> None:
    nic["dhcp"] = "unknown"


def _lacks_an_eip(nic: Json) -> None:
    nic["eips"] = nic["eips"][1:]
    nic["addresses"] = nic["addresses"][:1]


def _no_reply_route(nic: Json) -> None:
    nic["eips"][0]["route_ok"] = False


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_dhcp_unknown, "dhcp-on"),
        (_lacks_an_eip, "eips-on-interface"),
        (_no_reply_route, "replies-by-own-gateway"),
    ],
    ids=["DHCP unknown", "says ok and lacks an EIP", "says ok and replies elsewhere"],
)
def test_an_ok_with_a_doubt_behind_it_is_not_ready(
    scene: Scene, change: Callable[[Json], None], rule: str
) -> None:
    """Item 9: unknown is not pass, and the report decides, not the word ok."""
    scene.group(2, size="2")
    doubtful = Between(InProcess(scene.cloud)).answer("DescribeInvocationResults", _changed(change))

    body = scene.bind(api=doubtful)

    assert body["state"] == "failed", body["message"]
    assert rule in body["message"]


def test_a_ready_result_names_whom_it_serves_and_as_of_when(scene: Scene) -> None:
    """Every member served, by the last look."""
    _, eips = scene.group(3, size="3")

    body = scene.apply()

    assert body["served"] == sorted(eips)
    assert body["as_of"]
    assert (body["restored"], body["left_detached"], body["blocked_eips"], body["told"]) == (
        None,
        None,
        [],
        [],
    )
