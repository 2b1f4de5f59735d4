"""The code packages, run as Function Compute would: in a clean Python, with nothing of the repository."""

from __future__ import annotations

import json
import subprocess
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from deploy.interpreters import RUNTIME, find_interpreter, running
from localcloud import CloudOptions, HttpRequest, HttpResponse, mock_cloud
from tests.built import built
from tests.functional.operator import Operator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deploy.interpreters import Interpreter
    from localcloud import MockCloud

# Packages are built once for each version.
pytestmark = [pytest.mark.xdist_group("packages"), pytest.mark.timeout(400)]

# Without site-packages, the user's own, and variables: what is not in the package is not there.
DRIVER = """
import json, sys
from types import SimpleNamespace
folder, event = sys.argv[1:]
sys.path.insert(0, folder)
import index
given = SimpleNamespace(request_id="1-request", function=SimpleNamespace(timeout=600))
try:
    body = json.loads(index.handler(event.encode(), given))
except Exception as error:
    body = {"error": type(error).__name__, "message": str(error)}
files = [m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)]
where = sorted({f for f in files if not f.startswith((folder, sys.base_prefix))})
compiled = {m.__cached__ for n, m in sys.modules.items() if n.startswith("multieip")}
print(json.dumps({"body": body, "elsewhere": where, "cached": sorted(compiled)}))
"""


@dataclass
class Site:
    """A served cloud, a Function Compute that takes notes, and one Python with its packages."""

    local: MockCloud
    interpreter: Interpreter
    packages: Path
    started: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def function_compute(self, request: HttpRequest) -> HttpResponse:
        """Accept an invocation of either generation."""
        self.started.append((request.path, json.loads(request.body)))
        return HttpResponse(202, b"", {})

    def run(self, function: str, event: object, **more: str) -> dict[str, Any]:
        """Call one handler with one event."""
        key, secret, token = self.local.cloud.issue_credentials(
            "acs:ram::1234567890123456:role/multi-eip", "s"
        )
        environment = {
            "FC_FUNCTION_NAME": f"multi-eip-{function}",
            "FC_REGION": "cn-shanghai",
            "FC_ACCOUNT_ID": "1234567890123456",
            "MULTI_EIP_ENDPOINT": self.local.endpoint,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": token,
            **more,
        }
        folder = self.packages / function
        done = subprocess.run(
            [self.interpreter.path, "-I", "-S", "-B", "-c", DRIVER, folder, json.dumps(event)],
            cwd=folder,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        assert answer["elsewhere"] == []
        return answer


def _versions() -> list[str]:
    """Return the functions' own Python or else the running one, and 3.12 where there is one."""
    found = [version for version in (RUNTIME, "3.12") if find_interpreter(version)]
    return found if RUNTIME in found else [*found, running().version]


@pytest.fixture(scope="module", params=_versions())
def packages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Unpack the archives of one version."""
    unpacked = tmp_path_factory.mktemp("packages")
    for package in built(request.param):
        assert package.faults == []
        with zipfile.ZipFile(package.file) as archive:
            archive.extractall(unpacked / package.function)
    return request.param, unpacked


@pytest.fixture
def site(packages: tuple[str, Path]) -> Iterator[Site]:
    """Serve a cloud whose changes are immediate."""
    version, unpacked = packages
    interpreter = find_interpreter(version)
    assert interpreter is not None
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as local:
        made = Site(local, interpreter, unpacked)
        local.cloud.mount(lambda request: "/invocations" in request.path, made.function_compute)
        yield made


def test_bind_makes_a_group_ready(site: Site) -> None:
    """Reads, writes, a command in the guest, and its answer: all from what the package holds."""
    seeds = site.local.seeds
    hand = Operator(site.local.cloud)
    hand.eni(seeds, "web", size="2")
    hand.eips(2, "web")
    hand.tag("instance", [seeds.instance], "web")

    answer = site.run("bind", {"group": "web", "action": "apply"})

    assert answer["body"]["state"] == "ready", answer


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("", "/2023-03-30/functions/multi-eip-bind/invocations"),
        ("multi-eip", "/2016-08-15/services/multi-eip/functions/multi-eip-bind/invocations"),
    ],
    ids=["FC 3.0", "FC 2.0"],
)
def test_react_starts_a_bind(site: Site, service: str, path: str) -> None:
    """The same package serves both generations of Function Compute."""
    events: list[dict[str, Any]] = []
    site.local.cloud.subscribe(events.append)
    Operator(site.local.cloud).eni(site.local.seeds, "web")
    event = next(each for each in events if each["data"].get("eventName") == "CreateNetworkInterface")

    answer = site.run("react", event, **({"FC_SERVICE_NAME": service} if service else {}))

    assert [each["group"] for each in answer["body"]["started"]] == ["web"], answer
    assert [(where, payload["group"]) for where, payload in site.started] == [(path, "web")]


def test_sweep_starts_a_repair(site: Site) -> None:
    """Two EIPs wait for their ENI: the sweep finds it and asks for a bind."""
    hand = Operator(site.local.cloud)
    hand.eni(site.local.seeds, "web")
    hand.eips(2, "web")

    answer = site.run("sweep", {"mode": "repair", "regions": ["cn-shanghai"]})

    assert answer["body"]["complete"] is True, answer
    assert [payload["group"] for _, payload in site.started] == ["web"]


def test_the_keys_of_the_role_are_missed_in_our_own_words(site: Site) -> None:
    """A function without a role says which setting to mend, and imports nothing that it does not have."""
    gone = dict.fromkeys(("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"), "")

    answer = site.run("bind", {"group": "web"}, **gone)

    assert answer["body"]["error"] == "CredentialsError", answer
    assert "role" in answer["body"]["message"]


def test_the_bytecode_in_the_package_is_what_runs(site: Site) -> None:
    """It is for this Python, was not written now, and names the paths of Function Compute."""
    answer = site.run("react", {"specversion": "1.0"})

    for name in answer["cached"]:
        with open(name, "rb") as stream:  # noqa: PTH123
            assert stream.read(8)[4:] == b"\x01\x00\x00\x00", name  # unchecked hash
            assert b"/code/multieip/" in stream.read(), name
