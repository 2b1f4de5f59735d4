"""The rules of the played Windows, each with a source in docs/facts/windows.md, and its switches."""

from __future__ import annotations

from dataclasses import fields

import pytest

from localcloud.guests.windows import Address, Lease, PlayedWindows, Route, Switches, choices

MAC = "00:16:3e:12:e7:01"
EIP, HOP = "198.51.100.11", "198.51.100.1"
INDEX = 4


def netsh(verb: str, *tags: str) -> str:
    """Return a call of netsh."""
    words = ["interface", "ipv4", *verb.split(), *tags]
    return "netsh.exe @(" + ", ".join(f"'{word}'" for word in words) + ")"


ADD = netsh(
    "add address",
    "name=Ethernet",
    f"address={EIP}",
    "mask=255.255.255.0",
    "skipassource=false",
    "store=STORE",
)
DELETE = netsh("delete address", "name=Ethernet", f"address={EIP}", "store=STORE")
COEXIST = netsh("set interface", "interface=Ethernet", "dhcpstaticipcoexistence=VALUE", "store=persistent")
ROUTE = f"-InterfaceIndex {INDEX} -DestinationPrefix '0.0.0.0/0' -NextHop '{HOP}'"


def windows(**switches: str | int) -> PlayedWindows:
    """Boot a Windows with one adapter that has a lease and may have static addresses beside it."""
    made = PlayedWindows(Switches(**switches))  # type: ignore[arg-type]
    assert made.network.plug("Ethernet", MAC, Lease("10.0.1.20", 24, "10.0.1.253")) == INDEX
    made.network.change(INDEX, coexistence=True)
    return made


def said(machine: PlayedWindows, script: str) -> str:
    """Run a line and return its exit code or its error's id."""
    ran = machine.run(f"try {{ {script} | Out-Null; $LASTEXITCODE }} catch {{ $_.FullyQualifiedErrorId }}")
    return ran.lines[-1]


def stores(machine: PlayedWindows) -> list[bool]:
    """Tell for the active and the persistent store whether the EIP is there."""
    adapter = machine.network.adapters[INDEX]
    return [store.address(EIP) is not None for store in (adapter.active, adapter.persistent)]


def routes(machine: PlayedWindows) -> list[int | None]:
    """Return the metric of the default route by the EIPs' gateway in both stores."""
    adapter = machine.network.adapters[INDEX]
    found = [store.route(HOP) for store in (adapter.active, adapter.persistent)]
    return [route.metric if route else None for route in found]


def test_every_switch_has_two_sides() -> None:
    """Each unproven behaviour can be had both ways."""
    assert set(choices()) == {field.name for field in fields(Switches)}
    assert all(len(values) > 1 for values in choices().values())


@pytest.mark.parametrize(("switch", "after"), [("both", [True, True]), ("one", [False, True])])
def test_an_address_for_the_persistent_store(switch: str, after: list[bool]) -> None:
    """It may go into the active one, too."""
    machine = windows(add_persistent=switch)
    assert said(machine, ADD.replace("STORE", "persistent")) == "0"
    assert stores(machine) == after
    assert said(machine, ADD.replace("STORE", "persistent")) == "1"


@pytest.mark.parametrize(
    ("switch", "code", "after"),
    [("writes", "0", [True, True]), ("refused", "1", [True, False]), ("half", "1", [True, True])],
)
def test_an_address_that_only_the_active_store_has(switch: str, code: str, after: list[bool]) -> None:
    """Adding it to the persistent one is done, refused, or both."""
    machine = windows(add_over_active=switch)
    said(machine, ADD.replace("STORE", "active"))
    assert said(machine, ADD.replace("STORE", "persistent")) == code
    assert stores(machine) == after


@pytest.mark.parametrize(("switch", "after"), [("both", [False, False]), ("one", [True, False])])
def test_a_removal_from_the_persistent_store(switch: str, after: list[bool]) -> None:
    """It may take the address out of both."""
    machine = windows(delete_persistent=switch)
    said(machine, ADD.replace("STORE", "persistent"))
    assert said(machine, DELETE.replace("STORE", "persistent")) == "0"
    assert stores(machine) == after
    assert said(machine, DELETE.replace("STORE", "persistent")) == "1"


