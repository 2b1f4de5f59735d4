"""The rules about the result, each at the edges of what it allows."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING, Any

import pytest

from multieip.model.facts import Reading
from multieip.model.finding import Finding, Phase, Severity, Status
from multieip.model.guest import Dhcp, NicReport, Route, ServiceRoute
from multieip.model.resources import BindMode, Eip, EipStatus, EniId, EniStatus, Gateway, SecurityGroup
from multieip.reference.good_group import (
    AFTER,
    ATTACHED,
    BEFORE,
    BOUND,
    ENI,
    GUEST,
    NIC,
    OUTSIDE_EIP,
    PRIMARY_ENI,
    PRIMARY_MAC,
    with_nic,
)
from multieip.rules import BY_ID, RULES, judge

if TYPE_CHECKING:
    from multieip.model.facts import Facts

GUEST_RULES = [rule for rule in RULES if "guest" in rule.needs]


def said(rule: str, facts: Facts) -> Finding:
    """Return what a rule says about the facts."""
    return judge(BY_ID[rule], facts)


def with_first_eip(**changes: object) -> Facts:
    """Return the good result, with another report about the first EIP."""
    return with_nic(replace(NIC, eips=(replace(NIC.eips[0], **changes), *NIC.eips[1:])))  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", GUEST_RULES, ids=[rule.id for rule in GUEST_RULES])
@pytest.mark.parametrize(
    "facts",
    [
        BEFORE,
        replace(AFTER, guest=None),
        replace(AFTER, enis=()),
        replace(AFTER, instances=()),
        replace(AFTER, enis=(replace(ATTACHED, status=EniStatus.ATTACHING),)),
        replace(AFTER, enis=(ENI,)),
    ],
    ids=["before", "not-asked", "no-eni", "no-instance", "attaching", "detached"],
)
def test_a_guest_that_does_not_have_the_eni_is_not_judged(rule: object, facts: Facts) -> None:
    """Without attachment or answer there is nothing to say about the guest, and nothing passes."""
    assert said(getattr(rule, "id", ""), facts).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("nics", [(), (replace(NIC, name=None),), (replace(NIC, mac="00:16:3e:00:00:99"),)])
def test_a_guest_without_the_interface_is_told_once(nics: tuple[NicReport, ...]) -> None:
    """The MAC that is missing is named by one rule; it may still come."""
    facts = replace(AFTER, guest=replace(GUEST, nics=nics))

    failed = [rule.id for rule in RULES if rule.phase is Phase.AFTER and said(rule.id, facts).bad]
    assert failed == ["eips-on-interface", "mode-closed"]
    finding = said("eips-on-interface", facts)
    assert ENI.mac in finding.message
    assert finding.settles


def test_the_mac_is_compared_without_regard_to_case() -> None:
    """The cloud and the guest write MACs differently."""
    assert said("dhcp-on", with_nic(replace(NIC, mac=NIC.mac.upper()))).status is Status.PASS


@pytest.mark.parametrize(
    ("dhcp", "status"), [(Dhcp.YES, Status.PASS), (Dhcp.NO, Status.FAIL), (Dhcp.UNKNOWN, Status.UNKNOWN)]
)
def test_dhcp_that_cannot_be_told_is_unknown(dhcp: Dhcp, status: Status) -> None:
    """The guest's doubt is passed on as doubt."""
    assert status is said("dhcp-on", with_nic(replace(NIC, dhcp=dhcp))).status


def test_a_wrong_mask_is_found() -> None:
    """The EIP is there, but not with the mask that the cloud gives for it."""
    finding = said("eips-on-interface", with_first_eip(plen=32))

    assert (Status.FAIL, (BOUND[0].id,)) == (finding.status, finding.ids)
    assert "32 instead of 24" in finding.message


@pytest.mark.parametrize("gateways", [None, (), (Gateway(BOUND[0].address, "198.51.100.1", "255.0.255.0"),)])
def test_without_a_mask_from_the_cloud_nothing_passes(gateways: tuple[Gateway, ...] | None) -> None:
    """A mask that the cloud did not give, or that is none, cannot be compared."""
    assert said("eips-on-interface", replace(AFTER, gateways=gateways)).status is Status.UNKNOWN


