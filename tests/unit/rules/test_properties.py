"""Whatever the cloud shows, the rules give an answer, and never a careless one."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

from hypothesis import given
from hypothesis import strategies as st

from multieip.model.facts import Facts, Group, IntentFault, Reading, Refusal, Unread
from multieip.model.finding import Severity, Status
from multieip.model.guest import Dhcp, EipReport, NicReport, Route, ServiceRoute
from multieip.model.resources import (
    MAX_EIPS,
    AllocationId,
    Assistant,
    BindMode,
    Eip,
    EipStatus,
    Eni,
    EniId,
    EniKind,
    EniStatus,
    Gateway,
    GroupName,
    Instance,
    InstanceId,
    InstanceStatus,
    InstanceType,
    OddRow,
    Region,
)
from multieip.reference.good_group import CATALOG, GUEST, NIC
from multieip.rules import RULES, evaluate

EIP_IDS = st.integers(1, 14).map(lambda n: AllocationId(f"eip-{n}"))
ENI_IDS = st.integers(1, 3).map(lambda n: EniId(f"eni-{n}"))
INSTANCE_IDS = st.integers(1, 3).map(lambda n: InstanceId(f"i-{n}"))
REGIONS = st.sampled_from([Region("cn-shanghai"), Region("ap-south-1"), Region("xx-nowhere"), Region("")])
ADDRESSES = st.integers(1, 20).map(lambda n: f"198.51.100.{n}")
MACS = st.sampled_from([NIC.mac, "00:16:3E:00:00:02", ""])
LOCKS = st.lists(st.text(max_size=5), max_size=1).map(tuple)

EIPS = st.builds(
    Eip,
    EIP_IDS,
    ADDRESSES,
    st.sampled_from(EipStatus),
    REGIONS,
    bound_to=st.none() | ENI_IDS | INSTANCE_IDS,
    mode=st.none() | st.sampled_from(BindMode),
    locks=LOCKS,
)
ENIS = st.builds(
    Eni,
    ENI_IDS,
    st.sampled_from(EniStatus),
    mac=MACS,
    private_ip=st.just("10.0.0.20"),
    vpc=st.sampled_from(["vpc-1", "vpc-2"]),
    vswitch=st.just("vsw-1"),
    zone=st.sampled_from(["z-1", "z-2"]),
    region=REGIONS,
    instance=st.none() | INSTANCE_IDS,
    kind=st.sampled_from(EniKind),
    service_managed=st.booleans(),
    traffic_mode=st.sampled_from(["", "Standard", "HighPerformance"]),
    source_dest_check=st.none() | st.booleans(),
)
INSTANCES = st.builds(
    Instance,
    INSTANCE_IDS,
    st.sampled_from(InstanceStatus),
    type=st.sampled_from(["ecs.g5.large", "ecs.g7.large"]),
    family=st.sampled_from(["ecs.g5", "ecs.g7", ""]),
    os_type=st.sampled_from(["linux", "windows"]),
    vpc=st.sampled_from(["vpc-1", "vpc-2"]),
    zone=st.sampled_from(["z-1", "z-2"]),
    region=REGIONS,
    enis=st.lists(ENI_IDS, max_size=3).map(tuple),
    macs=st.dictionaries(MACS.map(str.lower), ENI_IDS, max_size=3),
    primary=st.none() | ENI_IDS,
    locks=LOCKS,
)
RULE_IDS = st.sampled_from([rule.id for rule in RULES])
CODES = st.sampled_from([code for rule in RULES for code in rule.predicts]) | st.text(max_size=8)
ANY_ID = EIP_IDS | ENI_IDS | INSTANCE_IDS
GROUPS = st.builds(
    Group,
    REGIONS,
    name=st.none() | st.just(GroupName("g")),
    enis=st.lists(ENI_IDS, max_size=2).map(tuple),
    eips=st.lists(EIP_IDS, max_size=13).map(tuple),
    instances=st.lists(INSTANCE_IDS, max_size=2).map(tuple),
    detach=st.booleans(),
    prune=st.booleans(),
    ignore=st.frozensets(RULE_IDS, max_size=3),
    faults=st.lists(
        st.builds(IntentFault, st.text(min_size=1, max_size=9), st.lists(ANY_ID, max_size=2).map(tuple)),
        max_size=2,
    ).map(tuple),
)
NICS = st.builds(
    lambda mac, name, dhcp, eips, public: replace(
        NIC,
        mac=mac,
        name=name,
        dhcp=dhcp,
        eips=tuple(eips),
        foreign_eips=tuple(public),
        addresses=tuple(IPv4Interface(f"{ip}/24") for ip in public),
    ),
    MACS,
    st.none() | st.just("eth1"),
    st.sampled_from(Dhcp),
    st.lists(
        st.builds(
            EipReport,
            ADDRESSES.map(IPv4Address),
            present=st.booleans(),
            plen=st.none() | st.integers(0, 32),
            label=st.none(),
            rules_ok=st.booleans(),
            route_ok=st.booleans(),
            gateway_neighbour=st.none(),
        ),
        max_size=3,
    ),
    st.lists(ADDRESSES.map(IPv4Address), max_size=2),
)


def guest_of(nics: list[NicReport], service: ServiceRoute, route: Route) -> object:
    """Return a report with these parts."""
    return replace(GUEST, nics=tuple(nics), service_route=service, default_route=route)


SERVICE = st.builds(ServiceRoute, st.sampled_from([None, "eth0", "eth1"]), st.none() | MACS)
ROUTES = st.builds(Route, st.sampled_from([None, "eth0", "eth1"]), st.none(), st.booleans())
FACTS = st.builds(
    Facts,
    GROUPS,
    st.just(CATALOG),
    enis=st.lists(ENIS, max_size=2).map(tuple),
    eips=st.lists(EIPS, max_size=4).map(tuple),
    bound=st.lists(EIPS, max_size=4).map(tuple),
    instances=st.lists(INSTANCES, max_size=2).map(tuple),
    attached_instance=st.none() | INSTANCES,
    instance_type=st.none()
    | st.builds(InstanceType, st.just("ecs.g5.large"), st.just("ecs.g5"), st.integers(0, 4)),
    assistant=st.none() | st.builds(Assistant, INSTANCE_IDS, online=st.booleans()),
    gateways=st.none()
    | st.lists(
        st.builds(Gateway, ADDRESSES, ADDRESSES, st.sampled_from(["255.255.255.0", "255.0.255.0", "", "x"])),
        max_size=3,
    ).map(tuple),
    guest=st.none() | st.builds(guest_of, st.lists(NICS, max_size=2), SERVICE, ROUTES),
    on_service_eni=st.none() | st.lists(EIPS, max_size=2).map(tuple),
    unread=st.dictionaries(
        st.sampled_from(Reading),
        st.builds(Unread, st.text(max_size=9), denied=st.booleans(), passes=st.booleans()),
        max_size=2,
    ),
    unasked=st.frozensets(st.sampled_from(Reading), max_size=2),
    odd=st.lists(st.builds(OddRow, st.just("DescribeEipAddresses"), st.text(max_size=9)), max_size=1).map(
        tuple
    ),
    refusals=st.lists(st.builds(Refusal, st.text(max_size=5), CODES, st.text(max_size=9)), max_size=2).map(
        tuple
    ),
    bind_while_attached=st.booleans(),
)


@given(FACTS)
def test_every_rule_answers_about_any_facts(facts: Facts) -> None:
    """Any picture of the cloud gets the same answer twice, with a message and, if bad, a remedy."""
    findings = evaluate(facts)

    assert [rule.id for rule in RULES] == [finding.rule for finding in findings]
    assert findings == evaluate(facts)
    for finding in findings:
        assert finding.message
        assert not finding.bad or finding.remedy
        assert not finding.blocks or (finding.bad and finding.severity is Severity.ERROR)


@given(FACTS)
def test_what_a_rule_needs_and_lacks_never_passes(facts: Facts) -> None:
    """Unknown is never pass."""
    for rule, finding in zip(RULES, evaluate(facts), strict=True):
        if set(rule.needs) & set(facts.unread):
            assert finding.status is not Status.PASS


@given(FACTS)
def test_what_is_not_ours_to_touch_always_blocks(facts: Facts) -> None:
    """Primary ENIs, two ENIs in a group and EIPs beyond ten are never let through, whatever the tags say."""
    findings = evaluate(facts)
    blocked = {finding.rule for finding in findings if finding.blocks}

    if any(eni.kind is EniKind.PRIMARY for eni in facts.enis):
        assert "eni-secondary" in blocked
    if len(facts.group.enis) != 1:
        assert "group-shape" in blocked
    if len(set(facts.group.eips) - set(facts.group.refused)) > MAX_EIPS:
        assert "at-most-ten" in blocked


@given(FACTS, CODES)
def test_a_refusal_never_leaves_its_rule_passing(facts: Facts, code: str) -> None:
    """The cloud's word outweighs any data."""
    refused = replace(facts, refusals=(Refusal("AnyAction", code, "no"),))

    for rule, finding in zip(RULES, evaluate(refused), strict=True):
        if code in rule.predicts:
            assert finding.status in {Status.FAIL, Status.EXEMPT}
