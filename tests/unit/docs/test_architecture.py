"""`docs/architecture.md` names every folder, and what it tells people to touch exists."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
FIXED = ("functions/", "events/", "docs/", "tests/", "tests/stubs/")
VENDORS = "seed.md"
"""The vendor's own page, kept as it is, with links into the vendor's site."""

TOPICS = ("an event", "a rule", "a cloud call", "a setting", "a report format")


def tracked() -> list[str]:
    """Return the files of the repository."""
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_every_folder_of_the_package_is_named() -> None:
    """A new folder does not land without a sentence about it."""
    folders = {Path(name).parts[2] for name in tracked() if re.match(r"shared/multieip/[a-z]+/", name)}

    assert folders
    assert [folder for folder in sorted(folders) if f"| `shared/multieip/{folder}/` |" not in PAGE] == []
    assert [folder for folder in FIXED if f"| `{folder}` |" not in PAGE] == []


def test_every_flat_module_is_named() -> None:
    """The few modules beside the folders are told, too."""
    flat = {Path(name).name for name in tracked() if re.fullmatch(r"shared/multieip/[a-z_]+\.py", name)}

    assert [name for name in sorted(flat - {"__init__.py"}) if f"{name}`" not in PAGE] == []


def test_what_a_change_touches_exists() -> None:
    """Each "how to add" is there and names files and folders that exist."""
    part = PAGE.partition("## How to add …")[2]

    assert [topic for topic in TOPICS if f"### … {topic}\n" not in part] == []
    named = re.findall(r"`((?:shared|tests|docs|events)/[^`]*|s\.yaml|README\.md)`", part)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_nothing_cites_a_folder_outside_of_the_repository() -> None:
    """What code and documents rest on is in the repository."""
    citing = re.compile(r"\.\./shared/(?!multieip)|shared/(?:facts|cases|design|house|model|report|seed)\b")
    text = [name for name in tracked() if name.endswith((".md", ".py", ".sh", ".ps1", ".yaml", ".toml"))]
    found = [
        name
        for name in text
        if (ROOT / name).exists() and Path(name).name != Path(__file__).name
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if citing.search(line)
    ]

    assert found == []


def test_links_between_documents_lead_somewhere() -> None:
    """No page points at a file that is not there."""
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in map(ROOT.joinpath, tracked())
        if page.suffix == ".md" and page.exists() and page.name != VENDORS
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in link and not page.parent.joinpath(link).exists()
    ]

    assert broken == []
