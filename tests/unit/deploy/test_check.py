"""`make check-deploy` finds what a deploy would only show later, and nothing in what is right."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.check import check, main
from deploy.contents import FUNCTIONS, ROOT
from deploy.package import MARK
from localcloud import read_application
from multieip.settings import Settings
from tests.built import built

S_YAML = ROOT / "s.yaml"
FC2 = ROOT / "s.fc2.yaml"
ACCOUNT = "1098765432109876"
ENVIRON = {
    **{f"DEPLOY_{each.upper()}_ROLE": f"acs:ram::{ACCOUNT}:role/multi-eip-{each}" for each in FUNCTIONS},
    "DEPLOY_FAILURES": f"acs:mns:cn-shanghai:{ACCOUNT}:/queues/multi-eip-failures/messages",
}


def _mutated(tmp_path: Path, old: str, new: str, source: Path = S_YAML, times: int = 1) -> list[str]:
    """Return what is found after one change of the file's text."""
    text = source.read_text(encoding="utf-8")
    assert old in text, old
    (file := tmp_path / "s.yaml").write_text(text.replace(old, new, times), encoding="utf-8")
    return check(file, ENVIRON, packages=False)


@pytest.mark.parametrize("file", [S_YAML, FC2], ids=lambda file: file.name)
def test_nothing_is_found_in_what_is_right(file: Path) -> None:
    """With an account's roles and a queue for failures."""
    assert check(file, ENVIRON, packages=False) == []


MUTATIONS = [
    ("runtime", "runtime: python3.10", "runtime: python3.11", "runtime: 'python3.10' was expected"),
    (
        "timeout as text",
        "timeout: 600",
        "timeout: ten minutes",
        "timeout: 'ten minutes' is not of type 'integer'",
    ),
    ("too many retries", "maxAsyncRetryAttempts: 3", "maxAsyncRetryAttempts: 99", "99 is greater than"),
    ("trigger type", "triggerType: timer", "triggerType: tiemr", "'tiemr' is not one of"),
    ("no code", "      code: ./dist/bind.zip\n", "", "bind: props: code is missing"),
    ("no region", "    region: ${vars.region}\n", "", "region is missing"),
    (
        "a key beside functionName",
        "      functionName: ${vars.prefix}bind\n",
        "      functionName: ${vars.prefix}bind\n      functionNmae: x\n",
        "functionNmae is no key here; is functionName meant?",
    ),
    (
        "a key in asyncInvokeConfig",
        "asyncTask: true",
        "asyncTaks: true",
        "asyncInvokeConfig: asyncTaks is no key here; is asyncTask meant?",
    ),
    (
        "a key in a trigger",
        "cronExpression:",
        "cronExpr:",
        "triggerConfig: cronExpr is no key here; is cronExpression meant?",
    ),
    ("run mode", "mode: event-driven", "mode: event-drivn", "runOptions.mode: 'event-drivn' is not one of"),
    ("source type", "eventSourceType: Default", "eventSourceType: Defualt", "'Defualt' is not one of"),
    ("machine", "cpu: 0.5\n", "cpu: 0.1\n", "cpu 0.1 and memorySize 512 do not fit"),
    (
        "pattern as an object",
        "eventRuleFilterPattern: >-\n              {",
        "eventRuleFilterPattern:\n              {",
        "is not of type 'string'",
    ),
    ("operator", '{"exists": false}', '{"exist": false}', "exist is no operator"),
    (
        "no JSON",
        '{"source": ["acs.ecs", "acs.vpc"],',
        '{"source": ["acs.ecs", "acs.vpc",',
        "the pattern is no JSON",
    ),
    ("no role", "      role: ${vars.bindRole}\n", "", "role is missing"),
    ("not even an ARN", "role: ${vars.bindRole}", "role: multi-eip-bind", "'multi-eip-bind' does not match"),
]


