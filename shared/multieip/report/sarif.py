"""A report as SARIF 2.1.0: results by rule, with what is new and what is exempt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from multieip.report.changes import with_changes
from multieip.report.front import groups_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.ports import Json

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {"error": "error", "warning": "warning", "advice": "note"}
_STATES: Final = {"new": "new", "still": "unchanged"}
_TOLD: Final = frozenset({"fail", "unknown", "exempt"})


def render_sarif(report: Json, previous: Json | None = None, *, rules_url: str = "docs/rules/") -> str:
    """Return the report as one SARIF run; findings that are fixed are in it as absent."""
    if previous is not None or "history" not in report:
        report = with_changes(report, previous)
    rules = [
        {
            "id": rule,
            "shortDescription": {"text": each["title"]},
            "helpUri": f"{rules_url}{rule}.md",
            "defaultConfiguration": {"level": _LEVELS[each["severity"]]},
        }
        for rule, each in report["rules"].items()
    ]
    driver = {"name": "multieip", "version": report["version"], "rules": rules}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": report["complete"], "endTimeUtc": report["at"]}],
        "results": list(_results(report)),
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _results(report: Json) -> Iterator[Json]:
    for group in groups_of(report):
        for finding in group["findings"]:
            if finding["status"] in _TOLD:
                yield _result(group, finding)
        for fixed in group["fixed"]:
            yield _base(group, fixed["rule"], "fixed") | {"level": "none", "baselineState": "absent"}


def _result(group: Json, finding: Json) -> Json:
    result = _base(group, finding["rule"], finding["message"])
    if finding["status"] == "unknown":
        result |= {"kind": "open", "level": "none"}
    else:
        result["level"] = _LEVELS[finding["severity"]]
    if finding["status"] == "exempt":
        by = f"by the tag on {', '.join(finding['exempt_by'])}"
        result["suppressions"] = [{"kind": "external", "justification": by}]
    state = _STATES.get(finding.get("change", ""))
    properties: dict[str, Any] = {
        "ids": finding["ids"],
        "since": finding.get("since"),
        "remedy": finding["remedy"],
    }
    result["properties"] = {key: value for key, value in properties.items() if value}
    return result | ({"baselineState": state} if state else {})


def _base(group: Json, rule: str, text: str) -> Json:
    name = f"{group['region']}/{group['group']}"
    return {
        "ruleId": rule,
        "message": {"text": text},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}]}],
        "partialFingerprints": {"groupAndRule/v1": f"{name}/{rule}"},
    }
