"""`localcloud serve --hosts`: clients with their default endpoints, by name and TLS, and no other setting."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from localcloud.cli.main import main
from localcloud.front.certificates import host_patterns
from localcloud.front.names import NameServer

CLIENTS = Path(__file__).parent / "npm-clients"
FOLDER = Path(__file__).parent / "fc" / "fixtures"

OLD_SDK = """
import json, os, socket
from aliyunsdkcore.client import AcsClient
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
key, secret = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"], os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
client = AcsClient(key, secret, "cn-shanghai")
request = DescribeInstancesRequest()
request.set_protocol_type("https")
request.set_accept_format("json")
found = json.loads(client.do_action_with_exception(request))
try:
    outside = socket.gethostbyname("example.org")
except OSError:
    outside = None
print(json.dumps([found["TotalCount"], os.environ.get("STUB_ENDPOINT"), outside]))
"""

NEW_SDK = """
import json, os
from alibabacloud_ecs20140526 import models as ecs
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_fc20230330 import models as fc
from alibabacloud_fc20230330.client import Client as Fc
from alibabacloud_tea_openapi.models import Config
from alibabacloud_vpc20160428 import models as vpc
from alibabacloud_vpc20160428.client import Client as Vpc
def config(**more):
    key, secret = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"], os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
    return Config(access_key_id=key, access_key_secret=secret, region_id="cn-shanghai", **more)
here = {"region_id": "cn-shanghai"}
print(json.dumps([
    Ecs(config()).describe_instances(ecs.DescribeInstancesRequest(**here)).body.total_count,
    Vpc(config()).describe_eip_addresses(vpc.DescribeEipAddressesRequest(**here)).body.total_count,
    len(Fc(config(endpoint="fcv3.cn-shanghai.aliyuncs.com")).list_functions(fc.ListFunctionsRequest()).body.functions),
]))
"""

NPM = """
const Ecs = require("@alicloud/ecs20140526");
const { Config } = require("@alicloud/openapi-client");
const env = process.env;
const client = new Ecs.default(new Config({
  accessKeyId: env.ALIBABA_CLOUD_ACCESS_KEY_ID, accessKeySecret: env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
  regionId: "cn-shanghai",
}));
client.describeInstances(new Ecs.DescribeInstancesRequest({ regionId: "cn-shanghai" }))
  .then((answer) => console.log(JSON.stringify([answer.body.totalCount])));
"""


def together(test: Any) -> Any:  # noqa: ANN401 - a test
    """Keep the tests of one start in one process, whole SDKs are imported in it."""
    return pytest.mark.xdist_group("hosts")(pytest.mark.timeout(300)(test))


def _why_not() -> str:
    missing = [each for each in ("unshare", "ip", "mount", "openssl") if shutil.which(each) is None]
    if missing:
        return f"{', '.join(missing)} is not installed"
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    probe = ["unshare", *user, "--net", "--mount", "true"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


needs_namespaces = pytest.mark.skipif(bool(_why_not()), reason=f"no namespaces: {_why_not()}")


def inside(*command: str, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    """Run a command in a network where the vendor's names lead to a local cloud."""
    serve = [sys.executable, "-m", "localcloud", "serve", "--hosts", "--guest", "simulated"]
    s_yaml = ["--s-yaml", str(FOLDER / "s.yaml")]
    return subprocess.run(
        [*serve, *s_yaml, "--", *command],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=240,
        check=False,
    )


# Each client's answer in a line of its own, so that one that fails leaves the others theirs.
_ALL = """
echo "old $("$0" -c "$1")"
echo "new $("$0" -c "$2")"
cd "$4" && echo "npm $(node -e "$3")"
"""


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run all clients in one such network, in a folder of no meaning, and return what each printed."""
    before = Path("/etc/resolv.conf").read_bytes()
    arguments = (sys.executable, OLD_SDK, NEW_SDK, NPM, str(CLIENTS))
    done = inside("sh", "-c", _ALL, *arguments, folder=tmp_path_factory.mktemp("anywhere"))
    assert Path("/etc/resolv.conf").read_bytes() == before
    lines = (line.partition(" ") for line in done.stdout.splitlines())
    said = {name: json.loads(text) for name, _, text in lines if name in {"old", "new", "npm"} and text}
    return {"errors": done.stderr, **said}


@needs_namespaces
@together
def test_the_old_sdk_finds_it_by_name(clients: dict[str, Any]) -> None:
    """With the vendor's own host, over TLS; no other name leads anywhere, and nothing outside has changed."""
    assert clients.get("old") == [2, None, None], clients["errors"]


@needs_namespaces
@together
def test_the_new_sdks_find_it_by_name(clients: dict[str, Any]) -> None:
    """ECS, VPC and Function Compute, each by its default endpoint; the functions of s.yaml are there."""
    assert clients.get("new") == [2, 0, 4], clients["errors"]


@needs_namespaces
@together
@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
@pytest.mark.skipif(not (CLIENTS / "node_modules").is_dir(), reason=f"run `npm ci` in {CLIENTS}")
def test_a_client_from_npm_finds_it_by_name(clients: dict[str, Any]) -> None:
    """Node reads the authority from the variable that it has for that."""
    assert clients.get("npm") == [2], clients["errors"]


@needs_namespaces
def test_it_ends_as_the_command_ends() -> None:
    """With its status; a command that cannot be started is one clear line."""
    assert inside("sh", "-c", "exit 7").returncode == 7
    done = inside("no-such-program")
    assert (done.returncode, "no-such-program cannot be started" in done.stderr) == (1, True)


def test_without_a_command_there_is_nothing_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    """One clear line, before anything is started."""
    assert main(["serve", "--hosts", "--guest", "simulated"]) == 1

    assert "serve --hosts -- sh" in capsys.readouterr().err


def ask(port: int, name: str, kind: int = 1) -> tuple[int, bytes]:
    """Ask a name server; return the answer's code, and what follows the question."""
    labels = b"".join(bytes([len(each)]) + each.encode() for each in name.split("."))
    query = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.sendto(query, ("127.0.0.1", port))
        answer = client.recv(512)
    number, flags = struct.unpack_from("!2H", answer)
    assert number == 7
    return flags & 0xF, answer[len(query) :]


def test_names_of_the_vendor_lead_here_and_no_other_exists() -> None:
    """Whatever the case; that there is no IPv6 address is no error; what is no query is passed over."""
    server = NameServer(port=0)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"no query", ("127.0.0.1", server.port))
        code, row = ask(server.port, "ecs.cn-shanghai.Aliyuncs.com")
        assert (code, row[-4:]) == (0, bytes([127, 0, 0, 1]))
        assert ask(server.port, "ecs.aliyuncs.com", kind=28) == (0, b"")
        assert ask(server.port, "notaliyuncs.com") == (3, b"")
    finally:
        server.close()


def test_the_certificate_is_for_the_hosts_of_every_region() -> None:
    """A star stands for one label only."""
    patterns = set(host_patterns())

    assert {"*.aliyuncs.com", "*.cn-shanghai.aliyuncs.com", "*.eu-central-1.fc.aliyuncs.com"} <= patterns
    # Where the deploying component uploads code to.
    assert "*.oss-accelerate.aliyuncs.com" in patterns
