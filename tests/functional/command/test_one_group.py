"""`multieip plan`, `apply`, `release`, `hold`, `resume`: one group, through the console script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.functional.command.conftest import Desk


def test_plan_shows_each_step_and_writes_nothing(desk: Desk) -> None:
    """Signs, calls, a sum, seconds and the outage, and every EIP still free."""
    eni, eips = desk.group()

    done = desk.run("plan", "web")

    assert done.returncode == 0, done.stderr
    assert f"+ bind {', '.join(sorted(eips))} to {eni} in multi-EIP mode" in done.stdout
    assert "Vpc.AssociateEipAddressBatch" in done.stdout
    assert "Plan: 2 to add, 1 to change, 0 to take away; about 13 s" in done.stdout
    assert "Outage: none" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert {eip.status for eip in desk.state().eips.all.values()} == {"Available"}


def test_apply_makes_the_group_ready_and_a_second_one_changes_nothing(desk: Desk) -> None:
    """The same result as the function's, and the status says clean."""
    eni, _ = desk.group()

    first = desk.json("apply", "web")
    second = desk.json("apply", "web")

    assert (first["state"], first["changed"], first["eni"]) == ("ready", True, eni)
    assert (second["state"], second["changed"]) == ("ready", False)


def test_the_plan_of_a_ready_group_says_that_its_step_may_change_nothing(desk: Desk) -> None:
    """The guest is not asked by a plan, and is right already."""
    told = "where it has these EIPs already, the step changes nothing"
    desk.group()
    before = desk.run("plan", "web").stdout
    desk.json("apply", "web")

    after = desk.run("plan", "web").stdout

    assert (told in before, told in after) == (False, True)
    assert "Plan: 0 to add, 1 to change, 0 to take away" in after


def test_a_change_says_how_long_who_is_away(desk: Desk) -> None:
    """One more EIP needs the ENI off: the plan names the addresses that fall silent."""
    eni, eips = desk.group()
    desk.json("apply", "web")
    desk.hand.tag("eni", [eni], None, detach="allow", size="3")
    desk.hand.eips(1, "web")

    text = desk.run("plan", "web").stdout
    away = desk.json("plan", "web")["plan"]["away"]

    assert sorted(each["eip"] for each in away) == sorted(eips)
    assert all(each["to"] > each["from"] for each in away)
    assert all(f"{each['address']}" in text.partition("Outage:")[2] for each in away)


def test_the_plan_of_a_release_says_that_nobody_comes_back(desk: Desk) -> None:
    """The addresses do not answer again after some seconds, as they do after a change."""
    desk.group()
    desk.json("apply", "web")

    text = desk.run("release", "web", "--plan").stdout

    assert " for good, from about 0 s after the start" in text.partition("Outage:")[2]


def test_a_saved_plan_is_done_while_nothing_has_moved(desk: Desk) -> None:
    """`plan --out`, then `apply` of the file."""
    desk.group()

    saved = desk.run("plan", "web", "--out", "web.plan")
    body = desk.json("apply", "web.plan")

    assert "multieip apply web.plan" in saved.stdout
    assert (body["state"], body["changed"]) == ("ready", True)


def test_a_saved_plan_is_refused_when_the_facts_have_moved(desk: Desk) -> None:
    """One more EIP was tagged meanwhile: nothing is written, and the difference is named."""
    desk.group()
    desk.run("plan", "web", "--out", "web.plan")
    (late,) = desk.hand.eips(1, "web")

    body = desk.json("apply", "web.plan", status=1)

    assert body["state"] == "refused"
    assert any(each.startswith(f"{late}: was nothing") for each in body["moved"])
    assert {eip.status for eip in desk.state().eips.all.values()} == {"Available"}


def test_release_asks_and_takes_no_silence_for_a_yes(desk: Desk) -> None:
    """Without a terminal nothing is undone; with --plan it is shown; with --yes it is done."""
    desk.group()
    desk.json("apply", "web")

    asked = desk.run("release", "web")
    shown = desk.json("release", "web", "--plan")
    kept = {eip.status for eip in desk.state().eips.all.values()}
    done = desk.json("release", "web", "--yes")

    assert asked.returncode == 2
    assert "--yes" in asked.stderr
    assert shown["state"] == "planned"
    assert kept == {"InUse"}
    assert done["state"] == "released"
    assert {eip.status for eip in desk.state().eips.all.values()} == {"Available"}


