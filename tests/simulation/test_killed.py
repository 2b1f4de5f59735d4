"""Runs that die at any call, and runs that race: after one more run the end is the same."""

from __future__ import annotations

import random
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from localcloud import mock_cloud
from tests.functional.in_process import InProcess
from tests.functional.scene import GROUP, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multieip.ports import Api, Json, Product


class KilledError(BaseException):
    """The process is gone: nothing of it may catch this."""


class MortalApi:
    """Passes calls on until the process dies at one of them, before or after the call took effect."""

    def __init__(self, inner: Api, dies_at: int, *, after: bool) -> None:
        """Die at call number `dies_at`, counted from one; 0 is never."""
        self._inner = inner
        self._dies_at = dies_at
        self._after = after
        self._lock = threading.Lock()
        self.calls = 0

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        with self._lock:
            self.calls += 1
            number = self.calls
        dead = self._dies_at and number >= self._dies_at
        if dead and not (self._after and number == self._dies_at):
            raise KilledError
        answer = self._inner.call(product, action, params)
        if dead:
            raise KilledError
        return answer


def _most_bound(scene: Scene, eni: str, worst: list[int]) -> None:
    scene.cloud.subscribe(lambda _event: worst.append(len(scene.bound(eni))))


def _calls_of_a_whole_run() -> int:
    with mock_cloud() as local:
        scene = Scene(local)
        scene.group(size="3", detach="allow")
        api = MortalApi(InProcess(scene.cloud), 0, after=False)
        assert scene.bind(api=api)["state"] == "ready"
        return api.calls


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_run_that_is_killed_at_any_call_is_finished_by_the_next(after: bool) -> None:  # noqa: FBT001  parametrized
    """At every call of a whole apply; the other ENI and the other EIP of the region stay as they are."""
    for number in range(1, _calls_of_a_whole_run() + 1):
        with mock_cloud() as local:
            scene = Scene(local)
            bystanders = scene.hand.eni(scene.seeds), scene.hand.eips(1)
            eni, eips = scene.group(size="3", detach="allow")

            with pytest.raises(KilledError):
                scene.bind(api=MortalApi(InProcess(scene.cloud), number, after=after))
            body = scene.apply()

            assert body["state"] == "ready", (number, body["message"])
            assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
            assert scene.answering(eips) == [True] * 3
            assert scene.attached_to(bystanders[0]) == ("Available", "")
            assert scene.picture()["eips"][bystanders[1][0]] == ("Available", "", "")


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_a_release_that_is_killed_at_any_call_is_finished_by_the_next(after: bool) -> None:  # noqa: FBT001  parametrized
    """At every call of a whole release."""
    number = 0
    while True:
        number += 1
        with mock_cloud() as local:
            scene = Scene(local)
            eni, _ = scene.group(2, size="2")
            scene.apply()
            api = MortalApi(InProcess(scene.cloud), number, after=after)
            try:
                scene.bind({"group": GROUP, "action": "release"}, api=api)
            except KilledError:
                body = scene.release()
            else:
                assert number > 10
                return

            assert body["state"] == "released", (number, body["message"])
            assert scene.bound(eni) == {}
            assert scene.attached_to(eni) == ("Available", "")


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_changes_and_deaths_ends_in_what_the_tags_say(seed: int) -> None:
    """Tags come and go, runs repeat, die and are cut short; a last apply makes it what the tags say."""
    chance = random.Random(seed)
    with mock_cloud() as local:
        scene = Scene(local)
        eni, members = scene.group(2, detach="allow", prune="allow")
        worst: list[int] = []
        _most_bound(scene, eni, worst)
        foreign = scene.hand.eips(1)
        for _ in range(8):
            _one_thing(scene, members, chance)

        scene.queue.waiting.clear()
        body = scene.apply(settle_seconds=0, resume=True)

        assert body["state"] == "ready", body["message"]
        assert scene.bound(eni) == dict.fromkeys(members, "InUse")
        assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)
        assert scene.answering(members) == [True] * len(members)
        assert scene.picture()["eips"][foreign[0]] == ("Available", "", "")
        assert max(worst, default=0) <= 10


def _one_thing(scene: Scene, members: list[str], chance: random.Random) -> None:
    match chance.choice(["grow", "shrink", "run", "die", "die", "short", "release", "continue"]):
        case "grow" if len(members) < 6:
            members += scene.hand.eips(1, GROUP)
        case "shrink" if len(members) > 1:
            scene.hand.untag("EIP", [members.pop(chance.randrange(len(members)))])
        case "run":
            scene.apply()
        case "die":
            api = MortalApi(InProcess(scene.cloud), chance.randint(1, 30), after=chance.random() < 0.5)
            try:
                scene.bind({"group": GROUP, "action": "apply", "settle_seconds": 0}, api=api)
            except KilledError:
                scene.clock.sleep(chance.choice([0.0, 3.0, 60.0]))
        case "short":
            scene.bind(limit_s=chance.choice([2.0, 5.0, 9.0]))
        case "release":
            scene.bind({"group": GROUP, "action": "release"}, limit_s=chance.choice([4.0, 585.0]))
        case "continue" if scene.queue.waiting:
            scene.next_turn()


class OvertakenApi:
    """Passes calls on; at one of them another run of the same group comes first, from begin to end."""

    def __init__(self, inner: Api, at: int, overtake: Callable[[], object]) -> None:
        """Let `overtake` happen before call number `at`."""
        self._inner = inner
        self._at = at
        self._overtake = overtake
        self._lock = threading.Lock()
        self.calls = 0

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        with self._lock:
            self.calls += 1
            if self.calls == self._at:
                self._overtake()
        return self._inner.call(product, action, params)


@pytest.mark.parametrize("overtaking", ["apply", "release"])
def test_runs_that_race_end_in_one_state(overtaking: str) -> None:
    """At every call of an apply another run overtakes it; the last one finds or makes what the tags want."""
    for number in range(1, _calls_of_a_whole_run() + 1):
        with mock_cloud() as local:
            scene = Scene(local)
            eni, eips = scene.group(size="3", detach="allow")
            other = {"group": GROUP, "action": overtaking}
            overtaken = OvertakenApi(InProcess(scene.cloud), number, partial(scene.bind, other))

            scene.bind(api=overtaken)
            body = scene.apply()

            if overtaking == "release":
                # The tag says what is wanted, whoever comes last (issue 8, item 5).
                assert body["state"] == "released", (number, body["message"])
                assert (scene.bound(eni), scene.attached_to(eni)) == ({}, ("Available", ""))
                continue
            assert body["state"] == "ready", (number, body["message"])
            assert scene.bound(eni) == dict.fromkeys(eips, "InUse")
            assert scene.attached_to(eni) == ("InUse", scene.seeds.instance)
            assert scene.answering(eips) == [True] * 3
