"""The three functions on a scheduled cloud, run as EventBridge and Function Compute do, kindly or not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localcloud import (
    CloudOptions,
    EventTrigger,
    read_functions,
)
from localcloud import LocalCloud as Cloud
from localcloud.guests import open_world
from multieip.app.bind import bind
from multieip.app.react import start_binds
from multieip.app.sweep import sweep
from multieip.app.wiring import App
from multieip.cloud.api import CallLimits, SdkApi
from multieip.errors import MultiEipError, RefusedError, RunFailedError, UnreadableError
from multieip.events.triggers import read_triggers
from multieip.log import CallLog, Log
from multieip.runs.concerned import Options
from multieip.runs.react import screen
from multieip.runs.waiting import Durations
from multieip.settings import Settings
from tests.functional.in_process import in_our_words
from tests.functional.operator import linux_instance
from tests.simulation.scheduler import Scheduler, SideBySide

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from multieip.ports import Json
    from tests.simulation.scheduler import Program

ROLE = "acs:ram::1234567890123456:role/multi-eip"
REGION = "cn-shanghai"
LIMIT_S = {"bind": 600.0, "react": 60.0, "sweep": 900.0}
MOST_RETRIES = 3
"""Function Compute tries a failed asynchronous invocation again so often."""

_PATTERNS = [
    trigger.pattern
    for trigger in read_functions(Path(__file__).parents[2] / "s.yaml", {}).functions["react"].triggers
    if isinstance(trigger, EventTrigger)
]


@dataclass(slots=True)
class Sent:
    """One call of a run, as the cloud took it. `outcome` is `ok`, `lost`, `html` or the refusal's code."""

    at: float
    action: str
    params: Mapping[str, str]
    outcome: str = ""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.action.startswith(("Describe", "List"))

    @property
    def is_later_page(self) -> bool:
        """Whether it only goes on with a list that an earlier call began."""
        return self.params.get("PageNumber", "1") != "1" or bool(self.params.get("NextToken"))

    def asks_what_is_bound_to(self, eni: str) -> bool:
        """Whether it lists the EIPs of an ENI, whatever their tags say."""
        return self.action == "DescribeEipAddresses" and self.params.get("AssociatedInstanceId") == eni


@dataclass(slots=True)
class Run:
    """One invocation of a function, with all that it has done."""

    number: int
    function: str
    payload: Json
    began: float
    tries: int = 0
    sent: list[Sent] = field(default_factory=list)
    look_began: float = 0.0
    result: Json | None = None
    error: str = ""
    ended: float | None = None
    killed: bool = False
    program: Program | None = None

    @property
    def label(self) -> str:
        """How the story calls it."""
        return f"{self.function}#{self.number}"

    def writes(self) -> list[Sent]:
        """Return what may have changed something."""
        return [sent for sent in self.sent if not sent.reads]

    def asked(self) -> int:
        """Return the number of calls; a list counts once, in however small pages the cloud gives it."""
        return sum(not sent.is_later_page for sent in self.sent)


@dataclass(frozen=True, slots=True)
class Kindness:
    """How often things go wrong on the way: shares from 0 to 1, seconds."""

    lost: float = 0.0
    doubled: float = 0.0
    late_s: float = 2.0
    killed: float = 0.0
    spread_s: float = 0.02
    """How much later than the one before a call may begin, so that runs meet in every order."""


class Watch:
    """Looks on. Subclasses judge; this one sees nothing wrong."""

    def sending(self, run: Run, sent: Sent) -> None:
        """Be told of a call that is about to reach the cloud."""

    def sent(self, run: Run, sent: Sent) -> None:
        """Be told how it went."""

    def ended(self, run: Run) -> None:
        """Be told of a run's end."""

    def said(self, line: str) -> None:
        """Be told of a line that was logged."""


