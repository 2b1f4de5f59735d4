"""The whole way over HTTP with real handlers in processes of their own: events in, a ready guest out."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from localcloud import (
    CloudOptions,
    DeliveryOptions,
    Exchange,
    FunctionOptions,
    LocalCloud,
    RetryPauses,
    ServiceSettings,
    attach_functions,
    serving,
)
from localcloud.guests import open_world
from tests.demo.operator import Operator
from tests.demo.wire import Wire
from tests.silence import watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from localcloud import Functions, Seeds

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Site:
    """A served cloud with the product's functions on it."""

    cloud: LocalCloud
    functions: Functions
    operator: Operator
    seeds: Seeds

    def wait(self, done: Callable[[], object], timeout_s: float = 60.0) -> None:
        """Poll until it has come about; fail with what the functions did otherwise."""
        end = time.monotonic() + timeout_s
        while not done():
            assert time.monotonic() < end, [entry.view() for entry in self.functions.service.journal.after(0)]
            time.sleep(0.02)

    def binds(self) -> list[dict[str, Any]]:
        """Return what every `bind` that has ended answered."""
        entries = (entry.fields for entry in self.functions.service.journal.after(0))
        ended = (
            fields
            for fields in entries
            if fields.get("function") == "multi-eip-bind" and fields.get("result")
        )
        return [json.loads(fields["result"]) for fields in ended if not fields.get("error")]

    def make_group(self, eips: int) -> str:
        """Create and tag what makes a group; return the ENI."""
        member = {"multi-eip:group": "g"}
        tags = {**member, "multi-eip:size": str(eips)}
        eni, _, _ = self.operator.create_eni(self.seeds.vswitch, self.seeds.security_group, tags)
        for _ in range(eips):
            self.operator.allocate_eip(member)
        self.operator.tag_instance(self.seeds.instance, member)
        return eni

    def apply(self) -> dict[str, Any]:
        """Run `bind` with action apply, now."""
        service = self.functions.service
        payload = json.dumps({"group": "g", "action": "apply"}).encode()
        outcome = service.invoke(service.request(service.find("multi-eip-bind"), payload))
        assert not outcome.failed, outcome.error_message()
        body: dict[str, Any] = json.loads(outcome.body)
        return body


@contextmanager
def site(
    options: CloudOptions, delivery: DeliveryOptions | None = None, *, react: bool = True
) -> Iterator[Site]:
    """Serve a cloud in real time with simulated guests; gone at the end."""
    with ExitStack() as stack:
        world = open_world("simulated")
        stack.callback(world.close)
        cloud = LocalCloud(world, options)
        stack.callback(cloud.close)
        endpoint = stack.enter_context(serving(cloud))
        service = ServiceSettings(pauses=RetryPauses(function_error_s=0.1))
        function_options = FunctionOptions(delivery=delivery or DeliveryOptions(), service=service)
        functions = attach_functions(
            cloud, s_yaml=ROOT / "s.yaml", react=react, endpoint=endpoint, options=function_options
        )
        stack.callback(functions.close)
        seeds = cloud.seed()
        key = cloud.accounts.user_key
        yield Site(cloud, functions, Operator(endpoint, key.key_id, key.secret, seeds.region), seeds)


def test_tag_events_make_the_guest_ready_and_a_second_run_changes_nothing() -> None:
    """From tags alone, by the events, to a ready guest; then apply finds nothing to do."""
    with site(CloudOptions(transitions="immediate", threaded=True)) as here:
        here.make_group(3)

        here.wait(lambda: any(body["state"] == "ready" for body in here.binds()))
        again = here.apply()

        assert (again["state"], again["changed"]) == ("ready", False)
        assert [eip["in_guest"] for eip in again["eips"]] == [True] * 3


@pytest.mark.parametrize("coat", ["eventbridge", "cloudmonitor", "sls"])
def test_unkind_delivery_ends_in_the_same_state(coat: str) -> None:
    """Late, repeated and reordered events cost reads, not correctness, whichever way they come."""
    unkind = DeliveryOptions(jitter_s=0.5, duplicate=0.5, seed=4, coat=coat)
    with site(CloudOptions(transitions="immediate", threaded=True), unkind) as here:
        here.make_group(2)

        here.wait(lambda: any(body["state"] == "ready" for body in here.binds()))
        assert here.functions.wait_quiet()

        assert here.apply()["changed"] is False


def test_a_run_killed_between_binding_and_attaching_is_finished_by_the_retry() -> None:
    """SIGKILL in the middle of bind: the queue's retry reads where it stands and goes on."""
    with site(CloudOptions(transitions="time", threaded=True), react=False) as here:
        eni = here.make_group(2)
        service = here.functions.service
        payload = json.dumps({"group": "g", "action": "apply"}).encode()
        service.enqueue(service.request(service.find("multi-eip-bind"), payload), "killed-once")
        account = here.cloud.accounts.user_key.identity.account.account_id
        eips = here.cloud.state(account, here.seeds.region).eips.all
        here.wait(lambda: all(eip.status == "Associating" for eip in eips.values()))

        (pid,) = service.runner.running().values()
        os.kill(pid, signal.SIGKILL)

        here.wait(lambda: any(body["state"] == "ready" for body in here.binds()))
        (task,) = service.tasks.of("multi-eip-bind")
        assert task.retries == 1
        (body,) = here.binds()
        assert (body["eni"], body["changed"]) == (eni, True)


def test_the_demo_holds_what_it_tells() -> None:
    """`make demo` on simulated guests: says that they are, ends ready, is never silent, and ready again."""
    command = [sys.executable, "-m", "tests.demo", "--guest", "simulated"]

    ended = watch(command, cwd=ROOT, environ={**os.environ, "NO_COLOR": "1", "TERM": "dumb"})

    assert ended.status == 0, ended.seen
    assert "SIMULATED" in ended.seen
    assert "ready, changed False" in ended.seen
    assert re.search(r"✓ [1-9]\d+ calls compared, 0 differ", ended.seen)
    assert not ended.is_silent, (ended.longest, ended.seen)


@pytest.mark.parametrize(
    ("exchanges", "told"),
    [
        (
            [Exchange("Vpc", "DescribeRegions", {"Odd": "1"}, {})],
            "request Odd: the model has no such parameter",
        ),
        ([Exchange("Vpc", "DescribeRegions", {}, {"Odd": 1})], "response Odd: the model has no such field"),
        ([], "0 calls compared"),
    ],
)
def test_the_demo_does_not_hold_where_its_wire_differs(exchanges: list[Exchange], told: str) -> None:
    """What differs is told; so is a story in which nothing was compared."""
    console = Console(file=StringIO(), soft_wrap=True)

    assert not Wire(exchanges).judge(console)
    assert isinstance(console.file, StringIO)
    assert told in console.file.getvalue()
