"""`multieip rules`, `explain`, `doctor`, `tag`, `events replay`, `completion`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from multieip.rules import RULES

if TYPE_CHECKING:
    from tests.functional.command.conftest import Desk

ROOT = Path(__file__).parents[3]


def test_every_rule_is_listed_and_explained(desk: Desk) -> None:
    """In reading order, each with a page that exists."""
    listed = desk.json("rules")

    assert [each["rule"] for each in listed] == [rule.id for rule in RULES]
    assert [each["page"] for each in listed if not (ROOT / each["page"]).is_file()] == []
    text = desk.run("explain", "one-mode").stdout
    assert "What to do" in text
    assert "docs/rules/one-mode.md" in text


def test_a_code_is_explained_by_action_and_rule(desk: Desk) -> None:
    """What a run makes of it, and which rule spares it."""
    body = desk.json("explain", "Eni.Attached")

    assert body["fates"]["AssociateEipAddress"] == "never by the facts"
    assert body["rule"]["rule"] == "eni-detached-while-binding"
    assert "neither a rule" in desk.json("explain", "nonsense", status=2)["message"]


def test_tag_shows_the_calls_and_makes_a_group_that_apply_serves(desk: Desk) -> None:
    """From untagged resources to ready in two words."""
    eni, eips = desk.hand.eni(desk.local.seeds), desk.hand.eips(2)
    named = [word for eip in eips for word in ("--eip", eip)]
    words = ["tag", "web", "--eni", eni, *named, "--instance", desk.local.seeds.instance, "--size", "2"]

    shown = desk.run(*words, "--dry-run")
    before = desk.json("groups")["groups"]
    done = desk.run(*words)

    assert shown.returncode == done.returncode == 0, shown.stderr + done.stderr
    assert before == []
    assert f"Ecs.TagResources RegionId=cn-shanghai ResourceType=eni ResourceId.1={eni}" in done.stdout
    assert desk.json("apply", "web")["state"] == "ready"


def test_a_group_may_have_a_chinese_name(desk: Desk) -> None:
    """From the tag to the guest, the sweep and the way back; a space is not a letter of any script."""
    eni, eips = desk.hand.eni(desk.local.seeds), desk.hand.eips(1)
    words = ["--eni", eni, "--eip", eips[0], "--instance", desk.local.seeds.instance, "--size", "1"]

    assert desk.json("tag", "网站-一", *words)["state"] == "tagged"
    assert desk.json("apply", "网站-一")["state"] == "ready"
    assert desk.json("sweep", "--region", "cn-shanghai")["totals"]["ok"] == 1
    assert desk.json("release", "网站-一", "--yes")["state"] == "released"
    assert "letters and digits of any script" in desk.json("tag", "网 站", *words, status=2)["message"]


def test_tag_takes_nothing_from_another_group(desk: Desk) -> None:
    """Nor does it tag what is not there."""
    eni, _ = desk.group("other")

    body = desk.json("tag", "web", "--eni", eni, "--eip", "eip-nobody", status=1)

    assert sorted(body["against"]) == sorted(
        [f"{eni} is in group other; take its tag off first", "eip-nobody is not in cn-shanghai"]
    )
    assert [each["group"] for each in desk.json("groups")["groups"]] == ["other"]


def test_doctor_is_content_with_a_key_that_may_do_everything(desk: Desk) -> None:
    """Each permission is asked for without effect."""
    desk.group()

    body = desk.json("doctor")

    checks = {each["check"]: each["status"] for each in body["checks"]}
    assert checks["credentials"] == checks["endpoint"] == checks["agent"] == "ok"
    assert checks["vpc:AssociateEipAddress"] == checks["ecs:RunCommand"] == "ok"
    assert checks["mode authorised"] == "unknown"
    desk.json("apply", "web")
    after = {each["check"]: each["status"] for each in desk.json("doctor")["checks"]}
    assert after["mode authorised"] == "ok"


def test_doctor_names_each_permission_that_is_missing(desk: Desk) -> None:
    """A role that may only look is told which writes it lacks."""
    arn = "acs:ram::1234567890123456:role/looker"
    allow = {"Effect": "Allow", "Action": ["ecs:Describe*", "vpc:Describe*"], "Resource": ["*"]}
    desk.local.cloud.accounts.grant("looker", {"Version": "1", "Statement": [allow]})
    key, secret, token = desk.local.cloud.issue_credentials(arn, "s")
    desk.environ |= {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": token,
    }

    body = desk.json("doctor", status=1)

    bad = {each["check"] for each in body["checks"] if each["status"] == "bad"}
    assert {"ecs:AttachNetworkInterface", "vpc:AssociateEipAddress", "ecs:RunCommand"} <= bad
    assert not {each for each in bad if "Describe" in each}


def test_doctor_says_what_a_second_installation_must_have_differently(desk: Desk) -> None:
    """The names of functions, and whose groups: else both would serve every group."""
    desk.environ |= {"MULTI_EIP_FUNCTION_PREFIX": "blue-", "MULTI_EIP_ONLY_GROUPS": "blue-*,trial"}

    checks = desk.json("doctor")["checks"]

    (said,) = [each["message"] for each in checks if each["check"] == "installation"]
    assert said.startswith("functions blue-*, tag keys multi-eip:*, blue-*, trial; ")
    for name in ("MULTI_EIP_FUNCTION_PREFIX", "MULTI_EIP_ONLY_GROUPS", "MULTI_EIP_TAG_PREFIX"):
        assert name in said


def test_doctor_without_keys_says_where_it_looked(desk: Desk) -> None:
    """And asks nothing that needs them."""
    del desk.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]

    checks = desk.json("doctor", status=1)["checks"]

    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in next(
        each["message"] for each in checks if each["check"] == "credentials"
    )
    assert not any(each["check"].startswith("ecs:") for each in checks)


def test_an_event_is_replayed_without_effect(desk: Desk) -> None:
    """Which group it concerns, and nothing is started unless asked for."""
    events: list[dict[str, Any]] = []
    desk.local.cloud.subscribe(events.append)
    desk.group()
    event = next(each for each in events if each["data"].get("eventName") == "CreateNetworkInterface")
    (desk.home / "event.json").write_text(json.dumps(event), encoding="utf-8")

    shown = desk.json("events", "replay", "event.json")
    kept = {eip.status for eip in desk.state().eips.all.values()}
    run = desk.json("events", "replay", "event.json", "--apply")

    assert [each["group"] for each in shown["started"]] == ["web"]
    assert kept == {"Available"}
    assert [each["state"] for each in run["runs"]] == ["ready"]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_is_a_script_that_the_shell_takes(desk: Desk, shell: str) -> None:
    """The script names the command, and the shell that is there parses it."""
    script = desk.run("completion", shell).stdout

    assert "_MULTIEIP_COMPLETE" in script
    if Path(f"/bin/{shell}").exists():
        subprocess.run([f"/bin/{shell}", "-n"], input=script, text=True, check=True, timeout=60)


def test_words_and_rules_are_completed(desk: Desk) -> None:
    """As the shell asks the command for them."""
    asked = {"_MULTIEIP_COMPLETE": "bash_complete", "COMP_CWORD": "2", "COMP_WORDS": "multieip explain one-m"}
    desk.environ |= asked

    assert desk.run().stdout.split() == ["plain,one-mode"]


def test_the_help_of_each_word_is_a_whole_sentence_in_a_small_terminal(desk: Desk) -> None:
    """Eighty columns cut nothing off."""
    desk.environ["COLUMNS"] = "80"

    words = desk.run("--help").stdout.partition("Commands:\n")[2].splitlines()

    assert len(words) > 10
    assert [line for line in words if not line.endswith(".") or line.endswith("...")] == []


def test_a_report_that_is_not_there_is_told_as_people_say_it(desk: Desk) -> None:
    """No number of the system's, and the name once."""
    body = desk.json("report", "no-file.json", status=2)

    assert body["message"] == "no-file.json cannot be read: No such file or directory"