class Deployment:
    """A cloud with functions on it, driven by one scheduler."""

    def __init__(self, lot: random.Random, kindness: Kindness, watch: Watch | None = None) -> None:
        """Begin with one network, a Linux and a Windows instance; nothing is tagged."""
        self.lot = lot
        self.kindness = kindness
        self.watch = watch or Watch()
        self.scheduler = Scheduler(lot)
        self.clock = self.scheduler.clock
        options = CloudOptions(clock=self.clock, latency="realistic", seed=lot.randrange(10**6))
        self.cloud = Cloud(open_world("simulated"), options)
        self.scheduler.next_change = self.cloud.transitions.next_due
        self.seeds = self.cloud.seed()
        self.key = self.cloud.accounts.assume(ROLE, "fc", self.clock.now(), 36 * 3600)
        self.settings = Settings.read({"MULTI_EIP_OWN_ROLE": "multi-eip", "FC_REGION": REGION})
        self.runs: list[Run] = []
        self.story: list[str] = []
        self.durations = Durations()
        self._taken: set[str] = set()
        self._tokens = 0
        self.starts = 0
        """Calls of Function Compute's own API, taken ones included."""
        self.cloud.subscribe(self._happened)

    @property
    def state(self) -> Any:  # noqa: ANN401  the local cloud's own state, read only
        """What the account has in the region."""
        return self.cloud.state(self.cloud.accounts.main.account_id, REGION)

    def close(self) -> None:
        """Leave nothing behind."""
        self.cloud.close()

    def another_instance(self) -> str:
        """Buy one more Linux instance, and wait until it runs."""
        answer = self.cloud.direct_api().call("Ecs", "RunInstances", linux_instance(self.seeds, REGION))
        (made,) = answer["InstanceIdSets"]["InstanceIdSet"]
        self.clock.sleep(60)
        return str(made)

    def tell(self, text: str) -> None:
        """Add a line to the story."""
        self.story.append(f"{self.clock.monotonic():9.2f}  {text}")

    # --- events --------------------------------------------------------------------------------------------

    def _happened(self, event: Json) -> None:
        if not any(pattern.matches(event) for pattern in _PATTERNS):
            return
        name = str(event["data"].get("eventName") or event["type"])
        if self.lot.random() < self.kindness.lost:
            self.tell(f"event {name} is lost")
            return
        times = 2 if self.lot.random() < self.kindness.doubled else 1
        for _ in range(times):
            self.deliver(event)

    def deliver(self, event: Json) -> None:
        """Bring one event to `react`."""
        self._invoke("react", event, after=0.05 + self.lot.random() * self.kindness.late_s)

    # --- Function Compute ----------------------------------------------------------------------------------

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker`: a task id is taken once, whatever becomes of its run."""
        self.clock.sleep(0.02)
        self.starts += 1
        if task_id in self._taken:
            return False
        self._taken.add(task_id)
        # Over the wire and back, as the service carries it.
        self._invoke(function, json.loads(json.dumps(payload)), after=0.02)
        return True

    def _invoke(self, function: str, payload: Json, *, after: float, tries: int = 0) -> Run:
        run = Run(len(self.runs), function, payload, self.clock.monotonic() + after, tries)
        self.runs.append(run)
        run.program = self.scheduler.spawn(run.label, lambda: self._run(run), after=after)
        return run

    def invoke(self, function: str, payload: Json) -> Run:
        """Call a function by hand; it runs when time passes."""
        return self._invoke(function, payload, after=0.0)

    def _run(self, run: Run) -> None:
        run.began = self.clock.monotonic()
        failed = True
        try:
            run.result = self._answer(run)
            failed = bool(run.result.get("failed"))
        except RunFailedError as error:
            run.result, run.error = json.loads(error.result), str(error)
        except MultiEipError as error:
            run.error = str(error)
        except BaseException:
            run.killed = True
            self.tell(f"{run.label} is killed")
            self._again(run)
            raise
        finally:
            run.ended = self.clock.monotonic()
        state = run.result.get("state", "") if run.result else "error"
        self.tell(f"{run.label} ends {state} {run.error or (run.result or {}).get('message', '')}".rstrip())
        self.watch.ended(run)
        if failed:
            self._again(run)

    def _again(self, run: Run) -> None:
        if run.tries < MOST_RETRIES and run.function != "sweep":
            self._invoke(run.function, run.payload, after=1.0 * 2**run.tries, tries=run.tries + 1)

    def _answer(self, run: Run) -> Json:
        app = self.app(run)
        if run.function == "bind":
            return bind(app, run.payload, self.durations)
        if run.function == "sweep":
            return sweep(app, run.payload, f"timer {run.number}")
        options = Options.of(self.settings, self.cloud.accounts.main.account_id)
        calls, skipped = screen(read_triggers(json.dumps(run.payload).encode()), options)
        if not calls:
            return {"skipped": [skip.reason for skip in skipped]}
        return start_binds(app, calls, options).as_json()

    def app(self, run: Run) -> App:
        """Wire one invocation; only the edges to the cloud and to time are the simulation's."""
        log = Log(self.clock, self.watch.said).with_fields(request=f"request-{run.number}")
        calls = CallLog(log)
        limit = LIMIT_S[run.function]
        deadline = self.clock.monotonic() + limit - self.settings.deadline_margin_seconds
        api = SdkApi(
            _no_credentials,
            self.clock,
            calls,
            limits=CallLimits(ends_at=deadline),
            send=lambda product, action, params: self._send(run, product, action, params),
            jitter=self.lot.uniform,
        )
        return App(
            settings=self.settings,
            api=api,
            clock=self.clock,
            invoker=self,
            log=log,
            calls=calls,
            deadline=deadline,
            request_id=f"request-{run.number}",
            account=self.cloud.accounts.main.account_id,
            parallel=SideBySide(self.scheduler),
            new_token=self._token,
        )

    def _token(self) -> str:
        self._tokens += 1
        return f"token-{self._tokens}"

    # --- one call ------------------------------------------------------------------------------------------

    def _send(self, run: Run, product: Any, action: str, params: Mapping[str, str]) -> Json:  # noqa: ANN401
        self.clock.sleep(self.lot.uniform(0.0, self.kindness.spread_s))
        self._perhaps_killed(run)
        sent = Sent(self.clock.monotonic(), action, params)
        if sent.reads and _begins_look(run.sent, sent):
            run.look_began = sent.at
        run.sent.append(sent)
        self.watch.sending(run, sent)
        sent.outcome = "lost"
        try:
            answer = in_our_words(
                action, lambda: self.cloud.direct_api(self.key).call(product, action, params)
            )
            sent.outcome = "ok"
        except RefusedError as refused:
            sent.outcome = refused.code
            raise
        except UnreadableError:
            sent.outcome = "html"
            raise
        finally:
            if not sent.reads:
                self.tell(f"{run.label} {action} {_ids(params)} {sent.outcome}")
            self.watch.sent(run, sent)
        self._perhaps_killed(run)
        return answer

    def _perhaps_killed(self, run: Run) -> None:
        if run.function == "bind" and self.lot.random() < self.kindness.killed and run.program is not None:
            self.scheduler.kill(run.program)
            self.clock.sleep(0.0)


_ONE_LOOK_S = 0.5


def _begins_look(before: list[Sent], read: Sent) -> bool:
    """Whether a read is the first of a look: not beside others, and not again what got no answer."""
    if not before or not before[-1].reads:
        return True
    same = [each for each in before if (each.action, each.params) == (read.action, read.params)]
    if same and same[-1].outcome != "ok":
        return False
    return read.at - before[-1].at > _ONE_LOOK_S


def _ids(params: Mapping[str, str]) -> str:
    return " ".join(value for name, value in params.items() if value.startswith(("eni-", "eip-", "i-")))


def _no_credentials() -> Any:  # noqa: ANN401
    raise AssertionError("the simulation sends without the vendor's SDK")