def test_hold_pauses_and_resume_goes_on(desk: Desk) -> None:
    """The tag is on the ENI; while it is there apply writes nothing."""
    eni, _ = desk.group()

    held = desk.json("hold", "web", "--reason", "maintenance")
    blocked = desk.json("apply", "web", status=1)
    resumed = desk.json("resume", "web")

    assert held["calls"][0]["params"]["ResourceId.1"] == eni
    assert (blocked["state"], blocked["changed"]) == ("held", False)
    assert resumed["state"] == "ready"


def test_a_reason_that_would_undo_the_group_is_refused(desk: Desk) -> None:
    """`release` as the value of the tag means something else."""
    desk.group()

    assert desk.json("hold", "web", "--reason", "release", status=2)["error"] == "RequestError"


def test_a_result_tells_its_form_the_next_command_and_the_pages_of_rules(desk: Desk) -> None:
    """What a person would give now; nothing where nothing is left to do."""
    desk.hand.eni(desk.local.seeds, "two")
    desk.hand.eni(desk.local.seeds, "two")
    desk.group()

    blocked, planned, ready = (
        desk.json("apply", "two", status=1),
        desk.json("plan", "web"),
        desk.json("apply", "web"),
    )

    assert {each["schema"] for each in (blocked, planned, ready)} == {"multieip-result/1"}
    assert blocked["next"] == "multieip explain group-shape"
    assert blocked["pages"]["group-shape"] == "docs/rules/group-shape.md"
    assert planned["next"] == "multieip apply web --region cn-shanghai"
    assert ready["next"] == ""


def test_each_line_of_the_log_tells_level_version_region_and_group(desk: Desk) -> None:
    """`--verbose` shows what Function Compute would keep."""
    desk.group()

    done = desk.run("plan", "web", "--verbose")

    lines = [json.loads(line) for line in done.stderr.splitlines()]
    result = next(line for line in lines if line["event"] == "result")
    assert (result["level"], result["region"], result["group"]) == ("info", "cn-shanghai", "web")
    assert all(line["version"] for line in lines)
    assert "call" in {line["event"] for line in lines}
    assert any(line["cold_start"] for line in lines)


def test_each_status_means_what_the_help_says(desk: Desk) -> None:
    """Blocked is 1, a bad name 2, no keys 3: each as one JSON document."""
    desk.hand.eni(desk.local.seeds, "two")
    desk.hand.eni(desk.local.seeds, "two")

    assert desk.json("apply", "two", status=1)["state"] == "blocked"
    assert "group name" in desk.json("plan", "no name", status=2)["message"]
    del desk.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
    assert desk.json("plan", "two", status=3)["error"] == "CredentialsError"


def test_what_cannot_be_seen_is_three_not_four(desk: Desk) -> None:
    """A key that the cloud does not know: nothing was looked at, nothing has failed."""
    desk.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = "LTAI0000000000000000nobody"

    assert "could not be read" in desk.json("plan", "web", status=3)["message"]
    assert desk.json("hold", "web", status=3)["exit"] == 3
    assert "LTAI" not in json.dumps(desk.json("groups", status=3))


def test_keys_of_the_aliyun_profile_serve(desk: Desk) -> None:
    """`~/.aliyun/config.json`, its current profile and its region, with nothing in the environment."""
    desk.group()
    profile = {
        "name": "work",
        "mode": "AK",
        "access_key_id": desk.environ.pop("ALIBABA_CLOUD_ACCESS_KEY_ID"),
        "access_key_secret": desk.environ.pop("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
        "region_id": desk.environ.pop("MULTI_EIP_REGION"),
    }
    (desk.home / ".aliyun").mkdir()
    config = {"current": "work", "profiles": [profile]}
    (desk.home / ".aliyun" / "config.json").write_text(json.dumps(config), encoding="utf-8")

    assert desk.json("plan", "web")["state"] == "planned"
