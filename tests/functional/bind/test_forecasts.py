"""A process learns how long a change takes, and looks when it is likely to have come about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from multieip.app.bind import bind
from multieip.runs.waiting import Change, Durations
from tests.functional.between import Between
from tests.functional.scene import GROUP

if TYPE_CHECKING:
    from multieip.ports import Json
    from tests.functional.scene import Scene

PAYLOAD = {"group": GROUP, "action": "apply"}


def test_a_command_that_takes_longer_than_the_guess_is_asked_for_once_the_next_time(scene: Scene) -> None:
    """The first answer came at the second question; that is when the next command's is asked for."""
    scene.ready_group(GROUP, scene.seeds.instance)
    cloud = scene.cloud
    cloud.profile = replace(cloud.profile, seconds={**cloud.profile.seconds, "command": 1.6})
    durations = Durations()
    first, second = Between(scene.api), Between(scene.api)

    for api in (first, second):
        assert bind(scene.app(api), PAYLOAD, durations=durations)["state"] == "ready"

    asked = [api.actions().count("DescribeInvocationResults") for api in (first, second)]
    assert asked == [2, 1]
    assert durations.predict(Change.COMMAND) > Change.COMMAND.value


def test_a_call_that_takes_long_says_nothing_about_its_command(scene: Scene) -> None:
    """The first question came late and was answered: the command may have ended long before."""
    scene.ready_group(GROUP, scene.seeds.instance)
    durations = Durations()

    def slow(body: Json) -> Json:
        scene.clock.sleep(3 * Change.COMMAND.value)
        return body

    api = Between(scene.api).answer("RunCommand", slow)
    assert bind(scene.app(api), PAYLOAD, durations=durations)["state"] == "ready"

    assert durations.known(Change.COMMAND)
    assert durations.predict(Change.COMMAND) == Change.COMMAND.value
