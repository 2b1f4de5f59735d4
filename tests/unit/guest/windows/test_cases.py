"""The failing cases of docs/facts/windows.md, section 2, by their numbers, in a played Windows."""

from __future__ import annotations

import base64
import gzip
import itertools
import re
from dataclasses import replace

import pytest

from localcloud.guests.windows import Adapter, Address, Fault, Lease, Route, Store, Switches
from multieip.guest.windows_script import windows_script
from multieip.model.guest import GuestReport, Mode, State
from tests.unit.guest.windows.scene import (
    EIPS,
    GATEWAY,
    MAC,
    OTHER_EIPS,
    OTHER_GATEWAY,
    Scene,
    codes,
    scene,
    texts,
    wanted,
)

VPC_GATEWAY = "10.0.1.253"


@pytest.mark.parametrize(
    "switches",
    [
        Switches(),
        Switches(ignore_lease="not"),
        Switches(ignore_static="dropped"),
        Switches(ignore_now="drops"),
    ],
)
def test_01_after_a_restart_replies_leave_by_the_eips_gateway(switches: Switches) -> None:
    """DHCP's default route is back with metric 0, and the task at the start puts it behind ours."""
    here = scene(switches)
    assert here.apply().persistent
    here.windows.restart()

    assert here.answers()
    assert here.check().state is State.OK


def test_01_without_the_task_nothing_is_persistent() -> None:
    """Persistent addresses alone do not answer after a restart; apply mends what a check tells."""
    here = scene()
    here.apply()
    del here.windows.tasks["multieip-guest"]

    report = here.check()
    assert (report.persistent, report.state) == (False, State.DIFFERS)
    assert "task multieip-guest" in texts(report)
    assert here.apply().persistent


def test_02_dhcp_that_is_switched_off_unasked_is_back_after_the_failure() -> None:
    """If a static address takes DHCP away in spite of coexistence, the apply fails and the lease is back."""
    here = scene(Switches(static_active="off"))
    before = here.adapter

    report = here.apply()

    assert report.state is State.FAILED
    assert not report.changed
    assert here.adapter.active.route(VPC_GATEWAY) == Route(VPC_GATEWAY, 0)
    here.windows.network.lease(here.eni)
    assert here.adapter == before


def test_02_server_2016_is_refused_by_name() -> None:
    """Nothing is touched, and what a check reads is told all the same."""
    here = scene(build=14393)
    before = here.adapter

    report = here.apply()

    assert codes(report) == ["not-supported"]
    assert "Windows Server 2016 is not supported" in texts(report)
    assert here.adapter == before
    assert here.windows.tasks == {}
    assert here.check().state is State.DIFFERS
    assert here.release().state is State.OK


def test_02_a_windows_without_coexistence_is_refused_with_its_own_words() -> None:
    """Server 2019, should the newer of the two contested versions be the first one."""
    here = scene(Switches(coexistence_from=19041), build=17763)
    before = here.adapter

    report = here.apply()

    assert codes(report) == ["not-supported"]
    assert "dhcpstaticipcoexistence" in texts(report)
    assert (report.changed, here.adapter, here.windows.tasks) == (False, before, {})


def test_03_release_leaves_dhcp_off_where_it_was_off() -> None:
    """An interface with a static private address was never ours."""
    here = scene()
    here.windows.network.set_dhcp(here.eni, on=False)
    here.by_hand("10.0.1.20")
    before = here.adapter

    report = here.release()

    assert report.state is State.OK
    assert (here.adapter, report.changed) == (before, False)


@pytest.mark.parametrize("fault", [None, Fault(12, "refused", times=6)])
def test_04_coexistence_of_an_administrator_stays(fault: Fault | None) -> None:
    """Neither a release nor a failed first apply takes it away under secondary private addresses."""
    here = scene(Switches(coexistence_off="drop"))
    here.put(coexistence=True)
    here.by_hand("10.0.1.99")
    before = here.adapter
    here.windows.fault = fault

    applied = here.apply()
    here.windows.fault = None
    here.release()

    assert applied.state is (State.FAILED if fault else State.OK)
    assert here.adapter == before


