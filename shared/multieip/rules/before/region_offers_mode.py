"""The region is one of those where the vendor offers the mode.

Fact: ten regions on the page of 2021, nine on the current one; Mumbai (ap-south-1) closed on 15 July 2024
(user guide; data in `cloud/data/regions.json`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multieip.model.finding import Phase, Reach, Severity
from multieip.rules import sources
from multieip.rules.rule import Rule, Verdict, accepted, failed, listed, passed

if TYPE_CHECKING:
    from multieip.model.facts import Facts


def check(facts: Facts) -> Verdict:
    """Fail for regions that are not listed or that have closed; pass where the cloud has taken the mode."""
    region, catalog = facts.group.region, facts.catalog
    proof = accepted(facts)
    if proof:
        return passed(f"{region} has taken the mode for {listed(proof)}", *proof)
    if region in catalog.closed_regions:
        return failed(f"{region} has been closed by Alibaba Cloud", region)
    if region not in catalog.regions:
        still_open = listed(sorted(catalog.regions - catalog.closed_regions))
        return failed(
            f"{region} is not among the regions of the mode ({catalog.as_of}): {still_open}", region
        )
    return passed(f"{region} is listed ({catalog.as_of})", region)


RULE = Rule(
    id="region-offers-mode",
    severity=Severity.ERROR,
    phase=Phase.BEFORE,
    title="The region offers multi-EIP to ENI mode",
    why="The vendor supports the mode in a fixed list of regions, and one of them, Mumbai (ap-south-1), has "
    "since been closed.",
    source=f"{sources.MODE}; {sources.GUIDE}",
    remedy="Use an ENI, EIPs and an instance in a region of the list. If you know that the vendor offers the "
    "mode in this region, add it to MULTI_EIP_EXTRA_REGIONS; the cloud's own answer then decides.",
    predicts=("Forbidden.RegionNotFound", "InvalidRegionId.NotFound", "UnsupportedRegion"),
    check=check,
    may_exempt=True,
    reach=Reach.CHANGE,
)
