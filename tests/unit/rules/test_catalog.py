"""The catalogue: what the vendor's pages list, and what an operator adds."""

from __future__ import annotations

from multieip.cloud.catalog import catalog


def test_the_default_lists_all_that_the_vendor_published() -> None:
    """Ten regions and 45 families of the widest page; Mumbai is listed and marked closed."""
    default = catalog()

    assert len(default.regions) == 10
    assert {"ap-south-1"} == default.closed_regions
    assert default.closed_regions <= default.regions
    assert len(default.families) == 45
    assert {"ecs.g5", "ecs.sn2ne", "ecs.x1.i8", "ecs.c5-618"} <= default.families
    assert "ecs.g6" not in default.families
    assert default.as_of


def test_an_operator_adds_what_the_pages_lack() -> None:
    """Added regions and families stand beside the published ones; a family needs no prefix."""
    widened = catalog(["cn-hangzhou"], ["g6", "ecs.c6"])

    assert "cn-hangzhou" in widened.regions
    assert {"ecs.g6", "ecs.c6", "ecs.g5"} <= widened.families


def test_the_operator_knows_better_that_a_region_is_open() -> None:
    """A region that is added by hand counts as open even where our data say closed."""
    assert frozenset() == catalog(["ap-south-1"]).closed_regions
