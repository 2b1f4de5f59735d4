"""Operators work, events get lost, repeated and late, runs race: in the end every group is ready.

The whole of react, bind and sweep runs on a local cloud in virtual time; only the delivery is drawn by lot.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud import mock_cloud
from multieip.app.bind import bind
from multieip.app.wiring import App
from multieip.cloud.catalog import catalog
from multieip.cloud.parallel import OneByOne
from multieip.errors import RunFailedError
from multieip.events.triggers import read_triggers
from multieip.log import CallLog, Log
from multieip.observe.directory import Directory
from multieip.runs.concerned import Options
from multieip.runs.react import react, screen
from multieip.runs.sweep import Sweep
from multieip.runs.sweep_request import read_sweep_request
from multieip.runs.sweep_terms import SweepOutside, SweepTerms
from multieip.settings import Settings
from tests.functional.in_process import InProcess
from tests.functional.operator import PREFIX, Operator

if TYPE_CHECKING:
    from collections.abc import Callable

    from localcloud import MockCloud
    from multieip.ports import Json

ROLE = "acs:ram::1234567890123456:role/multi-eip"
DAYS = (("lost",), ("lost", "lost", "late"), ("delivered", "lost", "twice", "late"), ("delivered", "twice"))
"""How a day's events fare, from an outage of the bus to a good day."""

WRITES_OF_ENIS = {"AttachNetworkInterface", "DetachNetworkInterface"}


@dataclass
class Tasks:
    """Function Compute's queue: a task id is taken once, whatever became of its run."""

    taken: set[str] = field(default_factory=set)
    waiting: list[Json] = field(default_factory=list)

    def start(self, function: str, payload: Json, *, task_id: str) -> bool:
        """See `multieip.ports.Invoker`."""
        assert function == "bind"
        if task_id in self.taken:
            return False
        self.taken.add(task_id)
        self.waiting.append(json.loads(json.dumps(payload)))
        return True


class Functions:
    """The three functions of one deployment, under their own role."""

    def __init__(self, local: MockCloud) -> None:
        """Deploy them; nothing runs before an event comes."""
        cloud = local.cloud
        self.cloud = cloud
        self.api = InProcess(cloud, cloud.accounts.assume(ROLE, "fc", cloud.clock.now(), 36 * 3600))
        self.tasks = Tasks()
        self.log = Log(cloud.clock, sink=self._quiet)
        self.settings = Settings.read({"MULTI_EIP_OWN_ROLE": "multi-eip", "FC_REGION": "cn-shanghai"})
        self.sweeps = 0

    def _quiet(self, line: str) -> None:
        assert json.loads(line)["event"]

    def react(self, event: Json) -> None:
        """Deliver one event."""
        options = Options.of(self.settings)
        calls, _ = screen(read_triggers(json.dumps(event).encode()), options)
        result = react(calls, lambda r: Directory(self.api, r, PREFIX), self.tasks, self.log, options)
        assert result.failed == []

    def run_tasks(self) -> None:
        """Run what is queued, and what that queues, to the end."""
        while self.tasks.waiting:
            self._bind(self.tasks.waiting.pop(0))

    def _bind(self, payload: Json) -> None:
        clock = self.cloud.clock
        app = App(
            settings=self.settings,
            api=self.api,
            clock=clock,
            invoker=self.tasks,
            log=self.log,
            calls=CallLog(),
            deadline=clock.monotonic() + 500,
            request_id=f"run-{len(self.api.calls)}",
        )
        try:
            bind(app, payload)
        except RunFailedError:
            # Function Compute would try again; here the sweep does.
            return

    def sweep(self, mode: str) -> Json:
        """Sweep the region, as the timer does."""
        self.sweeps += 1
        clock = self.cloud.clock
        terms = SweepTerms.of(
            self.settings, catalog(), deadline=clock.monotonic() + 800, cause=f"timer {self.sweeps}"
        )
        outside = SweepOutside(
            self.api, clock, self.tasks, self.log, lambda: f"sweep-{len(self.api.calls)}", OneByOne()
        )
        request = read_sweep_request({"mode": mode, "regions": ["cn-shanghai"], "full": True})
        return Sweep(request, outside, terms).run().data()


