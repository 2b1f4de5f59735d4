"""`python -m deploy.check`: what would go wrong with a deploy, found before it; status 1 where it would.

The component's own schema lets misspelt keys, wrong patterns and machines that do not exist pass, and does
not stop a deploy at all.
"""

from __future__ import annotations

import argparse
import difflib
import ipaddress
import json
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator

from deploy.contents import ROOT
from deploy.package import MARK, sources_digest
from deploy.patterns import faults_of
from deploy.schema import FUNCTION_2, FUNCTION_3
from localcloud import ConfigError, read_application
from multieip.errors import MultiEipError
from multieip.runs.sweep_request import read_sweep_request
from multieip.settings import Settings

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

PLACEHOLDER: Final = "1234567890123456"
_MB: Final = 1024
_STEP: Final = 0.05
_NEAR: Final = 1e-9
_GB_PER_CPU: Final = 4
_ENVIRONMENT_BYTES: Final = 4096
_RULES: Final = 10
"""On the default bus; one page says 50."""

_SHORTEST_BIND_S: Final = 420
_ROLES: Final = {"react": "DEPLOY_REACT_ROLE", "bind": "DEPLOY_BIND_ROLE", "sweep": "DEPLOY_SWEEP_ROLE"}


def check(file: Path, environ: Mapping[str, str], *, packages: bool = True) -> list[str]:
    """Return every fault of an application file; with `packages` also of what its `code` names."""
    try:
        resources = read_application(file, environ)["resources"]
    except ConfigError as error:
        return [str(error)]
    faults: list[str] = []
    for name, resource in resources.items():
        found = _resource(name, resource, file, packages=packages)
        faults += [f"{name}: {fault}" for fault in found]
    return faults + list(_together(resources))


def _resource(name: str, resource: Mapping[str, Any], file: Path, *, packages: bool) -> Iterator[str]:
    props, old = resource.get("props") or {}, str(resource.get("component", "")).split("@")[0] == "fc"
    faults = list(_schema_faults(props, FUNCTION_2 if old else FUNCTION_3))
    yield from faults
    function = props.get("function") or {} if old else props
    service = props.get("service") or {} if old else props
    if not isinstance(function, Mapping) or not isinstance(service, Mapping):
        return
    variables = function.get("environmentVariables")
    variables = variables if isinstance(variables, Mapping) else {}
    yield from _machine(function)
    yield from _variables(variables)
    yield from _triggers(props.get("triggers"))
    if name == "bind":
        yield from _bind_time(function, variables)
    if not _is_local(resource):
        yield from _account(name, service, function, variables)
    code = function.get("codeUri") if old else props.get("code")
    if packages and isinstance(code, str):
        yield from _package(name, file.parent / code)


def _is_local(resource: Mapping[str, Any]) -> bool:
    """Whether a folder stands for the component: then nothing of this reaches an account."""
    return "/" in str(resource.get("component", ""))


def _schema_faults(props: object, schema: Mapping[str, Any]) -> Iterator[str]:
    validator = Draft202012Validator(schema)
    for error in sorted(validator.iter_errors(props), key=lambda each: each.json_path):
        yield from _sentences(error)


def _sentences(error: ValidationError) -> Iterator[str]:
    where = ".".join(str(part) for part in error.absolute_path) or "props"
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        for key in sorted(set(error.instance) - set(known)):
            near = difflib.get_close_matches(key, known, 1)
            yield f"{where}: {key} is no key here" + (f"; is {near[0]} meant?" if near else "")
    elif error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        yield f"{where}: {', '.join(missing)} is missing"
    else:
        yield f"{where}: {error.message}"


def _machine(function: Mapping[str, Any]) -> Iterator[str]:
    cpu, memory = function.get("cpu"), function.get("memorySize")
    if not isinstance(cpu, (int, float)) or not isinstance(memory, int):
        return
    if abs(cpu / _STEP - round(cpu / _STEP)) > _NEAR:
        yield f"cpu {cpu} is no multiple of {_STEP}"
    gigabytes = memory / _MB
    if not cpu - _NEAR <= gigabytes <= _GB_PER_CPU * cpu + _NEAR:
        yield f"cpu {cpu} and memorySize {memory} do not fit: one CPU has 1 to 4 GB"


def _variables(variables: Mapping[str, Any]) -> Iterator[str]:
    size = sum(len(str(name)) + len(str(value).encode()) for name, value in variables.items())
    if size > _ENVIRONMENT_BYTES:
        yield f"environmentVariables: {size} bytes, the cloud takes {_ENVIRONMENT_BYTES}"
    try:
        Settings.read({str(name): str(value) for name, value in variables.items()})
    except MultiEipError as error:
        yield str(error)


