"""The real Serverless Devs CLI, offline, with the local component: what it runs and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import LocalCloud, attach_functions, read_application, serving
from localcloud.guests import open_world

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "tests" / "stubs" / "fc-local"
CLI = COMPONENT / "node_modules" / ".bin" / "s"
FIXTURES = ROOT / "tests" / "stubs" / "tests" / "fc" / "fixtures"

if shutil.which("node") is None:
    pytest.skip("node is not installed, the CLI of Serverless Devs needs it", allow_module_level=True)
if not CLI.exists():
    pytest.skip(f"the CLI is not installed: npm ci --prefix {COMPONENT}", allow_module_level=True)


@dataclass
class Devs:
    """The CLI in a home of its own, with the environment that a user of the local cloud has."""

    environment: dict[str, str]
    folder: Path = FIXTURES

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run the CLI; an empty value takes a variable away."""
        environment = {name: value for name, value in {**self.environment, **changes}.items() if value}
        return subprocess.run(
            [str(CLI), *arguments],
            cwd=self.folder,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def rendered(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the application as the CLI renders it."""
        shown = self.run("preview", "--silent", "-o", "json")
        assert shown.returncode == 0, shown
        return json.loads(shown.stdout)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[tuple[str, str, str]]:
    """Serve a cloud; give its endpoint and a key."""
    cloud = LocalCloud(open_world("simulated"))
    key = cloud.accounts.user_key
    with serving(cloud) as endpoint:
        yield endpoint, key.key_id, key.secret
    cloud.close()


@pytest.fixture
def devs(endpoint: tuple[str, str, str], tmp_path: Path) -> Devs:
    """Return the CLI with the local component, usage reports off, and nothing of the user's own settings."""
    home = tmp_path / ".s"
    home.mkdir()
    (home / "set-config.yml").write_text("analysis: disable\n", encoding="utf-8")
    return Devs(
        {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "PYTHON": sys.executable,
            "serverless_devs_config_home": str(tmp_path),
            "FC_COMPONENT": str(COMPONENT),
            "STUB_ENDPOINT": endpoint[0],
            "ALIBABA_CLOUD_ACCESS_KEY_ID": endpoint[1],
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": endpoint[2],
        }
    )


def test_a_function_runs_with_an_event_from_the_command_line(devs: Devs) -> None:
    """The result is printed, the log is on standard error, the status is 0."""
    done = devs.run("echo", "invoke", "-e", '{"do": "log", "text": "said by the function"}')

    assert done.returncode == 0, done
    assert '"type": "bytes"' in done.stdout
    assert "said by the function" in done.stderr
    assert "FC Invoke Start RequestId: 1-" in done.stderr


def test_a_function_runs_with_an_event_from_a_file(devs: Devs, tmp_path: Path) -> None:
    """The file counts from the current directory; the answer has fc3's form when a program reads it."""
    file = tmp_path / "event.json"
    file.write_text('{"text": "gr\\u00fc\\u00df \'dich\' $HOME"}', encoding="utf-8")

    done = devs.run("echo", "invoke", "-f", str(file), "--silent", "-o", "json")

    assert done.returncode == 0, done
    assert json.loads(json.loads(done.stdout)["body"])["event"] == {"text": "grüß 'dich' $HOME"}


def test_the_function_sees_what_s_yaml_gives_it_and_not_the_users_shell(devs: Devs) -> None:
    """Rendered props, credentials and the endpoint arrive; nothing else of the shell does."""
    done = devs.run(
        *("echo", "invoke", "-e", '{"do": "environment"}', "--silent", "-o", "json"),
        FIXTURE_REGION="cn-beijing",
        OF_THE_SHELL="x",
    )

    found = json.loads(json.loads(done.stdout)["body"])
    assert (found["FC_FUNCTION_NAME"], found["FC_REGION"], found["NAME"]) == ("fx-echo", "cn-beijing", "echo")
    assert found["STUB_ENDPOINT"] == devs.environment["STUB_ENDPOINT"]
    assert found["ALIBABA_CLOUD_ACCESS_KEY_ID"] == devs.environment["ALIBABA_CLOUD_ACCESS_KEY_ID"]
    assert "OF_THE_SHELL" not in found


@pytest.mark.parametrize("form", [[], ["--silent"], ["-o", "json"], ["--silent", "-o", "json"]])
def test_a_function_that_raises_makes_the_command_fail(devs: Devs, form: list[str]) -> None:
    """Status 101 and the function's message, however the output is wanted."""
    done = devs.run("echo", "invoke", "--strict", "-e", '{"do": "raise", "text": "no luck"}', *form)

    assert done.returncode == 101
    assert "no luck" in done.stdout + done.stderr
    assert "ValueError" in done.stderr


def test_a_failed_function_is_told_as_fc3_tells_it(devs: Devs) -> None:
    """Status 0, the error in the answer and its type in words: that is what to look at."""
    done = devs.run("echo", "invoke", "-e", '{"do": "raise", "text": "no luck"}')

    assert done.returncode == 0, done
    assert '"errorMessage": "no luck"' in done.stdout
    assert "Error Type: UnhandledInvocationError" in done.stderr


def test_a_function_whose_process_dies_makes_the_command_fail(devs: Devs) -> None:
    """No answer is no success."""
    done = devs.run("echo", "invoke", "--strict", "-e", '{"do": "exit"}')

    assert done.returncode == 101
    assert "Process exited unexpectedly" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "changes", "says"),
    [
        ([], {"STUB_ENDPOINT": ""}, "localcloud serve"),
        ([], {"ALIBABA_CLOUD_ACCESS_KEY_ID": ""}, "ALIBABA_CLOUD_ACCESS_KEY_ID is not set"),
        ([], {"PYTHON": "/nowhere/python"}, "cannot start /nowhere/python"),
        (["-f", "nothing.json"], {}, "nothing.json"),
        (["-f", "s.yaml", "-e", "{}"], {}, "not with both"),
        (["--invocation-type", "Async"], {}, "--invocation-type Async is not supported"),
        (["--qualifier", "7"], {}, "LATEST only"),
        (["--evnt", "{}"], {}, "Unknown option '--evnt'"),
    ],
)
def test_what_cannot_be_done_is_said_and_fails(
    devs: Devs, arguments: list[str], changes: dict[str, str], says: str
) -> None:
    """One clear message and status 101."""
    done = devs.run("echo", "invoke", *arguments, **changes)

    assert done.returncode == 101
    assert says in done.stdout + done.stderr


