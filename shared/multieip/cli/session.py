"""One call of the command: where it works, with which keys, and how its runs are started."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from multieip.app.bind import bind
from multieip.app.wiring import App
from multieip.errors import CloudError, MultiEipError, RequestError, RunFailedError
from multieip.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from multieip.cli.progress import Progress
    from multieip.ports import Clock, Json

_KEYS: Final = (
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person wants to work; what is empty is taken from the environment and the profile."""

    regions: tuple[str, ...] = ()
    profile: str = ""
    endpoint: str = ""


class Session:
    """What the words of the command share."""

    def __init__(self, place: Place, clock: Clock, progress: Progress) -> None:
        """Read nothing yet but the environment and the profile's region."""
        self.clock = clock
        self.progress = progress
        self.regions = place.regions
        self.environ = environment(place, os.environ)
        self.started = Started(self)

    @property
    def settings(self) -> Settings:
        """Return the settings of this call; raises `SettingsError`."""
        return Settings.read(self.environ)

    @property
    def region(self) -> str:
        """The one region of this call; raises `RequestError` where none or several are named."""
        if len(self.regions) > 1:
            raise RequestError("name one --region: a group is in one region")
        found = self.settings.region
        if not found:
            raise RequestError("the region is missing: say --region, or set MULTI_EIP_REGION")
        return found

    def app(self) -> App:
        """Return a wiring with a time limit of its own; raises `SettingsError`."""
        return App.from_function(None, self.environ, sink=self.progress.sink, invoker=self.started)

    def run(self, payload: Json) -> Json:
        """Run `bind` here and return its result, whatever state it ended in."""
        return ran(self, payload)


def ran(session: Session, payload: Json) -> Json:
    """Run `bind` for one payload; a run that failed has a result as well."""
    try:
        return bind(session.app(), payload)
    except RunFailedError as failed:
        body: Json = json.loads(failed.result)
        return body


@dataclass
class Started:
    """An `Invoker` that runs what it starts in threads of this process, with the keys of whoever called.

    So the command needs no function deployed; functions that are there do the same and do not collide.
    """

    session: Session
    results: dict[str, Json] = field(default_factory=dict)
    threads: dict[str, threading.Thread] = field(default_factory=dict)

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker.start`."""
        if function != "bind":
            raise CloudError(function, "this command starts runs of bind only")
        if task_id in self.threads:
            return False
        thread = threading.Thread(target=self._run, args=(task_id, payload), daemon=True)
        self.threads[task_id] = thread
        thread.start()
        return True

    def _run(self, task_id: str, payload: Json) -> None:
        try:
            self.results[task_id] = ran(self.session, payload)
        except MultiEipError as error:
            self.results[task_id] = {
                "state": "failed",
                "message": str(error),
                "group": payload.get("group"),
                "region": payload.get("region"),
                "steps": [],
                "as_of": None,
                "blocked_eips": [],
                "findings": [],
            }

    def last_of(self, body: Json, until: float) -> Json:
        """Follow a run to its end over all that it went on as; what still goes on then says so."""
        task = body.get("continues_as") or body.get("waits_with")
        while task in self.threads:
            self.threads[task].join(max(until - self.session.clock.monotonic(), 0.0))
            if task not in self.results:
                note = "this command stopped waiting; call it again to go on"
                return {**body, "message": f"{body['message']}; {note}", "stopped_waiting": True}
            body = self.results[task]
            task = body.get("continues_as") or body.get("waits_with")
        return body

    def all_ended(self, until: float) -> bool:
        """Wait for everything that was started."""
        for thread in list(self.threads.values()):
            thread.join(max(until - self.session.clock.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self.threads.values())


def environment(place: Place, environ: MutableMapping[str, str]) -> dict[str, str]:
    """Return the environment for this call.

    A named profile goes before keys in the environment: whoever names one means it. The vendor's chain reads
    the process's own environment, so the name is put there, too.
    """
    if place.profile:
        environ["ALIBABA_CLOUD_PROFILE"] = place.profile
        for key in _KEYS:
            environ.pop(key, None)
    found = dict(environ)
    region = place.regions[0] if place.regions else _region(found)
    if region:
        found["MULTI_EIP_REGION"] = region
    if place.endpoint:
        found["MULTI_EIP_ENDPOINT"] = place.endpoint
    return found


def _region(environ: Mapping[str, str]) -> str:
    named = ("MULTI_EIP_REGION", "FC_REGION", "ALIBABA_CLOUD_REGION_ID", "ALICLOUD_REGION")
    return next((environ[name] for name in named if environ.get(name)), "") or str(
        _profile(environ).get("region_id", "")
    )


def _profile(environ: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the profile of the vendor's command line that is current, or nothing."""
    home = environ.get("HOME") or str(Path.home())
    file = Path(environ.get("ALIBABA_CLOUD_CONFIG_FILE") or f"{home}/.aliyun/config.json")
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        wanted = environ.get("ALIBABA_CLOUD_PROFILE") or config.get("current") or "default"
        return next((each for each in config["profiles"] if each.get("name") == wanted), {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
