"""One region of a sweep: its groups read, asked and judged in pieces, so that any number fits into memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multieip.cloud.listing import batched
from multieip.cloud.parallel import Threads
from multieip.dataclass import replace
from multieip.errors import CloudError
from multieip.model.facts import Facts, Group, IntentFault
from multieip.observe.region import RegionReader
from multieip.observe.security_groups import SecurityGroups
from multieip.observe.service_way import ServiceWay
from multieip.runs.rotation import leaves_no_doubt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multieip.log import Log
    from multieip.model.resources import GroupName, Region
    from multieip.observe.region_lists import Elsewhere, Known
    from multieip.report.sweep_report import GroupReport
    from multieip.runs.rotation import Rotation
    from multieip.runs.sweep_terms import SweepOutside, SweepTerms

_MOST_SECURITY_GROUPS: Final = 20
"""So many are read of a region in one sweep: each takes a call. The groups that begin a sweep are other ones
each hour of the day, so in time every one has its turn.
"""

_MOST_TOLD: Final = 20
"""ENIs without a tag that are named one by one."""


class SweptRegion:
    """Reads one region group by group."""

    def __init__(
        self, region: Region, outside: SweepOutside, terms: SweepTerms, turn: Rotation, known: Known
    ) -> None:
        """Nothing is read before `begin`; `turn` says which groups are read in full, and in which order."""
        self.region = region
        self._outside = outside
        self._terms = terms
        self._turn = turn
        blank = Facts(Group(region), terms.catalog, bind_while_attached=terms.bind_while_attached)
        self._reader = RegionReader(outside.api, region, terms.tag_prefix, blank, outside.parallel, known)
        most = None if turn.a_day <= 1 else _MOST_SECURITY_GROUPS
        parallel = outside.parallel or Threads()
        self.security = SecurityGroups(outside.api, region, parallel, most)
        self._service_way = ServiceWay(outside.api, region, parallel)
        self.unread: list[str] = []
        self.guests = 0

    def begin(self, only: Sequence[str], after: str, log: Log) -> list[GroupName]:
        """Return the groups that are to be reported, in their order, those up to `after` left out.

        Raises `CloudError` where the region cannot be read.
        """
        names = self._turn.order(self.region, self._reader.begin(only))
        for reading, why in self._reader.unread.items():
            # The groups that are known are reported all the same, with what is unknown about them.
            log.say("unread", level="warning", reading=reading.value, error=why.text)
            self.unread.append(why.text)
        log.say("cloud read", groups=len(names))
        return [name for name in names if not after or self._turn.is_behind(self.region, name, after)]

    def pieces(self, names: Sequence[GroupName]) -> Iterator[Iterator[tuple[GroupName, GroupReport | str]]]:
        """Yield piece after piece; each gives its groups judged, or why one could not be."""
        # The lists come first: a cold start has not loaded what asks guests and judges groups before them.
        from multieip.guest.survey import GuestSurvey  # noqa: PLC0415
        from multieip.runs.group_report import report_group  # noqa: PLC0415

        outside = self._outside
        survey = GuestSurvey(
            outside.api,
            outside.clock,
            self.region,
            deadline=self._terms.deadline,
            new_token=outside.new_token,
            parallel=outside.parallel,
        )
        for some in batched(names, self._terms.piece):
            asked = self._service_way.add_to(survey.add_to(self._reader.facts(some)))
            facts = self.security.add_to(self._with_gateways(asked))
            self.guests += sum(each.guest is not None for each in facts)
            yield ((name, report_group(each)) for name, each in zip(some, facts, strict=True))

    def _with_gateways(self, everything: Sequence[Facts]) -> list[Facts]:
        """Read the gateways of groups in doubt and of those whose turn it is; trust the other guests."""
        asked = [each for each in everything if self._asks(each)]
        read = {each.group.name: each for each in self._reader.with_gateways(asked)}
        return [read.get(each.group.name) or replace(each, trusts_guest=True) for each in everything]

    def _asks(self, facts: Facts) -> bool:
        return self._turn.is_due(self.region, str(facts.group.name)) or not leaves_no_doubt(facts)

    def ungrouped(self, log: Log) -> list[IntentFault]:
        """Return what carries a tag and is in no group, and what is in this mode and carries none."""
        return [*self._reader.ungrouped(), *self._elsewhere(log)]

    def _elsewhere(self, log: Log) -> list[IntentFault]:
        try:
            found = self._reader.elsewhere(asked=self._turn.is_due(self.region))
        except CloudError as error:
            log.say("unread", level="warning", error=str(error))
            self.unread.append(f"EIPs on ENIs without a tag: {error}")
            return []
        return [] if found is None else list(_untagged(found))


def _untagged(found: Elsewhere) -> Iterator[IntentFault]:
    for eni in sorted(found)[:_MOST_TOLD]:
        addresses = ", ".join(found[eni].values())
        yield IntentFault(
            f"{eni} carries no group tag and has EIPs in this mode: {addresses}. Nobody keeps them; tag them "
            "as a group, or leave them to whoever does.",
            (eni, *found[eni]),
        )
    rest = len(found) - _MOST_TOLD
    if rest > 0:
        yield IntentFault(f"{rest} more ENIs carry no group tag and have EIPs in this mode.", ())
