"""The published policies on the local cloud: with them nothing is refused, without an action something is."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import attach_functions, mock_cloud
from multieip.app.wiring import new_token
from multieip.cloud.credentials import Credentials
from multieip.cloud.fc import FunctionInvoker, FunctionPlace
from multieip.errors import MultiEipError, RefusedError
from multieip.log import CallLog
from multieip.permissions import ram_action
from multieip.reference.policies import CHANGES, files, policy, policy_by_tag, policy_run_as
from tests.functional.in_process import InProcess
from tests.functional.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("react", "bind", "sweep")
FREE = {"ecs:DescribeInstanceTypes"}
"""RAM is not asked by every account about the list of types; the policy has it all the same."""

OUTSIDE = {"fc:InvokeFunction", "log:PostLogStoreLogs", "mns:SendMessage"}
"""What Function Compute is asked for, or does itself."""


class Watched:
    """An `Api` in a role's name that remembers which calls were denied and which were made."""

    def __init__(self, scene: Scene, document: Mapping[str, Any]) -> None:
        """Grant the role this document and no other."""
        role = "acs:ram::1234567890123456:role/multi-eip-tried"
        scene.cloud.accounts.grant(role, document)
        key = scene.cloud.accounts.assume(role, "s", scene.clock.now(), 36 * 3600)
        self._inner = InProcess(scene.cloud, key)
        self.denied: set[str] = set()
        self.made: set[str] = set()

    def call(self, product: Any, action: str, params: Mapping[str, str]) -> Any:  # noqa: ANN401
        """See `multieip.ports.Api.call`."""
        name = ram_action(action, product)
        self.made.add(name)
        try:
            return self._inner.call(product, action, params)
        except RefusedError as refusal:
            if (
                refusal.code in {"Forbidden.RAM", "NoPermission", "AccessDenied"}
                or refusal.http_status == 403
            ):
                self.denied.add(name)
            raise


def _bind_paths(scene: Scene, document: Mapping[str, Any]) -> Watched:
    """Drive bind through each kind of call that it has."""
    watched = Watched(scene, document)

    def run(**payload: object) -> None:
        with suppress(MultiEipError):
            scene.bind({"group": "web", "action": "apply", "settle_seconds": 0, **payload}, api=watched)

    eni, eips = scene.group(2, size="2", detach="allow", prune="allow")
    run()
    # One leaves, another comes: narrow, off, unbind, bind, on.
    scene.hand.untag("EIP", [eips[0]])
    scene.hand.eips(1, "web")
    run()
    # A batch that the cloud refuses for good is tried one by one, and the bad one is marked.
    scene.hand.eips(2, "web")
    scene.hand.tag("eni", [eni], None, size="4")
    for action in ("AssociateEipAddressBatch", "AssociateEipAddress"):
        scene.cloud.faults.add(f"{action}:error:code=OperationDenied,status=400,message=x,times=1")
    run()
    run(action="release")
    run(resume=True)
    return watched


def _sweep_paths(scene: Scene, document: Mapping[str, Any]) -> Watched:
    """Look at a group that serves and at one that needs a bind."""
    watched = Watched(scene, document)
    scene.ready_group("good", scene.seeds.instance)
    scene.group(2, name="new", instance=None)
    scene.api = watched
    with suppress(MultiEipError):
        scene.sweep({"mode": "repair", "regions": [scene.seeds.region]})
    return watched


def _react_paths(scene: Scene, document: Mapping[str, Any]) -> Watched:
    """Deliver events that name an ENI, an EIP and an instance, and one that lost its tag."""
    watched = Watched(scene, document)
    eni, eips = scene.group(2)
    scene.hand.bind(eni, eips)
    scene.hand.attach(eni, scene.seeds.instance)
    scene.hand.untag("EIP", [eips[0]])
    scene.hand.untag("eni", [eni])
    scene.hand.untag("instance", [scene.seeds.instance])
    for event in scene.take():
        with suppress(MultiEipError):
            scene.react([event], api=watched)
    return watched


