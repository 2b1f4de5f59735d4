"""Whatever is called, in whatever order, the local cloud keeps its own rules."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from localcloud import CallRefusedError, mock_cloud
from tests.stubs.tests.hand import Hand

MODES = ("MULTI_BINDED", "MULTI_BINDED", "NAT", "BINDED")
INDEX = st.integers(0, 11)


class Operator(RuleBasedStateMachine):
    """An operator who tries everything on a few objects; refusals are part of the game."""

    def __init__(self) -> None:
        """Begin with two interfaces, an instance with room for them, and twelve EIPs."""
        super().__init__()
        self.stack = ExitStack()
        self.local = self.stack.enter_context(mock_cloud())
        self.hand = Hand(self.local)
        self.instances = [self.local.seeds.instance, self.hand.instance(InstanceType="ecs.g5.xlarge")]
        self.local.clock.sleep(60)
        self.enis = [
            self.hand.eni(DeleteOnRelease="false"),
            self.hand.eni(SecondaryPrivateIpAddressCount="2"),
        ]
        self.eips = self.hand.eips(12)

    def teardown(self) -> None:
        """Let the cloud go."""
        self.stack.close()

    def attempt(self, product: str, action: str, **params: str) -> None:
        """Call, and take a refusal for an answer."""
        call = self.hand.ecs if product == "Ecs" else self.hand.vpc
        try:
            call(action, **params)
        except CallRefusedError as refusal:
            if refusal.http_status >= 500:
                raise

    @rule(eni=st.integers(0, 1), eips=st.lists(INDEX, min_size=1, max_size=12, unique=True))
    def bind_several(self, eni: int, eips: list[int]) -> None:
        """Bind in a batch."""
        chosen = [self.eips[each] for each in eips]
        self.attempt("Vpc", "AssociateEipAddressBatch", **self.hand.batch(self.enis[eni], chosen))

    @rule(eni=st.integers(0, 1), eip=INDEX, mode=st.sampled_from(MODES))
    def bind_one(self, eni: int, eip: int, mode: str) -> None:
        """Bind one."""
        self.attempt("Vpc", "AssociateEipAddress", **self.hand.single(self.enis[eni], self.eips[eip], mode))

    @rule(instance=st.integers(0, 1), eip=INDEX)
    def bind_to_an_instance(self, instance: int, eip: int) -> None:
        """Bind one to an instance."""
        given = {"AllocationId": self.eips[eip], "InstanceId": self.instances[instance]}
        self.attempt("Vpc", "AssociateEipAddress", **given)

    @rule(eip=INDEX)
    def unbind(self, eip: int) -> None:
        """Unbind one."""
        self.attempt("Vpc", "UnassociateEipAddress", AllocationId=self.eips[eip])

    @rule(eip=INDEX)
    def release(self, eip: int) -> None:
        """Release one, whatever it is doing."""
        self.attempt("Vpc", "ReleaseEipAddress", AllocationId=self.eips[eip])

    @rule(eni=st.integers(0, 1), instance=st.integers(0, 1))
    def attach(self, eni: int, instance: int) -> None:
        """Attach an interface."""
        pair = self.hand.pair(self.enis[eni], self.instances[instance])
        self.attempt("Ecs", "AttachNetworkInterface", **pair)

    @rule(eni=st.integers(0, 1), instance=st.integers(0, 1))
    def detach(self, eni: int, instance: int) -> None:
        """Detach an interface."""
        pair = self.hand.pair(self.enis[eni], self.instances[instance])
        self.attempt("Ecs", "DetachNetworkInterface", **pair)

    @rule(
        instance=st.integers(0, 1),
        action=st.sampled_from(("StopInstance", "StartInstance", "RebootInstance")),
    )
    def power(self, instance: int, action: str) -> None:
        """Switch an instance."""
        self.attempt("Ecs", action, InstanceId=self.instances[instance])

    @rule(seconds=st.sampled_from((0.1, 1.0, 30.0)))
    def wait(self, seconds: float) -> None:
        """Let time pass; after half a minute nothing is on its way any more."""
        self.local.clock.sleep(seconds)
        if seconds == 30.0:
            moving = {"Associating", "Unassociating", "Releasing", "Attaching", "Detaching", "Starting"}
            states = {row["Status"] for row in self.hand.eip_rows(PageSize="100")}
            states |= {row["Status"] for row in self.hand.eni_rows(MaxResults="100")}
            assert not states & moving

    @invariant()
    def no_interface_carries_too_much(self) -> None:
        """At most ten EIPs in the mode, one mode per interface, no address in two places."""
        rows = self.hand.eip_rows(PageSize="100")
        for eni in self.enis:
            mine = [row for row in rows if row["InstanceId"] == eni]
            assert len({row["Mode"] for row in mine}) <= 1
            assert len(mine) <= 10
        assert len({row["IpAddress"] for row in rows}) == len(rows)
        assert all(
            bool(row["InstanceId"]) == (row["Status"] not in {"Available", "Releasing"}) for row in rows
        )

    @invariant()
    def no_instance_carries_too_much(self) -> None:
        """No more interfaces than the type takes, and both lists agree on who is attached where."""
        rows = self.hand.ecs("DescribeInstances")["Instances"]["Instance"]
        for row in rows:
            shown = {each["NetworkInterfaceId"] for each in row["NetworkInterfaces"]["NetworkInterface"]}
            listed = self.hand.eni_rows(InstanceId=row["InstanceId"], Status="InUse", MaxResults="100")
            assert shown == {each["NetworkInterfaceId"] for each in listed}
            assert len(shown) <= {"ecs.g5.large": 2, "ecs.g5.xlarge": 3}[row["InstanceType"]]


TestOperator = Operator.TestCase
TestOperator.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
