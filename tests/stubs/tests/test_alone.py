"""The package as somebody else has it: `make test-alone` runs this where nothing else is installed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from localcloud import mock_cloud

if TYPE_CHECKING:
    from localcloud import MockCloud


def test_one_line_gives_a_cloud() -> None:
    """Really signed calls on the seeds, without a socket."""
    with mock_cloud() as local:
        region = {"RegionId": local.seeds.region}
        eip = local.api.call("Vpc", "AllocateEipAddress", region)["AllocationId"]
        answer = local.api.call("Vpc", "DescribeEipAddresses", {**region, "AllocationId": eip})

    assert [row["AllocationId"] for row in answer["EipAddresses"]["EipAddress"]] == [eip]


def test_pytest_has_the_fixture(local_cloud: MockCloud) -> None:
    """No conftest names a plugin."""
    assert local_cloud.seeds.instance.startswith("i-")


def test_the_command_serves() -> None:
    """The server stands with what the package itself has declared."""
    command = [
        sys.executable,
        "-m",
        "localcloud",
        "serve",
        "--port",
        "0",
        "--guest",
        "simulated",
        "--no-react",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=sys.prefix) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        server.terminate()

        assert line.startswith("ready: http://127.0.0.1:")
        assert server.wait(timeout=60) == 0
