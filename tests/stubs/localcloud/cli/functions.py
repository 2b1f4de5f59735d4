"""The functions' commands of `localcloud`: log, invoke, fire-timer."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from localcloud.fc.config import function_from_props, read_functions
from localcloud.fc.control import LOG_PATH, TIMER_PATH
from localcloud.fc.errors import ConfigError, FcError
from localcloud.fc.once import HOW_TO_START, run_once
from localcloud.fc.remote import Remote

if TYPE_CHECKING:
    import argparse

    from localcloud.fc.model import FunctionConfig

_POLL_S: Final = 0.3
_SHOWN: Final = 160
FUNCTION_FAILED: Final = 3
"""The status of `invoke` where the call arrived and the function failed; 1 is everything else."""


def add_subcommands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands; each sets `run`, which takes the arguments and returns the exit status."""
    log = subparsers.add_parser("log", help="what was delivered and what was run, and how it ended")
    log.add_argument("--endpoint", default=os.environ.get("STUB_ENDPOINT", ""), help="default: STUB_ENDPOINT")
    log.add_argument("--all", action="store_true", help="also events that no rule wants")
    log.add_argument("--follow", action="store_true", help="go on until interrupted")
    log.add_argument("--json", action="store_true", help="one JSON object per line")
    log.set_defaults(run=_log)

    invoke = subparsers.add_parser("invoke", help="run one function of s.yaml once against the local cloud")
    invoke.add_argument("function", help="its resource name or its function name")
    event = invoke.add_mutually_exclusive_group()
    event.add_argument("-f", "--event-file", metavar="FILE", help="the event; - reads it from standard input")
    event.add_argument("-e", "--event", metavar="TEXT", help="the event itself")
    invoke.add_argument("--s-yaml", type=Path, default=Path("s.yaml"), metavar="FILE")
    invoke.add_argument(
        "--props",
        metavar="FILE",
        help="rendered props as JSON instead of those in --s-yaml; - for standard input",
    )
    invoke.add_argument("--deployed", action="store_true", help="call what is deployed under its name")
    invoke.add_argument("--qualifier", default="LATEST", help="version or alias of what is deployed")
    invoke.set_defaults(run=_invoke)

    timer = subparsers.add_parser("fire-timer", help="let a timer of a function fire now")
    timer.add_argument("function", help="its resource name or its function name")
    timer.add_argument("trigger", nargs="?", default="", help="the timer's name; default: its first timer")
    timer.add_argument(
        "--endpoint", default=os.environ.get("STUB_ENDPOINT", ""), help="default: STUB_ENDPOINT"
    )
    timer.set_defaults(run=_fire_timer)


def _log(arguments: argparse.Namespace) -> int:
    seen = unwanted = 0
    while True:
        answer = ask(arguments.endpoint, "GET", LOG_PATH, {"after": str(seen)})
        if isinstance(answer, str):
            return complain(answer)
        for entry in answer["entries"]:
            seen = entry["number"]
            if entry["state"] == "unmatched" and not arguments.all:
                unwanted += 1
                continue
            print(json.dumps(entry) if arguments.json else line(entry), flush=True)
        if not arguments.follow:
            if unwanted:
                print(f"{unwanted} events that no rule wants are left out; --all shows them", file=sys.stderr)
            return 0
        try:
            time.sleep(_POLL_S)
        except KeyboardInterrupt:
            return 0


def line(entry: dict[str, Any]) -> str:
    """Return an entry of the journal as one line for people."""
    when = datetime.fromtimestamp(entry["time"], timezone.utc).strftime("%H:%M:%S.%f")[:-3]
    if entry["kind"] == "delivery":
        target = f"-> {entry['rule']}" if entry["rule"] else "-> no rule wants it"
        words = [when, "event   ", entry["event"], target, entry["state"], f"attempt {entry['attempt']}"]
        return " ".join([*words, entry["request_id"], entry["detail"]]).rstrip()
    if entry["kind"] == "kept":
        return " ".join([when, "kept    ", entry["why"], "->", entry["target"], entry["message"][:_SHOWN]])
    words = [when, "function", entry["function"], entry["task_id"] or entry["request_id"], entry["state"]]
    if "duration_ms" in entry:
        words.append(f"{entry['duration_ms']} ms")
    words.append((entry.get("error") or entry.get("result", ""))[:_SHOWN])
    return " ".join(words).rstrip()


