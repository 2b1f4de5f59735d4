"""`localcloud function`: what the local component of Serverless Devs does beside `invoke`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from localcloud.cli.functions import complain, read, read_json
from localcloud.fc.errors import ConfigError, FcError
from localcloud.fc.remote import Remote
from localcloud.fc.rollout import Rollout

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

_COMMANDS: Final = ("deploy", "remove", "plan", "info", "logs", "version", "alias")


def add_subcommands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to the parser."""
    parser = subparsers.add_parser("function", help="deploy, compare, show or remove one function")
    parser.add_argument("what", choices=_COMMANDS)
    parser.add_argument("how", nargs="?", default="", help="of version and alias: list, publish, remove")
    parser.add_argument(
        "--props", default="-", metavar="FILE", help="rendered props as JSON; - for standard input"
    )
    parser.add_argument(
        "--s-yaml", type=Path, default=Path("s.yaml"), metavar="FILE", help="paths count from it"
    )
    parser.add_argument("--trigger", default="", help="of deploy: this trigger alone")
    parser.add_argument("--version-id", default="")
    parser.add_argument("--alias-name", default="")
    parser.add_argument("--description", default="")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    try:
        props = read_json(read(arguments.props), arguments.props)
        rollout = Rollout(Remote.of(os.environ), props, arguments.s_yaml.resolve().parent)
        if arguments.what in {"version", "alias"}:
            return _of_versions(rollout, arguments)
        return _simple(rollout, arguments.what, arguments.trigger)
    except FcError as error:
        return complain(f"{error.code} ({error.status}): {error.message}")
    except ConfigError as error:
        return complain(str(error))


def _simple(rollout: Rollout, what: str, trigger: str) -> int:
    match what:
        case "deploy":
            _say(rollout.deploy(trigger))
            _show(rollout.info())
        case "remove":
            _say(rollout.remove())
        case "plan":
            changes = list(rollout.plan())
            print("\n".join(changes) if changes else f"{rollout.name}: nothing would change")
        case "info":
            _show(rollout.info())
        case "logs":
            for each in rollout.logs():
                print(each)
    return 0


def _of_versions(rollout: Rollout, arguments: argparse.Namespace) -> int:
    match arguments.what, arguments.how:
        case "version", "list":
            _show(rollout.versions())
        case "version", "publish":
            _show(rollout.publish(arguments.description))
        case "version", "remove" if arguments.version_id:
            rollout.remove_version(arguments.version_id)
        case "alias", "list":
            _show(rollout.aliases())
        case "alias", "publish" if arguments.alias_name and arguments.version_id:
            _show(rollout.put_alias(arguments.alias_name, arguments.version_id, arguments.description))
        case "alias", "remove" if arguments.alias_name:
            rollout.remove_alias(arguments.alias_name)
        case _:
            raise ConfigError(
                f"{arguments.what} takes list, publish or remove; the last two with --alias-name NAME "
                "or --version-id NUMBER where they need one"
            )
    return 0


def _say(lines: Iterable[str]) -> None:
    # Beside the result, so that a program finds the result alone on standard output.
    for each in lines:
        print(each, file=sys.stderr, flush=True)


def _show(found: Any) -> None:  # noqa: ANN401 - any JSON
    print(json.dumps(found, indent=2, ensure_ascii=False))
