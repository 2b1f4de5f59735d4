"""What is deployed: functions with their versions, aliases, triggers and settings.

A name of FC 2.0 is `service$function` here, as FC 3.0 itself shows it.
"""

from __future__ import annotations

import itertools
import json
import random
import threading
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from localcloud.fc.errors import FcError
from localcloud.fc.model import AsyncConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from localcloud.fc.model import FunctionConfig, Trigger
    from localcloud.fc.packages import Package

LATEST: Final = "LATEST"


@dataclass(frozen=True, slots=True)
class KeptTrigger:
    """A trigger as it is run, and the fields with which it was made."""

    run: Trigger
    fields: Mapping[str, Any]
    created: float
    modified: float
    trigger_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    # What distinguishes this state of the trigger from the one before a change.
    mark: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Version:
    """A published version: the function as it was then."""

    version_id: str
    config: FunctionConfig
    package: Package | None
    description: str
    created: float


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a version; a second one may get a part of the calls."""

    name: str
    version_id: str
    description: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    created: float = 0.0
    modified: float = 0.0


@dataclass(slots=True)
class Deployed:
    """One function and everything that hangs on it."""

    config: FunctionConfig
    created: float
    modified: float
    package: Package | None = None
    function_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    triggers: dict[str, KeptTrigger] = field(default_factory=dict)
    # By qualifier: its settings, when they were made and changed last.
    asynchronous: dict[str, tuple[AsyncConfig, float, float]] = field(default_factory=dict)


class Registry:
    """Everything deployed in one account and region; safe from any thread."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Start empty; triggers do nothing before `connect`."""
        self._now = now
        self._on_trigger: Callable[[str, KeptTrigger, bool], None] = lambda _name, _kept, _begins: None
        self._functions: dict[str, Deployed] = {}
        self._lock = threading.RLock()
        self._revisions = itertools.count(1)
        # Which of an alias's versions a call gets is drawn; the same run draws the same.
        self._rng = random.Random(0)
        self.services: dict[str, dict[str, Any]] = {}

    def connect(self, on_trigger: Callable[[str, KeptTrigger, bool], None]) -> None:
        """Tell of every trigger that there is, and from now on of those that begin (True) and end (False)."""
        with self._lock:
            self._on_trigger = on_trigger
            for name, entry in self._functions.items():
                for kept in entry.triggers.values():
                    on_trigger(name, kept, True)

    def adopt(self, config: FunctionConfig) -> None:
        """Take a function of an s.yaml as it stands there; its triggers run as the application says."""
        now = self._now()
        entry = Deployed(config, now, now)
        entry.asynchronous[LATEST] = (config.asynchronous, now, now)
        for trigger, raw in zip(config.triggers, config.raw_triggers, strict=True):
            fields = {**raw, "triggerConfig": json.dumps(raw.get("triggerConfig") or {})}
            entry.triggers[trigger.name] = KeptTrigger(trigger, fields, now, now)
        self._functions[config.name] = entry

    def names(self) -> list[str]:
        """Return the names of all functions, in order."""
        with self._lock:
            return sorted(self._functions)

    def get(self, name: str) -> Deployed:
        """Return a function, or refuse with 404."""
        found = self._functions.get(name)
        if found is None:
            raise FcError(404, "FunctionNotFound", f"function '{name}' does not exist")
        return found

    def has(self, name: str) -> bool:
        """Whether there is a function of this name."""
        return name in self._functions

    def create(self, name: str, config: FunctionConfig, package: Package) -> Deployed:
        """Make a function; one that is there already is refused."""
        with self._lock:
            if name in self._functions:
                raise FcError(409, "FunctionAlreadyExists", f"function '{name}' already exists")
            now = self._now()
            numbered = replace(config, revision=next(self._revisions))
            self._functions[name] = entry = Deployed(numbered, now, now, package)
            return entry

    def update(self, name: str, config: FunctionConfig, package: Package | None) -> Deployed:
        """Change a function; what is published stays as it was."""
        with self._lock:
            entry = self.get(name)
            entry.config = replace(config, revision=next(self._revisions), version=LATEST)
            entry.package = package or entry.package
            entry.modified = self._now()
            return entry

    def delete(self, name: str) -> None:
        """Remove a function; what hangs on it has to be gone before, but for its settings and LATEST."""
        with self._lock:
            entry = self.get(name)
            if entry.versions or entry.aliases:
                left = ", ".join([*entry.versions, *entry.aliases])
                raise FcError(
                    412, "FunctionNotEmpty", f"function '{name}' still has versions or aliases: {left}"
                )
            if entry.triggers:
                raise FcError(
                    412, "FunctionNotEmpty", f"function '{name}' still has triggers: {_list(entry.triggers)}"
                )
            del self._functions[name]

    def resolve(self, name: str, qualifier: str) -> FunctionConfig:
        """Return what runs for a qualifier: LATEST, a version's number or an alias."""
        with self._lock:
            entry = self.get(name)
            config = self._chosen(entry, name, qualifier)
            settings = entry.asynchronous.get(qualifier)
            return replace(
                config,
                asynchronous=settings[0] if settings else AsyncConfig(),
                reserved_concurrency=entry.config.reserved_concurrency,
            )

    def _chosen(self, entry: Deployed, name: str, qualifier: str) -> FunctionConfig:
        if qualifier == LATEST:
            return entry.config
        alias = entry.aliases.get(qualifier)
        version_id = self._drawn(alias) if alias else qualifier
        version = entry.versions.get(version_id)
        if version is None:
            raise FcError(404, "VersionNotFound", f"qualifier '{qualifier}' of '{name}' does not exist")
        return version.config

    def _drawn(self, alias: Alias) -> str:
        draw = self._rng.random()
        for version_id, weight in alias.weights.items():
            if draw < weight:
                return version_id
            draw -= weight
        return alias.version_id

    def publish(self, name: str, description: str) -> Version:
        """Keep the function as it is now under the next number."""
        with self._lock:
            entry = self.get(name)
            version_id = str(next(entry.numbers))
            config = replace(entry.config, version=version_id, revision=next(self._revisions))
            version = Version(version_id, config, entry.package, description, self._now())
            entry.versions[version_id] = version
            return version

    def unpublish(self, name: str, version_id: str) -> None:
        """Remove a version that no alias names; one that is not there is no error."""
        with self._lock:
            entry = self.get(name)
            users = [
                each.name for each in entry.aliases.values() if version_id in {each.version_id, *each.weights}
            ]
            if users:
                message = f"version {version_id} of '{name}' is named by alias {_list(users)}"
                raise FcError(409, "VersionInUse", message)
            entry.versions.pop(version_id, None)

    def put_alias(self, name: str, alias: Alias, *, new: bool) -> Alias:
        """Make or change an alias; the versions that it names have to be there."""
        with self._lock:
            entry = self.get(name)
            known = entry.aliases.get(alias.name)
            if new and known is not None:
                raise FcError(409, "AliasAlreadyExists", f"alias '{alias.name}' of '{name}' already exists")
            if not new and known is None:
                raise alias_not_found(name, alias.name)
            for version_id in (alias.version_id, *alias.weights):
                if version_id not in {LATEST, *entry.versions}:
                    raise FcError(
                        404, "VersionNotFound", f"version '{version_id}' of '{name}' does not exist"
                    )
            now = self._now()
            kept = replace(alias, created=known.created if known else now, modified=now)
            entry.aliases[alias.name] = kept
            return kept

    def put_trigger(
        self, name: str, trigger: Trigger, fields: Mapping[str, Any], *, new: bool
    ) -> KeptTrigger:
        """Make or change a trigger; the old one has ended when the new one begins."""
        with self._lock:
            entry = self.get(name)
            known = entry.triggers.get(trigger.name)
            if new and known is not None:
                raise FcError(
                    409, "TriggerAlreadyExists", f"trigger '{trigger.name}' of '{name}' already exists"
                )
            now = self._now()
            kept = KeptTrigger(trigger, fields, now, now)
            if known is not None:
                self._on_trigger(name, known, False)
                kept = replace(kept, created=known.created, trigger_id=known.trigger_id)
            entry.triggers[trigger.name] = kept
            self._on_trigger(name, kept, True)
            return kept

    def trigger(self, name: str, trigger_name: str) -> KeptTrigger:
        """Return a trigger, or refuse with 404."""
        found = self.get(name).triggers.get(trigger_name)
        if found is None:
            raise FcError(404, "TriggerNotFound", f"trigger '{trigger_name}' does not exist in '{name}'")
        return found

    def delete_trigger(self, name: str, trigger_name: str) -> None:
        """End and remove a trigger."""
        with self._lock:
            kept = self.trigger(name, trigger_name)
            del self.get(name).triggers[trigger_name]
            self._on_trigger(name, kept, False)

    def set_async(self, name: str, qualifier: str, config: AsyncConfig) -> None:
        """Set how asynchronous calls of a qualifier are treated."""
        with self._lock:
            entry, now = self.get(name), self._now()
            known = entry.asynchronous.get(qualifier)
            entry.asynchronous[qualifier] = (config, known[1] if known else now, now)

    def set_concurrency(self, name: str, reserved: int | None) -> None:
        """Reserve instances for a function, or no more."""
        with self._lock:
            entry = self.get(name)
            entry.config = replace(entry.config, reserved_concurrency=reserved)

    def revisions(self, name: str) -> set[int]:
        """Return the revisions that may still be called."""
        with self._lock:
            if name not in self._functions:
                return set()
            entry = self._functions[name]
            return {entry.config.revision, *(each.config.revision for each in entry.versions.values())}


def alias_not_found(name: str, alias: str) -> FcError:
    """Say that there is no such alias."""
    return FcError(404, "AliasNotFound", f"alias '{alias}' of '{name}' does not exist")


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
