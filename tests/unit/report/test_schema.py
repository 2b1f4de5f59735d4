"""What programs read has the form that is published under `docs/schema`."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource

from multieip.report.as_json import REPORT_SCHEMA
from multieip.report.changes import with_changes
from multieip.report.finding_json import FINDING_SCHEMA
from tests.report_account import made_account

SCHEMAS = Path("docs/schema")


def _validator(name: str) -> jsonschema.Draft202012Validator:
    loaded = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")}
    registry: Registry = Registry().with_resources(
        (each, Resource.from_contents(schema)) for each, schema in loaded.items()
    )
    return jsonschema.Draft202012Validator(
        loaded[name], registry=registry, format_checker=jsonschema.FormatChecker()
    )


def test_a_report_of_every_kind_of_group_has_the_published_form() -> None:
    """Plain, as the first of its line, and beside another."""
    account = made_account(12)

    for report in (account.now, with_changes(account.now, None), account.report):
        _validator("report-2.json").validate(json.loads(json.dumps(report)))


def test_the_published_forms_are_those_that_the_code_names() -> None:
    """A form that changes so that readers break gets a new number in both places."""
    titles = {
        path.name: json.loads(path.read_text(encoding="utf-8"))["title"] for path in SCHEMAS.glob("*.json")
    }

    assert titles == {"finding-1.json": FINDING_SCHEMA, "report-2.json": REPORT_SCHEMA}


@pytest.mark.parametrize("spoil", ["status", "ways", "waits_for"])
def test_the_published_form_refuses_what_is_no_report(spoil: str) -> None:
    """A group without its status is none; a schema that takes everything would say nothing."""
    report = json.loads(json.dumps(made_account(1).report))
    del report["regions"][0]["groups"][0][spoil]

    with pytest.raises(jsonschema.ValidationError):
        _validator("report-2.json").validate(report)