def test_04_coexistence_stays_on_for_an_address_that_came_later() -> None:
    """We switched it on; somebody else has used it since."""
    here = scene(Switches(coexistence_off="drop"))
    here.apply()
    here.by_hand("10.0.1.99")

    assert here.release().state is State.OK
    assert here.adapter.coexistence
    assert here.adapter.persistent.addresses == (Address("10.0.1.99", 24),)


@pytest.mark.parametrize("by_hand", [False, True])
def test_05_the_enis_default_route_never_stays_the_best(by_hand: bool) -> None:  # noqa: FBT001
    """Whether its own metric is low or the primary's was set high: it goes behind, and the rule passes."""
    here = scene()
    here.put(automatic_metric=5)
    if by_hand:
        here.windows.network.change(
            here.primary, active=replace(_primary(here).active, automatic=False, metric=5000)
        )
    assert here.outgoing() == here.eni

    report = here.apply()

    assert here.outgoing() == here.primary
    assert (report.state, report.default_route.unchanged) == (State.OK, True)


def _primary(here: Scene) -> Adapter:
    return here.windows.network.adapters[here.primary]


def test_06_an_earlier_gateway_leaves_nothing_behind() -> None:
    """All EIPs exchanged: the old default route goes from both stores; a release gives the first state."""
    here = scene()
    before = here.adapter
    here.apply()
    assert here.apply(wanted(OTHER_EIPS)).state is State.OK

    assert [store.route(GATEWAY) for store in (here.adapter.active, here.adapter.persistent)] == [None, None]
    assert here.answers(OTHER_EIPS, OTHER_GATEWAY)
    here.windows.restart()
    assert here.answers(OTHER_EIPS, OTHER_GATEWAY)
    here.release()
    here.windows.network.lease(here.eni)
    assert here.adapter == before


def test_07_a_release_after_the_detach_is_made_up_for() -> None:
    """Windows keeps the addresses of a ghost; the answer says so, and the task releases it on its return."""
    here = scene()
    before = here.adapter
    here.apply()
    here.windows.network.unplug(here.eni)

    report = here.release()
    assert (report.state, report.detached) == (State.FAILED, (MAC,))
    assert "takes them away when the interface is back" in texts(report)

    assert here.windows.network.plug("Ethernet 2", MAC, before.lease) == here.eni
    here.windows.connected()
    here.windows.network.lease(here.eni)
    assert here.adapter == before
    assert here.windows.tasks == {}


def test_07_a_detached_interface_that_never_was_ours_is_no_failure() -> None:
    """Without a record there is nothing to come back."""
    here = scene()
    here.windows.network.unplug(here.eni)

    assert here.release().state is State.OK


@pytest.mark.parametrize("over", ["writes", "refused", "half"])
@pytest.mark.parametrize(("active", "persistent"), [(False, True), (True, False)])
def test_08_and_09_stores_that_drifted_apart_are_mended(over: str, active: bool, persistent: bool) -> None:  # noqa: FBT001
    """An EIP or its route in one store only is neither missing for ever nor taken as done."""
    here = scene(Switches(add_over_active=over))  # type: ignore[arg-type]
    here.put(coexistence=True)
    here.by_hand(EIPS[0], active=active, persistent=persistent)
    here.route_by_hand(GATEWAY, 7, active=active, persistent=persistent)

    report = here.apply()

    assert (report.state, report.persistent) == (State.OK, True), texts(report)
    for store in (here.adapter.active, here.adapter.persistent):
        assert [store.address(ip) is not None for ip in EIPS] == [True, True]
        assert store.route(GATEWAY) == Route(GATEWAY, 1)


def test_10_a_run_killed_before_its_end_is_completed_by_the_next() -> None:
    """Whatever the moment: afterwards everything is there, the task among it."""
    changes = _changes_of_an_apply()
    for at in range(1, changes + 1):
        here = scene()
        here.windows.fault = Fault(at, "cut")
        here.windows.run(windows_script(Mode.APPLY, [wanted()]))
        here.windows.fault = None

        assert here.apply().persistent, at
        assert "multieip-undo" not in here.windows.tasks, at
        assert here.apply().changed is False, at


