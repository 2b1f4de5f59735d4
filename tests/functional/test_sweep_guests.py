"""The guests of a region as a sweep reads them: few commands, and a reason for each that was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.functional.sweep_stage import Stage, statuses
from tests.stubs.options import CloudOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.ports import Json


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Return an empty stage."""
    made = Stage()
    yield made
    made.close()


def unread_guest(report: Json, group: str) -> str:
    """Return why one group's guest was not read."""
    (found,) = [each for region in report["regions"] for each in region["groups"] if each["group"] == group]
    assert found["guest"] is None
    return str(found["unread"]["guest"])


def test_guests_are_read_with_one_command(stage: Stage) -> None:
    """Two groups on two instances: one RunCommand, and the rules see each guest's own interface."""
    instances = [stage.seeds.instance, stage.hand.another_instance(stage.seeds)]
    for instance in instances:
        name = f"on-{instance}"
        eni, eips = stage.group(name)
        stage.hand.tag("instance", [instance], name)
        stage.hand.bind(eni, eips)
        stage.hand.attach(eni, instance)

    report = stage.sweep()

    assert stage.actions()["RunCommand"] == 1
    groups = report["regions"][0]["groups"]
    assert [group["guest"]["simulated"] for group in groups] == [True, True]
    assert {statuses(report, group["group"])["eips-on-interface"] for group in groups} == {"fail"}


def test_one_bad_instance_does_not_hide_the_other_guests(stage: Stage) -> None:
    """RunCommand refuses the whole call for one instance; the rest is asked without it."""
    instances = [stage.seeds.instance, *(stage.hand.another_instance(stage.seeds) for _ in range(2))]
    for instance in instances:
        eni, eips = stage.group(f"on-{instance}")
        stage.hand.tag("instance", [instance], f"on-{instance}")
        stage.hand.bind(eni, eips)
        stage.hand.attach(eni, instance)
    bad = instances[1]
    stage.api = RefusingApi(stage.api, bad)  # type: ignore[assignment]  # the same port

    report = stage.sweep()

    groups = {group["group"]: group for group in report["regions"][0]["groups"]}
    assert "InvalidInstance.NotFound" in groups[f"on-{bad}"]["unread"]["guest"]
    assert statuses(report, f"on-{bad}")["eips-on-interface"] == "unknown"
    assert [name for name, group in groups.items() if group["guest"]] == sorted(set(groups) - {f"on-{bad}"})


class RefusingApi:
    """The cloud as it is when an instance went away between the listing and the command."""

    def __init__(self, inner: Any, bad: str) -> None:  # noqa: ANN401  any Api
        """Answer for `bad` as the cloud does for an id that it does not know."""
        self._inner = inner
        self._bad = bad
        self.calls = inner.calls

    def call(self, product: str, action: str, params: dict[str, str]) -> Json:
        """See `multieip.ports.Api`."""
        if action == "RunCommand" and self._bad in params.values():
            params = {key: "i-gone" if value == self._bad else value for key, value in params.items()}
        answer: Json = self._inner.call(product, action, params)
        return answer


def test_a_windows_guest_is_asked_in_its_own_language(stage: Stage) -> None:
    """One command per operating system; the Windows one carries what to look for."""
    stage.ready_group("linux", stage.seeds.instance)
    stage.ready_group("windows", stage.seeds.instance_windows, eips=1)

    report = stage.sweep()

    assert stage.actions()["RunCommand"] == 2
    assert {statuses(report, name)["eips-on-interface"] for name in ("linux", "windows")} == {"pass"}
    assert report["totals"]["ok"] == 2


def test_a_windows_guest_without_gateways_cannot_be_asked(stage: Stage) -> None:
    """The denied reading is named, and what depends on it is unknown."""
    stage.ready_group("windows", stage.seeds.instance_windows, eips=1)
    stage.cloud.faults.add("DescribeEipGatewayInfo:deny")

    report = stage.sweep()

    (group,) = report["regions"][0]["groups"]
    assert "Forbidden" in group["unread"]["gateways"]
    assert "names no interface" in unread_guest(report, "windows")


def test_a_guest_whose_assistant_is_offline_is_not_asked(stage: Stage) -> None:
    """No command is sent that would only time out, and unknown is not pass."""
    stage.ready_group("web", stage.seeds.instance)
    stage.cloud.faults.add("DescribeCloudAssistantStatus:offline")

    report = stage.sweep({"mode": "repair"})

    assert "RunCommand" not in stage.actions()
    assert "not known to be online" in unread_guest(report, "web")
    assert statuses(report, "web")["assistant-online"] == "fail"
    assert statuses(report, "web")["eips-on-interface"] == "unknown"
    assert report["repairs"]["groups"] == []


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("RunCommand:deny", "Forbidden"),
        ("RunCommand:throttle", "Throttling"),
        ("RunCommand:internal", "InternalError"),
        ("RunCommand:reset-after", "connection"),
        ("RunCommand:truncate:bytes=60", "answer"),
        ("RunCommand:undelivered", "DeliveryTimeout"),
        ("DescribeCloudAssistantStatus:deny", "not known to be online"),
    ],
)
def test_what_goes_wrong_on_the_way_is_the_reason(stage: Stage, fault: str, reason: str) -> None:
    """The group is reported all the same, its guest as unread; nothing passes unseen."""
    stage.ready_group("web", stage.seeds.instance)
    stage.cloud.faults.add(fault)

    report = stage.sweep()

    assert reason in unread_guest(report, "web")
    assert statuses(report, "web")["eips-on-interface"] == "unknown"
    assert report["totals"]["ok"] == 0


def test_noise_before_the_answer_is_no_answer_and_no_obstacle(stage: Stage) -> None:
    """A login message in the output does not hide what the script says."""
    stage.ready_group("web", stage.seeds.instance)
    stage.cloud.faults.add("RunCommand:hostile")

    assert stage.sweep()["totals"]["ok"] == 1


def test_a_group_on_an_instance_that_is_off_has_no_guest_to_read(stage: Stage) -> None:
    """Not applicable is neither unknown nor pass."""
    stage.ready_group("web", stage.seeds.instance)
    stage.hand.api.call("Ecs", "StopInstance", {"InstanceId": stage.seeds.instance})
    stage.cloud.clock.sleep(120)

    report = stage.sweep()

    assert "RunCommand" not in stage.actions()
    assert statuses(report, "web")["eips-on-interface"] == "not-applicable"


def test_guests_that_time_does_not_allow_are_named() -> None:
    """The cloud was read in time; the guest is unread, not fine."""
    stage = Stage(CloudOptions(latency="realistic"))
    stage.ready_group("web", stage.seeds.instance)
    stage.budget_s = 0.1

    report = stage.sweep()

    assert "no time was left" in unread_guest(report, "web")
    stage.close()
