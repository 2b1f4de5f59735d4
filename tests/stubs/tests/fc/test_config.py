"""s.yaml is read as the CLI renders it, and its faults are told in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud import EventTrigger, TimerTrigger, read_application, read_functions
from localcloud.eventbridge import RetryPolicy
from localcloud.fc.errors import ConfigError
from localcloud.fc.model import AsyncConfig
from localcloud.fc.triggers import cron_problem

FIXTURE = Path(__file__).parent / "fixtures" / "s.yaml"

EVENTBRIDGE: dict[str, Any] = {
    "triggerName": "t",
    "triggerType": "eventbridge",
    "triggerConfig": {
        "triggerEnable": True,
        "eventRuleFilterPattern": '{"source": ["acs.ecs"]}',
        "runOptions": {"retryStrategy": {"PushRetryStrategy": "BACKOFF_RETRY"}},
    },
}
TIMER: dict[str, Any] = {
    "triggerName": "t",
    "triggerType": "timer",
    "triggerConfig": {"cronExpression": "@every 5m", "enable": True, "payload": ""},
}


def write(folder: Path, **changes: object) -> Path:
    """Write an s.yaml with one good function, changed as asked; None leaves a prop out."""
    (folder / "code").mkdir(exist_ok=True)
    props: dict[str, object] = {
        "region": "cn-shanghai",
        "functionName": "f",
        "runtime": "python3.10",
        "handler": "index.handler",
        "code": "./code",
    }
    props = {name: value for name, value in {**props, **changes}.items() if value is not None}
    document = {"edition": "3.0.0", "name": "a", "resources": {"one": {"component": "fc3", "props": props}}}
    file = folder / "s.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


def fault(folder: Path, **changes: object) -> str:
    """Return the line that says what is wrong with the function."""
    file = write(folder, **changes)
    with pytest.raises(ConfigError) as error:
        read_functions(file, {})
    line = str(error.value)
    assert line.startswith(str(file))
    assert "\n" not in line
    return line


def test_a_function_is_read_with_everything_that_it_says() -> None:
    """Template, variables, asynchronous configuration and triggers arrive in frozen values."""
    functions = read_functions(FIXTURE, {"FIXTURE_REGION": "cn-beijing"}).functions

    echo, task, stateful = functions["echo"], functions["task"], functions["stateful"]
    assert (echo.name, echo.region, echo.timeout_s, echo.memory_mb) == ("fx-echo", "cn-beijing", 30, 256)
    assert echo.environment == {"SHARED": "from-template", "NAME": "echo", "OWN": "1"}
    assert echo.code_dir == FIXTURE.parent / "echo"
    event, timer = echo.triggers
    assert isinstance(event, EventTrigger)
    assert (event.name, event.async_flag, event.retry) == ("eni", True, RetryPolicy.BACKOFF)
    assert isinstance(timer, TimerTrigger)
    assert (timer.cron, timer.payload) == ("@every 1h", '{"mode":"report"}')
    assert task.asynchronous == AsyncConfig(
        task=True,
        max_retries=2,
        max_age_s=60,
        on_success="acs:fc:cn-shanghai:1234567890123456:functions/fx-echo",
    )
    assert (stateful.initializer, stateful.reserved_concurrency) == ("index.initialize", 1)


def test_what_is_left_out_has_the_clouds_defaults(tmp_path: Path) -> None:
    """Three seconds and 512 MB, as fc3 has it."""
    (function,) = read_functions(write(tmp_path), {}).functions.values()

    assert (function.timeout_s, function.memory_mb, function.asynchronous) == (3, 512, AsyncConfig())


def test_variables_are_rendered_as_the_cli_does(tmp_path: Path) -> None:
    """A value that is one variable keeps its type; inside text it becomes text."""
    (tmp_path / "note.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "s.yaml").write_text(
        """
edition: 3.0.0
vars: {number: 5, object: {a: [1]}, nested: "${vars.number}-n"}
template:
  base: {list: [1, 2], map: {a: 1, b: {c: 1}}}
resources:
  one:
    component: x
    extend: {name: base}
    props:
      number: ${vars.number}
      object: ${vars.object}
      nested: ${vars.nested}
      text: "n=${vars.number} ${env('SET')} ${env('UNSET', 'd')} ${this.name}"
      file: ${file('./note.txt')}
      path: ${path('./note.txt')}
      other: ${resources.two.props.name}
      own: ${this.props.number}
      untouched: "$vars ${config('AccountID')} {x}"
      list: [3]
      map: {b: {d: 2}}
  two: {component: x, props: {name: "${env('SET')}-2"}}
