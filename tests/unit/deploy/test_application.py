"""What the registry of Serverless Devs gets: its parameters become the defaults of s.yaml."""

from __future__ import annotations

import fnmatch
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from deploy.application import as_template, lay_out
from deploy.check import check
from deploy.contents import FUNCTIONS, ROOT
from localcloud import read_application

if TYPE_CHECKING:
    from pathlib import Path

PUBLISHED: dict[str, Any] = yaml.safe_load((ROOT / "publish.yaml").read_text(encoding="utf-8"))
PROPERTIES: dict[str, Any] = PUBLISHED["Parameters"]["properties"]
ACCOUNT = "1098765432109876"
ANSWERS = {
    "region": "cn-beijing",
    "prefix": "second-",
    **{f"{each}Role": f"acs:ram::{ACCOUNT}:role/multi-eip-{each}" for each in FUNCTIONS},
    "failures": f"acs:mns:cn-beijing:{ACCOUNT}:/queues/multi-eip-failures/messages",
}


def _lines(name: str) -> set[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {line for line in text.splitlines() if line and not line.startswith("#")}


def _answered(template: str) -> str:
    """Put the answers in, as `s init` does."""
    return re.sub(r"\{\{ (\w+) \}\}", lambda found: ANSWERS[found[1]], template)


def test_publish_yaml_has_what_the_registry_asks_for() -> None:
    """Each key of the registry's own list; the version is the product's."""
    asked = ["Edition", "Type", "Name", "Provider", "Version", "Description", "Category", "Service"]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert {*asked, "Effective", "Parameters"} <= set(PUBLISHED)
    assert (PUBLISHED["Edition"], PUBLISHED["Type"]) == ("3.0.0", "Project")
    assert f'\nversion = "{PUBLISHED["Version"]}"\n' in project
    Draft202012Validator.check_schema(PUBLISHED["Parameters"])
    Draft202012Validator(PUBLISHED["Parameters"]).validate(ANSWERS)


def test_what_was_answered_is_what_would_be_deployed(tmp_path: Path) -> None:
    """Nothing is found against such a deploy, and the environment still wins over an answer."""
    template = as_template((ROOT / "s.yaml").read_text(encoding="utf-8"), PROPERTIES)
    (file := tmp_path / "s.yaml").write_text(_answered(template), encoding="utf-8")

    assert "{{" not in file.read_text(encoding="utf-8")
    assert check(file, {}, packages=False) == []
    props = read_application(file, {"MULTI_EIP_FUNCTION_PREFIX": "third-"})["resources"]["bind"]["props"]
    assert (props["functionName"], props["region"]) == ("third-bind", "cn-beijing")
    assert props["role"] == ANSWERS["bindRole"]


def test_a_parameter_without_its_variable_is_found() -> None:
    """A renamed variable would leave an answer without effect."""
    with pytest.raises(ValueError, match=r"publish\.yaml has the parameter sort"):
        as_template((ROOT / "s.yaml").read_text(encoding="utf-8"), ["sort"])


def test_defaults_of_both_files_agree() -> None:
    """What is suggested there is what s.yaml has here."""
    variables = yaml.safe_load((ROOT / "s.yaml").read_text(encoding="utf-8"))["vars"]

    for name, parameter in PROPERTIES.items():
        if "default" in parameter:
            assert variables[name].endswith(f"'{parameter['default']}')}}"), name


def test_the_layout_is_what_the_registry_wants(tmp_path: Path) -> None:
    """publish.yaml, readme.md and version.md beside src/, which holds what a build and a deploy take."""
    files = ["Makefile", "s.fc2.yaml", "functions/bind/index.py", ".ci/system-packages"]

    lay_out(tmp_path / "application", files)

    top = sorted(each.name for each in (tmp_path / "application").iterdir())
    assert top == ["publish.yaml", "readme.md", "src", "version.md"]
    assert all((tmp_path / "application" / "src" / name).is_file() for name in files)
    assert (tmp_path / "application" / "src" / ".ci" / "system-packages").stat().st_mode & 0o100
    assert "{{ bindRole }}" in (tmp_path / "application" / "src" / "s.yaml").read_text(encoding="utf-8")


def test_what_git_leaves_out_is_in_no_code_folder_either() -> None:
    """Keys for the local cloud lie in .local/; no test, page or history belongs to a function."""
    kept_out = _lines(".fcignore")
    needed = subprocess.run(
        ["git", "ls-files", "functions", "shared/multieip"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()

    assert _lines(".gitignore") <= kept_out
    assert {".git/", "tests/", "docs/"} <= kept_out
    patterns = [each.rstrip("/") for each in kept_out]
    assert needed
    for name in needed:
        assert not any(fnmatch.fnmatch(part, each) for part in name.split("/") for each in patterns), name
