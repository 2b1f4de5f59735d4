"""The guests of a region as a sweep reads them: few commands, and a reason for each that was not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from localcloud import CloudOptions, mock_cloud
from tests.functional.scene import Scene, statuses

if TYPE_CHECKING:
    from multieip.ports import Json


def unread_guest(report: Json, group: str) -> str:
    """Return why one group's guest was not read."""
    (found,) = [each for region in report["regions"] for each in region["groups"] if each["group"] == group]
    assert found["guest"] is None
    return str(found["unread"]["guest"])


def test_guests_are_read_with_one_command(scene: Scene) -> None:
    """Two groups on two instances: one RunCommand, and the rules see each guest's own interface."""
    instances = [scene.seeds.instance, scene.hand.another_instance(scene.seeds)]
    for instance in instances:
        name = f"on-{instance}"
        eni, eips = scene.group(2, name=name, instance=None)
        scene.hand.tag("instance", [instance], name)
        scene.hand.bind(eni, eips)
        scene.hand.attach(eni, instance)

    report = scene.sweep()

    assert scene.actions()["RunCommand"] == 1
    groups = report["regions"][0]["groups"]
    assert [group["guest"]["simulated"] for group in groups] == [True, True]
    assert {statuses(report, group["group"])["eips-on-interface"] for group in groups} == {"fail"}


def test_one_bad_instance_does_not_hide_the_other_guests(scene: Scene) -> None:
    """RunCommand refuses the whole call for one instance; the rest is asked without it."""
    instances = [scene.seeds.instance, *(scene.hand.another_instance(scene.seeds) for _ in range(2))]
    for instance in instances:
        eni, eips = scene.group(2, name=f"on-{instance}", instance=None)
        scene.hand.tag("instance", [instance], f"on-{instance}")
        scene.hand.bind(eni, eips)
        scene.hand.attach(eni, instance)
    bad = instances[1]
    scene.api = RefusingApi(scene.api, bad)  # type: ignore[assignment]  # the same port

    report = scene.sweep()

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


def test_a_windows_guest_is_asked_in_its_own_language(scene: Scene) -> None:
    """One command per operating system."""
    scene.ready_group("linux", scene.seeds.instance)
    scene.ready_group("windows", scene.seeds.instance_windows, eips=1)

    report = scene.sweep()

    assert scene.actions()["RunCommand"] == 2
    assert {statuses(report, name)["eips-on-interface"] for name in ("linux", "windows")} == {"pass"}
    assert report["totals"]["ok"] == 2


def test_a_windows_guest_is_asked_without_gateways(scene: Scene) -> None:
    """A survey needs nothing of the cloud: what the guest has is told though the gateways may not be read."""
    scene.ready_group("windows", scene.seeds.instance_windows, eips=1)
    scene.cloud.faults.add("DescribeEipGatewayInfo:deny")

    report = scene.sweep()

    (group,) = report["regions"][0]["groups"]
    assert "Forbidden" in group["unread"]["gateways"]
    assert group["guest"]["simulated"]
    assert statuses(report, "windows")["replies-by-own-gateway"] == "pass"


def test_a_guest_whose_assistant_is_offline_is_not_asked(scene: Scene) -> None:
    """No command is sent that would only time out, and unknown is not pass."""
    scene.ready_group("web", scene.seeds.instance)
    scene.cloud.faults.add("DescribeCloudAssistantStatus:offline")

    report = scene.sweep({"mode": "repair"})

    assert "RunCommand" not in scene.actions()
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
def test_what_goes_wrong_on_the_way_is_the_reason(scene: Scene, fault: str, reason: str) -> None:
    """The group is reported all the same, its guest as unread; nothing passes unseen."""
    scene.ready_group("web", scene.seeds.instance)
    scene.cloud.faults.add(fault)

    report = scene.sweep()

    assert reason in unread_guest(report, "web")
    assert statuses(report, "web")["eips-on-interface"] == "unknown"
    assert report["totals"]["ok"] == 0


def test_noise_before_the_answer_is_no_answer_and_no_obstacle(scene: Scene) -> None:
    """A login message in the output does not hide what the script says."""
    scene.ready_group("web", scene.seeds.instance)
    scene.cloud.faults.add("RunCommand:hostile")

    assert scene.sweep()["totals"]["ok"] == 1


def test_a_group_on_an_instance_that_is_off_has_no_guest_to_read(scene: Scene) -> None:
    """Not applicable is neither unknown nor pass."""
    scene.ready_group("web", scene.seeds.instance)
    scene.hand.api.call("Ecs", "StopInstance", {"InstanceId": scene.seeds.instance})
    scene.cloud.clock.sleep(120)

    report = scene.sweep()

    assert "RunCommand" not in scene.actions()
    assert statuses(report, "web")["eips-on-interface"] == "not-applicable"


def test_guests_that_time_does_not_allow_are_named() -> None:
    """The cloud was read in time; the guest is unread, not fine."""
    with mock_cloud(CloudOptions(latency="realistic")) as local:
        scene = Scene(local)
        scene.ready_group("web", scene.seeds.instance)
        scene.budget_s = 0.1

        assert "no time was left" in unread_guest(scene.sweep(), "web")


def test_a_daily_quota_that_is_used_up_is_not_asked_for_in_halves(scene: Scene) -> None:
    """It is about the account, not about one instance: one call, and a way out for every guest."""
    for instance in [scene.seeds.instance, *(scene.hand.another_instance(scene.seeds) for _ in range(2))]:
        scene.ready_group(f"on-{instance}", instance, eips=1)
    scene.cloud.accounts.main.invocation_quota = 0
    before = scene.actions()["RunCommand"]

    report = scene.sweep()

    assert scene.actions()["RunCommand"] - before == 1
    reasons = {group["unread"]["guest"] for group in report["regions"][0]["groups"]}
    assert len(reasons) == 1
    assert "the daily quota of Cloud Assistant is used up" in reasons.pop()