def test_an_eip_that_the_survey_only_lists_as_an_address_counts() -> None:
    """The generic survey knows no wanted set; an address on the interface is an address."""
    surveyed = replace(NIC, eips=(), foreign_eips=tuple(eip.ip for eip in NIC.eips))

    assert said("eips-on-interface", with_nic(surveyed)).status is Status.PASS
    assert said("no-stale-address", with_nic(surveyed)).status is Status.PASS


@pytest.mark.parametrize(("part", "word"), [("rules_ok", "rules"), ("route_ok", "route")])
def test_what_is_missing_for_the_reply_is_named(part: str, word: str) -> None:
    """Rules and routes are told apart."""
    finding = said("replies-by-own-gateway", with_first_eip(**{part: False}))

    assert (Status.FAIL, (BOUND[0].id,)) == (finding.status, finding.ids)
    assert word in finding.message


def test_an_absent_eip_is_not_told_twice() -> None:
    """Its route is not missed as long as the address is."""
    absent = with_first_eip(present=False, plen=None, rules_ok=False, route_ok=False)

    assert said("eips-on-interface", absent).status is Status.FAIL
    assert said("replies-by-own-gateway", absent).status is Status.PASS


SECOND_MAC, SECOND = "00:16:3e:00:00:77", EniId("eni-second")


def sent_by(dev: str | None, mac: str | None, *, on_second: tuple[Eip, ...] | None = None) -> Facts:
    """Return the good result of an instance with one more ENI, whose guest reaches the services by `dev`."""
    instance = AFTER.instances[0]
    instance = replace(instance, enis=(*instance.enis, SECOND), macs={**instance.macs, SECOND_MAC: SECOND})
    guest = replace(GUEST, service_route=ServiceRoute(dev, mac))
    return replace(AFTER, instances=(instance,), guest=guest, on_service_eni=on_second)


@pytest.mark.parametrize(
    ("dev", "mac", "status", "word"),
    [
        ("eth0", PRIMARY_MAC, Status.PASS, "by the primary interface"),
        ("eth1", ENI.mac, Status.FAIL, ENI.id),
        ("eth2", SECOND_MAC, Status.UNKNOWN, f"what is bound to {SECOND} was not read"),
        ("tun0", None, Status.PASS, "no ENI of i-example"),
        ("br0", "00:16:3e:00:00:78", Status.PASS, "no ENI of i-example"),
        (None, None, Status.UNKNOWN, "did not say"),
    ],
)
def test_the_cloud_says_which_eni_the_service_network_leaves_by(
    dev: str | None, mac: str | None, status: Status, word: str
) -> None:
    """Names in a guest say nothing: a VPN is no finding, and what nobody said is unknown."""
    finding = said("service-network-on-primary", sent_by(dev, mac))

    assert finding.status is status
    assert word in finding.message


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        (BindMode.NAT, Status.PASS),
        (BindMode.MULTI, Status.FAIL),
        (BindMode.CUT_THROUGH, Status.FAIL),
        (None, Status.FAIL),
    ],
)
def test_a_second_eni_may_carry_the_service_network_without_visible_eips(
    mode: BindMode | None, status: Status
) -> None:
    """Whoever's it is: the vendor's guide allows an ENI on which no EIP is visible in the guest."""
    eip = replace(OUTSIDE_EIP, bound_to=SECOND, mode=mode)
    finding = said("service-network-on-primary", sent_by("eth2", SECOND_MAC, on_second=(eip,)))

    assert finding.status is status
    assert SECOND in finding.ids
    assert ("eip-outside" in finding.message) is (status is Status.FAIL)
    alone = said("service-network-on-primary", sent_by("eth2", SECOND_MAC, on_second=()))
    assert (alone.status, alone.ids) == (Status.PASS, (SECOND,))


