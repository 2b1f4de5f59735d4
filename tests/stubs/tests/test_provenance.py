"""Each behaviour says where it is known from, and what it cites is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from localcloud import CloudOptions, mock_cloud
from localcloud.physics.switches import SWITCHES
from localcloud.provenance import assumed, documented, functions
from localcloud.provenance.assumed import SWITCHED
from localcloud.provenance.inventory import REFUSERS, behaviours, figures_in_code
from localcloud.provenance.known import origins
from tests.stubs.tests.hand import Hand

PACKAGE = Path(__file__).parents[1] / "localcloud"
DOCUMENTED = {**documented.DOCUMENTED, **functions.DOCUMENTED}
SEEN = documented.SEEN
ASSUMED = {**assumed.ASSUMED, **functions.ASSUMED}
NO_ANSWERS = {"CallRefusedError", "ExitError"}
"""What `perform` raises to its caller, and how a script of the guest ends: no refusals of their own."""

FACTS = Path(__file__).parents[3] / "docs" / "facts"


@cache
def sections(file: str) -> dict[str, str]:
    """Heading to the text below it, up to the next heading of any level."""
    found: dict[str, str] = {}
    heading, fenced = "", False
    for line in (FACTS / file).read_text(encoding="utf-8").splitlines():
        fenced ^= line.startswith("```")
        if not fenced and (match := re.match(r"#+\s+(.*)", line)):
            heading = match[1].strip()
        found[heading] = found.get(heading, "") + line + "\n"
    return found


def test_each_behaviour_has_one_origin() -> None:
    """None without, none twice, none that no longer exists."""
    named = [name for table in (DOCUMENTED, SEEN) for names in table.values() for name in names] + [
        *SWITCHED,
        *ASSUMED,
    ]

    assert [name for name in behaviours() if name not in origins()] == []
    assert [name for name in origins() if name not in behaviours()] == []
    assert sorted({name for name in named if named.count(name) > 1}) == []


def test_no_part_of_the_cloud_is_left_out() -> None:
    """An error with a code of its own, wherever it is defined, is one whose refusals the inventory finds."""
    with_code = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                text = ast.unparse(node)
                with_code |= (
                    {node.name} if "self.code = " in text or re.search(r"\bcode: str", text) else set()
                )

    assert with_code - NO_ANSWERS == set(REFUSERS)


def test_each_code_in_the_sources_is_a_behaviour() -> None:
    """Looked for as text in every file, so that a folder that the inventory passes over is noticed."""
    raised = re.compile(r"\b(?:ApiError|FcError)\(\s*(?:\d{3},\s*)?\"([A-Z][\w.-]*)\"")
    codes = {
        (path.relative_to(PACKAGE).parts[0], code)
        for path in PACKAGE.rglob("*.py")
        for code in raised.findall(path.read_text(encoding="utf-8"))
    }
    known = {name.rpartition(" ")[2] for name in behaviours() if name.startswith("refusal ")}

    assert {"ecs", "vpc", "sts", "fc"} <= {folder for folder, _ in codes}
    assert {each for each in codes if each[1] not in known} == set()


def test_each_figure_is_a_behaviour_or_says_why_not() -> None:
    """A new constant of Function Compute or EventBridge does not land without a word."""
    figures = set(figures_in_code())

    assert figures & set(functions.INTERNAL) == set(functions.INTERNAL)
    assert all(len(why.split()) > 3 for why in functions.INTERNAL.values())


@pytest.mark.parametrize("name", sorted(functions.QUOTED))
def test_what_is_quoted_stands_there(name: str) -> None:
    """The section says the figure itself."""
    origin = origins()[name]

    assert origin.kind == "documented"
    assert functions.QUOTED[name] in sections(origin.file)[origin.heading]


@pytest.mark.parametrize(("file", "heading"), [*DOCUMENTED, *SEEN])
def test_each_cited_heading_exists_and_tells_it(file: str, heading: str) -> None:
    """A code, a state, an API's rate stands in the very section that is named for it."""
    assert heading in sections(file)
    text = sections(file)[heading]
    for name in (*DOCUMENTED.get((file, heading), ()), *SEEN.get((file, heading), ())):
        kind, _, rest = name.partition(" ")
        word = rest.rpartition(" ")[2]
        if kind in {"refusal", "state", "rate"}:
            # The page lists a family's members by their ends: `InvalidSecurityToken.Expired`, `.Malformed`.
            family, _, end = word.partition(".")
            assert word in text or (f"`{family}." in text and f"`.{end}`" in text), name


@cache
def sources(file: str) -> dict[str, str]:
    """Key of a source to its row in the last section of a file of facts."""
    rows = re.findall(r"^\| ([A-Z]\d+) \| (.*) \|$", (FACTS / file).read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows)


DATE = re.compile(r"\b(20[12]\d|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 20[12]\d)\b")
"""A year, at least, that is no part of an address."""


def dated(text: str) -> bool:
    """Whether a date stands in words, addresses left out."""
    return DATE.search(re.sub(r"\S+/\S+|\S*document_detail\S*", "", text)) is not None


@pytest.mark.parametrize(("file", "heading"), [*DOCUMENTED])
def test_what_is_documented_has_a_page_and_a_date(file: str, heading: str) -> None:
    """The section names sources of its file's table, and each says when it was written or read."""
    text = sections(file)[heading]
    named = [each for each in re.findall(r"\[([A-Z]\d+)\b[^]]*\]", text) if each in sources(file)]

    assert named or dated(text), "no page"
    assert [key for key in named if not dated(sources(file)[key])] == []


def test_each_switch_of_an_assumption_exists() -> None:
    """And an assumption without one says why in words."""
    names = {each.name for each in SWITCHES}

    assert set(SWITCHED.values()) <= names
    assert all(len(why.split()) > 4 for why in ASSUMED.values())


def test_most_is_known_from_somewhere() -> None:
    """Fewer assumptions than documented behaviours, by far, apart from the switches."""
    kinds = [origin.kind for origin in origins().values()]

    assert kinds.count("documented") > 150
    assert kinds.count("seen") >= 8
    assert len(ASSUMED) + len(SWITCHED) < kinds.count("documented") / 3


@pytest.mark.parametrize(("setting", "code"), [("refuse", "TaskConflict"), ("allow", "")])
def test_unbinding_at_once_is_a_switch(setting: str, code: str) -> None:
    """One EIP after the other, unless the switch says that several may go at the same time."""
    with mock_cloud(CloudOptions(switches={"concurrent-unbind": setting})) as local:
        hand = Hand(local)
        eni, (first, second) = hand.eni(), hand.eips(2)
        hand.bind(eni, [first, second])
        local.clock.sleep(10)
        hand.vpc("UnassociateEipAddress", AllocationId=first)
        if code:
            assert hand.code("Vpc", "UnassociateEipAddress", AllocationId=second) == code
        else:
            hand.vpc("UnassociateEipAddress", AllocationId=second)
            assert {row["Status"] for row in hand.eip_rows()} == {"Unassociating"}
