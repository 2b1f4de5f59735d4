"""`python -m deploy.application`: what the registry of Serverless Devs takes, in dist/application.

Whoever runs `s init` with it answers the parameters of publish.yaml and has this repository, with the answers
as the defaults of its s.yaml.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from deploy.contents import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DEFAULT: Final = r"^(  {name}: \$\{{env\('[A-Z_]+', ')([^']*)('\)\}})$"


def lay_out(folder: Path, files: Iterable[str]) -> None:
    """Write publish.yaml, readme.md, version.md, and the files of the repository below src/."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in files:
        target = folder / "src" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
        target.chmod((ROOT / name).stat().st_mode & 0o777)
    published = (ROOT / "publish.yaml").read_text(encoding="utf-8")
    names = yaml.safe_load(published)["Parameters"]["properties"]
    template = as_template((ROOT / "s.yaml").read_text(encoding="utf-8"), names)
    (folder / "src" / "s.yaml").write_text(template, encoding="utf-8")
    (folder / "publish.yaml").write_text(published, encoding="utf-8")
    shutil.copyfile(ROOT / "README.md", folder / "readme.md")
    shutil.copyfile(ROOT / "CHANGELOG.md", folder / "version.md")


def as_template(s_yaml: str, names: Iterable[str]) -> str:
    """Return s.yaml with each parameter's placeholder as the default of the variable of its name."""
    for name in names:
        s_yaml, found = re.subn(
            _DEFAULT.format(name=name), rf"\g<1>{{{{ {name} }}}}\g<3>", s_yaml, flags=re.MULTILINE
        )
        if found != 1:
            raise ValueError(f"publish.yaml has the parameter {name}, and s.yaml no variable of that name")
    return s_yaml


def main(argv: Sequence[str] | None = None) -> int:
    """Lay out what git knows."""
    parser = argparse.ArgumentParser(prog="python -m deploy.application", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist" / "application")
    output = parser.parse_args(argv).output.resolve()
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    lay_out(output, listed.stdout.splitlines())
    print(f"{output}: `s registry publish` there gives it to the registry")
    return 0


if __name__ == "__main__":
    sys.exit(main())
