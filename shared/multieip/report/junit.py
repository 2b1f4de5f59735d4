"""A report as JUnit XML, which every build server shows: a group is a class, a rule a test case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from multieip.report.front import groups_of

if TYPE_CHECKING:
    from multieip.ports import Json

_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BROKEN: Final = {"fail": "failure", "unknown": "error", "exempt": "skipped"}


def render_junit(report: Json) -> str:
    """Return the report as XML: what is undecided is an error, what is exempt skipped; advice is left out."""
    suites = ET.Element("testsuites", name="multieip")
    for region in report["regions"]:
        suite = ET.SubElement(suites, "testsuite", name=region["region"], timestamp=report["at"][:19])
        for group in groups_of({"regions": [region]}):
            for finding in group["findings"]:
                _case(suite, group, finding)
        _count(suite)
    for entry in report["unread"]:
        suite = ET.SubElement(suites, "testsuite", name=entry["region"], timestamp=report["at"][:19])
        case = ET.SubElement(suite, "testcase", classname=entry["region"], name="read")
        ET.SubElement(case, "error", message=_clean(entry["reason"]))
        _count(suite)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, group: Json, finding: Json) -> None:
    if finding["severity"] == "advice" or finding["status"] == "not-applicable":
        return
    case = ET.SubElement(
        suite, "testcase", classname=f"{group['region']}.{group['group']}", name=finding["rule"]
    )
    kind = _BROKEN.get(finding["status"])
    if kind is None:
        return
    told = ET.SubElement(case, kind, message=_clean(finding["message"]))
    if finding["status"] != "exempt":
        told.set("type", finding["severity"])
        commands = finding.get("commands", {}).get("cli", "")
        told.text = _clean("\n".join(filter(None, (finding["remedy"], commands))))


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite)))
    for attribute, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{kind}"))))


def _clean(text: str) -> str:
    """Return the text without what XML cannot carry."""
    return _NOT_IN_XML.sub("\ufffd", text)
