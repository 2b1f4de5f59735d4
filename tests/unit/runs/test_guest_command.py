"""One command in a guest: whose answer is read, and when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.guest import GuestTarget, Stamp
from multieip.plan.steps import ReleaseGuest
from multieip.reference.good_group import ENI, INSTANCE, REGION
from multieip.runs.guest_command import Sent, ended

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multieip.ports import Json


class _Results:
    """An `Api` that knows the results of one invocation."""

    def __init__(self, **statuses: str) -> None:
        self._rows = [{"InstanceId": at, "InvocationStatus": said} for at, said in statuses.items()]

    def call(self, _product: str, action: str, _params: Mapping[str, str]) -> Json:
        """See `multieip.ports.Api.call`."""
        assert action == "DescribeInvocationResults"
        return {"Invocation": {"InvocationResults": {"InvocationResult": self._rows}}}


def _ended(api: _Results) -> bool:
    target = GuestTarget(INSTANCE, ENI.id, ENI.mac, "192.168.0.2")
    return ended(api, Sent(ReleaseGuest(target), REGION, INSTANCE.id, "t-1", 0.0, Stamp(0, "run")))


def test_a_command_has_ended_when_its_own_instance_says_so() -> None:
    """What another instance says of the same invocation is not the answer."""
    assert not _ended(_Results(**{"i-other": "Success"}))
    assert not _ended(_Results(**{"i-other": "Success", INSTANCE.id: "Running"}))
    assert _ended(_Results(**{"i-other": "Running", INSTANCE.id: "Success"}))


def test_a_command_of_which_nothing_is_known_yet_is_under_way() -> None:
    """Just after RunCommand the cloud knows no result."""
    assert not _ended(_Results())
