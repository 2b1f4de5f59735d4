"""`serve`: the local cloud on a port, with its first resources and, unless told otherwise, the functions."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import shlex
import signal
import sys
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from localcloud.cli import background, hosts
from localcloud.cli.errors import CommandError
from localcloud.cloud import LocalCloud
from localcloud.front.control import mount_control
from localcloud.front.server import Server
from localcloud.guests import open_world, why_not_namespaces
from localcloud.options import CloudOptions
from localcloud.state.addresses import DEFAULT_NETWORKS, AddressPool
from localcloud.vendor.elsewhere import VARIABLE, kept
from localcloud.vendor.models import NoModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.guests.base import World
    from localcloud.state.seeds import Seeds


class Closeable(Protocol):
    """The functions as the command sees them."""

    def trust(self, authority: bytes) -> None:
        """Let deployed packages trust an authority."""

    def close(self) -> None:
        """End it."""


def add_subcommands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to the parser."""
    parser = commands.add_parser("serve", help="serve the local cloud until it is told to end")
    parser.add_argument("--port", type=int, default=8000, help="0 takes any free one (default: 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback)")
    parser.add_argument("--env-file", type=Path, help="write `export NAME=value` lines for clients here")
    parser.add_argument(background.OPTION, action="store_true", help="give the shell back when it is ready")
    parser.add_argument("--transitions", choices=("immediate", "time", "reads"), default="time")
    parser.add_argument("--reads", type=int, default=2, help="how many reads a change takes in mode reads")
    parser.add_argument("--guest", choices=("namespaces", "simulated", "auto"), default="auto")
    parser.add_argument("--react", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--s-yaml", type=Path, default=Path("s.yaml"), help="the functions (default: s.yaml)")
    parser.add_argument("--deploy", action="store_true", help="no function is there before one is deployed")
    parser.add_argument(
        "--events", default="", metavar="delay=2,jitter=5,duplicate=0.2,loss=0.1,seed=7,coat=sls"
    )
    parser.add_argument(
        "--eip-network", action="append", default=[], metavar="CIDR", help="of an EIP gateway"
    )
    parser.add_argument("--latency", choices=("instant", "realistic"), default="instant")
    parser.add_argument("--fault", action="append", default=[], metavar="API:KIND[:KEY=VALUE,…]")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument(
        "--policy", action="append", default=[], metavar="ROLE=FILE", help="what a role may do (RAM document)"
    )
    parser.add_argument("--seed", type=int, default=20161, help="for ids, jitter and random faults")
    parser.add_argument("--control", action="store_true", help="allow faults and switches over HTTP")
    parser.add_argument(
        "--hosts",
        action="store_true",
        help="in a network of its own where *.aliyuncs.com leads here, with TLS",
    )
    parser.add_argument("inside", nargs="*", metavar="COMMAND", help="with --hosts: run this there, then end")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT, or with --hosts until the command inside has ended."""
    if arguments.background:
        return background.start(sys.argv[1:])
    if arguments.hosts:
        if not arguments.inside:
            raise CommandError("--hosts wants a command that runs inside: localcloud serve --hosts -- sh")
        hosts.enter(sys.argv[1:])
    elif arguments.inside:
        raise CommandError(f"{arguments.inside[0]}: a command runs with --hosts only")
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # A full cloud is many long-lived objects; the collector need not walk them for each answer.
    gc.set_threshold(50_000, 20, 50)
    cloud = LocalCloud(_world(arguments.guest), _options(arguments))
    try:
        _grant(cloud, arguments.policy)
        with kept():
            return asyncio.run(_serve(cloud, arguments))
    except NoModelError as absent:
        raise CommandError(f"{VARIABLE} is set: {absent}") from absent
    finally:
        cloud.close()


def _grant(cloud: LocalCloud, specs: list[str]) -> None:
    by_role: dict[str, list[str]] = {}
    for spec in specs:
        role, _, file = spec.partition("=")
        try:
            by_role.setdefault(role, []).append(Path(file).read_text(encoding="utf-8"))
            cloud.accounts.grant(role, *by_role[role])
        except (OSError, ValueError) as wrong:
            raise CommandError(f"--policy {spec}: {wrong}") from wrong


def _world(kind: str) -> World:
    if kind == "simulated":
        return open_world("simulated")
    reason = why_not_namespaces()
    if kind == "namespaces" and reason:
        raise CommandError(f"--guest namespaces is not possible here: {reason}; use --guest simulated")
    return open_world("namespaces" if kind == "namespaces" else "auto")


def _options(arguments: argparse.Namespace) -> CloudOptions:
    switches: dict[str, str] = {}
    for spec in arguments.switch:
        name, _, value = spec.partition("=")
        switches[name] = value
    try:
        networks = tuple(IPv4Network(each) for each in arguments.eip_network)
        AddressPool(networks)  # says which one is too small
    except ValueError as wrong:
        raise CommandError(f"--eip-network: {wrong}; give subnets such as 198.51.100.0/24") from wrong
    options = CloudOptions(
        transitions=arguments.transitions,
        reads=arguments.reads,
        latency=arguments.latency,
        seed=arguments.seed,
        switches=switches,
        faults=tuple(arguments.fault),
        eip_networks=networks or DEFAULT_NETWORKS,
        threaded=True,
    )
    try:
        options.check()
    except ValueError as wrong:
        raise CommandError(str(wrong)) from wrong
    return options


async def _serve(cloud: LocalCloud, arguments: argparse.Namespace) -> int:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = Server(cloud, host=arguments.host, port=0 if arguments.hosts else arguments.port)
    try:
        await server.start()
    except (OSError, OverflowError) as wrong:
        cause = getattr(wrong, "errno", None)
        reason = os.strerror(cause) if cause else str(wrong)
        message = (
            f"cannot listen on {arguments.host}:{arguments.port} ({reason}); choose another --port, 0 for any"
        )
        raise CommandError(message) from wrong
    functions: Closeable | None = None
    try:
        # With the vendor's own names nobody needs an address.
        endpoint = "" if arguments.hosts else server.endpoint
        functions = await loop.run_in_executor(None, _functions, cloud, arguments, endpoint)
        if arguments.control:
            mount_control(cloud)
        seeds = await loop.run_in_executor(None, cloud.seed)
        if arguments.hosts:
            known = environment(cloud, seeds, endpoint)
            trust = functions.trust if functions else lambda _authority: None
            return await hosts.run_inside(cloud, arguments.inside, known, trust)
        _tell(cloud, arguments, seeds, endpoint)
        await ended.wait()
    finally:
        if functions is not None:
            await loop.run_in_executor(None, functions.close)
        await server.stop()
    return 0


def _functions(cloud: LocalCloud, arguments: argparse.Namespace, endpoint: str) -> Closeable | None:
    # Needed only where functions run.
    from localcloud.eventbridge import DeliveryOptions  # noqa: PLC0415
    from localcloud.fc import ConfigError, FunctionOptions, attach_functions  # noqa: PLC0415

    if not arguments.react and not arguments.deploy and not arguments.s_yaml.exists():
        return None
    try:
        delivery = DeliveryOptions.parse(arguments.events)
    except ValueError as wrong:
        raise CommandError(f"--events: {wrong}") from wrong
    options = FunctionOptions(delivery=delivery)
    try:
        return attach_functions(
            cloud,
            s_yaml=None if arguments.deploy else arguments.s_yaml,
            react=arguments.react,
            endpoint=endpoint,
            options=options,
        )
    except ConfigError as wrong:
        raise CommandError(f"{wrong} (or start with --no-react and without the file)") from wrong


def _tell(cloud: LocalCloud, arguments: argparse.Namespace, seeds: Seeds, endpoint: str) -> None:
    if arguments.env_file is not None:
        lines = "".join(
            f"export {name}={shlex.quote(value)}\n"
            for name, value in environment(cloud, seeds, endpoint).items()
        )
        try:
            # Written aside and renamed: whoever waits for the file never reads half of it.
            arguments.env_file.parent.mkdir(parents=True, exist_ok=True)
            aside = arguments.env_file.with_name(arguments.env_file.name + ".new")
            aside.write_text(lines, encoding="utf-8")
            aside.replace(arguments.env_file)
        except OSError as wrong:
            raise CommandError(f"cannot write --env-file {arguments.env_file}: {wrong.strerror}") from wrong
    functions = "on" if arguments.react else "off"
    print(
        f"ready: {endpoint} (guests: {cloud.world.kind}, changes: {arguments.transitions},"
        f" functions: {functions})",
        flush=True,
    )


def environment(cloud: LocalCloud, seeds: Seeds, endpoint: str) -> Mapping[str, str]:
    """Return what a client needs to know, by the names of the environment."""
    key, other, root = cloud.accounts.user_key, cloud.accounts.other_key, cloud.accounts.root_key
    return {
        "STUB_ENDPOINT": endpoint,
        "STUB_PID": str(os.getpid()),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key.key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
        "STUB_REGION": seeds.region,
        "STUB_ZONE": seeds.zone,
        "STUB_VPC": seeds.vpc,
        "STUB_VSWITCH": seeds.vswitch,
        "STUB_SECURITY_GROUP": seeds.security_group,
        "STUB_INSTANCE": seeds.instance,
        "STUB_INSTANCE_WINDOWS": seeds.instance_windows,
        "STUB_ACCOUNT_ID": key.identity.account.account_id,
        "STUB_ROOT_ACCESS_KEY_ID": root.key_id,
        "STUB_ROOT_ACCESS_KEY_SECRET": root.secret,
        "STUB_UNAUTHORISED_ACCESS_KEY_ID": other.key_id,
        "STUB_UNAUTHORISED_ACCESS_KEY_SECRET": other.secret,
    }
