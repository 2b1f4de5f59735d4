"""A first look that is begun before the rest of its run is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from multieip.cloud.catalog import catalog
from multieip.cloud.parallel import OneByOne
from multieip.model.facts import Target
from multieip.model.resources import GroupName, Region
from multieip.observe.group import Observer
from tests.functional.observe.bent import Bent
from tests.functional.operator import PREFIX

if TYPE_CHECKING:
    from tests.functional.scene import Scene

ROOT = Path(__file__).parents[3]
REGION = Region("cn-shanghai")
CATALOG = catalog((), ())
LISTS = ["DescribeNetworkInterfaces", "DescribeEipAddresses", "DescribeInstances"]
AFTER_THE_FIRST_LOOK = {"multieip.runs.bind", "multieip.runs.execute", "multieip.rules", "multieip.plan"}


def _lists(api: Bent) -> list[str]:
    return [action for action, params in api.calls if "Tag.1.Key" in params]


def test_a_look_that_was_begun_is_as_old_as_its_reads(scene: Scene) -> None:
    """Its lists are asked for once; a write stands on when they were, not on when they were awaited."""
    scene.group(1)
    api = Bent(scene.api)
    target = Target(REGION, GroupName("web"))
    observer = Observer(api, target, CATALOG, prefix=PREFIX, clock=scene.clock, parallel=OneByOne())

    begun = scene.clock.monotonic()
    observer.begin()
    scene.clock.sleep(2)
    facts = observer.look()
    again = observer.look(since=facts)

    assert sorted(_lists(api)) == sorted(LISTS * 2)
    assert (facts.looked_at, again.looked_at) == (begun, begun + 2)
    assert facts.eni is not None
    assert again.group.eips == facts.group.eips


def test_a_begun_look_that_fails_is_read_anew(scene: Scene) -> None:
    """A failure is met by who waits, and the next look begins for itself."""
    scene.group(1)
    scene.cloud.faults.add("DescribeInstances:html:times=1")
    target = Target(REGION, GroupName("web"))
    observer = Observer(scene.api, target, CATALOG, prefix=PREFIX, clock=scene.clock, parallel=OneByOne())

    observer.begin()
    first = observer.look()
    second = observer.look()

    assert first.unread
    assert not second.unread


def test_what_follows_the_first_look_is_imported_after_it_was_begun() -> None:
    """A cold start sends its first call before it has loaded plan, rules and the loop."""
    code = "import sys, multieip.app.bind; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "shared")},
        check=True,
        capture_output=True,
        text=True,
    )

    assert AFTER_THE_FIRST_LOOK.isdisjoint(done.stdout.split())