""",
        encoding="utf-8",
    )

    rendered = read_application(tmp_path / "s.yaml", {"SET": "s"})["resources"]["one"]["props"]

    assert rendered == {
        "number": 5,
        "object": {"a": [1]},
        "nested": "5-n",
        "text": "n=5 s d one",
        "file": "hello",
        "path": str(tmp_path / "note.txt"),
        "other": "s-2",
        "own": 5,
        "untouched": "$vars ${config('AccountID')} {x}",
        "list": [3],
        "map": {"a": 1, "b": {"c": 1, "d": 2}},
    }


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"region": None}, "region is missing"),
        ({"runtime": "python3.11"}, "python3.10"),
        ({"functionName": "1f"}, "functionName"),
        ({"handler": "handler"}, "handler"),
        ({"code": "./nowhere"}, "is no folder"),
        ({"timeout": 0}, "timeout is 0"),
        ({"timeout": "60"}, "timeout is '60'"),
        ({"memorySize": 500}, "in steps of 64"),
        ({"timeOut": 60}, "unknown prop 'timeOut'"),
        ({"environmentVariables": {"FC_X": "1"}}, "FC_X"),
        ({"environmentVariables": {"X": "x" * 5000}}, "4096"),
        ({"environmentVariables": {"X": "${env('NOT_SET')}"}}, "NOT_SET"),
        ({"environmentVariables": {"X": "${vars.nothing}"}}, "nothing"),
        ({"environmentVariables": {"X": "${what('x')}"}}, "what()"),
        ({"environmentVariables": {"X": "${ }"}}, "no variable"),
        ({"environmentVariables": {"X": "${this.props.environmentVariables.X}"}}, "refers to itself"),
        ({"asyncInvokeConfig": {"maxAsyncRetryAttempts": 9}}, "maxAsyncRetryAttempts is 9"),
        ({"asyncInvokeConfig": {"asyncTsk": True}}, "unknown key 'asyncTsk'"),
        ({"triggers": [{**TIMER, "triggerName": None}]}, "triggerName is missing"),
        ({"triggers": [{**TIMER, "triggerType": "tmer"}]}, "triggerType 'tmer'"),
        ({"triggers": [{**TIMER, "trigerConfig": {}}]}, "unknown key 'trigerConfig'"),
    ],
)
def test_a_fault_is_one_line_with_the_place(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    """File, resource, key, and what would be right."""
    line = fault(tmp_path, **changes)

    assert "resource one" in line
    assert says in line


@pytest.mark.parametrize(
    ("trigger", "key", "value", "says"),
    [
        (EVENTBRIDGE, "triggerEnabl", True, "unknown key 'triggerEnabl'"),
        (EVENTBRIDGE, "triggerEnable", "yes", "true or false"),
        (EVENTBRIDGE, "eventRuleFilterPattern", {"source": ["a"]}, "JSON string"),
        (EVENTBRIDGE, "eventRuleFilterPattern", '{"source": ["a"]', "no JSON"),
        (EVENTBRIDGE, "eventRuleFilterPattern", '{"a": [{"prefx": "x"}]}', "unknown operator"),
        (EVENTBRIDGE, "runOptions", {"retryStrategy": {"PushRetry": "x"}}, "unknown key 'PushRetry'"),
        (EVENTBRIDGE, "runOptions", {"retryStrategy": {"PushRetryStrategy": "NO"}}, "BACKOFF_RETRY"),
        (TIMER, "cronExpr", "x", "unknown key 'cronExpr'"),
        (TIMER, "cronExpression", "* * * * *", "six fields"),
        (TIMER, "payload", {"mode": "report"}, "must be a string"),
    ],
)
def test_a_fault_of_a_trigger_is_found(
    tmp_path: Path, trigger: dict[str, Any], key: str, value: object, says: str
) -> None:
    """The published schema lets these pass; a trigger that never fires would be found much later."""
    changed = {**trigger, "triggerConfig": {**trigger["triggerConfig"], key: value}}

    line = fault(tmp_path, triggers=[changed])

    assert "trigger t" in line
    assert says in line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("edition: 2.0.0\nresources: {}", "edition: 3.0.0"),
        ("edition: 3.0.0", "`resources` is missing"),
        ("edition: 3.0.0\nresources: {one: {component: x}}", "`props` is missing"),
        ("edition: 3.0.0\nresources: {one: {extend: {name: t}, props: {}}}", "extend names 't'"),
        ("a: [", "no YAML in line"),
        ("- a", "no mapping"),
    ],
)
def test_a_file_that_is_no_application_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """What the CLI would refuse is refused here too."""
    file = tmp_path / "s.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"s\.yaml") as error:
        read_functions(file, {})

    assert says in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """No file is no empty application."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_functions(tmp_path / "s.yaml", {})


@pytest.mark.parametrize(
    "expression",
    [
        "@every 60m",
        "@every 1h30m",
        "0 0 4 * * *",
        "0 */10 8-18 ? 1,6 MON-FRI",
        "CRON_TZ=Asia/Shanghai 0 0 4 * * *",
    ],
)
def test_a_timetable_is_accepted(expression: str) -> None:
    """Six fields or an interval."""
    assert cron_problem(expression) == ""


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "@every",
        "@every 5",
        "@daily",
        "60 * * * * *",
        "* * 24 * * *",
        "0 0 0 0 * *",
        "0 0/0 * * * *",
        "a * * * * *",
    ],
)
def test_a_timetable_that_never_fires_is_refused(expression: str) -> None:
    """Each field has its bounds."""
    assert cron_problem(expression) != ""


def test_two_functions_cannot_share_a_name(tmp_path: Path) -> None:
    """The second would replace the first in the cloud."""
    file = write(tmp_path)
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["resources"]["two"] = json.loads(json.dumps(document["resources"]["one"]))
    file.write_text(yaml.safe_dump(document), encoding="utf-8")

    with pytest.raises(ConfigError, match="one and two share functionName f"):
        read_functions(file, {})
