"""Events of the local cloud reach the functions of an s.yaml, as its triggers say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from localcloud import (
    CloudOptions,
    ConfigError,
    DeliveryOptions,
    FunctionOptions,
    Functions,
    LocalCloud,
    ServiceSettings,
    VirtualClock,
    attach_functions,
)
from localcloud.guests import open_world

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURE = Path(__file__).parent / "fixtures" / "s.yaml"


class Scene:
    """A cloud in virtual time with its seeds and the fixture's functions."""

    def __init__(self) -> None:
        """Make the cloud; `attach` brings the functions."""
        self.cloud = LocalCloud(open_world("simulated"), CloudOptions(clock=VirtualClock()))
        self.seeds = self.cloud.seed()
        self.functions: Functions | None = None

    def attach(self, *, react: bool = True, options: FunctionOptions | None = None) -> Functions:
        """Attach the fixture's functions."""
        options = options or FunctionOptions(environ={})
        self.functions = attach_functions(
            self.cloud, s_yaml=FIXTURE, react=react, endpoint="http://127.0.0.1:9", options=options
        )
        return self.functions

    def create_eni(self) -> str:
        """Create a network interface as a client does."""
        parameters = {
            "RegionId": self.seeds.region,
            "VSwitchId": self.seeds.vswitch,
            "SecurityGroupId": self.seeds.security_group,
        }
        eni: str = self.cloud.api().call("Ecs", "CreateNetworkInterface", parameters)["NetworkInterfaceId"]
        return eni

    def close(self) -> None:
        """Leave nothing behind."""
        if self.functions:
            self.functions.close()
        self.cloud.close()


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Return a cloud without functions."""
    scene = Scene()
    yield scene
    scene.close()


def ended(functions: Functions, name: str) -> list[dict[str, Any]]:
    """Return the journal's lines of ended runs of a function."""
    lines = [entry.view() for entry in functions.service.journal.after(0)]
    return [line for line in lines if line.get("function") == name and "duration_ms" in line]


def test_a_write_becomes_an_event_that_a_function_handles(scene: Scene) -> None:
    """CreateNetworkInterface is pushed to the function whose pattern wants it, with the new id in it."""
    functions = scene.attach()

    eni = scene.create_eni()
    functions.wait_quiet()

    (run,) = ended(functions, "fx-echo")
    event = json.loads(run["result"])["event"]
    assert (event["specversion"], event["source"]) == ("1.0", "acs.ecs")
    assert event["data"]["responseElements"]["NetworkInterfaceId"] == eni
    delivered = [each for each in functions.bus.deliveries() if each.outcome == "delivered"]
    assert [(each.event_name, each.rule, each.status) for each in delivered] == [
        ("CreateNetworkInterface", "fx-echo/eni", 202)
    ]
    assert delivered[0].request_id == run["request_id"]


def test_a_refused_write_is_no_event_for_the_function(scene: Scene) -> None:
    """The pattern excludes what carries an errorCode; the record still shows it."""
    functions = scene.attach()

    with pytest.raises(Exception, match="VSwitch"):
        scene.cloud.api().call(
            "Ecs",
            "CreateNetworkInterface",
            {
                "RegionId": "cn-shanghai",
                "VSwitchId": "vsw-none",
                "SecurityGroupId": scene.seeds.security_group,
            },
        )
    functions.wait_quiet()

    assert ended(functions, "fx-echo") == []
    assert [each.outcome for each in functions.bus.deliveries()] == ["unmatched"]


def test_without_react_events_call_nobody(scene: Scene) -> None:
    """The API is there, the triggers are not."""
    functions = scene.attach(react=False)

    scene.create_eni()
    functions.wait_quiet()

    assert functions.bus.deliveries() == []
    assert [function.name for function in functions.service.functions()][:1] == ["fx-echo"]


def test_events_come_twice_when_asked_to(scene: Scene) -> None:
    """At least once means that twice is allowed."""
    unkind = DeliveryOptions(duplicate=1.0, jitter_s=10.0, seed=1)
    functions = scene.attach(options=FunctionOptions(environ={}, delivery=unkind))

    scene.create_eni()
    functions.wait_quiet()

    assert len(ended(functions, "fx-echo")) == 2


def test_the_meaning_of_the_flag_can_be_turned(scene: Scene) -> None:
    """The documents contradict each other on asyncInvocationType, so both are possible."""
    settings = ServiceSettings(async_flag_means="sync")
    functions = scene.attach(options=FunctionOptions(environ={}, service=settings))

    scene.create_eni()
    functions.wait_quiet()

    assert [each.status for each in functions.bus.deliveries() if each.rule] == [200]


def test_a_function_that_fails_synchronously_is_pushed_again(scene: Scene) -> None:
    """With a synchronous push the function's error is EventBridge's to retry."""
    functions = scene.attach()
    functions.service.close()

    scene.cloud.api().call("Vpc", "AllocateEipAddress", {"RegionId": "cn-shanghai"})
    functions.wait_quiet()

    pushes = [each for each in functions.bus.deliveries() if each.rule == "fx-pushed/eip"]
    assert [each.outcome for each in pushes] == ["refused", "refused", "refused", "dropped"]
    assert "shutting down" in pushes[0].detail


def test_the_functions_credentials_open_the_cloud(scene: Scene) -> None:
    """What a function finds in its environment is a key of its role on this cloud."""
    functions = scene.attach()
    service = functions.service
    outcome = service.invoke(service.request(service.find("fx-echo"), b'{"do": "environment"}'))

    found = json.loads(outcome.body)
    identity = scene.cloud.keys.find(found["ALIBABA_CLOUD_ACCESS_KEY_ID"]).identity
    assert (identity.kind, identity.name, identity.session) == ("assumed-role", "fixture", "fc-session")
    assert (found["STUB_ENDPOINT"], found["MULTI_EIP_ENDPOINT"]) == ("http://127.0.0.1:9",) * 2


def test_a_role_without_an_account_is_refused(scene: Scene, tmp_path: Path) -> None:
    """No credentials can be had for it, so the first run would fail."""
    text = FIXTURE.read_text(encoding="utf-8").replace("acs:ram::1234567890123456:role/fixture", "fixture")
    file = tmp_path / "s.yaml"
    file.write_text(
        text.replace("./echo", str(FIXTURE.parent / "echo")).replace("./stateful", str(FIXTURE.parent))
    )

    with pytest.raises(ConfigError, match="acs:ram::<account>:role/<name>"):
        attach_functions(scene.cloud, s_yaml=file, react=True, endpoint="http://127.0.0.1:9")