def test_without_the_cloud_s_word_on_the_enis_only_the_group_s_own_is_known() -> None:
    """An instance whose row names no MACs, or no primary ENI, decides nothing else."""
    untold = replace(sent_by("eth0", PRIMARY_MAC).instances[0], macs={})
    headless = replace(untold, macs={PRIMARY_MAC: PRIMARY_ENI}, primary=None)

    for instance in (untold, headless):
        facts = replace(sent_by("eth0", PRIMARY_MAC), instances=(instance,))
        assert said("service-network-on-primary", facts).status is Status.UNKNOWN
        own = replace(facts, guest=replace(GUEST, service_route=ServiceRoute("eth1", ENI.mac)))
        assert said("service-network-on-primary", own).status is Status.FAIL


def test_a_changed_default_route_is_found() -> None:
    """Also where it ended on the primary interface."""
    changed = replace(GUEST, default_route=Route("eth0", IPv4Address("10.0.0.1"), unchanged=False))

    finding = said("default-route-untouched", replace(AFTER, guest=changed))
    assert finding.status is Status.FAIL
    assert "10.0.0.1" in finding.message


def test_a_guest_without_default_route_is_left_alone() -> None:
    """Having none is no change."""
    none = replace(GUEST, default_route=Route(None, None, unchanged=True))

    assert said("default-route-untouched", replace(AFTER, guest=none)).status is Status.PASS


def test_an_address_whose_eip_was_unbound_is_stale() -> None:
    """Ours or not: what is configured and not bound to this ENI is told."""
    unbound = (replace(BOUND[0], status=EipStatus.AVAILABLE, bound_to=None, mode=None), *BOUND[1:])

    finding = said("no-stale-address", replace(AFTER, eips=unbound, bound=unbound[1:]))
    assert finding.status is Status.FAIL
    assert BOUND[0].address in finding.message


def test_a_bound_eip_outside_the_group_is_not_stale() -> None:
    """An EIP outside the group that is bound and configured by hand works; it is only foreign."""
    address = IPv4Address(OUTSIDE_EIP.address)
    nic = replace(NIC, foreign_eips=(address,), addresses=(*NIC.addresses, IPv4Interface(f"{address}/24")))
    facts = replace(with_nic(nic), bound=(*BOUND, OUTSIDE_EIP))

    assert said("no-stale-address", facts).status is Status.PASS
    assert said("no-foreign-eip", facts).status is Status.FAIL


@pytest.mark.parametrize(
    ("status", "settles"), [(EipStatus.ASSOCIATING, True), (EipStatus.UNASSOCIATING, False)]
)
def test_an_eip_on_its_way_is_not_bound_yet(status: EipStatus, settles: bool) -> None:  # noqa: FBT001  a table of both
    """Associating ends in InUse by itself; Unassociating does not."""
    eips = (replace(BOUND[0], status=status), *BOUND[1:])

    finding = said("eips-bound", replace(AFTER, eips=eips, bound=eips))
    assert (Status.FAIL, settles) == (finding.status, finding.settles)


def test_an_eni_that_is_attaching_is_not_attached_yet() -> None:
    """It will be, or it goes back to Available without a word."""
    finding = said("eni-attached", replace(AFTER, enis=(replace(ATTACHED, status=EniStatus.ATTACHING),)))

    assert (finding.status, finding.settles) == (Status.FAIL, True)


def test_a_group_without_instance_need_not_be_attached() -> None:
    """The EIPs are bound and the ENI waits."""
    waiting = replace(AFTER, enis=(ENI,), instances=())

    assert said("eni-attached", waiting).status is Status.NOT_APPLICABLE
    assert said("eips-bound", waiting).status is Status.PASS


def test_a_guest_without_bound_eips_owes_none() -> None:
    """An attached ENI without EIPs has nothing to show."""
    empty = replace(AFTER, eips=(), bound=())

    assert said("eips-on-interface", empty).status is Status.NOT_APPLICABLE
    assert said("replies-by-own-gateway", empty).status is Status.NOT_APPLICABLE
    assert said("no-stale-address", empty).status is Status.FAIL


