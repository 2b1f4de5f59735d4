"""What programs read has the form that is published under `docs/schema`."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from multieip import GROUPS_SCHEMA, REACT_SCHEMA, RESULT_SCHEMA, TAG_SCHEMA
from multieip.report.as_json import REPORT_SCHEMA
from multieip.report.changes import with_changes
from multieip.report.finding_json import FINDING_SCHEMA
from tests.report_account import made_account
from tests.schemas import published, validator


def test_a_report_of_every_kind_of_group_has_the_published_form() -> None:
    """Plain, as the first of its line, and beside another."""
    account = made_account(12)

    for report in (account.now, with_changes(account.now, None), account.report):
        validator("report-2.json").validate(json.loads(json.dumps(report)))


def test_the_published_forms_are_those_that_the_code_names() -> None:
    """A form that changes so that readers break gets a new number in both places."""
    named = (FINDING_SCHEMA, GROUPS_SCHEMA, REACT_SCHEMA, REPORT_SCHEMA, RESULT_SCHEMA, TAG_SCHEMA)
    files = {f"{name.removeprefix('multieip-').replace('/', '-')}.json": name for name in named}

    assert {name: schema["title"] for name, schema in published().items()} == files
    assert {name: schema["$id"] for name, schema in published().items()} == {name: name for name in files}


@pytest.mark.parametrize("spoil", ["status", "ways", "waits_for"])
def test_the_published_form_refuses_what_is_no_report(spoil: str) -> None:
    """A group without its status is none; a schema that takes everything would say nothing."""
    report = json.loads(json.dumps(made_account(1).report))
    del report["regions"][0]["groups"][0][spoil]

    with pytest.raises(jsonschema.ValidationError):
        validator("report-2.json").validate(report)


@pytest.mark.parametrize(
    ("form", "spoiled"),
    [
        ("groups-1.json", {"groups": [{"region": "cn-shanghai", "group": None, "ids": [], "faults": []}]}),
        ("groups-1.json", {"unread": [{"region": "cn-shanghai"}]}),
        ("tag-1.json", {"state": "blocked"}),
        ("tag-1.json", {"against": ["eip-a is not in cn-shanghai"]}),
        ("tag-1.json", {"calls": []}),
    ],
)
def test_the_forms_of_the_command_refuse_what_is_none(form: str, spoiled: dict[str, Any]) -> None:
    """What is blocked says why, what is in no group says so, and a region that was not read has a reason."""
    call = {"product": "Vpc", "action": "TagResources", "params": {"RegionId": "cn-shanghai"}}
    whole: dict[str, dict[str, Any]] = {
        "groups-1.json": {"groups": [], "unread": []},
        "tag-1.json": {"state": "planned", "group": "web", "calls": [call], "against": []},
    }
    head = {"schema": published()[form]["title"], "version": "0.1.0"}

    validator(form).validate({**head, **whole[form]})
    with pytest.raises(jsonschema.ValidationError):
        validator(form).validate({**head, **whole[form], **spoiled})
