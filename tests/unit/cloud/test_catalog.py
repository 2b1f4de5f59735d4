"""The catalogue: what the vendor's pages list, and what an operator adds."""

from __future__ import annotations

import json
from importlib import resources

import pytest

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


@pytest.mark.parametrize(("name", "current"), [("regions", 9), ("families", 21)])
def test_every_entry_names_its_pages(name: str, current: int) -> None:
    """Each entry stands on a page with title, address and day; both generations are told apart."""
    text = (resources.files("multieip.cloud") / "data" / f"{name}.json").read_text(encoding="utf-8")
    data = json.loads(text)

    assert {"2021", "current"} == set(data["pages"])
    assert all(
        page["title"] and page["read"] and "https://" in page["url"] for page in data["pages"].values()
    )
    assert all(set(entry["on"]) <= set(data["pages"]) and "2021" in entry["on"] for entry in data[name])
    assert current == sum("current" in entry["on"] for entry in data[name])
    assert all(entry["closed_source"] for entry in data[name] if "closed" in entry)
    assert len(data[name]) == len({entry["id"] for entry in data[name]})