@pytest.mark.parametrize(
    ("old", "new", "says"), [each[1:] for each in MUTATIONS], ids=[m[0] for m in MUTATIONS]
)
def test_each_mistake_is_found(tmp_path: Path, old: str, new: str, says: str) -> None:
    """The fourteen of the case file, some in two forms; the sentence says what and where."""
    faults = _mutated(tmp_path, old, new)

    assert any(says in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("cpu: 0.5\n", "cpu: 0.33\n", "no multiple of 0.05"),
        ("memorySize: 512", "memorySize: 500", "500 is not a multiple of 64"),
        ("timeout: 600", "timeout: 300", "too short to put back what a run takes off: at least 450"),
        ("      MULTI_EIP_WRITES:", "      MULTI_EIP_WRITTES:", "MULTI_EIP_WRITTES is not a setting"),
        ('"max_repairs": 10', '"max_repair": 10', "the payload cannot be read by sweep"),
        ('"max_repairs": 10}', '"max_repairs": 10', "the payload cannot be read by sweep"),
        ("${vars.prefix}sweep", "${vars.prefix}bind", "multi-eip-bind is the name of bind already"),
        ("triggerName: states", "triggerName: calls", "two triggers are called calls"),
        ('"source": ["acs.ecs", "acs.vpc"]', '"sorce": ["acs.ecs"]', "sorce is no attribute of an event"),
        ("reservedConcurrency: 100", "reservedConcurrency: 1000", "1000 is greater than the maximum of 300"),
        ('cronExpression: "@every 60m"', 'cronExpression: "0 * * * *"', "does not match"),
    ],
)
def test_other_limits_are_kept(tmp_path: Path, old: str, new: str, says: str) -> None:
    """What the cloud refuses, or takes and does not mean."""
    faults = _mutated(tmp_path, old, new)

    assert any(says in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("statefulInvocation", "statefullInvocation", "is statefulInvocation meant?"),
        ("codeUri: ./dist/bind.zip", "code: ./dist/bind.zip", "codeUri is missing"),
        ("cpu: 0.25\n", "cpu: 0.05\n", "do not fit"),
        ("      role: ${vars.role}\n", "", "role is missing"),
        ("cronExpression:", "cronExpr:", "is cronExpression meant?"),
    ],
)
def test_the_file_for_fc_2_is_looked_at_as_well(tmp_path: Path, old: str, new: str, says: str) -> None:
    """By the keys of its own component."""
    faults = _mutated(tmp_path, old, new, FC2)

    assert any(says in fault for fault in faults), faults


def test_placeholders_go_to_no_account_but_to_the_local_cloud() -> None:
    """The same file serves both; what reaches an account names its variable."""
    faults = check(S_YAML, {}, packages=False)

    assert {fault.rpartition("set ")[2] for fault in faults} == {*ENVIRON}
    assert check(S_YAML, {"FC_COMPONENT": "./tests/stubs/fc-local"}, packages=False) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.8.8.8"])
def test_the_local_clouds_address_goes_to_no_account(host: str) -> None:
    """Functions that call themselves would find nothing, each hour."""
    environ = {**ENVIRON, "STUB_ENDPOINT": f"http://{host}:8000"}

    faults = check(S_YAML, environ, packages=False)

    assert len(faults) == len(FUNCTIONS)
    assert all("unset STUB_ENDPOINT" in fault for fault in faults)
    assert check(S_YAML, {**environ, "FC_COMPONENT": "./tests/stubs/fc-local"}, packages=False) == []


def test_the_name_of_binds_role_is_the_one_that_react_skips() -> None:
    """Otherwise each call of bind would start another bind."""
    environ = {**ENVIRON, "DEPLOY_BIND_ROLE": f"acs:ram::{ACCOUNT}:role/eip-worker"}

    assert any("bind would react to itself" in fault for fault in check(S_YAML, environ, packages=False))
    assert check(S_YAML, {**environ, "MULTI_EIP_OWN_ROLE": "eip-worker"}, packages=False) == []


