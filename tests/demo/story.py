"""The story of `make demo`, from an empty account to a guest that answers from three EIPs."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from localcloud import CloudOptions, LocalCloud, attach_functions, serving
from localcloud.guests import open_world, why_not_namespaces
from tests.demo.operator import Eip, Operator
from tests.demo.proof import Primary, judge, show_interface
from tests.demo.watch import Watch
from tests.demo.wire import listening

if TYPE_CHECKING:
    from rich.console import Console

    from localcloud import Functions, Seeds
    from localcloud.guests import Choice, Guest, World
    from tests.demo.pulse import TalkingConsole

_GROUP: Final = "demo"
_EIPS: Final = 3
_READY_IN_S: Final = 90.0
_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the story is played on."""

    cloud: LocalCloud
    world: World
    functions: Functions
    seeds: Seeds
    operator: Operator
    console: Console

    @property
    def guest(self) -> Guest:
        """The operating system of the Linux instance."""
        account = self.operator_account
        return self.cloud.state(account, self.seeds.region).instances[self.seeds.instance].guest

    @property
    def operator_account(self) -> str:
        """The account that everything belongs to."""
        return self.cloud.accounts.user_key.identity.account.account_id


@dataclass(frozen=True, slots=True)
class Cast:
    """What the operator has created."""

    eni: str
    mac: str
    private: str
    eips: tuple[Eip, ...]


def play(kind: Choice, console: TalkingConsole) -> int:
    """Tell the whole story; 0 when every claim was seen to hold."""
    with ExitStack() as stack:
        wire = stack.enter_context(listening())
        stage = _set_up(kind, console, stack)
        before = Primary.of(stage.guest)
        started = time.monotonic()
        watch = Watch(stage.functions, console, started)
        cast = _operator_acts(stage)
        _chapter(console, "The events start the functions; nothing is fired by hand")
        ready = watch.until(lambda: _ready(watch), _READY_IN_S)
        if not ready:
            console.print("[red]not ready in time[/red]; the last result was:")
            console.print_json(json.dumps(watch.results[-1] if watch.results else {}))
            return 1
        _show_result(console, next(body for body in watch.results if body["state"] == "ready"))
        holds = _prove(stage, cast, before)
        holds = _second_run(stage, watch) and holds
        _chapter(console, "The wire against the vendor's own models")
        holds = wire.judge(console) and holds
        console.print(
            f"\n[bold]{'Done' if holds else 'Not as promised'}[/bold] in {time.monotonic() - started:.1f} s."
        )
        return 0 if holds else 1


def _set_up(kind: Choice, console: Console, stack: ExitStack) -> Stage:
    _chapter(console, "A local cloud")
    world = open_world(kind)
    stack.callback(world.close)
    if world.kind == "simulated":
        console.print(
            f"          [yellow]the guest is SIMULATED: {why_not_namespaces() or 'you asked for it'}[/yellow]"
        )
    else:
        console.print(
            "          guests are real Linux network stacks, with two EIP gateways and an internet host"
        )
    cloud = LocalCloud(world, CloudOptions(transitions="time", threaded=True))
    stack.callback(cloud.close)
    endpoint = stack.enter_context(serving(cloud))
    functions = attach_functions(cloud, s_yaml=_ROOT / "s.yaml", react=True, endpoint=endpoint)
    stack.callback(functions.close)
    seeds = cloud.seed()
    key = cloud.accounts.user_key
    console.print(
        f"          {endpoint}, region {seeds.region}, instance {seeds.instance} (ecs.g5.large, Linux)"
    )
    return Stage(
        cloud, world, functions, seeds, Operator(endpoint, key.key_id, key.secret, seeds.region), console
    )


def _operator_acts(stage: Stage) -> Cast:
    console, seeds = stage.console, stage.seeds
    _chapter(console, "The operator tags what belongs together, through the vendor's SDK")
    member = {"multi-eip:group": _GROUP}
    eni, mac, private = stage.operator.create_eni(
        seeds.vswitch, seeds.security_group, {**member, "multi-eip:size": str(_EIPS)}
    )
    console.print(f"          ENI {eni} ({mac}, {private}), group {_GROUP}, size {_EIPS}", highlight=False)
    eips = []
    for _ in range(_EIPS):
        eip = stage.operator.allocate_eip(member)
        eips.append(eip)
        console.print(f"          EIP {eip.id} {eip.address}, group {_GROUP}", highlight=False)
    stage.operator.tag_instance(seeds.instance, member)
    console.print(f"          instance {seeds.instance}, group {_GROUP}", highlight=False)
    return Cast(eni, mac, private, tuple(eips))


def _ready(watch: Watch) -> bool:
    return any(body["state"] == "ready" for body in watch.results)


def _show_result(console: Console, body: dict[str, Any]) -> None:
    _chapter(console, "The result of bind")
    for eip in body["eips"]:
        console.print(
            f"          {eip['id']}  {eip['address']} mask {eip['mask']} gateway {eip['gateway']}"
            f"  in the guest: {eip['in_guest']}",
            highlight=False,
        )
    calls = body["api_calls"]
    console.print(
        f"          {body['state']}, changed {body['changed']}, {calls['total']} API calls", highlight=False
    )
    for finding in body["findings"]:
        console.print(
            f"          {finding['severity']}: {finding['rule']}: {finding['message']}", highlight=False
        )


def _prove(stage: Stage, cast: Cast, before: Primary) -> bool:
    _chapter(stage.console, "The guest's own words")
    show_interface(stage.guest, cast.mac, stage.console)
    _chapter(stage.console, "Tried from outside")
    if stage.world.kind == "simulated":
        stage.console.print(
            "          [yellow]left out: the guest is simulated, there is nothing to ping[/yellow]"
        )
        return True
    addresses = [eip.address for eip in cast.eips]
    return judge(stage.world, stage.guest, addresses, cast.private, before, stage.console)


def _second_run(stage: Stage, watch: Watch) -> bool:
    """Apply again, as `s bind invoke` would, and expect no change."""
    _chapter(stage.console, "Applied a second time")
    service = stage.functions.service
    payload = json.dumps({"group": _GROUP, "action": "apply"}).encode()
    outcome = service.invoke(service.request(service.find("multi-eip-bind"), payload))
    watch.look()
    body = json.loads(outcome.body)
    unchanged = body.get("state") == "ready" and body.get("changed") is False
    mark = "[green]✓[/green]" if unchanged else "[red]✗[/red]"
    calls = body.get("api_calls", {})
    stage.console.print(
        f"          {mark} {body.get('state')}, changed {body.get('changed')}, "
        f"{calls.get('total')} API calls: {calls.get('by_action')}",
        highlight=False,
    )
    return unchanged


def _chapter(console: Console, title: str) -> None:
    console.print(f"\n[bold]{title}[/bold]")
