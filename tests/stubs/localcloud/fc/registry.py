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
from typing import TYPE_CHECKING, Any, NamedTuple

from localcloud.fc.errors import FcError
from localcloud.fc.model import AsyncConfig
from localcloud.fc.published import LATEST, Alias, Published, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from localcloud.fc.model import FunctionConfig, Trigger
    from localcloud.fc.packages import Package


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


class Snapshot(NamedTuple):
    """A function as it was at one time."""

    config: FunctionConfig
    package: Package | None


@dataclass(slots=True)
class Deployed:
    """One function and everything that hangs on it."""

    config: FunctionConfig
    created: float
    modified: float
    package: Package | None = None
    function_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    published: Published[Snapshot] = field(init=False)
    triggers: dict[str, KeptTrigger] = field(default_factory=dict)
    # By qualifier: its settings, when they were made and changed last.
    asynchronous: dict[str, tuple[AsyncConfig, float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Publish nothing yet."""
        self.published = Published(f"function '{self.config.name}'")

    def snapshot(self) -> Snapshot:
        """Return it as it is now."""
        return Snapshot(self.config, self.package)


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
        # What was published of a service of 2.0: its functions, by how the registry knows them.
        self._releases: dict[str, Published[Mapping[str, Snapshot]]] = {}

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
            if entry.published.left():
                left = _list(entry.published.left())
                raise FcError(
                    412, "FunctionNotEmpty", f"function '{name}' still has versions or aliases: {left}"
                )
            if entry.triggers:
                raise FcError(
                    412, "FunctionNotEmpty", f"function '{name}' still has triggers: {_list(entry.triggers)}"
                )
            del self._functions[name]

    def resolve(self, name: str, qualifier: str, service: str = "") -> FunctionConfig:
        """Return what runs for a qualifier: LATEST, a version's number or an alias.

        They are the function's own, or, with a `service` of 2.0, those of the service.
        """
        with self._lock:
            entry = self.get(name)
            config = self.snapshot(name, qualifier, service).config
            settings = entry.asynchronous.get(qualifier)
            return replace(
                config,
                asynchronous=settings[0] if settings else AsyncConfig(),
                reserved_concurrency=entry.config.reserved_concurrency,
            )

    def snapshot(self, name: str, qualifier: str, service: str = "") -> Snapshot:
        """Return a function as a qualifier has it; refuses with 404."""
        with self._lock:
            entry = self.get(name)
            if qualifier == LATEST:
                return entry.snapshot()
            if not service:
                version = entry.published.chosen(qualifier, self._rng)
                return version.held if version else entry.snapshot()
            release = self.released(service).chosen(qualifier, self._rng)
            if release is None:
                return entry.snapshot()
            if name not in release.held:
                message = f"function '{name}' was not yet in version {release.version_id} of the service"
                raise FcError(404, "FunctionNotFound", message)
            return release.held[name]

    def publish(self, name: str, description: str) -> Version[Snapshot]:
        """Keep the function as it is now under the next number; refuses where nothing has changed."""
        with self._lock:
            entry = self.get(name)
            version_id = entry.published.next_id(entry.config.revision)
            held = self._fixed(name, version_id)
            return entry.published.keep(Version(version_id, held, description, self._now()))

    def release(
        self, service: str, names: Iterable[str], description: str
    ) -> Version[Mapping[str, Snapshot]]:
        """Keep the functions of a service of 2.0 as they are now; refuses where none has changed."""
        with self._lock:
            names = sorted(names)
            mark = tuple((name, self.get(name).config.revision) for name in names)
            version_id = self.released(service).next_id(mark)
            held = {name: self._fixed(name, version_id) for name in names}
            return self.released(service).keep(Version(version_id, held, description, self._now()))

    def released(self, service: str) -> Published[Mapping[str, Snapshot]]:
        """Return what was published of a service of 2.0."""
        return self._releases.setdefault(service, Published(f"service '{service}'"))

    def forget(self, service: str) -> None:
        """Remove a service of 2.0; what was published of it has to be gone before."""
        with self._lock:
            left = self.released(service).left()
            if left:
                message = f"service '{service}' still has versions or aliases: {_list(left)}"
                raise FcError(412, "ServiceNotEmpty", message)
            del self.services[service], self._releases[service]

    def _fixed(self, name: str, version_id: str) -> Snapshot:
        entry = self.get(name)
        config = replace(entry.config, version=version_id, revision=next(self._revisions))
        return Snapshot(config, entry.package)

    def unpublish(self, name: str, version_id: str) -> None:
        """Remove a version of a function."""
        with self._lock:
            self.get(name).published.unpublish(version_id)

    def put_alias(self, name: str, alias: Alias, *, new: bool) -> Alias:
        """Make or change an alias of a function."""
        with self._lock:
            return self.get(name).published.put_alias(alias, self._now(), new=new)

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
            own = (each.held.config.revision for each in entry.published.versions.values())
            releases = (each for kept in self._releases.values() for each in kept.versions.values())
            of_service = (each.held[name].config.revision for each in releases if name in each.held)
            return {entry.config.revision, *own, *of_service}


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
