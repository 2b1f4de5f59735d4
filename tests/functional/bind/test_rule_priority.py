"""The setting of the rules' priority reaches each guest that a run asks."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.functional.scene import Scene


def _fronts(scene: Scene) -> list[str]:
    """List the priorities that the account's commands asked for; one without has the guest's own."""
    listed = scene.hand.api.call("Ecs", "DescribeInvocations", {"RegionId": scene.seeds.region})
    sent = [base64.b64decode(one["CommandContent"]).decode() for one in listed["Invocations"]["Invocation"]]
    wanted = [re.search(r"^wanted='\n(.*?)'$", text, re.DOTALL | re.MULTILINE) for text in sent]
    return [" ".join(re.findall(r"^front (\d+)$", each.group(1), re.MULTILINE)) for each in wanted if each]


def test_a_changed_setting_is_in_the_next_apply_and_in_the_release(scene: Scene) -> None:
    """Five is the guest's own default and is not sent; another one is, by whatever asks the guest."""
    scene.group(3)
    assert scene.apply()["state"] == "ready"
    assert set(_fronts(scene)) == {""}

    scene.environ["MULTI_EIP_RULE_PRIORITY"] = "50"
    assert scene.apply()["state"] == "ready"
    assert scene.release()["state"] == "released"

    assert _fronts(scene).count("50") == 2, _fronts(scene)
