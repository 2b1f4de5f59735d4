"""docs/guest.md says what the scripts can say."""

from __future__ import annotations

import re
from pathlib import Path

from multieip.guest.render import linux_program, linux_script
from multieip.guest.windows_script import windows_program, windows_script
from multieip.model.guest import Mode

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "guest.md").read_text(encoding="utf-8")
WINDOWS_PAGE = (DOCS / "guest-windows.md").read_text(encoding="utf-8")


def explained(page: str, after: str) -> set[str]:
    """Return the codes of a page's table of problems, which ends with the heading `after`."""
    rows = page.partition("## Problems")[2].partition(after)[0].splitlines()[4:]
    return {
        code for row in rows for code in re.findall(r"`([a-z-]+)`", row.split("|")[1] if "|" in row else "")
    }


def test_every_problem_code_is_explained() -> None:
    """Each code that the Linux script can answer with stands in the table, and no other."""
    program = linux_program(readable=True)
    codes = set(re.findall(r"\b(?:fail_with|add_problem) ([a-z-]+) ", program))
    outer = set(re.findall(r'"code":"([a-z-]+)"', linux_script(Mode.CHECK, (), survey=True)))

    assert explained(PAGE, "## Limits") == codes | outer


def test_every_problem_code_of_windows_is_explained() -> None:
    """The same for the Windows script, whose outer lines have one code of their own."""
    codes = set(re.findall(r"(?:Add-Problem|Stop-Run) '([a-z-]+)'", windows_program()))
    codes |= set(re.findall(r"\$code = '([a-z-]+)'", windows_program()))
    outer = set(re.findall(r'"code":"([a-z-]+)"', windows_script(Mode.CHECK, (), survey=True)))

    assert explained(WINDOWS_PAGE, "## The played") == {"apply", "release", "check"} | codes | outer


def test_every_home_of_the_keeper_and_every_manager_is_named() -> None:
    """Each form in which the keeper lives has its row, and so has each manager that the program knows."""
    program = linux_program(readable=True)
    forms = set(re.findall(r"^start_([a-z]+)\(\)", program, re.MULTILINE))
    managers = set(re.findall(r"^([a-z]+)_runs\(\)", program, re.MULTILINE))
    homes = PAGE.partition("## Where the keeper lives")[2].partition("\n## ")[0]
    rows = PAGE.partition("## Network managers")[2].partition("\n## ")[0]

    # Where nothing keeps it there is nothing to start.
    assert set(re.findall(r"^\| `([a-z]+)`", homes, re.MULTILINE)) == forms | {"runtime"}
    assert set(re.findall(r"^\| `([a-z]+)`", rows, re.MULTILINE)) == managers
    assert set(re.findall(r"manager_names='(.*)'", program)[0].split()) == managers


def test_every_case_of_windows_is_held_by_tests_that_exist() -> None:
    """Twenty-nine rows in order; each test of the cases stands in the row of its number, and no other."""
    folder = Path(__file__).with_name("windows")
    there = {
        name: file == "test_cases.py"
        for file in ("test_cases.py", "test_text.py")
        for name in re.findall(r"^def (test_\w+)", (folder / file).read_text("utf-8"), re.MULTILINE)
    }
    table = WINDOWS_PAGE.partition("## The twenty-nine cases")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| (.+) \|$", table, re.MULTILINE)

    assert [int(number) for number, _ in rows] == list(range(1, 30))
    named = {int(number): re.findall(r"`(\w+)`", tests) for number, tests in rows}
    assert all(tests and set(tests) <= set(there) for tests in named.values())
    for name in (name for name, is_case in there.items() if is_case):
        numbers = {int(number) for number in re.findall(r"\d\d", name.partition("_")[2][:9])}
        assert {number for number, tests in named.items() if name in tests} == numbers, name