@pytest.mark.parametrize(("switch", "dhcp"), [("keeps", True), ("off", False)])
def test_a_static_address_and_dhcp(switch: str, dhcp: bool) -> None:  # noqa: FBT001
    """Without coexistence DHCP goes with its lease; with it, a switch decides."""
    machine = windows(static_active=switch)
    said(machine, ADD.replace("STORE", "active"))
    assert machine.network.adapters[INDEX].dhcp is dhcp

    machine = windows(static_active=switch)
    machine.network.change(INDEX, coexistence=False)
    said(machine, ADD.replace("STORE", "active"))
    adapter = machine.network.adapters[INDEX]
    assert not adapter.dhcp
    assert [a.ip for a in adapter.active.addresses] == [EIP]
    assert adapter.active.routes == ()


@pytest.mark.parametrize(("build", "code"), [(14393, "1"), (17763, "1"), (19041, "0")])
def test_coexistence_comes_with_a_build(build: int, code: str) -> None:
    """Older ones do not know the tag."""
    machine = PlayedWindows(Switches(coexistence_from=19041), build)
    machine.network.plug("Ethernet", MAC, None)
    assert said(machine, COEXIST.replace("VALUE", "enabled")) == code


@pytest.mark.parametrize(("switch", "after"), [("keep", [True, True]), ("drop", [False, False])])
def test_coexistence_off_with_addresses_left(switch: str, after: list[bool]) -> None:
    """They stay or they go."""
    machine = windows(coexistence_off=switch)
    said(machine, ADD.replace("STORE", "persistent"))
    assert said(machine, COEXIST.replace("VALUE", "disabled")) == "0"
    assert stores(machine) == after


def test_routes_and_their_stores() -> None:
    """Without a store both, the persistent one alone is refused, one that exists is an error by its id."""
    machine = windows()
    make = f"New-NetRoute {ROUTE} -RouteMetric 5"
    assert said(machine, f"{make} -PolicyStore PersistentStore -ErrorAction Stop").startswith(
        "Windows System Error 87"
    )
    said(machine, f"{make} -ErrorAction Stop")
    assert routes(machine) == [5, 5]
    assert said(machine, f"{make} -ErrorAction Stop") == "Windows System Error 87,New-NetRoute"
    said(machine, f"Set-NetRoute {ROUTE} -RouteMetric 7 -PolicyStore ActiveStore -ErrorAction Stop")
    assert routes(machine) == [7, 5]
    remove = f"Remove-NetRoute {ROUTE} -Confirm:$false -ErrorAction Stop -PolicyStore"
    said(machine, f"{remove} ActiveStore")
    assert routes(machine) == [None, 5]
    assert said(machine, f"{remove} ActiveStore") == "CmdletizationQuery_NotFound_NextHop,Remove-NetRoute"


@pytest.mark.parametrize(("switch", "left"), [("works", None), ("silent", 5)])
def test_a_persistent_route_may_stay_without_a_word(switch: str, left: int | None) -> None:
    """route.exe takes it away in any case."""
    machine = windows(remove_route=switch)
    machine.run(f"New-NetRoute {ROUTE} -RouteMetric 5 -ErrorAction Stop | Out-Null")
    machine.run(f"Remove-NetRoute {ROUTE} -PolicyStore PersistentStore -Confirm:$false -ErrorAction Stop")
    assert routes(machine) == [5, left]
    said(machine, f"route.exe delete 0.0.0.0 mask 0.0.0.0 {HOP} if {INDEX}")
    assert routes(machine) == [None, None]