def test_a_command_that_the_component_does_not_have_fails(devs: Devs) -> None:
    """Nothing is deployed from here by mistake."""
    assert devs.run("echo", "deploy", "-y").returncode != 0


@pytest.mark.parametrize("folder", [FIXTURES, ROOT], ids=["fixture", "product"])
def test_the_local_cloud_reads_s_yaml_as_the_cli_does(devs: Devs, folder: Path) -> None:
    """The functions that events call are the functions that `s` would deploy."""
    devs.folder = folder

    by_the_cli = devs.rendered()["resources"]
    by_us = read_application(folder / "s.yaml", devs.environment)["resources"]

    assert {name: body["props"] for name, body in by_us.items()} == {
        name: body["props"] for name, body in by_the_cli.items()
    }


def test_a_reader_that_has_gone_ends_the_command(devs: Devs) -> None:
    """`s … | head` returns; the CLI alone would go on for ever."""
    event = json.dumps({"text": "x" * 1_000_000})
    (file := Path(devs.environment["HOME"]) / "event.json").write_text(event, encoding="utf-8")
    with subprocess.Popen(
        [str(CLI), "echo", "invoke", "-f", str(file)],
        cwd=devs.folder,
        env=devs.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        assert running.stdout is not None
        running.stdout.read(1)
        running.stdout.close()

        assert running.wait(timeout=30) != 0


@pytest.mark.parametrize(
    ("function", "event", "says"),
    [
        ("react", "unrelated-read", "the call only read"),
        ("sweep", "manual-sweep-report", '"totals"'),
        ("bind", "manual-bind-plan", '"state"'),
    ],
)
def test_each_function_of_the_product_runs_by_hand(devs: Devs, function: str, event: str, says: str) -> None:
    """The sample events of the repository are what `s <function> invoke -f` takes."""
    devs.folder = ROOT

    done = devs.run(function, "invoke", "-f", f"events/{event}.json")

    assert done.returncode == 0, done
    assert says in done.stdout


def test_the_products_function_refuses_an_event_that_it_cannot_read(devs: Devs) -> None:
    """A typing error by hand is a result that names it, and no failure that a queue would try again."""
    devs.folder = ROOT

    done = devs.run("bind", "invoke", "--strict", "-e", '{"actoin": "apply"}')

    assert done.returncode == 0
    assert '"state": "refused"' in done.stdout
    assert "unknown: actoin" in done.stdout


@pytest.fixture
def deploying(devs: Devs) -> Iterator[Devs]:
    """Let the CLI deploy to an account that has no function yet."""
    cloud = LocalCloud(open_world("simulated"))
    with serving(cloud) as endpoint:
        functions = attach_functions(cloud, s_yaml=None, react=True, endpoint=endpoint)
        devs.environment["STUB_ENDPOINT"] = endpoint
        yield devs
        functions.close()
    cloud.close()


def test_a_function_is_planned_deployed_shown_and_removed(deploying: Devs) -> None:
    """Each command says what it found; a plan after the deploy says that nothing would change."""
    before = deploying.run("echo", "plan")
    deployed = deploying.run("echo", "deploy", "-y")
    after = deploying.run("echo", "plan")
    shown = deploying.run("echo", "info", "--silent", "-o", "json")
    removed = deploying.run("echo", "remove", "-y")
    gone = deploying.run("echo", "info")

    assert "+ function fx-echo" in before.stdout, before
    assert deployed.returncode == 0, deployed
    assert "function fx-echo created" in deployed.stderr
    assert "trigger fx-echo/hourly created" in deployed.stderr
    assert "nothing would change" in after.stdout, after
    found = json.loads(shown.stdout)
    assert [each["triggerName"] for each in found["triggers"]] == ["eni", "hourly"]
    assert "function fx-echo removed" in removed.stderr, removed
    assert gone.returncode == 101, gone
    assert "FunctionNotFound" in gone.stdout + gone.stderr


def test_versions_and_aliases_are_published(deploying: Devs) -> None:
    """Listed, named, and removed with the function."""
    assert deploying.run("echo", "deploy", "-y").returncode == 0
    published = deploying.run("echo", "version", "publish", "--description", "one", "--silent", "-o", "json")
    named = deploying.run(
        *(
            "echo",
            "alias",
            "publish",
            "--alias-name",
            "live",
            "--version-id",
            "latest",
            "--silent",
            "-o",
            "json",
        )
    )
    listed = deploying.run("echo", "version", "list")
    wrong = deploying.run("echo", "alias", "publish", "--alias-name", "live", "--version-id", "7")

    called = deploying.run(
        "echo", "invoke", "--qualifier", "live", "-e", '{"text": "x"}', "--silent", "-o", "json"
    )
    nobody = deploying.run("echo", "invoke", "--qualifier", "dead", "-e", "{}")

    assert json.loads(json.loads(called.stdout)["body"])["event"] == {"text": "x"}, called
    assert nobody.returncode == 101
    assert json.loads(published.stdout)["versionId"] == "1", published
    assert json.loads(named.stdout)["aliasName"] == "live", named
    assert '"description": "one"' in listed.stdout
    assert wrong.returncode == 101
    assert deploying.run("echo", "remove", "-y").returncode == 0


@pytest.mark.parametrize("form", [[], ["--silent", "-o", "json"]])
@pytest.mark.parametrize("command", ["sync", "provision", "nonsense"])
def test_a_command_that_is_not_there_fails(devs: Devs, command: str, form: list[str]) -> None:
    """It is not "completed", whatever the form of the output."""
    done = devs.run("echo", command, *form)

    assert done.returncode not in {0, None}, done
