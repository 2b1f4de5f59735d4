"""An account that breaks each rule once: a sweep reports exactly those, repair mends what can be mended.

A rule that is new has no way to be broken here, and turns this red.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, mock_cloud
from multieip.rules import BY_ID, RULES
from tests.functional.handlers import Functions
from tests.functional.scene import Scene
from tests.functional.sweep.broken_account import (
    ALSO,
    BREAKINGS,
    BY_A_RUN,
    MENDED,
    OTHER_REGION,
    BrokenAccount,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multieip.ports import Json

SWEEP = {"regions": ["cn-shanghai", OTHER_REGION], "full": True}


class Swept:
    """The account, and what the real handler of the sweep said of it before and after the repairs."""

    def __init__(self, functions: Functions, account: BrokenAccount) -> None:
        """Sweep, run what the sweep has started, sweep again."""
        self.account = account
        self.before: Json = functions("sweep", {**SWEEP, "mode": "repair", "max_repairs": len(BREAKINGS)})
        account.mend_the_list()
        self.started = {payload["group"] for _, _, payload in functions.started}
        for _, _, payload in functions.started:
            account.scene.bind(payload)
        self.after: Json = functions("sweep", SWEEP)


@pytest.fixture(scope="module")
def swept() -> Iterator[Swept]:
    """Break everything, and look."""
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as local:
        functions = Functions(local)
        local.cloud.mount(lambda request: request.path.startswith("/2023-03-30/"), functions.function_compute)
        account = BrokenAccount(Scene(local))
        account.build()
        yield Swept(functions, account)


def _groups(report: Json) -> dict[str, Json]:
    return {group["group"]: group for region in report["regions"] for group in region["groups"]}


def _broken(group: Json, status: str = "fail") -> set[str]:
    found = {each["rule"] for each in group["findings"] if each["status"] == status}
    return found - {"mode-closed"} if group["group"] != "mode-closed" else found


def test_every_rule_is_broken_here(swept: Swept) -> None:
    """By a group of its name, or by a run; nothing else is in the report."""
    assert set(BREAKINGS) | set(BY_A_RUN) == {rule.id for rule in RULES}
    assert set(_groups(swept.before)) == set(BREAKINGS)
    assert swept.before["complete"]
    assert [region["ungrouped"] for region in swept.before["regions"]] == [[], []]


@pytest.mark.parametrize("rule", sorted(BREAKINGS))
def test_a_sweep_reports_exactly_what_is_broken(swept: Swept, rule: str) -> None:
    """With ids and a remedy; what nobody can know is unknown, never kept."""
    group = _groups(swept.before)[rule]
    (told,) = [each for each in group["findings"] if each["rule"] == rule]

    assert _broken(group) == {rule} | ALSO.get(rule, frozenset())
    assert told["ids"]
    assert told["remedy"] == BY_ID[rule].remedy
    if rule == "attached-instance-exists":
        gone = told["ids"][-1]
        assert all(gone in each["message"] for each in group["findings"] if each["status"] == "unknown")
    else:
        assert _broken(group, "unknown") <= {"mode-authorised"}


def test_repair_starts_what_a_run_would_change_and_nothing_else(swept: Swept) -> None:
    """What needs a person is left to one."""
    assert swept.started == MENDED


@pytest.mark.parametrize("rule", sorted(BREAKINGS))
def test_a_second_sweep_says_what_is_mended_and_what_is_not(swept: Swept, rule: str) -> None:
    """Of what nobody has touched it says the same."""
    before, after = _groups(swept.before)[rule], _groups(swept.after)[rule]

    if rule in MENDED or rule == "unreadable":
        # An EIP that is bound and waits for an instance answers nobody yet.
        waits = rule == "no-idle-eip"
        assert (after["status"], _broken(after)) == ("warning" if waits else "good", set())
    else:
        assert _broken(after) == _broken(before)
        assert after["status"] == before["status"]


@pytest.mark.parametrize("rule", BY_A_RUN)
def test_what_only_a_run_can_meet_is_told_by_it(swept: Swept, rule: str) -> None:
    """The cloud refuses the binding, or a call by ids names what a group's tag claims."""
    account, name = swept.account, f"run-{rule}"
    eni, eips, instance = account.group(name)
    if rule == "one-group-per-eip":
        free = account.hand.eni(account.scene.seeds)
        asked: Json = {"eni": free, "eips": eips, "instance": instance, "action": "apply"}
    else:
        code = BY_ID[rule].predicts[0]
        account.cloud.faults.add(f"AssociateEipAddressBatch:error:code={code},status=400")
        account.cloud.faults.add(f"AssociateEipAddress:error:code={code},status=400")
        asked = {"group": name, "action": "apply"}

    body = account.scene.bind(asked)
    account.cloud.faults.clear()

    assert eni
    told = {each["rule"] for each in body["findings"] if each["status"] == "fail"}
    assert rule in told | {each["rule"] for each in body["blocked_eips"]}, json.dumps(body)
