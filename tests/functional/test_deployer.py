"""The deployer's policy on the local cloud: with it a deployment passes, without an action it does not."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import FcError, Remote, Rollout, attach_functions, mock_cloud, read_application
from multieip.reference.policies import deployer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from localcloud import MockCloud

ROOT = Path(__file__).parents[2]
ROLE = "acs:ram::1234567890123456:role/deployer"
CODE = "def handler(event, context):\n    print('called')\n    return '{}'\n"
LOOKED_AT_BY_FC3 = ("vpc-bindings", "provision-config", "scaling-config", "concurrency")
"""What the real component reads of a function beside what the local one does (docs/facts, 4.6)."""

ACTIONS = [action for statement in deployer()["Statement"] for action in statement["Action"]]


@contextmanager
def _account() -> Iterator[MockCloud]:
    """Open an account on which nothing is deployed."""
    with mock_cloud(http=True) as local:
        functions = attach_functions(local.cloud, s_yaml=None, react=True, endpoint=local.endpoint)
        try:
            yield local
        finally:
            functions.close()


def _props(resource: str, folder: Path, local: MockCloud) -> dict[str, Any]:
    """Return what `s.yaml` renders to, with a small program in place of the package."""
    (folder / "index.py").write_text(CODE, encoding="utf-8")
    roles = {
        f"DEPLOY_{name.upper()}_ROLE": f"acs:ram::1234567890123456:role/multi-eip-{name}"
        for name in ("react", "bind", "sweep")
    }
    environ = {"STUB_ENDPOINT": local.endpoint, "MULTI_EIP_REGION": "cn-shanghai", **roles}
    props = read_application(ROOT / "s.yaml", environ)["resources"][resource]["props"]
    return {**props, "code": "."}


def _deployer(local: MockCloud, document: Mapping[str, Any]) -> Remote:
    """Return a client of somebody who has this policy and no other."""
    local.cloud.accounts.grant(ROLE, document)
    return Remote(local.endpoint, *local.cloud.issue_credentials(ROLE, "s"))


def _drive(local: MockCloud, document: Mapping[str, Any], folder: Path, props: Mapping[str, Any]) -> None:
    """Plan, deploy, call, read logs, publish, upgrade, roll back, look, remove; raises the first refusal."""
    remote = _deployer(local, document)
    rollout = Rollout(remote, props, folder)
    list(rollout.plan())
    list(rollout.deploy())
    remote.invoke(rollout.name, b"{}", "LATEST")
    assert "called" in list(rollout.logs())
    rollout.publish("before")
    rollout.put_alias("before", "latest", "")
    (folder / "index.py").write_text(f"{CODE}# upgraded\n", encoding="utf-8")
    changed = [{**each, "description": "upgraded"} for each in props.get("triggers", ())]
    rollout = Rollout(remote, {**props, "triggers": changed}, folder)
    list(rollout.deploy())
    rollout.info()
    rollout.put_alias("before", "1", "again")
    for what in LOOKED_AT_BY_FC3:
        remote.find(f"/2023-03-30/functions/{rollout.name}/{what}")
    list(rollout.plan())
    rollout.aliases()
    list(rollout.remove())


@pytest.mark.parametrize("resource", ["react", "bind", "sweep"])
def test_with_the_published_policy_a_whole_deployment_passes(tmp_path: Path, resource: str) -> None:
    """From nothing to nothing, with keys that have this policy only."""
    with _account() as local:
        _drive(local, deployer(), tmp_path, _props(resource, tmp_path, local))


@pytest.mark.parametrize("action", ACTIONS)
def test_without_any_of_its_actions_something_is_refused(tmp_path: Path, action: str) -> None:
    """And the refusal names that action. React's triggers and bind's concurrency are one function here."""
    document = copy.deepcopy(deployer())
    for statement in document["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != action]
    document["Statement"] = [each for each in document["Statement"] if each["Action"]]

    with _account() as local:
        concurrency = _props("bind", tmp_path, local)["concurrencyConfig"]
        props = {**_props("react", tmp_path, local), "concurrencyConfig": concurrency}
        with pytest.raises(FcError) as refused:
            _drive(local, document, tmp_path, props)

    # The services whose calls are named by a parameter do not say which action is missing.
    said = "Forbidden.RAM" if "ServiceLinkedRole" in action else action
    assert (refused.value.status, said in str(refused.value)) == (403, True)