@pytest.mark.parametrize(
    ("manager", "words"),
    [
        ("netplan, systemd-networkd 252", "netplan apply"),
        ("systemd-networkd 257", f"MACAddress={NIC.mac}"),
        ("NetworkManager 1.42.4", "nmcli device reapply eth1"),
        ("wicked", "wicked ifup eth1"),
        ("network-scripts", "ifcfg-eth1"),
        ("ifupdown", "iface eth1 inet dhcp"),
        ("none", "let a network manager configure eth1"),
        ("a new one", "eth1 (00:16"),
    ],
)
def test_dhcp_that_is_off_comes_with_the_line_to_write(manager: str, words: str) -> None:
    """Each manager that a guest can name has its own words; an unknown one has none."""
    finding = said("dhcp-on", with_nic(replace(NIC, dhcp=Dhcp.NO, manager=manager, name="eth1")))

    assert finding.status is Status.FAIL
    assert words in finding.message


def test_an_interface_without_its_address_comes_with_the_line_to_write() -> None:
    """Whether that would be by DHCP is not known; that it is not there is."""
    bare = replace(NIC, private_present=False, dhcp=Dhcp.UNKNOWN, manager="systemd-networkd, not managing it")

    finding = said("dhcp-on", with_nic(bare))
    assert (finding.status, finding.ids) == (Status.FAIL, (ENI.id,))
    assert f"has no private address {NIC.private}; write to /etc/systemd" in finding.message
    # A survey is not told which address that is.
    assert said("dhcp-on", with_nic(replace(bare, private=None))).status is Status.UNKNOWN


def test_the_line_to_write_names_the_interface_as_the_guest_does() -> None:
    """Only where the guest has no name for it is it called as most are."""
    off = replace(NIC, dhcp=Dhcp.NO, manager="wicked")

    assert "wicked ifup ens7" in said("dhcp-on", with_nic(replace(off, name="ens7"))).message
    assert "wicked ifup eth1" in said("dhcp-on", with_nic(replace(off, name=""))).message


def test_a_locked_eip_that_is_bound_is_told_and_stops_nothing() -> None:
    """It looks right in cloud and guest, and passes no traffic; a run of its group goes on all the same."""
    locked = replace(BOUND[0], locks=("financial", "FinancialLocked"))

    finding = said("eip-usable", replace(AFTER, eips=(locked, *BOUND[1:])))

    assert (finding.status, finding.severity, finding.ids) == (Status.FAIL, Severity.ADVICE, (locked.id,))
    assert f"{locked.address} ({locked.id}) is locked (financial, FinancialLocked)" in finding.message
    assert not finding.blocks


def test_what_was_not_checked_from_outside_is_said() -> None:
    """A pass claims no more than was looked at."""
    assert "answer from outside was not checked" in said("eip-usable", AFTER).message


def test_a_security_group_that_nobody_read_yet_is_neither_open_nor_closed() -> None:
    """One that lets something in decides for all of them; one that was not read leaves it open."""
    both = replace(ATTACHED, security_groups=("sg-a", "sg-b"))
    shut, opened = SecurityGroup("sg-a", lets_in=False), SecurityGroup("sg-a", lets_in=True)

    def status(**facts: Any) -> Status:  # noqa: ANN401  fields of the facts
        return said("security-group-open", replace(AFTER, enis=(both,), **facts)).status

    assert status(security_groups=(shut,)) is Status.UNKNOWN
    assert status(security_groups=(opened,)) is Status.PASS
    assert status(security_groups=(shut, replace(shut, id="sg-b"))) is Status.FAIL
    assert status(unasked=frozenset({Reading.SECURITY_GROUPS})) is Status.NOT_APPLICABLE


def test_eips_kept_for_an_eni_that_is_not_attached_are_told() -> None:
    """Somebody took an ENI off by hand; a run that has it off for a moment is over soon."""
    left = replace(AFTER, guest=replace(GUEST, detached=("00:16:3e:00:00:99",)))

    finding = said("no-stale-address", left)

    assert (finding.status, finding.settles, finding.ids) == (Status.FAIL, True, AFTER.group.instances)
    assert "keeps EIPs for the ENI 00:16:3e:00:00:99, which is not attached" in finding.message