def _changes_of_an_apply() -> int:
    here = scene()
    here.apply()
    assert here.ran is not None
    assert here.ran.changes > 10
    return here.ran.changes


@pytest.mark.parametrize("mode", list(Mode))
def test_11_an_interface_without_ipv4_is_told(mode: Mode) -> None:
    """IPv4 bound to a virtual switch or a team: there is an answer, and it says what to do."""
    here = scene()
    here.put(bound=False)

    report = here.ask(mode)

    assert report.state is State.FAILED
    assert "enslaved" in codes(report)
    assert "IPv4 is not bound to Ethernet 2" in texts(report)


def test_12_of_two_adapters_with_one_mac_the_one_with_ipv4_is_taken() -> None:
    """The port of a transparent network has no IPv4, and the virtual adapter above it has."""
    here = scene()
    above = here.windows.network.plug("vEthernet", "00:16:3e:12:e7:02", Lease("10.0.1.20", 24, VPC_GATEWAY))
    here.windows.network.change(above, mac=MAC)
    here.put(bound=False)

    report = here.apply()

    assert report.state is State.OK, texts(report)
    assert report.nics[0].name == "vEthernet"


def test_12_two_with_ipv4_are_one_too_many() -> None:
    """Neither is touched."""
    here = scene()
    other = here.windows.network.plug("vEthernet", "00:16:3e:12:e7:02", None)
    here.windows.network.change(other, mac=MAC)

    report = here.apply()

    assert "several interfaces with IPv4 carry the MAC" in texts(report)
    assert here.windows.disk.files == {}


def test_13_a_duplicate_address_is_a_failure() -> None:
    """Another machine has the EIP: the apply goes back, a check does not call it present."""
    here = scene()
    before = here.adapter
    here.windows.network.duplicates = frozenset((EIPS[1],))

    report = here.apply()

    assert report.state is State.FAILED
    assert f"{EIPS[1]}/24 is Duplicate" in texts(report)
    assert here.adapter == before

    here.by_hand(EIPS[0])
    here.put(active=here.adapter.active.with_address(Address(EIPS[1], 24, state="Duplicate")))
    assert [eip.present for eip in here.check().nics[0].eips] == [True, False]


@pytest.mark.parametrize("times", [1, 6])
@pytest.mark.parametrize("kind", ["refused", "half", "late"])
def test_14_a_release_that_fails_goes_back_or_says_what_it_did(kind: str, times: int) -> None:
    """Never "nothing changed" over an interface that has."""
    here = scene()
    here.apply()
    before = here.adapter
    for at in range(1, 25):
        here.windows.fault = Fault(at, kind, times)  # type: ignore[arg-type]
        report = here.release()
        here.windows.fault = None
        if report.state is State.FAILED:
            assert _true_of_a_failure(here, report, before), at
        else:
            assert here.adapter.active.address(EIPS[0]) is None
            here.apply()


def _true_of_a_failure(here: Scene, report: GuestReport, before: Adapter) -> bool:
    """Say whether nothing has changed, or the answer says so and the dead man brings the old state back."""
    if report.changed and "roll-back" not in codes(report):
        return False
    if not report.changed and here.adapter != before:
        return False
    here.windows.fault = None
    here.windows.later(200)
    return here.adapter == before


def test_15_a_lost_record_is_told() -> None:
    """Public addresses of unknown origin stay and are named; those that the release names go."""
    here = scene()
    here.apply()
    here.windows.disk.files.pop(here.record)

    report = here.release()
    assert (report.state, codes(report)) == (State.FAILED, ["state-lost"])
    assert all(ip in texts(report) for ip in EIPS)

    report = here.release(wanted())
    assert (report.state, report.changed) == (State.OK, True)
    for store in (here.adapter.active, here.adapter.persistent):
        assert [a.ip for a in store.addresses if a.origin == "Manual"] == []
        assert store.route(GATEWAY) is None