PATHS: dict[str, Callable[[Scene, Mapping[str, Any]], Watched]] = {
    "react": _react_paths,
    "bind": _bind_paths,
    "sweep": _sweep_paths,
}


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Open a region of its own."""
    with mock_cloud() as local:
        yield Scene(local)


def _actions(document: Mapping[str, Any]) -> list[str]:
    return [action for statement in document["Statement"] for action in statement["Action"]]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_with_the_published_policy_nothing_is_refused(scene: Scene, function: str) -> None:
    """And every action that it allows was needed on one of the paths."""
    document = policy(function)

    watched = PATHS[function](scene, document)

    assert watched.denied == set()
    assert watched.made == set(_actions(document)) - OUTSIDE


CASES = [
    (function, action)
    for function in FUNCTIONS
    for action in _actions(policy(function))
    if action not in OUTSIDE | FREE
]


@pytest.mark.parametrize(("function", "action"), CASES, ids=[f"{f}-{a}" for f, a in CASES])
def test_without_any_of_its_actions_something_is_refused(scene: Scene, function: str, action: str) -> None:
    """A call that is added without its action would be denied in the same way."""
    document = copy.deepcopy(policy(function))
    for statement in document["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != action]
    document["Statement"] = [each for each in document["Statement"] if each["Action"]]

    assert action in PATHS[function](scene, document).denied


@pytest.mark.parametrize("function", FUNCTIONS)
def test_bind_may_be_started_and_nothing_else(function: str) -> None:
    """Over the wire: react and sweep start bind; bind and sweep go on as themselves; nothing else."""
    with mock_cloud(http=True) as local:
        functions = attach_functions(
            local.cloud, s_yaml=ROOT / "s.yaml", react=False, endpoint=local.endpoint
        )
        role = "acs:ram::1234567890123456:role/multi-eip-tried"
        local.cloud.accounts.grant(role, policy(function))
        given = Credentials(*local.cloud.issue_credentials(role, "s"))
        place = FunctionPlace("1234567890123456", "cn-shanghai", "multi-eip-", "", local.endpoint)
        invoker = FunctionInvoker(place, lambda: given, local.clock, CallLog(), new_nonce=new_token)

        assert invoker.start("bind", {}, task_id="t-1")
        if function == "sweep":
            assert invoker.start("sweep", {}, task_id="t-2")
        with pytest.raises(RefusedError) as refused:
            invoker.start("react" if function == "sweep" else "sweep", {}, task_id="t-3")

        assert refused.value.http_status == 403
        functions.close()


def test_tags_are_written_under_two_keys_only(scene: Scene) -> None:
    """A run may hold and mark; it may never make itself a member of a group."""
    watched = Watched(scene, policy("bind"))
    eni, _ = scene.group(1)
    common = {"RegionId": scene.seeds.region, "ResourceType": "eni", "ResourceId.1": eni}

    watched.call("Ecs", "TagResources", {**common, "Tag.1.Key": "multi-eip:hold", "Tag.1.Value": "release"})
    with pytest.raises(RefusedError):
        watched.call("Ecs", "TagResources", {**common, "Tag.1.Key": "multi-eip:group", "Tag.1.Value": "x"})
    assert watched.denied == {"ecs:TagResources"}


def test_the_narrower_policy_changes_only_what_is_tagged(scene: Scene) -> None:
    """Reads stay as they are; a change of an EIP without the group tag is denied."""
    watched = Watched(scene, policy_by_tag())
    (eip,) = scene.hand.eips(1)
    eni = scene.hand.eni(scene.seeds)

    with pytest.raises(RefusedError):
        watched.call(
            "Vpc",
            "AssociateEipAddress",
            {
                "RegionId": scene.seeds.region,
                "AllocationId": eip,
                "InstanceId": eni,
                "InstanceType": "NetworkInterface",
                "Mode": "MULTI_BINDED",
            },
        )

    narrowed = [each for each in policy_by_tag()["Statement"] if "Condition" in each]
    actions = {action for each in narrowed for action in each["Action"]}
    assert {ram_action(action, product) for product, action in CHANGES} <= actions


def test_the_narrower_policy_unbinds_nothing_from_elsewhere(scene: Scene) -> None:
    """An EIP may have lost its tag, the ENI that it is taken from may not."""
    watched = Watched(scene, policy_by_tag())
    (eip,) = scene.hand.eips(1)
    eni = scene.hand.eni(scene.seeds)
    scene.hand.bind(eni, [eip])

    with pytest.raises(RefusedError):
        watched.call(
            "Vpc",
            "UnassociateEipAddress",
            {
                "RegionId": scene.seeds.region,
                "AllocationId": eip,
                "InstanceId": eni,
                "InstanceType": "NetworkInterface",
            },
        )

    assert watched.denied == {"vpc:UnassociateEipAddress"}


def test_with_the_policy_about_the_commands_user_a_whole_bind_is_done(scene: Scene) -> None:
    """Its condition is judged: a command as somebody else is denied."""
    watched = _bind_paths(scene, policy_run_as())
    assert watched.denied == set()

    with pytest.raises(RefusedError):
        watched.call(
            "Ecs",
            "RunCommand",
            {
                "RegionId": scene.seeds.region,
                "Type": "RunShellScript",
                "CommandContent": "id",
                "Username": "somebody",
                "InstanceId.1": scene.seeds.instance,
            },
        )

    assert watched.denied == {"ecs:RunCommand"}


def test_the_files_are_what_the_code_says() -> None:
    """`make docs` writes them; each is JSON and shorter than RAM's limit of 6,144 characters."""
    for name, text in files().items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, f"{name}: run make docs"
        assert len(json.dumps(json.loads(text), separators=(",", ":"))) < 6144


def test_with_the_narrower_policy_a_whole_bind_is_done(scene: Scene) -> None:
    """Apply, exchange and release of a group: everything that a run changes carries the tag, or did."""
    watched = _bind_paths(scene, policy_by_tag())

    assert watched.denied == set()
    assert watched.made == set(_actions(policy_by_tag())) - OUTSIDE
