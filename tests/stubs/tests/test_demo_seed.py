"""`localcloud demo-seed`: what a first look needs, made by one command on a running server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from localcloud.cli.serve import environment

if TYPE_CHECKING:
    from localcloud import MockCloud


def seeded(served: MockCloud, *options: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user who has read the environment file; an empty value takes a variable away."""
    known = {**os.environ, **environment(served.cloud, served.seeds, served.endpoint), **changes}
    return subprocess.run(
        [sys.executable, "-m", "localcloud", "demo-seed", *options],
        env={name: value for name, value in known.items() if value},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rows(served: MockCloud, product: str, action: str, *path: str) -> list[dict[str, Any]]:
    """List what has the tag."""
    tagged = {"RegionId": served.seeds.region, "Tag.1.Key": "team", "Tag.1.Value": "web=1"}
    found: Any = served.api.call(product, action, tagged)
    for name in path:
        found = found[name]
    return list(found)


def test_everything_is_made_tagged_and_told(served: MockCloud) -> None:
    """The lines name what the cloud then lists under the tag; a value may hold an equals sign."""
    done = seeded(served, "--eips", "2", "--tag", "team=web=1")

    enis = rows(served, "Ecs", "DescribeNetworkInterfaces", "NetworkInterfaceSets", "NetworkInterfaceSet")
    eips = rows(served, "Vpc", "DescribeEipAddresses", "EipAddresses", "EipAddress")
    instances = rows(served, "Ecs", "DescribeInstances", "Instances", "Instance")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == sorted(
        [f"interface {each['NetworkInterfaceId']} {each['PrivateIpAddress']}" for each in enis]
        + [f"eip {each['AllocationId']} {each['IpAddress']}" for each in eips]
        + [f"instance {each['InstanceId']}" for each in instances]
    )
    assert (len(enis), len(eips), [each["InstanceId"] for each in instances]) == (
        1,
        2,
        [served.seeds.instance],
    )


@pytest.mark.parametrize(
    ("options", "changes", "says"),
    [
        (["--eips", "21"], {}, "--eips is 21, it must be from 0 to 20"),
        (["--tag", "team"], {}, "--tag team: write KEY=VALUE"),
        ([], {"STUB_ENDPOINT": ""}, "STUB_ENDPOINT not set: start the local cloud with `localcloud serve"),
        ([], {"STUB_ENDPOINT": "http://127.0.0.1:9"}, "http://127.0.0.1:9 does not answer"),
        ([], {"STUB_ENDPOINT": "ftp://x"}, "STUB_ENDPOINT is ftp://x, which is no address"),
        ([], {"STUB_VSWITCH": "vsw-nowhere"}, "CreateNetworkInterface: InvalidVSwitchId.NotFound"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    served: MockCloud, options: list[str], changes: dict[str, str], says: str
) -> None:
    """With what to do, and a status that a script can see."""
    done = seeded(served, *options, **changes)

    assert done.returncode == 1
    assert re.fullmatch(r"error: .*\n", done.stderr)
    assert says in done.stderr