@pytest.mark.parametrize("damage", ["", "\0" * 200, '{"v":2,"mac":', "[]", '{"v":2}', "null"])
def test_16_a_damaged_record_counts_as_lost(damage: str) -> None:
    """Zeros after a power loss: it is kept beside, and neither check nor apply fails for ever."""
    here = scene()
    here.apply()
    here.windows.disk.files[here.record] = damage

    assert here.check().state is State.OK
    assert here.windows.disk.files[here.record] == damage
    assert here.apply().state is State.OK
    assert here.windows.disk.files[f"{here.record}.bad"] == damage
    here.windows.disk.files[here.record] = damage
    assert codes(here.release()) == ["state-lost"]


def test_17_half_of_a_command_is_undone() -> None:
    """Whatever a refused command has done before its refusal goes with everything else."""
    for at in range(1, _changes_of_an_apply() + 1):
        for kind, times in itertools.product(("half", "late", "refused"), (1, 6)):
            here = scene()
            before = here.adapter
            here.windows.fault = Fault(at, kind, times)  # type: ignore[arg-type]

            report = here.apply()

            if report.state is State.OK:
                assert here.answers(), (at, kind)
                continue
            assert _true_of_a_failure(here, report, before), (at, kind)


@pytest.mark.parametrize(
    "command",
    ["get-netipaddress", "get-netroute", "get-netadapter", "get-netipinterface", "get-scheduledtask"],
)
def test_18_a_refused_question_is_no_empty_answer(command: str) -> None:
    """Access denied: the run fails and changes nothing, and there is still an answer."""
    here = scene()
    here.apply()
    before = here.adapter
    here.windows.denied = frozenset((command,))

    report = here.apply(wanted(OTHER_EIPS))

    assert report.state is State.FAILED
    assert "Access is denied" in texts(report)
    assert here.adapter == before


def test_19_tasks_run_the_kept_program_as_a_file() -> None:
    """In the global scope, so that errors end it; every command says so itself, too (see the checker)."""
    here = scene()
    here.apply()

    task = here.windows.tasks["multieip-guest"]
    assert (task.path, task.word) == ("C:\\Windows\\multieip\\guest.ps1", "start")
    assert (task.at_start, task.on_network) == (True, True)


@pytest.mark.parametrize("trouble", ["lock", "interface", "lease"])
def test_20_waiting_ends_before_the_agent_ends_it(trouble: str) -> None:
    """The lock, the interface, the lease: one deadline for all, and an answer."""
    here = scene()
    if trouble == "lock":
        here.windows.mutex = "held"
    elif trouble == "interface":
        here.windows.network.unplug(here.eni)
    else:
        here.put(lease=None, active=Store())

    report = here.apply()

    assert here.ran is not None
    assert here.ran.seconds < 105
    assert (
        codes(report)[0]
        == {"lock": "locked", "interface": "no-interface", "lease": "no-private-address"}[trouble]
    )


def test_20_a_survey_has_a_minute_only() -> None:
    """While another run holds the lock, there is an answer before the agent ends it."""
    here = scene()
    here.windows.mutex = "held"

    report = here.survey()

    assert here.ran is not None
    assert here.ran.seconds < 50
    assert codes(report) == ["locked"]


def test_20_the_dead_man_undoes_what_a_killed_run_has_begun() -> None:
    """At whatever change the process ends, the timer brings the first state back."""
    for at in range(1, _changes_of_an_apply() + 1):
        here = scene()
        before = here.adapter
        here.windows.fault = Fault(at, "cut-half")
        here.windows.run(windows_script(Mode.APPLY, [wanted()]))
        here.windows.fault = None
        begun = here.adapter != before
        assert not begun or "multieip-undo" in here.windows.tasks or here.answers(), at

        here.windows.later(200)

        assert here.adapter == before or (here.answers() and here.check().state is State.OK), at
        assert "multieip-undo" not in here.windows.tasks, at


