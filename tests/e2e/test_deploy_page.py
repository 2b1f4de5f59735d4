"""`docs/deploy.md`, followed to the letter on a served local cloud on which nothing is deployed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import hcl2
import pytest

from multieip.reference.policies import files
from tests.docs.blocks import ROOT, blocks, commands
from tests.docs.follow import follow
from tests.e2e.installation import installation, judge
from tests.e2e.test_serverless_devs import CLI

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
FUNCTIONS = ("react", "bind", "sweep")

pytestmark = [pytest.mark.xdist_group("packages"), pytest.mark.timeout(1800)]


def test_the_page_can_be_followed_to_the_letter(tmp_path: Path) -> None:
    """From roles to removal in one shell: each command ends well, a group is served, nothing is left."""
    assert CLI.exists()
    typed = list(commands(blocks("docs/deploy.md")))
    with installation(ROOT, tmp_path) as site:
        ended = follow(typed, site.environ, ROOT, timeout=1500, strict=True)
        left = (site.names, site.cloud.accounts.main.roles, site.cloud.accounts.main.policies)

    assert left == ([], {}, {})
    judge(ended)


def test_terraform_makes_the_roles_that_the_command_line_makes(tmp_path: Path) -> None:
    """The same names, trust and documents, and these are what the code says."""
    (block,) = [each for each in blocks("docs/deploy.md") if each.language == "terraform"]
    made = _made_by_terraform(block.text)
    roles = next(each for each in commands(blocks("docs/deploy.md")) if "CreateRole" in each.text)
    with installation(ROOT, tmp_path) as site:
        follow([roles], site.environ, ROOT, strict=True)
        account = site.cloud.accounts.main
        found = {
            role.name: (role.trust, [account.policies[each].document for each in role.attached])
            for role in account.roles.values()
        }

    assert set(made) == {f"multi-eip-{name}" for name in FUNCTIONS}
    for role, (trust, policies) in made.items():
        assert trust == files()["docs/policies/trust.json"]
        assert policies == [files()[f"docs/policies/{role.removeprefix('multi-eip-')}.json"]]
    # A shell leaves the last line's end out.
    assert made == {
        role: (f"{trust}\n", [f"{each}\n" for each in held]) for role, (trust, held) in found.items()
    }


def _made_by_terraform(text: str) -> dict[str, tuple[str, list[str]]]:
    """Return the roles that the resources make: name to trust and policies, as far as the page's HCL goes."""
    resources = {
        kind.strip('"'): next(iter(named.values()))
        for each in hcl2.loads(text)["resource"]
        for kind, named in each.items()
    }

    def value(expression: str, key: str) -> str:
        words = expression.strip('"').replace("${each.key}", key)
        if found := re.fullmatch(r'\$\{file\("(.+)"\)\}', words):
            return (ROOT / found[1]).read_text(encoding="utf-8")
        if found := re.fullmatch(r"\$\{(\w+)\.function\[each\.key\]\.(\w+)\}", words):
            return value(resources[found[1]][found[2]], key)
        assert "${" not in words, f"{words} is not understood here"
        return words

    def each(kind: str, *names: str) -> list[tuple[str, ...]]:
        keys = re.findall(r'"(\w+)"', resources[kind]["for_each"])
        return [tuple(value(resources[kind][name], key) for name in names) for key in keys]

    trusts = dict(each("alicloud_ram_role", "role_name", "assume_role_policy_document"))
    documents = dict(each("alicloud_ram_policy", "policy_name", "policy_document"))
    held = each("alicloud_ram_role_policy_attachment", "role_name", "policy_name", "policy_type")
    assert {kind for _, _, kind in held} == {"Custom"}
    return {
        role: (trust, [documents[policy] for owner, policy, _ in held if owner == role])
        for role, trust in trusts.items()
    }


def test_every_document_that_the_page_names_is_there() -> None:
    """Links lead to files, and the files are policies."""
    linked = re.findall(r"\]\((policies/[a-z-]+\.json)\)", PAGE)

    assert len(linked) >= 6
    for name in linked:
        assert json.loads((ROOT / "docs" / name).read_text(encoding="utf-8"))["Statement"]


def test_the_table_of_costs_is_what_its_formulas_say() -> None:
    """Whoever changes a machine in s.yaml changes the table."""
    rows = {
        line.split("|")[1].strip(): [int(cell.replace(",", "")) for cell in line.split("|")[2:5]]
        for line in PAGE.splitlines()
        if re.match(r"\| (sweep|bind|react|calls)[ :(]", line)
    }
    found = list(rows.values())
    groups = (10, 1_000, 10_000)
    seconds = [round(5 + 0.056 * each) for each in groups]

    assert found[0] == seconds
    assert found[1] == found[2] == [each * 360 for each in seconds]
    assert found[3] == [each * 5 for each in groups]
    assert found[4] == [round((100_000 + each * 10) * 0.025) for each in groups]
    assert found[5] == [720 + each + 100_000 + each * 10 for each in groups]
