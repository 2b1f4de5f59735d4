"""Reports of real sweeps over the local cloud, in the forms that people and programs read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
from referencing import Registry, Resource

from multieip.report.changes import with_changes
from multieip.report.html import render_html
from multieip.report.text import render_text

if TYPE_CHECKING:
    from multieip.ports import Json
    from tests.functional.scene import Scene


def _group(report: Json, name: str = "web") -> Json:
    return next(each for region in report["regions"] for each in region["groups"] if each["group"] == name)


def _validate(report: Json, name: str = "report-2.json") -> None:
    loaded = {
        path.name: json.loads(path.read_text(encoding="utf-8")) for path in Path("docs/schema").iterdir()
    }
    registry: Registry = Registry().with_resources(
        (each, Resource.from_contents(schema)) for each, schema in loaded.items()
    )
    jsonschema.Draft202012Validator(loaded[name], registry=registry).validate(report)


def test_a_ready_group_is_one_line_of_links_that_stand(scene: Scene) -> None:
    """The cloud and the guest both say so, and nothing has to be decided or mended."""
    scene.ready_group("web", scene.seeds.instance)

    report = scene.sweep()

    _validate(report)
    group = _group(report)
    assert group["status"] == "good"
    assert {link for way in group["ways"] for link in way["links"].values()} == {"pass"}
    assert (group["waits_for"], group["apply"]) == (None, None)
    assert render_text(report).startswith(
        "The one group is not broken, and no EIP of 2 is known to be silent."
    )


def test_what_happened_between_two_sweeps_is_new_and_then_fixed(scene: Scene) -> None:
    """An EIP joins and is silent, a run binds it, and the next report says that it is mended."""
    eni, _ = scene.ready_group("web", scene.seeds.instance)
    first = with_changes(scene.sweep(), None)
    scene.hand.tag("eni", [eni], detach="allow")
    (joined,) = scene.hand.eips(1, "web")
    second = with_changes(scene.sweep({"mode": "repair"}), first)
    assert scene.bind({"group": "web", "action": "apply"})["state"] == "ready"
    third = with_changes(scene.sweep(), second)

    for report in (first, second, third):
        _validate(report)
    silent = [way for way in _group(second)["ways"] if way["silent"]]
    assert [(way["id"], way["change"]) for way in silent] == [(joined, "new")]
    new = {finding["rule"] for finding in _group(second)["findings"] if finding.get("change") == "new"}
    assert "eips-bound" in new
    assert {each["rule"] for each in _group(third)["fixed"]} >= {"eips-bound"}
    assert [point["broken"] for point in third["history"]] == [0, 1, 0]
    page = render_html(second)
    assert "Repairs of this sweep: 1 group" in page
    assert silent[0]["address"] in page


def test_a_plan_in_the_report_is_what_a_dry_run_shows(scene: Scene) -> None:
    """Call by call: nobody sees a likeness."""
    eni, _ = scene.ready_group("web", scene.seeds.instance)
    scene.hand.tag("eni", [eni], detach="allow")
    scene.hand.eips(1, "web")

    told = _group(scene.sweep())["apply"]
    shown = scene.bind({"group": "web", "action": "plan"})["plan"]

    assert [step["title"] for step in told["steps"]] == [step["title"] for step in shown["steps"]]
    actions = [[call["action"] for call in step["calls"]] for step in shown["steps"]]
    assert [[re.split(r"[. ]", call)[1] for call in step["calls"]] for step in told["steps"]] == actions


def test_consent_that_is_missing_is_what_the_plan_supposes(scene: Scene) -> None:
    """The report shows the outage before anybody has to allow it."""
    scene.ready_group("web", scene.seeds.instance)
    scene.hand.eips(1, "web")

    group = _group(scene.sweep())

    assert group["apply"]["only_if"] == "detach"
    assert len(group["apply"]["away"]) == 2
    assert group["waits_for"]["who"] == "person"


def test_a_run_and_a_sweep_tell_a_finding_in_the_same_form(scene: Scene) -> None:
    """Whoever reads one reads the other; a report only adds to it."""
    scene.ready_group("web", scene.seeds.instance)
    scene.hand.eips(1, "web")

    of_run = {
        finding["rule"]: finding for finding in scene.bind({"group": "web", "action": "plan"})["findings"]
    }
    of_sweep = {finding["rule"]: finding for finding in _group(scene.sweep())["findings"]}

    assert "eni-detached-while-binding" in of_run
    for rule, finding in of_run.items():
        _validate(finding, "finding-1.json")
        assert finding.items() <= of_sweep[rule].items()
