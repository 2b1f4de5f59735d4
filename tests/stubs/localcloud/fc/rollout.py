"""What the deploying component does with one function of an s.yaml: compare, deploy, remove, show."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any, Final

from localcloud.fc.beside import AUTO_STORE, Beside, auto_project
from localcloud.fc.errors import ConfigError
from localcloud.fc.remote import Remote, function_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

# What stands beside the function itself in its props, and what only the cloud says of it.
_BESIDE: Final = frozenset(
    [
        "region",
        "code",
        "triggers",
        "asyncInvokeConfig",
        "concurrencyConfig",
        "customDomain",
        "endpoint",
        "vpcBinding",
    ]
)
_DEFAULTS: Final[Mapping[str, Any]] = {
    "cpu": 0.35,
    "memorySize": 512,
    "diskSize": 512,
    "timeout": 3,
    "internetAccess": True,
    "description": "",
}
# What of a trigger can be changed; name and type are what it is.
_OF_A_TRIGGER: Final = frozenset(["description", "invocationRole", "qualifier", "triggerConfig"])
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_PAGE: Final = "100"


class Rollout:
    """One function, from its rendered props to the account of the environment."""

    def __init__(self, remote: Remote, props: Mapping[str, Any], root: Path) -> None:
        """`root` is the folder of the s.yaml: paths count from there."""
        self._remote = remote
        self._props = props
        self._root = root
        self.name = str(props.get("functionName") or "")
        if not self.name:
            raise ConfigError("functionName is missing in the props")

    def deploy(self, trigger: str = "") -> Iterator[str]:
        """Look, upload, create or update; then triggers and settings. Yields what was done.

        With the name of a `trigger` that one alone, as fc3's `--trigger` does.
        """
        if trigger:
            named = [each for each in self._triggers() if each["triggerName"] == trigger]
            if not named:
                raise ConfigError(f"function {self.name} has no trigger {trigger} in its props")
            yield from self._deploy_triggers(named)
            return
        yield from self._prepare()
        fields = {**self._wanted(), "code": self._remote.upload(self._package())}
        if self._remote.find(function_path(self.name)) is None:
            self._remote.call("POST", "/2023-03-30/functions", {**fields, "functionName": self.name})
            yield f"function {self.name} created"
        else:
            # Tags are set once; later the tag calls would change them.
            changes = {name: value for name, value in fields.items() if name != "tags"}
            self._remote.call("PUT", function_path(self.name), changes)
            yield f"function {self.name} updated"
        yield from self._deploy_triggers(self._triggers())
        yield from self._deploy_settings()

    def _prepare(self) -> Iterator[str]:
        """Make what the function needs of other services, where it is missing."""
        beside = Beside(self._remote, self._region)
        if self._props.get("logConfig") == "auto":
            yield from beside.place_for_logs(auto_project(self._region), AUTO_STORE)
        if any(each.get("triggerType") == "eventbridge" for each in self._triggers()):
            yield from beside.linked_role()

    def logs(self) -> Iterator[str]:
        """Yield what the function wrote, where its `logConfig` says."""
        place = self._remote.call("GET", function_path(self.name)).get("logConfig") or {}
        if not place.get("project"):
            raise ConfigError(f"function {self.name} has no logConfig: nothing keeps its logs")
        beside = Beside(self._remote, self._region)
        return beside.lines(str(place["project"]), str(place["logstore"]), self.name)

    @property
    def _region(self) -> str:
        return str(self._props.get("region") or "cn-shanghai")

    def _triggers(self) -> list[Mapping[str, Any]]:
        return list(self._props.get("triggers") or [])

    def _deploy_triggers(self, triggers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        for trigger in triggers:
            fields = {**trigger, "triggerConfig": json.dumps(trigger.get("triggerConfig") or {})}
            path = function_path(self.name, "triggers", str(trigger["triggerName"]))
            known = self._remote.find(path)
            if known is None:
                self._remote.call("POST", function_path(self.name, "triggers"), fields)
                yield f"trigger {self.name}/{trigger['triggerName']} created"
            elif trigger.get("triggerType") == "eventbridge" and _is_same(known, trigger):
                # As fc3 0.1.22: at the first such trigger without a change it leaves the loop.
                yield f"trigger {self.name}/{trigger['triggerName']} unchanged; those after it are left"
                return
            else:
                changes = {name: value for name, value in fields.items() if name in _OF_A_TRIGGER}
                self._remote.call("PUT", path, changes)
                yield f"trigger {self.name}/{trigger['triggerName']} updated"

    def _deploy_settings(self) -> Iterator[str]:
        settings = self._props.get("asyncInvokeConfig")
        if settings:
            qualifier = str(settings.get("qualifier") or "LATEST")
            body = {name: value for name, value in settings.items() if name != "qualifier"}
            path = function_path(self.name, "async-invoke-config")
            self._remote.call("PUT", path, body, query={"qualifier": qualifier})
            yield f"asynchronous configuration of {self.name} set"
        concurrency = self._props.get("concurrencyConfig")
        if concurrency:
            self._remote.call("PUT", function_path(self.name, "concurrency"), concurrency)
            yield f"concurrency of {self.name} set"

    def remove(self) -> Iterator[str]:
        """Remove the function and all that hangs on it; what is not there is said."""
        if self._remote.find(function_path(self.name)) is None:
            yield f"function {self.name} is not there"
            return
        for kind, key in (("triggers", "triggerName"), ("aliases", "aliasName"), ("versions", "versionId")):
            for each in self._listed(kind):
                self._remote.call("DELETE", function_path(self.name, kind, each[key]))
                yield f"{kind[:-1] if kind != 'aliases' else 'alias'} {self.name}/{each[key]} removed"
        settings = self._remote.call(
            "GET", "/2023-03-30/async-invoke-configs", query={"functionName": self.name}
        )
        for config in settings["configs"]:
            path = function_path(self.name, "async-invoke-config")
            self._remote.call("DELETE", path, query={"qualifier": _qualifier(config)})
        self._remote.call("DELETE", function_path(self.name))
        yield f"function {self.name} removed"

    def plan(self) -> Iterator[str]:
        """Yield what a deploy would change: `+` comes, `-` goes; nothing where all is equal."""
        found = self._remote.find(function_path(self.name))
        if found is None:
            yield f"+ function {self.name}"
            return
        wanted = self._wanted()
        yield from _changes(f"{self.name}", {key: found.get(key) for key in wanted}, wanted)
        there = {each["triggerName"]: each for each in self._listed("triggers")}
        for trigger in self._props.get("triggers") or []:
            where = f"{self.name}/{trigger['triggerName']}"
            known = there.pop(trigger["triggerName"], None)
            if known is None:
                yield f"+ trigger {where}"
            else:
                config = {**known, "triggerConfig": json.loads(known["triggerConfig"])}
                yield from _changes(where, {key: config.get(key) for key in trigger}, trigger)
        yield from (f"- trigger {self.name}/{each} (a deploy leaves it)" for each in there)
        settings = self._props.get("asyncInvokeConfig") or {}
        known = self._remote.find(function_path(self.name, "async-invoke-config")) or {}
        yield from _changes(f"{self.name} asynchronous", {key: known.get(key) for key in settings}, settings)

    def info(self) -> dict[str, Any]:
        """Return the function, its triggers, settings, versions and aliases as they are deployed."""
        shown = self._remote.call("GET", function_path(self.name))
        triggers = [
            {**each, "triggerConfig": json.loads(each["triggerConfig"])} for each in self._listed("triggers")
        ]
        settings = self._remote.find(function_path(self.name, "async-invoke-config"))
        return {
            **shown,
            "triggers": triggers,
            **({"asyncInvokeConfig": settings} if settings else {}),
            "versions": self._listed("versions"),
            "aliases": self._listed("aliases"),
        }

    def versions(self) -> list[dict[str, Any]]:
        """Return what was published, the newest first."""
        return self._listed("versions")

    def publish(self, description: str) -> dict[str, Any]:
        """Publish a version."""
        return self._remote.call("POST", function_path(self.name, "versions"), {"description": description})

    def remove_version(self, version_id: str) -> None:
        """Remove a version."""
        self._remote.call("DELETE", function_path(self.name, "versions", version_id))

    def aliases(self) -> list[dict[str, Any]]:
        """Return the aliases."""
        return self._listed("aliases")

    def put_alias(self, alias: str, version_id: str, description: str) -> dict[str, Any]:
        """Make or change an alias."""
        if version_id == "latest":
            newest = self._listed("versions")
            if not newest:
                raise ConfigError(f"function {self.name} has no version; publish one first")
            version_id = newest[0]["versionId"]
        path = function_path(self.name, "aliases", alias)
        fields = {"versionId": version_id, "description": description}
        if self._remote.find(path) is None:
            return self._remote.call(
                "POST", function_path(self.name, "aliases"), {**fields, "aliasName": alias}
            )
        return self._remote.call("PUT", path, fields)

    def remove_alias(self, alias: str) -> None:
        """Remove an alias."""
        self._remote.call("DELETE", function_path(self.name, "aliases", alias))

    def _listed(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        more: dict[str, str] = {}
        while True:
            page = self._remote.call("GET", function_path(self.name, kind), query={"limit": _PAGE, **more})
            found += page[kind]
            if not page.get("nextToken"):
                return found
            more = {"nextToken": page["nextToken"]}

    def _wanted(self) -> dict[str, Any]:
        fields = {key: value for key, value in self._props.items() if key not in _BESIDE | {"functionName"}}
        if fields.get("logConfig") == "auto":
            fields["logConfig"] = {"project": auto_project(self._region), "logstore": AUTO_STORE}
        if "tags" in fields:
            # On the wire their names begin with capitals, as the vendor's models have them.
            fields["tags"] = [{"Key": each.get("key"), "Value": each.get("value")} for each in fields["tags"]]
        return {**_DEFAULTS, **fields}

    def _package(self) -> bytes:
        path = self._root / str(self._props.get("code") or ".")
        if path.is_file():
            return path.read_bytes()
        if not path.is_dir():
            raise ConfigError(f"code: {path} is neither a folder nor a zip file")
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(path.rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    # One time for all: the same files are the same package.
                    entry = zipfile.ZipInfo(str(file.relative_to(path)), _EARLIEST)
                    entry.external_attr = file.stat().st_mode << 16
                    archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
        return data.getvalue()


def _qualifier(settings: Mapping[str, Any]) -> str:
    """Return whose settings they are: the ARN ends with it, unless it is LATEST."""
    _, _, rest = str(settings["functionArn"]).partition(":functions/")
    return rest.partition("/")[2] or "LATEST"


def _is_same(known: Mapping[str, Any], trigger: Mapping[str, Any]) -> bool:
    there = {**known, "triggerConfig": json.loads(known["triggerConfig"])}
    return not list(_changes("", {key: there.get(key) for key in trigger}, trigger))


def _changes(where: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    for key in wanted:
        before, after = _plain(found.get(key)), _plain(wanted[key])
        if before != after:
            yield f"{where}: - {key}: {before}"
            yield f"{where}: + {key}: {after}"


def _plain(value: object) -> str:
    # Variables are texts in the cloud, whatever they are in YAML.
    if isinstance(value, dict):
        value = {key: _plain(each) for key, each in sorted(value.items())}
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