class Office:
    """Operators who build two groups, step by step, in any order."""

    def __init__(self, local: MockCloud) -> None:
        """Have two instances to build on: one runs Linux, the other Windows."""
        self.hand = Operator(local.cloud)
        self.seeds = local.seeds
        self.instances = {"a": local.seeds.instance, "b": local.seeds.instance_windows}
        self.enis: dict[str, str] = {}
        self.eips: dict[str, list[str]] = {"a": [], "b": []}

    def steps(self) -> list[Callable[[], None]]:
        """Return everything that has to be done, each once."""
        todo: list[Callable[[], None]] = []
        for group in ("a", "b"):
            todo += [
                lambda g=group: self.enis.update({g: self.hand.eni(self.seeds, g, detach="allow")}),  # type: ignore[misc]
                lambda g=group: self.hand.tag("instance", [self.instances[g]], g),  # type: ignore[misc]
                lambda g=group: self.buy(2, g),  # type: ignore[misc]
                lambda g=group: self.buy(1, g),  # type: ignore[misc]
            ]
        return todo

    def buy(self, count: int, group: str) -> None:
        """Buy EIPs for a group; on Windows, all of an ENI must have one gateway."""
        bought = self.hand.eips(count if group == "a" else 4 * count)
        rows = self.hand.api.call(
            "Vpc", "DescribeEipAddresses", {"RegionId": self.hand.region, "PageSize": "100"}
        )
        address = {row["AllocationId"]: row["IpAddress"] for row in rows["EipAddresses"]["EipAddress"]}
        chosen = [eip for eip in bought if group == "a" or address[eip].startswith("198.51.100.")][:count]
        self.hand.tag("EIP", chosen, group)
        self.eips[group] += chosen


def writes(functions: Functions) -> list[tuple[str, Any]]:
    """Return every call of the functions that changes the cloud."""
    reads = ("Describe", "List", "RunCommand")
    return [(action, params) for action, params in functions.api.calls if not action.startswith(reads)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_delivery_ends_in_ready_groups(data: st.DataObject) -> None:
    """Lost, repeated and late events cost at most one sweep; nothing but the groups is ever touched."""
    with mock_cloud() as local:
        functions = Functions(local)
        events: list[Json] = []
        local.cloud.subscribe(events.append)
        office = Office(local)
        late: list[Json] = []
        day = data.draw(st.sampled_from(DAYS))
        for step in data.draw(st.permutations(office.steps())):
            step()
            while events:
                event, fate = events.pop(0), data.draw(st.sampled_from(day))
                late += [event] if fate == "late" else []
                for _ in range({"delivered": 1, "twice": 2}.get(fate, 0)):
                    functions.react(event)
            if data.draw(st.booleans()):
                functions.run_tasks()
        for event in data.draw(st.permutations(late)):
            functions.react(event)
        functions.run_tasks()

        functions.sweep("repair")
        functions.run_tasks()

        report = functions.sweep("repair")
        assert {g["group"]: g["ok"] for g in report["regions"][0]["groups"]} == {"a": True, "b": True}
        assert functions.tasks.waiting == []
        touched = {p["NetworkInterfaceId"] for action, p in writes(functions) if action in WRITES_OF_ENIS}
        assert touched <= set(office.enis.values())
        for action, parameters in writes(functions):
            if action == "AssociateEipAddressBatch":
                (group,) = [g for g, eni in office.enis.items() if eni == parameters["BindedInstanceId"]]
                named = {value for key, value in parameters.items() if key.startswith("InstanceIds.")}
                assert named <= set(office.eips[group])
