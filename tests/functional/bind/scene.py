"""A local cloud with an operator, and the real `bind` run on it through its own composition."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from multieip.app import App
from multieip.cloud.catalog import catalog
from multieip.errors import LostAnswerError, RefusedError, RunFailedError
from multieip.log import CallLog, Log
from multieip.settings import Settings
from tests.functional.operator_hand import Operator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.ports import Api, Json, Product
    from tests.stubs.identity import AccessKey
    from tests.stubs.mock import MockCloud

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
class Continuations:
    """An `Invoker` that keeps what a run hands over, and refuses a task id that was there before."""

    waiting: list[Json] = field(default_factory=list)
    task_ids: list[str] = field(default_factory=list)
    lost: bool = False

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker.start`."""
        assert function == "bind"
        if self.lost:
            raise LostAnswerError("InvokeFunction", "no answer: nobody listens")
        if task_id in self.task_ids:
            return False
        self.task_ids.append(task_id)
        # Over the wire and back, as the service would carry it.
        self.waiting.append(json.loads(json.dumps(payload)))
        return True


class Scene:
    """One region with the seeds, an operator, and runs of `bind`."""

    def __init__(self, local: MockCloud) -> None:
        """Watch every event of this cloud from now on."""
        self.local = local
        self.cloud = local.cloud
        self.clock = local.clock
        self.seeds = local.seeds
        self.hand = Operator(local.cloud, local.seeds.region)
        self.invoker = Continuations()
        self.environ: dict[str, str] = {"MULTI_EIP_REGION": local.seeds.region}
        self.key: AccessKey | None = None
        self.lines: list[Json] = []
        self._events: list[Json] = []
        self._runs = 0
        local.cloud.subscribe(self._events.append)

    def group(self, eips: int = 3, *, instance: str | None = "seeded", **tags: str) -> tuple[str, list[str]]:
        """Make a tagged group of an ENI and EIPs, with the seeded instance unless told otherwise."""
        eni = self.hand.eni(self.seeds, GROUP, **tags)
        bought = self.hand.eips(eips, GROUP)
        if instance is not None:
            self.hand.tag("instance", [self.seeds.instance if instance == "seeded" else instance], GROUP)
        return eni, bought

    def app(self, api: Api | None = None, *, limit_s: float = LIMIT_S) -> App:
        """Wire one invocation as the function would; only the edge to the cloud is this process."""
        self._runs += 1
        request_id = f"request-{self._runs}"
        log = Log(self.clock, lambda line: self.lines.append(json.loads(line))).bind(request=request_id)
        calls = CallLog(log)
        settings = Settings.read(self.environ)
        return App(
            settings=settings,
            api=CountedApi(api or self.cloud.api(self.key), calls),
            clock=self.clock,
            invoker=self.invoker,
            log=log,
            calls=calls,
            catalog=catalog(settings.extra_regions, settings.extra_families),
            deadline=self.clock.monotonic() + limit_s,
            request_id=request_id,
        )

    def bind(self, payload: Json | None = None, *, api: Api | None = None, limit_s: float = LIMIT_S) -> Json:
        """Run `bind` once; a run that failed gives the result that its error carries."""
        asked = payload if payload is not None else {"group": GROUP, "action": "apply"}
        try:
            return self.app(api, limit_s=limit_s).bind(asked)
        except RunFailedError as error:
            body: Json = json.loads(error.result)
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

    def next_turn(self, *, limit_s: float = LIMIT_S) -> Json:
        """Run what the last run handed over."""
        return self.bind(self.invoker.waiting.pop(0), limit_s=limit_s)

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
