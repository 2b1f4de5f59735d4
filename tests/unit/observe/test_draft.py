"""A group while it is being read."""

from __future__ import annotations

from multieip.cloud.listing import Listed
from multieip.model.facts import Target
from multieip.model.resources import Eni, GroupName, OddRow, Region
from multieip.observe.draft import Draft


def test_of_a_read_by_ids_only_the_odd_rows_of_these_ids_are_the_groups() -> None:
    """The cloud may answer with more than it was asked for; what is not ours is no finding of ours."""
    draft = Draft(Target(Region("cn-shanghai"), GroupName("web")), "multi-eip:", ())
    ours, other = (OddRow("DescribeNetworkInterfaces", "no status", each) for each in ("eni-a", "eni-b"))
    enis: Listed[Eni] = Listed((), (ours, other))

    draft.believe(frozenset({"eni-a"}), enis, None, None)

    assert draft.odd == [ours]