def test_21_whatever_fails_first_there_is_an_answer() -> None:
    """A lock of another account, damaged data, a damaged program."""
    here = scene()
    script = windows_script(Mode.APPLY, [wanted()])
    here.windows.mutex = "denied"
    assert "denied" in texts(here.send(script))

    here.windows.mutex = "free"
    for data in (
        "!!",
        base64.b64encode(b"no gzip").decode(),
        _literal('{"nics":[{"mac":"x"}]}'),
        _literal("5"),
    ):
        report = here.send(re.sub(r"\$Wanted = '.*'", f"$Wanted = '{data}'", script))
        assert (report.state, here.windows.disk.files) == (State.FAILED, {}), data

    report = here.send(re.sub(r"\$Packed = '.*'", "$Packed = 'AAAA'", script))
    assert (codes(report), report.mode) == (["unpack"], "apply")


def _literal(text: str) -> str:
    return base64.b64encode(gzip.compress(text.encode())).decode()


def test_23_a_survey_speaks_of_this_guest_only() -> None:
    """Every interface that is there, with what the record says is on it."""
    here = scene()
    here.apply()

    report = here.survey()

    assert (report.mode, report.state, codes(report)) == ("survey", State.OK, [])
    assert [nic.mac for nic in report.nics] == ["00:16:3e:00:00:01", MAC]
    assert [str(eip.ip) for eip in report.nics[1].eips] == list(EIPS)
    assert all(eip.ok for eip in report.nics[1].eips)
    assert str(report.nics[1].private) == "10.0.1.20"


@pytest.mark.parametrize("domain", [True, False])
def test_24_a_member_of_a_domain_does_not_register_its_eips(domain: bool) -> None:  # noqa: FBT001
    """Elsewhere the user's own setting stays; a release gives it back."""
    here = scene(domain=domain)
    here.apply()
    assert here.adapter.registers is not domain

    here.release()
    assert here.adapter.registers


def test_25_what_the_private_address_loses_is_told_once_it_is_so() -> None:
    """Not before the apply, and not after the release."""
    here = scene()
    said = [here.check().notes, here.apply().notes, here.release().notes]

    assert [any("answers its own subnet only" in note for note in notes) for notes in said] == [
        False,
        True,
        False,
    ]


def test_26_a_repair_of_the_default_route_is_no_change_of_it() -> None:
    """The ENI was the best by a tie; the primary becomes it again."""
    here = scene()
    here.put(automatic_metric=15)

    report = here.apply()

    assert report.default_route.unchanged
    assert str(report.default_route.via) == "10.0.0.253"


def test_27_a_default_route_by_the_gateway_gets_our_metric() -> None:
    """Made by hand with a high one: it is lowered, and given back as it was."""
    here = scene()
    here.route_by_hand(GATEWAY, 950)
    before = here.adapter

    assert here.apply().state is State.OK
    assert here.adapter.active.route(GATEWAY) == Route(GATEWAY, 1)
    here.release()
    assert here.adapter.active.route(GATEWAY) == before.active.route(GATEWAY)
    assert here.adapter.persistent.route(GATEWAY) == before.persistent.route(GATEWAY)


def test_28_an_alias_that_netsh_would_misread() -> None:
    """Digits are an index to netsh; an equals sign is none of its business."""
    here = scene()
    here.put(alias="5")
    report = here.apply()
    assert (codes(report), here.windows.disk.files) == (["conflict"], {})
    assert "rename it" in texts(report)

    here.put(alias="a=b 2")
    assert here.apply().state is State.OK


def test_29_metrics_of_others_are_given_back() -> None:
    """Whatever the metric of a default route was, it is that again."""
    here = scene()
    here.route_by_hand("10.0.1.250", 5)
    here.route_by_hand("10.0.1.251", 900)
    before = here.adapter

    here.apply()
    assert here.adapter.active.route("10.0.1.250") == Route("10.0.1.250", 900)
    here.release()

    assert {r.hop: r.metric for r in here.adapter.active.routes} == {
        r.hop: r.metric for r in before.active.routes
    }
    assert set(here.adapter.persistent.routes) == set(before.persistent.routes)
