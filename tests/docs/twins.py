"""Which pages are followed, and which of them have a twin in Chinese."""

from __future__ import annotations

import subprocess

from tests.docs.blocks import ROOT


def tracked() -> list[str]:
    """Return the files of the repository, and those that are about to be."""
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in sorted(set(done.stdout.splitlines())) if (ROOT / name).exists()]


def twin(page: str) -> str:
    """Return where the page is in Chinese."""
    return "README.zh-CN.md" if page == "README.md" else page.replace("docs/", "docs/zh-CN/", 1)


ENGLISH = [
    "README.md",
    "docs/deploy.md",
    *(name for name in tracked() if name.startswith("docs/howto/") and name.endswith(".md")),
]
"""What has to be there in both languages."""

CHINESE = [name for name in tracked() if name.startswith(("README.zh-CN", "docs/zh-CN/"))]
FOLLOWED_PAGES = [*ENGLISH, *CHINESE]