@pytest.mark.parametrize("file", [S_YAML, FC2], ids=lambda file: file.name)
def test_every_setting_is_a_variable_with_its_default(file: Path) -> None:
    """An operator sees all of them in one place, and what is not set is as the code says."""
    function = yaml.safe_load(file.read_text(encoding="utf-8"))["template"]["function"]
    variables = (function if file == S_YAML else function["function"])["environmentVariables"]
    own = {"MULTI_EIP_OWN_ROLE": "multi-eip-bind"}  # the name of the role that is made by docs/deploy.md

    assert set(variables) == {name for name, _, _ in Settings.table()}
    for name, default, _ in Settings.table():
        source = {"MULTI_EIP_ENDPOINT": "STUB_ENDPOINT"}.get(name, name)
        expected = f"${{env('{source}', '{own.get(name, default)}')}}"
        assert variables[name] in {expected, "${vars.prefix}"}, name
    assert variables["MULTI_EIP_FUNCTION_PREFIX"] == "${vars.prefix}"


def test_both_generations_get_the_same_functions() -> None:
    """Same settings, triggers, machines and limits, by other keys."""
    new, old = (read_application(file, ENVIRON)["resources"] for file in (S_YAML, FC2))

    for name in FUNCTIONS:
        three: dict[str, Any] = new[name]["props"]
        two: dict[str, Any] = old[name]["props"]
        shared = ("description", "runtime", "handler", "timeout", "cpu", "memorySize", "diskSize")
        assert {key: three[key] for key in (*shared, "environmentVariables")} == {
            key: two["function"][key] for key in (*shared, "environmentVariables")
        }
        assert (three["functionName"], three["code"]) == (two["function"]["name"], two["function"]["codeUri"])
        triggers = [
            {"name": each["triggerName"], "type": each["triggerType"], "config": each["triggerConfig"]}
            for each in three.get("triggers", [])
        ]
        assert triggers == two.get("triggers", [])
        asynchronous = three["asyncInvokeConfig"]
        other = two["function"]["asyncConfiguration"]
        for key in ("maxAsyncRetryAttempts", "maxAsyncEventAgeInSeconds"):
            assert asynchronous[key] == other[key]
        assert asynchronous.get("asyncTask", False) == other.get("statefulInvocation", False)


def _application(tmp_path: Path) -> Path:
    return Path(shutil.copy(S_YAML, tmp_path / "s.yaml"))


@pytest.mark.xdist_group("packages")
@pytest.mark.timeout(400)
def test_only_what_make_package_made_from_these_sources_is_deployed(tmp_path: Path) -> None:
    """A folder, a foreign archive, another function's package and an old one are refused by sentences."""
    file = _application(tmp_path)
    assert "react: code is " in "\n".join(check(file, ENVIRON))

    (tmp_path / "dist").mkdir()
    for package in built():
        shutil.copy(package.file, tmp_path / "dist")
    assert check(file, ENVIRON) == []

    shutil.copy(tmp_path / "dist" / "sweep.zip", tmp_path / "dist" / "bind.zip")
    (tmp_path / "dist" / "react.zip").write_bytes(b"PK")
    faults = check(file, ENVIRON)
    assert any("is the package of sweep" in fault for fault in faults), faults
    assert any("was not made by `make package`" in fault for fault in faults), faults

    with zipfile.ZipFile(tmp_path / "dist" / "react.zip", "w") as archive:
        archive.writestr(MARK, json.dumps({"function": "react", "sources": "of yesterday"}))
    assert any("react.zip was made from other sources than these" in fault for fault in check(file, ENVIRON))


def test_the_command_ends_with_one_where_something_is_found(tmp_path: Path) -> None:
    """`s deploy` stops at the status of its pre-deploy action."""
    (bad := tmp_path / "s.yaml").write_text("edition: 1\n", encoding="utf-8")

    assert main([str(bad), "--no-packages"]) == 1
    done = subprocess.run(
        [sys.executable, "-m", "deploy.check", "--no-packages"],
        env={"PYTHONPATH": "shared", **ENVIRON},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "check-deploy: nothing found against a deploy\n"), done
