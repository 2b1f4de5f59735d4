"""`demo-seed`: makes on a running local cloud what a first look needs: an interface and EIPs, tagged."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from localcloud.cli.errors import CommandError
from localcloud.fc.once import HOW_TO_START
from localcloud.front.api import CallRefusedError, decoded, signed
from localcloud.physics.clock import stamp
from localcloud.wire.http import HttpResponse

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

_NAMES = (
    "STUB_ENDPOINT",
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "STUB_REGION",
    "STUB_VSWITCH",
    "STUB_SECURITY_GROUP",
    "STUB_INSTANCE",
)
_MOST_EIPS = 20
_TIMEOUT_S = 10.0
_POLL_S = 0.2
_POLLS = 100


def add_subcommands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("demo-seed", help="make an interface and EIPs on a running local cloud")
    parser.add_argument("--eips", type=int, default=3, help="how many EIPs (default: 3)")
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="of the interface, the EIPs and the Linux instance that is there; may be repeated",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make everything, wait until it is there, and print one line for each."""
    if not 0 <= arguments.eips <= _MOST_EIPS:
        raise CommandError(f"--eips is {arguments.eips}, it must be from 0 to {_MOST_EIPS}")
    tags = dict(_pair(spec) for spec in arguments.tag)
    missing = [name for name in _NAMES if not os.environ.get(name)]
    if missing:
        raise CommandError(f"{', '.join(missing)} not set: {HOW_TO_START}")
    cloud = _Cloud({name: os.environ[name] for name in _NAMES})
    try:
        eni = cloud.eni(tags)
        eips = [cloud.eip(tags) for _ in range(arguments.eips)]
        instance = cloud.tag_instance(tags)
    except CallRefusedError as refused:
        raise CommandError(str(refused)) from refused
    print(f"interface {eni['NetworkInterfaceId']} {eni['PrivateIpAddress']}")
    for eip in eips:
        print(f"eip {eip['AllocationId']} {eip['EipAddress']}")
    print(f"instance {instance}")
    return 0


def _pair(spec: str) -> tuple[str, str]:
    key, separator, value = spec.partition("=")
    if not key or not separator:
        raise CommandError(f"--tag {spec}: write KEY=VALUE")
    return key, value


def _numbered(tags: Mapping[str, str]) -> dict[str, str]:
    """Write tags as the APIs take them."""
    numbered: dict[str, str] = {}
    for number, (key, value) in enumerate(tags.items(), 1):
        numbered |= {f"Tag.{number}.Key": key, f"Tag.{number}.Value": value}
    return numbered


@dataclass(frozen=True, slots=True)
class _Cloud:
    """The local cloud of the environment, called over HTTP."""

    environ: Mapping[str, str]

    def eni(self, tags: Mapping[str, str]) -> dict[str, Any]:
        """Create an interface and wait until it can be used."""
        made = self._call(
            "Ecs",
            "CreateNetworkInterface",
            {
                "VSwitchId": self.environ["STUB_VSWITCH"],
                "SecurityGroupId": self.environ["STUB_SECURITY_GROUP"],
                **_numbered(tags),
            },
        )
        self._wait(made["NetworkInterfaceId"])
        return made

    def eip(self, tags: Mapping[str, str]) -> dict[str, Any]:
        """Buy an EIP."""
        return self._call("Vpc", "AllocateEipAddress", _numbered(tags))

    def tag_instance(self, tags: Mapping[str, str]) -> str:
        """Put the tags on the instance that the cloud came with."""
        instance = self.environ["STUB_INSTANCE"]
        if tags:
            resource = {"ResourceType": "instance", "ResourceId.1": instance}
            self._call("Ecs", "TagResources", {**resource, **_numbered(tags)})
        return instance

    def _wait(self, eni: str) -> None:
        asked = {"NetworkInterfaceId.1": eni}
        for _ in range(_POLLS):
            rows = self._call("Ecs", "DescribeNetworkInterfaces", asked)["NetworkInterfaceSets"]
            if [row["Status"] for row in rows["NetworkInterfaceSet"]] == ["Available"]:
                return
            time.sleep(_POLL_S)
        raise CommandError(f"{eni} did not become Available; does a fault of the local cloud hold it?")

    def _call(self, product: str, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        environ = self.environ
        keys = (environ["ALIBABA_CLOUD_ACCESS_KEY_ID"], environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"], "")
        now = stamp(datetime.now(timezone.utc))
        request = signed(keys, product, action, {"RegionId": environ["STUB_REGION"], **params}, now)
        return decoded(action, _sent(environ["STUB_ENDPOINT"], request.body, request.headers))


def _sent(endpoint: str, body: bytes, headers: Mapping[str, str]) -> HttpResponse:
    if not endpoint.startswith(("http://", "https://")):
        raise CommandError(f"STUB_ENDPOINT is {endpoint}, which is no address: {HOW_TO_START}")
    request = Request(endpoint, body, dict(headers), method="POST")  # noqa: S310 - checked above
    try:
        # A proxy of the environment must not get what is meant for this machine.
        with build_opener(ProxyHandler({})).open(request, timeout=_TIMEOUT_S) as response:
            return HttpResponse(response.status, response.read())
    except HTTPError as error:
        return HttpResponse(error.code, error.read())
    except (URLError, OSError) as error:
        raise CommandError(f"{endpoint} does not answer ({error}): {HOW_TO_START}") from error