def _invoke(arguments: argparse.Namespace) -> int:
    try:
        function = _function(arguments)
        if arguments.deployed:
            return _invoke_deployed(function.name, _event(arguments), arguments.qualifier)
        outcome = run_once(function, _event(arguments))
    except ConfigError as error:
        return complain(str(error))
    except FcError as error:
        return complain(f"{error.code} ({error.status}): {error.message}")
    _told(outcome.body, outcome.log)
    if outcome.failed:
        complain(f"function {function.name} failed ({outcome.cause}): {outcome.error_message()}")
        return FUNCTION_FAILED
    return 0


def _invoke_deployed(name: str, event: bytes, qualifier: str) -> int:
    body, log, failed = Remote.of(os.environ).invoke(name, event, qualifier)
    _told(body, log)
    if failed:
        complain(f"function {name} failed ({failed}): {body.decode(errors='replace')[:_SHOWN]}")
        return FUNCTION_FAILED
    return 0


def _told(body: bytes, log: bytes) -> None:
    sys.stderr.write(log.decode(errors="replace"))
    sys.stderr.flush()
    sys.stdout.buffer.write(body + b"\n")
    sys.stdout.flush()


def _function(arguments: argparse.Namespace) -> FunctionConfig:
    if arguments.props:
        if arguments.props == arguments.event_file == "-":
            raise ConfigError("--props - and -f - both want standard input: give one of them as a file")
        props = read_json(read(arguments.props), arguments.props)
        return function_from_props(arguments.function, props, arguments.s_yaml.resolve())
    application = read_functions(arguments.s_yaml.resolve(), os.environ)
    for function in application.functions.values():
        if arguments.function in {function.resource, function.name}:
            return function
    known = ", ".join(application.functions)
    raise ConfigError(f"{application.file}: no function {arguments.function!r}, there are {known}")


def _event(arguments: argparse.Namespace) -> bytes:
    if arguments.event is not None:
        return str(arguments.event).encode()
    return read(arguments.event_file) if arguments.event_file else b"{}"


def read(name: str) -> bytes:
    """Return what a file holds; `-` is standard input."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}") from error


def read_json(raw: bytes, name: str) -> dict[str, Any]:
    """Return the JSON object that was read from `name`."""
    try:
        props = json.loads(raw)
    except ValueError as error:
        raise ConfigError(f"{name}: holds no JSON: {error}") from error
    if not isinstance(props, dict):
        raise ConfigError(f"{name}: holds no JSON object")
    return props


def _fire_timer(arguments: argparse.Namespace) -> int:
    options = {"function": arguments.function, "trigger": arguments.trigger}
    answer = ask(arguments.endpoint, "POST", TIMER_PATH, options)
    if isinstance(answer, str):
        return complain(answer)
    print(f"timer {answer['trigger']} of {answer['function']} fired: {answer['request_id']}")
    return 0


def ask(endpoint: str, method: str, path: str, options: dict[str, str]) -> dict[str, Any] | str:
    """Return the server's answer, or one line that says why there is none."""
    if not endpoint.startswith(("http://", "https://")):
        return f"STUB_ENDPOINT is not set: {HOW_TO_START}"
    request = Request(f"{endpoint}{path}?{urlencode(options)}", method=method)  # noqa: S310 - checked above
    try:
        # A proxy of the environment must not get what is meant for this machine.
        with build_opener(ProxyHandler({})).open(request, timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except HTTPError as error:
        return f"{endpoint}{path}: {error.code} {error.read().decode(errors='replace')}"
    except (URLError, OSError, ValueError) as error:
        return f"{endpoint} does not answer ({error}): {HOW_TO_START}"


def complain(message: str) -> int:
    """Say why a command fails; return its status."""
    print(message, file=sys.stderr)
    return 1
