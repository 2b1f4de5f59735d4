"""Reads the functions of an s.yaml: what `s deploy` would create, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from localcloud.fc.errors import ConfigError
from localcloud.fc.model import Application, AsyncConfig, FunctionConfig, Trigger
from localcloud.fc.render import read_application
from localcloud.fc.triggers import read_trigger

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_VARIABLE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_HANDLER: Final = re.compile(r"[\w/-]+\.[A-Za-z_]\w*")
_DISKS_MB: Final = (512, 10_240)
_MAX_ENVIRONMENT_BYTES: Final = 4096
_PYTHONS: Final = ("python3.12", "python3.10", "python3.9", "python3")
# What is kept and shown, and changes nothing in how a function runs here.
DESCRIBED: Final = (
    "description",
    "cpu",
    "diskSize",
    "internetAccess",
    "logConfig",
    "instanceLifecycleConfig",
    "layers",
    "vpcConfig",
    "nasConfig",
    "ossMountConfig",
    "instanceConcurrency",
    "customDNS",
    "tracingConfig",
    "tags",
    "resourceGroupId",
    "disableOndemand",
    "disableInjectCredentials",
)
_PROPS: Final = frozenset(
    [
        "region",
        "functionName",
        "runtime",
        "handler",
        "code",
        "cpu",
        "memorySize",
        "diskSize",
        "timeout",
        "role",
        "environmentVariables",
        "layers",
        "logConfig",
        "asyncInvokeConfig",
        "instanceLifecycleConfig",
        "concurrencyConfig",
        "provisionConfig",
        "scalingConfig",
        "vpcConfig",
        "vpcBinding",
        "nasConfig",
        "ossMountConfig",
        "internetAccess",
        "instanceConcurrency",
        "customRuntimeConfig",
        "customContainerConfig",
        "customDNS",
        "tracingConfig",
        "tags",
        "resourceGroupId",
        "triggers",
        "customDomain",
        "endpoint",
        "description",
        "disableOndemand",
        "disableInjectCredentials",
    ]
)


def read_functions(file: Path, environ: Mapping[str, str]) -> Application:
    """Return every function of the file; the first fault is a ConfigError of one line."""
    document = read_application(file, environ)
    functions = {}
    for resource, body in document["resources"].items():
        props = body.get("props")
        if not isinstance(props, Mapping):
            raise ConfigError(f"{file}: resource {resource}: `props` is missing")
        functions[resource] = function_from_props(resource, props, file)
    by_name: dict[str, str] = {}
    for resource, function in functions.items():
        other = by_name.setdefault(function.name, resource)
        if other != resource:
            raise ConfigError(f"{file}: resources {other} and {resource} share functionName {function.name}")
    return Application(file, functions)


def function_from_props(resource: str, props: Mapping[str, Any], file: Path) -> FunctionConfig:
    """Return one function from rendered props, checked as far as the cloud would check them."""
    reader = _Props(props, f"{file}: resource {resource}", file.parent)
    reader.check_keys()
    reader.check_disk()
    concurrency = reader.section("concurrencyConfig").get("reservedConcurrency")
    lifecycle = reader.section("instanceLifecycleConfig")
    return FunctionConfig(
        resource=resource,
        name=reader.matching("functionName", _NAME),
        region=reader.text("region"),
        runtime=reader.runtime(),
        handler=reader.matching("handler", _HANDLER),
        code_dir=reader.code_dir(resource),
        shared_dir=file.parent / "shared",
        timeout_s=reader.number("timeout", 3, 1, 86_400),
        memory_mb=reader.number("memorySize", 512, 128, 32_768, step=64),
        role=str(props.get("role") or ""),
        initializer=str((lifecycle.get("initializer") or {}).get("handler") or ""),
        reserved_concurrency=int(concurrency) if concurrency is not None else None,
        environment=reader.environment(),
        asynchronous=reader.asynchronous(),
        triggers=reader.triggers(),
        raw_triggers=tuple(props.get("triggers") or ()),
        described={name: props[name] for name in DESCRIBED if props.get(name) is not None},
    )


def function_from_fields(fields: Mapping[str, Any], folder: Path) -> FunctionConfig:
    """Return one function from the fields of a call that makes or changes it; its code lies in the folder."""
    known = {name: value for name, value in fields.items() if name in _PROPS and value is not None}
    return function_from_props(str(fields["functionName"]), {**known, "code": str(folder)}, Path("request"))


class _Props:
    """Typed access to rendered props; every fault names file, resource and key."""

    def __init__(self, props: Mapping[str, Any], where: str, root: Path) -> None:
        self._props = props
        self._where = where
        self._root = root

    def check_keys(self) -> None:
        unknown = sorted(set(self._props) - _PROPS)
        if unknown:
            raise ConfigError(f"{self._where}: unknown prop {unknown[0]!r}; is it a typing error?")

    def text(self, key: str) -> str:
        value = self._props.get(key)
        if not isinstance(value, str) or not value:
            raise ConfigError(f"{self._where}: {key} is missing, give a string")
        return value

    def matching(self, key: str, form: re.Pattern[str]) -> str:
        value = self.text(key)
        if not form.fullmatch(value):
            raise ConfigError(f"{self._where}: {key} is {value!r}, it must look like {form.pattern}")
        return value

    def number(self, key: str, default: int, low: int, high: int, *, step: int = 1) -> int:
        return _number(self._props, key, (default, low, high, step), self._where)

    def check_disk(self) -> None:
        size = self._props.get("diskSize")
        if size is not None and size not in _DISKS_MB:
            raise ConfigError(f"{self._where}: diskSize is {size!r}, it is 512 or 10240")

    def section(self, key: str) -> Mapping[str, Any]:
        value = self._props.get(key) or {}
        if not isinstance(value, Mapping):
            raise ConfigError(f"{self._where}: {key} must be a mapping")
        return value

    def runtime(self) -> str:
        value = self.text("runtime")
        if value not in _PYTHONS:
            raise ConfigError(f"{self._where}: runtime {value!r} cannot run here, only {', '.join(_PYTHONS)}")
        return value

    def code_dir(self, resource: str) -> Path:
        path = (self._root / self.text("code")).resolve()
        sources = self._root / "functions" / resource
        if path.suffix == ".zip" and sources.is_dir():
            # A package is built for a deploy; here runs what it is built from, as it stands now.
            return sources.resolve()
        if not path.is_dir():
            raise ConfigError(f"{self._where}: code: {path} is no folder, name the folder of the handler")
        return path

    def environment(self) -> dict[str, str]:
        variables = {
            str(key): _variable(value) for key, value in self.section("environmentVariables").items()
        }
        for name in variables:
            if not _VARIABLE_NAME.fullmatch(name) or name.startswith("FC_"):
                raise ConfigError(
                    f"{self._where}: environmentVariables: {name!r}: begin with a letter, and not with FC_"
                )
        size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
        if size > _MAX_ENVIRONMENT_BYTES:
            raise ConfigError(
                f"{self._where}: environmentVariables: {size} bytes, the cloud takes {_MAX_ENVIRONMENT_BYTES}"
            )
        return variables

    def asynchronous(self) -> AsyncConfig:
        return async_from_fields(self.section("asyncInvokeConfig"), f"{self._where}: asyncInvokeConfig")

    def triggers(self) -> tuple[Trigger, ...]:
        raw = self._props.get("triggers") or []
        if not isinstance(raw, list):
            raise ConfigError(f"{self._where}: triggers must be a list")
        return tuple(read_trigger(each, self._where) for each in raw)


def async_from_fields(section: Mapping[str, Any], where: str = "request") -> AsyncConfig:
    """Return how asynchronous calls are treated, from s.yaml or from a call that sets it."""
    known = {
        "asyncTask",
        "maxAsyncRetryAttempts",
        "maxAsyncEventAgeInSeconds",
        "destinationConfig",
        "qualifier",
    }
    unknown = sorted(set(section) - known)
    if unknown:
        raise ConfigError(f"{where}: unknown key {unknown[0]!r}, known are {', '.join(sorted(known))}")
    section = {key: value for key, value in section.items() if value is not None}
    destinations = section.get("destinationConfig") or {}
    return AsyncConfig(
        task=bool(section.get("asyncTask", False)),
        max_retries=_number(section, "maxAsyncRetryAttempts", (3, 0, 8, 1), where),
        max_age_s=_number(section, "maxAsyncEventAgeInSeconds", (86_400, 1, 604_800, 1), where),
        on_success=str((destinations.get("onSuccess") or {}).get("destination", "")),
        on_failure=str((destinations.get("onFailure") or {}).get("destination", "")),
    )


def _variable(value: object) -> str:
    # YAML's true is the text `true` in a variable, as the CLI writes it.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(found: Mapping[str, Any], key: str, limits: tuple[int, int, int, int], where: str) -> int:
    default, low, high, step = limits
    value = found.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high or value % step:
        steps = f" in steps of {step}" if step > 1 else ""
        raise ConfigError(
            f"{where}: {key} is {value!r}, it must be a whole number from {low} to {high}{steps}"
        )
    return value