def _triggers(triggers: object) -> Iterator[str]:
    for trigger in triggers if isinstance(triggers, list) else ():
        if not isinstance(trigger, Mapping):
            continue
        config = trigger.get("triggerConfig", trigger.get("config"))
        name = trigger.get("triggerName", trigger.get("name"))
        if not isinstance(config, Mapping):
            continue
        pattern, payload = config.get("eventRuleFilterPattern"), config.get("payload")
        if isinstance(pattern, str):
            yield from (f"trigger {name}: {fault}" for fault in faults_of(pattern))
        if isinstance(payload, str):
            yield from (f"trigger {name}: {fault}" for fault in _payload(payload))


def _payload(text: str) -> Iterator[str]:
    try:
        read_sweep_request(dict(json.loads(text)))
    except (ValueError, TypeError, MultiEipError) as error:
        yield f"the payload cannot be read by sweep: {error}"


def _bind_time(function: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[str]:
    margin = str(variables.get("MULTI_EIP_DEADLINE_MARGIN_SECONDS") or 30)
    timeout = function.get("timeout")
    least = _SHORTEST_BIND_S + int(margin) if margin.isdigit() else _SHORTEST_BIND_S
    if isinstance(timeout, int) and timeout < least:
        yield f"timeout {timeout} is too short to put back what a run takes off: at least {least}"


def _account(
    name: str, service: Mapping[str, Any], function: Mapping[str, Any], variables: Mapping[str, Any]
) -> Iterator[str]:
    """Say what may stand in a file for the local cloud only."""
    role = str(service.get("role", ""))
    if f":{PLACEHOLDER}:" in role:
        yield f"role is the placeholder {role}: set {_ROLES.get(name, 'DEPLOY_BIND_ROLE')}"
    own = str(variables.get("MULTI_EIP_OWN_ROLE", ""))
    if name == "bind" and role and role.rpartition("/")[2].lower() != own.lower():
        yield f"MULTI_EIP_OWN_ROLE is {own or 'empty'}, and bind's role is {role}: bind would react to itself"
    if f":{PLACEHOLDER}:" in json.dumps(
        [function.get("asyncInvokeConfig"), function.get("asyncConfiguration")]
    ):
        yield "the destination of failures is a placeholder: set DEPLOY_FAILURES"
    endpoint = str(variables.get("MULTI_EIP_ENDPOINT", ""))
    if endpoint and _is_loopback(endpoint):
        yield f"MULTI_EIP_ENDPOINT is {endpoint}, this machine: unset STUB_ENDPOINT before a deploy"


def _is_loopback(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _package(name: str, code: Path) -> Iterator[str]:
    shown = os.path.relpath(code, ROOT)
    if code.suffix != ".zip" or not code.is_file():
        yield f"code is {shown}, which is no code package: run `make package`"
        return
    try:
        with zipfile.ZipFile(code) as archive:
            mark = json.loads(archive.read(MARK))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        yield f"{shown} was not made by `make package`"
        return
    if mark.get("function") != name:
        yield f"{shown} is the package of {mark.get('function')}"
    elif mark.get("sources") != sources_digest(name):
        yield f"{shown} was made from other sources than these: run `make package`"


def _together(resources: Mapping[str, Any]) -> Iterator[str]:
    names: dict[str, str] = {}
    rules = 0
    for resource, body in resources.items():
        props = body.get("props") or {}
        function = props.get("function") or {}
        name = str(props.get("functionName") or function.get("name") or "")
        if name and names.setdefault(name, resource) != resource:
            yield f"{resource}: {name} is the name of {names[name]} already"
        triggers = [each for each in props.get("triggers") or () if isinstance(each, Mapping)]
        rules += sum(each.get("triggerType", each.get("type")) == "eventbridge" for each in triggers)
        given = [each.get("triggerName", each.get("name")) for each in triggers]
        for twice in sorted({str(each) for each in given if given.count(each) > 1}):
            yield f"{resource}: two triggers are called {twice}"
    if rules > _RULES:
        yield f"{rules} EventBridge triggers, the default bus takes {_RULES}"


def main(argv: Sequence[str] | None = None) -> int:
    """Check the files, print each fault, and return the status."""
    parser = argparse.ArgumentParser(prog="python -m deploy.check", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[ROOT / "s.yaml"], help="default: s.yaml")
    parser.add_argument("--no-packages", action="store_true", help="do not look at dist/")
    arguments = parser.parse_args(argv)
    faults = 0
    for file in arguments.files:
        for fault in check(file, os.environ, packages=not arguments.no_packages):
            print(f"{os.path.relpath(file, ROOT)}: {fault}", file=sys.stderr)
            faults += 1
    print(f"check-deploy: {faults} faults" if faults else "check-deploy: nothing found against a deploy")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