@pytest.mark.parametrize("lease", ["honoured", "not"])
@pytest.mark.parametrize("static", ["kept", "dropped"])
def test_a_restart_brings_what_is_persistent_and_the_lease(lease: str, static: str) -> None:
    """DHCP's default route is back with metric 0, unless IgnoreDefaultRoutes keeps it away."""
    machine = windows(ignore_lease=lease, ignore_static=static)
    said(machine, ADD.replace("STORE", "persistent"))
    machine.run(f"New-NetRoute {ROUTE} -RouteMetric 5 -ErrorAction Stop | Out-Null")
    machine.network.set_route(INDEX, "10.0.1.253", 900, "active")
    machine.restart()
    active = machine.network.adapters[INDEX].active
    assert active.route("10.0.1.253") == Route("10.0.1.253", 0, made="dhcp")
    assert (active.address(EIP), active.route(HOP)) == (Address(EIP, 24), Route(HOP, 5))

    machine.network.set_interface(INDEX, ("active", "persistent"), ignore=True)
    machine.restart()
    active = machine.network.adapters[INDEX].active
    assert (active.route("10.0.1.253") is None) is (lease == "honoured")
    assert (active.route(HOP) is None) is (static == "dropped")


@pytest.mark.parametrize(("switch", "metric"), [("keeps", 900), ("resets", 0)])
def test_a_renewed_lease(switch: str, metric: int) -> None:
    """It may set the metric of its default route again."""
    machine = windows(renewal=switch)
    machine.network.set_route(INDEX, "10.0.1.253", 900, "active")
    machine.network.renew(INDEX)
    found = machine.network.adapters[INDEX].active.route("10.0.1.253")
    assert found is not None
    assert found.metric == metric


@pytest.mark.parametrize(("switch", "there"), [("same", True), ("new", False)])
def test_an_adapter_that_comes_back(switch: str, there: bool) -> None:  # noqa: FBT001
    """It finds its persistent settings, or it is another one and they are a ghost's."""
    machine = windows(replug=switch)
    said(machine, ADD.replace("STORE", "persistent"))
    machine.network.unplug(INDEX)
    assert machine.run("@(Get-NetAdapter -ErrorAction Stop).Count").lines == ("0",)
    index = machine.network.plug("Ethernet", MAC, Lease("10.0.1.20", 24, "10.0.1.253"))
    assert (index == INDEX) is there
    assert (machine.network.adapters[index].active.address(EIP) is not None) is there
    assert machine.network.adapters[INDEX].persistent.address(EIP) is not None


def test_an_address_takes_its_time() -> None:
    """Tentative, then preferred, or duplicate where another machine has it."""
    machine = windows()
    machine.network.duplicates = frozenset((EIP,))
    said(machine, ADD.replace("STORE", "active"))
    found = machine.network.adapters[INDEX].active.address(EIP)
    assert found == Address(EIP, 24, state="Tentative")
    machine.network.wait(10)
    assert machine.network.adapters[INDEX].active.address(EIP) == Address(EIP, 24, state="Duplicate")


def test_the_way_out() -> None:
    """The longest prefix, then the least sum of metrics; with a source, its own interface only."""
    machine = windows()
    other = machine.network.plug("Ethernet 2", "00:16:3e:12:e7:02", Lease("10.0.2.20", 24, "10.0.2.253"))
    network = machine.network
    network.change(other, automatic_metric=5)
    best, by_source = network.best("192.0.2.1"), network.best("192.0.2.1", network.adapters[INDEX])
    assert best is not None
    assert by_source is not None
    assert (best[1].hop, by_source[1].hop) == ("10.0.2.253", "10.0.1.253")
    active = network.adapters[INDEX].active.with_route(Route("10.0.1.1", 900, "192.0.2.0/24"))
    network.change(INDEX, active=active)
    best = network.best("192.0.2.1")
    assert best is not None
    assert best[1].hop == "10.0.1.1"


def test_a_run_is_cut_at_its_limit() -> None:
    """What a command had begun stays, and the lock is abandoned."""
    machine = windows()
    ran = machine.run("while ($true) { Start-Sleep -Milliseconds 500 }", limit_s=3)

    assert (ran.code, ran.seconds, machine.mutex) == (None, 3.0, "abandoned")
