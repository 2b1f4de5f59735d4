"""A local cloud with an operator, and the real functions run on it through their own composition."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from multieip.app.bind import bind
from multieip.app.react import start_binds
from multieip.app.sweep import sweep
from multieip.app.wiring import App
from multieip.errors import LostAnswerError, RefusedError, RunFailedError
from multieip.events.triggers import read_triggers
from multieip.log import CallLog, Log
from multieip.runs.concerned import Options
from multieip.runs.react import screen
from multieip.runs.sweep_terms import PIECE
from multieip.settings import Settings
from tests.functional.in_process import InProcess
from tests.functional.operator import Operator
from tests.schemas import validator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localcloud import AccessKey, MockCloud
    from multieip.ports import Api, Json, Product
    from multieip.runs.react import ReactResult

GROUP = "web"
LIMIT_S = 585.0
"""What a function of ten minutes has for a run, its margin taken off."""


class CountedApi:
    """Passes calls on and counts them as the product's own adapter does."""

    def __init__(self, inner: Api, calls: CallLog) -> None:
        """Count calls of `inner` in `calls`."""
        self._inner = inner
        self._calls = calls

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        outcome = "lost"
        try:
            answer = self._inner.call(product, action, params)
            outcome = "ok"
        except RefusedError as refusal:
            outcome = refusal.code
            raise
        else:
            return answer
        finally:
            self._calls.record(product, action, outcome, 0.0)


