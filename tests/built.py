"""The code packages, made once for all tests, benches and pages of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.contents import FUNCTIONS, ROOT
from deploy.interpreters import RUNTIME
from deploy.kept import package_of

if TYPE_CHECKING:
    from deploy.package import Package


def built(version: str = RUNTIME) -> list[Package]:
    """Return the packages for a version of Python, for the functions' own those that `make package` makes."""
    output = ROOT / "dist" if version == RUNTIME else ROOT / ".local" / "package" / f"built-{version}"
    return [package_of(function, output, version=version)[0] for function in FUNCTIONS]
