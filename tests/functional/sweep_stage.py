"""A local cloud with an operator, and sweeps over it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from multieip.app import App
from multieip.cloud.catalog import catalog
from multieip.log import CallLog, Log
from multieip.report.as_json import as_json
from multieip.runs.sweep import Outside, Sweep, Terms
from multieip.runs.sweep_request import read_sweep_request
from multieip.settings import Settings
from tests.functional.operator_hand import PREFIX, Operator, Queue
from tests.stubs.clock import VirtualClock
from tests.stubs.cloud import LocalCloud
from tests.stubs.guests import open_world
from tests.stubs.options import CloudOptions

if TYPE_CHECKING:
    from multieip.ports import Api, Json


class Stage:
    """A local cloud with an operator, and sweeps over it."""

    def __init__(self, options: CloudOptions | None = None) -> None:
        """Start with one network and no groups; time is virtual."""
        options = replace(options or CloudOptions(), clock=VirtualClock())
        self.cloud = LocalCloud(open_world("simulated"), options)
        self.seeds = self.cloud.seed()
        self.hand = Operator(self.cloud)
        self.queue = Queue()
        self.lines: list[dict[str, Any]] = []
        self._client = self.cloud.api()
        self.api: Api = self._client
        self.tokens = 0
        self.budget_s = 900.0
        self.terms = Terms(catalog(), PREFIX, deadline=0, max_repairs=10, cause="t1")

    def close(self) -> None:
        """Leave nothing behind."""
        self.cloud.close()

    def sweep(self, payload: Json | None = None) -> Json:
        """Sweep the home region, unless the payload says otherwise."""
        request = read_sweep_request({"regions": ["cn-shanghai"], **(payload or {})})
        log = Log(self.cloud.clock, sink=lambda line: self.lines.append(json.loads(line)))
        outside = Outside(self.api, self.cloud.clock, self.queue, log, self._token)
        terms = replace(self.terms, deadline=self.cloud.clock.monotonic() + self.budget_s)
        return as_json(Sweep(request, outside, terms).run())

    def group(self, name: str, *, eips: int = 2) -> tuple[str, list[str]]:
        """Make a group of an ENI and EIPs, unbound."""
        return self.hand.eni(self.seeds, name), self.hand.eips(eips, name)

    def ready_group(self, name: str, instance: str, *, eips: int = 2) -> tuple[str, list[str]]:
        """Make a group and let the real `bind` bring it to ready."""
        eni, bought = self.group(name, eips=eips)
        self.hand.tag("eni", [eni], size=str(eips))
        self.hand.tag("instance", [instance], name)
        assert self.bind(name)["state"] == "ready"
        return eni, bought

    def bind(self, name: str) -> Json:
        """Run the real `bind` for one group."""
        clock = self.cloud.clock
        unread: list[str] = []
        log = Log(clock, sink=unread.append)
        app = App(
            settings=Settings.read({}),
            api=self.cloud.api(),
            clock=clock,
            invoker=Queue(),
            log=log,
            calls=CallLog(log),
            catalog=catalog(),
            deadline=clock.monotonic() + 600,
        )
        return app.bind({"region": "cn-shanghai", "group": name, "action": "apply"})

    def actions(self) -> Counter[str]:
        """Return how often each action was called by the sweeps."""
        return Counter(action for action, _ in self._client.calls)

    def _token(self) -> str:
        self.tokens += 1
        return f"token-{self.tokens}"


def statuses(report: Json, group: str) -> dict[str, str]:
    """Return what each rule says about one group."""
    groups = [each for region in report["regions"] for each in region["groups"] if each["group"] == group]
    assert len(groups) == 1
    return {finding["rule"]: finding["status"] for finding in groups[0]["findings"]}
