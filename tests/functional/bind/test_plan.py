"""A plan by hand: everything is shown, nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.functional.scene import Scene

_CALLS_FOR_THREE = 24
"""What a whole apply for three EIPs takes with the local cloud's durations (6 s to bind, 5 s to attach)."""


def test_a_plan_shows_everything_and_writes_nothing(scene: Scene) -> None:
    """Every cloud call and the wanted set are shown; the cloud saw no write."""
    eni, eips = scene.group(size="3")
    scene.forget_events()
    before = scene.picture()

    body = scene.plan()

    assert body["state"] == "planned"
    assert not body["changed"]
    assert [step["step"] for step in body["plan"]["steps"]] == [
        "Associate", "Attach", "ConfigureGuest",
    ]  # fmt: skip
    assert {wanted["address"] for wanted in body["plan"]["steps"][-1]["wanted"]} == set(scene.addresses(eips))
    assert f"attach {eni} to {scene.seeds.instance}" in body["plan"]["text"]
    assert scene.writes() == []
    assert scene.picture() == before


def test_a_plan_without_size_shows_the_whole_way_too(scene: Scene) -> None:
    """The attach and the guest are shown, and that a run would wait for the set to settle first."""
    scene.group()

    body = scene.plan()

    assert body["message"] == "waits for the set of EIPs to settle"
    assert "ConfigureGuest" in [step["step"] for step in body["plan"]["steps"]]


def test_a_plan_of_a_ready_group_is_only_the_reading_back(scene: Scene) -> None:
    """Nothing to do reads as nothing to do."""
    scene.group(size="3")
    scene.apply()

    body = scene.plan()

    assert [step["step"] for step in body["plan"]["steps"]] == ["ConfigureGuest"]
    assert all("(read" not in wanted["gateway"] for wanted in body["plan"]["steps"][-1]["wanted"])
