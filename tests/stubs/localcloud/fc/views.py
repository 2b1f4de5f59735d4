"""How functions, triggers, versions and settings look in answers."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from localcloud.fc.beside import AUTO_STORE, auto_project
from localcloud.fc.model import EventTrigger, TimerTrigger
from localcloud.physics.clock import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from localcloud.fc.model import AsyncConfig, FunctionConfig
    from localcloud.fc.published import Alias, Version
    from localcloud.fc.registry import Deployed, KeptTrigger, Snapshot

# What GetFunction answers where nothing was said.
_DEFAULTS: Final[Mapping[str, Any]] = {
    "description": "",
    "cpu": 0.35,
    "diskSize": 512,
    "internetAccess": True,
    "instanceIsolationMode": "SHARE",
    "sessionAffinity": "NONE",
    "disableOndemand": False,
}


def function_fields(config: FunctionConfig) -> dict[str, Any]:
    """Return a function as the fields of a call that would make it, without its code."""
    return {
        "functionName": config.name,
        "region": config.region,
        "runtime": config.runtime,
        "handler": config.handler,
        "timeout": config.timeout_s,
        "memorySize": config.memory_mb,
        "role": config.role,
        "environmentVariables": dict(config.environment),
        **config.described,
    }


def function_view(entry: Deployed, arn: str, held: Snapshot | None = None) -> dict[str, Any]:
    """Return a function, or a version of it, as GetFunction answers it."""
    config, package = held or entry.snapshot()
    fields = function_fields(config)
    del fields["region"]
    layers = fields.pop("layers", None)
    if not isinstance(fields.get("logConfig", {}), dict):  # `auto`, in an s.yaml that was not deployed
        fields["logConfig"] = {"project": auto_project(entry.config.region), "logstore": AUTO_STORE}
    if "tags" in fields:  # an s.yaml writes them small, the wire does not
        fields["tags"] = [{name.capitalize(): each[name] for name in each} for each in fields["tags"]]
    view = {
        **_DEFAULTS,
        **fields,
        "functionArn": arn,
        "functionId": entry.function_id,
        "codeSize": len(package.data) if package else 0,
        "codeChecksum": package.checksum if package else "",
        "createdTime": moment(entry.created),
        "lastModifiedTime": moment(entry.modified),
        "state": "Active",
        "lastUpdateStatus": "Successful",
    }
    return view | ({"layers": [{"arn": each} for each in layers]} if layers else {})


def trigger_view(kept: KeptTrigger) -> dict[str, Any]:
    """Return a trigger as GetTrigger answers it; its configuration is a JSON string."""
    trigger, fields = kept.run, kept.fields
    kind = "eventbridge" if isinstance(trigger, EventTrigger) else "timer"
    if not isinstance(trigger, (EventTrigger, TimerTrigger)):
        kind = trigger.kind
    # Neither the target nor a role that was not named: the component takes both for a change.
    shown = {name: fields[name] for name in ("invocationRole", "sourceArn") if fields.get(name)}
    return {
        "triggerName": trigger.name,
        "triggerType": str(fields.get("triggerType") or kind),
        "triggerConfig": fields["triggerConfig"],
        "qualifier": fields.get("qualifier") or "LATEST",
        "description": fields.get("description") or "",
        **shown,
        "triggerId": kept.trigger_id,
        "createdTime": moment(kept.created),
        "lastModifiedTime": moment(kept.modified),
    }


def async_view(found: tuple[AsyncConfig, float, float], arn: str, qualifier: str) -> dict[str, Any]:
    """Return the settings of asynchronous calls as GetAsyncInvokeConfig answers them."""
    config, created, modified = found
    destinations = {"onSuccess": config.on_success, "onFailure": config.on_failure}
    return {
        # No other field says which qualifier it is.
        "functionArn": arn if qualifier == "LATEST" else f"{arn}/{qualifier}",
        "asyncTask": config.task,
        "maxAsyncRetryAttempts": config.max_retries,
        "maxAsyncEventAgeInSeconds": config.max_age_s,
        "destinationConfig": {name: {"destination": each} for name, each in destinations.items() if each},
        "createdTime": moment(created),
        "lastModifiedTime": moment(modified),
    }


def version_view(version: Version[Any]) -> dict[str, Any]:
    """Return a version as PublishFunctionVersion answers it."""
    return {
        "versionId": version.version_id,
        "description": version.description,
        "createdTime": moment(version.created),
        "lastModifiedTime": moment(version.created),
    }


def alias_view(alias: Alias) -> dict[str, Any]:
    """Return an alias as GetAlias answers it."""
    return {
        "aliasName": alias.name,
        "versionId": alias.version_id,
        "description": alias.description,
        "additionalVersionWeight": dict(alias.weights),
        "createdTime": moment(alias.created),
        "lastModifiedTime": moment(alias.modified),
    }


def moment(seconds: float) -> str:
    """Return a point in time as the control API writes it."""
    return stamp(datetime.fromtimestamp(seconds, timezone.utc))