@dataclass
class Queue:
    """An `Invoker` that keeps what was started and refuses a repeated task id.

    It fails for the groups in `failing`, and for everything once nobody listens any more (`lost`).
    """

    failing: frozenset[str] = frozenset()
    lost: bool = False
    started: dict[str, Json] = field(default_factory=dict)
    waiting: list[Json] = field(default_factory=list)

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker.start`."""
        assert function in {"bind", "sweep"}
        if self.lost:
            raise LostAnswerError("InvokeFunction", "no answer: nobody listens")
        if payload.get("group") in self.failing:
            raise RefusedError("InvokeFunction", "ResourceThrottled", "too many", http_status=429)
        if task_id in self.started:
            return False
        # Over the wire and back, as the service would carry it.
        self.started[task_id] = json.loads(json.dumps(payload))
        self.waiting.append(self.started[task_id])
        return True

    def forget(self) -> None:
        """Let what is started be counted from here; a task id stays taken no longer."""
        self.started.clear()
        self.waiting.clear()

    @property
    def groups(self) -> list[str]:
        """The groups that a `bind` was queued for, sorted."""
        return sorted(payload["group"] for payload in self.started.values() if "group" in payload)

    @property
    def task_ids(self) -> list[str]:
        """The task ids that were taken, in order."""
        return list(self.started)


class Scene:
    """One region with the seeds, an operator, and runs of `bind`."""

    def __init__(self, local: MockCloud) -> None:
        """Watch every event of this cloud from now on."""
        self.local = local
        self.cloud = local.cloud
        self.clock = local.clock
        self.seeds = local.seeds
        self.hand = Operator(local.cloud, local.seeds.region)
        self.queue = Queue()
        self.api: Api = InProcess(self.cloud)
        self.budget_s = LIMIT_S
        """How long a sweep may take."""
        self.piece = PIECE
        """How many groups a sweep reads at a time."""
        self.cause = "t1"
        self.environ: dict[str, str] = {"MULTI_EIP_REGION": local.seeds.region}
        self.key: AccessKey | None = None
        self.lines: list[Json] = []
        self._events: list[Json] = []
        self._runs = 0
        local.cloud.subscribe(self._events.append)

    def group(
        self, eips: int = 3, *, name: str = GROUP, instance: str | None = "seeded", **tags: str
    ) -> tuple[str, list[str]]:
        """Make a tagged group of an ENI and EIPs, with the seeded instance unless told otherwise."""
        eni = self.hand.eni(self.seeds, name, **tags)
        bought = self.hand.eips(eips, name)
        if instance is not None:
            self.hand.tag("instance", [self.seeds.instance if instance == "seeded" else instance], name)
        return eni, bought

    def ready_group(self, name: str, instance: str, *, eips: int = 2) -> tuple[str, list[str]]:
        """Make a group and let the real `bind` bring it to ready, at the edge of what is counted."""
        made = self.group(eips, name=name, instance=instance, size=str(eips))
        kept, self.lines = self.lines, []
        assert self.bind({"group": name, "action": "apply"})["state"] == "ready"
        self.lines = kept
        return made

    def app(
        self, api: Api | None = None, *, limit_s: float = LIMIT_S, environ: Mapping[str, str] | None = None
    ) -> App:
        """Wire one invocation as the function would; only the edge to the cloud is this process."""
        self._runs += 1
        request_id = f"request-{self._runs}"
        log = Log(self.clock, lambda line: self.lines.append(json.loads(line))).with_fields(
            request=request_id
        )
        calls = CallLog(log)
        settings = Settings.read(self.environ if environ is None else environ)
        return App(
            settings=settings,
            deployed=True,
            api=CountedApi(api or InProcess(self.cloud, self.key), calls),
            clock=self.clock,
            invoker=self.queue,
            log=log,
            calls=calls,
            deadline=self.clock.monotonic() + limit_s,
            request_id=request_id,
        )

    def bind(self, payload: Json | None = None, *, api: Api | None = None, limit_s: float = LIMIT_S) -> Json:
        """Run `bind` once; a run that failed gives the result that its error carries. Each has its form."""
        asked = payload if payload is not None else {"group": GROUP, "action": "apply"}
        try:
            body = bind(self.app(api, limit_s=limit_s), asked)
        except RunFailedError as error:
            body = json.loads(error.result)
        validator("result-1.json").validate(body)
        return body

    def apply(self, **more: Any) -> Json:  # noqa: ANN401  fields of a payload
        """Run `apply` for the group."""
        return self.bind({"group": GROUP, "action": "apply", **more})

    def plan(self, **more: Any) -> Json:  # noqa: ANN401  fields of a payload
        """Run `plan` for the group."""
        return self.bind({"group": GROUP, "action": "plan", **more})

    def release(self, **more: Any) -> Json:  # noqa: ANN401  fields of a payload
        """Run `release` for the group."""
        return self.bind({"group": GROUP, "action": "release", **more})

    def sweep(self, payload: Json | None = None) -> Json:
        """Sweep the home region, unless the payload says otherwise, and return the report.

        A sweep that could read nothing fails; then it is the report that its error carries.
        """
        asked = {"regions": [self.seeds.region], "full": True, **(payload or {})}
        try:
            return sweep(self.app(self.api, limit_s=self.budget_s), asked, self.cause, piece=self.piece)
        except RunFailedError as error:
            body: Json = json.loads(error.result)
            return body

    def react(self, events: Sequence[Json], *, api: Api | None = None, **settings: str) -> ReactResult:
        """Deliver events in one array, as a stream does; `settings` are environment variables."""
        app = self.app(api or self.api, environ={**self.environ, **settings})
        options = Options.of(app.settings)
        calls, skipped = screen(read_triggers(json.dumps(list(events)).encode()), options)
        result = start_binds(app, calls, options)
        result.skipped[:0] = skipped
        validator("react-1.json").validate(json.loads(json.dumps(result.as_json())))
        return result

    def next_turn(self, *, limit_s: float = LIMIT_S) -> Json:
        """Run what the last run handed over."""
        return self.bind(self.queue.waiting.pop(0), limit_s=limit_s)

    def said(self) -> list[Json]:
        """Return what the functions logged, the calls of the cloud aside."""
        return [line for line in self.lines if line["event"] != "call"]

    def take(self) -> list[Json]:
        """Return the events since the last time, and forget them."""
        taken = list(self._events)
        self._events.clear()
        return taken

    def actions(self) -> Counter[str]:
        """Return how often each action was called through `api`."""
        return Counter(action for action, _ in self.api.calls)

    def forget_events(self) -> None:
        """Let the next look at `writes` begin here."""
        self._events.clear()

    def writes(self) -> list[str]:
        """Return the write actions that the cloud accepted, in order; the cloud's own record."""
        return [
            str(event["data"]["eventName"])
            for event in self._events
            if event["type"].endswith(":ActionTrail:ApiCall") and "errorCode" not in event["data"]
        ]

    def changes(self) -> list[str]:
        """Return the accepted writes that change resources: all but commands in guests."""
        return [name for name in self.writes() if name != "RunCommand"]

    def bound(self, eni: str) -> dict[str, str]:
        """Return allocation id → status of every EIP on the ENI, as the cloud has it."""
        return {eip.allocation_id: eip.status for eip in self._state.eips.bound_to(eni)}

    def bound_to(self, eip: str) -> str:
        """Return what the EIP is associated with, as the cloud has it."""
        return str(self._state.eips.all[eip].instance_id)

    def attached_to(self, eni: str) -> tuple[str, str]:
        """Return status and instance of the ENI, as the cloud has it."""
        found = self._state.enis.all[eni]
        return found.status, found.instance_id

    def addresses(self, eips: list[str]) -> list[str]:
        """Return the addresses of these EIPs."""
        return [str(self._state.eips.all[eip].public.address) for eip in eips]

    def answering(self, eips: list[str]) -> list[bool]:
        """Tell for each EIP whether the internet host gets an answer from it."""
        world = self.cloud.world
        return [
            world.internet(["ping", "-c", "1", "-W", "1", address]).exit_code == 0
            for address in self.addresses(eips)
        ]

    def picture(self) -> dict[str, Any]:
        """Return everything of the region that a run could change, to compare before and after."""
        state = self._state
        return {
            "enis": {e.eni_id: (e.status, e.instance_id) for e in state.enis.all.values()},
            "eips": {e.allocation_id: (e.status, e.instance_id, e.mode) for e in state.eips.all.values()},
            "instances": {i.instance_id: i.status for i in state.instances.values()},
        }

    @property
    def _state(self) -> Any:  # noqa: ANN401  the local cloud's own state, read only
        return self.cloud.state(self.cloud.accounts.main.account_id, self.seeds.region)


def states(body: Json) -> dict[str, str]:
    """Return rule → status of the findings that somebody should look at."""
    return {finding["rule"]: finding["status"] for finding in body["findings"]}


def steps(body: Json) -> list[tuple[str, str]]:
    """Return step and state of each outcome."""
    return [(step["step"], step["state"]) for step in body["steps"]]


def tried(body: Json) -> Counter[str]:
    """Return how often each action was called."""
    return Counter({name.partition(".")[2]: n for name, n in body["api_calls"]["by_action"].items()})


def statuses(report: Json, group: str) -> dict[str, str]:
    """Return what each rule says about one group of a sweep's report."""
    groups = [each for region in report["regions"] for each in region["groups"] if each["group"] == group]
    assert len(groups) == 1
    return {finding["rule"]: finding["status"] for finding in groups[0]["findings"]}
