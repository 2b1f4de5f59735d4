"""`python -m multieip.reference [--check] [--root DIR]`: write what the documentation takes from the code.

With `--check` nothing is written; each page that is not current, or belongs to nothing any more, is named,
and the exit status is 1.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from multieip.reference.pages import pages
from multieip.reference.policies import files
from multieip.reference.tables import TABLES, with_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def wanted(root: Path) -> Mapping[str, str]:
    """Return the text of every page that is made, as a whole or in part, by its path below `root`."""
    made = {**pages(), **files()}
    for name, mark, table in TABLES:
        made[name] = with_table(made.get(name) or (root / name).read_text(encoding="utf-8"), mark, table())
    return made


def stale(root: Path) -> tuple[str, ...]:
    """Return the pages that are missing, differ, or belong to no rule any more."""
    made = wanted(root)
    differ = [name for name, text in made.items() if _text(root / name) != text]
    return tuple(sorted({*differ, *_left(root, made)}))


def write(root: Path) -> None:
    """Write every page and remove those of rules that are gone."""
    made = wanted(root)
    for name in _left(root, made):
        (root / name).unlink()
    for name, text in made.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with `--check` list those that are not current and return 1."""
    parser = argparse.ArgumentParser(prog="python -m multieip.reference", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a page is not current"
    )
    parser.add_argument("--root", type=Path, default=Path(), help="the repository (default: this folder)")
    options = parser.parse_args(arguments)
    if not options.check:
        write(options.root)
        return 0
    names = stale(options.root)
    for name in names:
        sys.stderr.write(f"{name} is not current; run `make docs`\n")
    return 1 if names else 0


def _left(root: Path, made: Mapping[str, str]) -> list[str]:
    found = (path.relative_to(root).as_posix() for path in (root / "docs" / "rules").glob("*.md"))
    return [name for name in found if name not in made]


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
