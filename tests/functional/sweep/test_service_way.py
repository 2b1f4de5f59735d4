"""By which ENI a guest reaches the cloud's services: the cloud says whose it is and what is bound to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from multieip.errors import RefusedError
from multieip.model.facts import Reading
from tests.functional.sweep.broken_account import BrokenAccount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.ports import Api, Json, Product
    from tests.functional.scene import Scene

RULE = "service-network-on-primary"
LIST = "DescribeEipAddresses"
SWEEP = {"regions": ["cn-shanghai"], "full": True}


@dataclass
class Refusing:
    """An `Api` that does not say what is bound to one ENI."""

    inner: Api
    eni: str

    def call(self, product: Product, action: str, params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        if params.get("AssociatedInstanceId") == self.eni:
            raise RefusedError(action, "InternalError", "not now", http_status=500)
        return self.inner.call(product, action, params)


@pytest.fixture
def account(scene: Scene) -> BrokenAccount:
    """Make one ready group, whose instance has an ENI more that nobody tagged."""
    return BrokenAccount(scene)


def _second_eni(account: BrokenAccount) -> tuple[str, str, str]:
    """Return instance, group's ENI and the second one; the guest sends the service network by that."""
    instance = account.instance("web", kind="ecs.g5.2xlarge")
    eni = account.hand.eni(account.scene.seeds, "web", size="2")
    account.hand.eips(2, "web")
    assert account.scene.bind({"group": "web", "action": "apply"})["state"] == "ready"
    second = account.hand.eni(account.scene.seeds)
    return instance, eni, second


def _sends_by(account: BrokenAccount, instance: str, eni: str) -> None:
    way = {"dev": "eth2", "mac": account.mac(eni)}
    account.bend(instance, lambda body: body.update(service_route=way))


def _group(report: Json) -> Json:
    (group,) = report["regions"][0]["groups"]
    return dict(group)


def _finding(report: Json) -> Json:
    (found,) = [each for each in _group(report)["findings"] if each["rule"] == RULE]
    return dict(found)


def test_a_second_eni_with_visible_eips_is_named_whoever_s_it_is(account: BrokenAccount) -> None:
    """It carries no tag, so no list of ours shows it; the finding names it, its EIP, and what to do."""
    instance, _, second = _second_eni(account)
    (eip,) = account.hand.eips(1)
    account.hand.bind(second, [eip])
    account.hand.attach(second, instance)
    _sends_by(account, instance, second)

    found = _finding(account.scene.sweep(SWEEP))

    assert (found["status"], found["ids"]) == ("fail", [second, instance])
    assert f"leaves by eth2, which is {second} with {eip}" in found["message"]
    assert found["short"] == "100.64.0.0/10 leaves by eth2"
    assert found["commands"]["cli"].startswith("ip route replace 100.64.0.0/10 via 10.0.")
    assert " dev eth0 " in found["commands"]["cli"]


def test_a_second_eni_without_an_eip_may_carry_it(account: BrokenAccount) -> None:
    """The vendor's guide allows that; one call more tells."""
    instance, _, second = _second_eni(account)
    account.hand.attach(second, instance)
    before = account.scene.actions()[LIST]
    account.scene.sweep(SWEEP)
    lists = account.scene.actions()[LIST] - before
    _sends_by(account, instance, second)

    report = account.scene.sweep(SWEEP)

    assert _group(report)["status"] == "good"
    assert _finding(report)["status"] == "pass"
    assert second in _finding(report)["message"]
    assert account.scene.actions()[LIST] - before == 2 * lists + 1


def test_what_is_on_a_second_eni_and_cannot_be_read_is_unknown(account: BrokenAccount) -> None:
    """A denied or failed reading is a doubt with its reason, and no pass."""
    instance, _, second = _second_eni(account)
    account.hand.attach(second, instance)
    _sends_by(account, instance, second)
    account.scene.api = Refusing(account.scene.api, second)

    group = _group(account.scene.sweep(SWEEP))

    assert group["status"] == "unknown"
    assert Reading.SERVICE_ENI.value in group["unread"]
