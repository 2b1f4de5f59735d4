"""Task ids: valid for Function Compute, the same for the same, different for what differs."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from multieip.runs.task import task_id

VALID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
PARTS = st.lists(st.text(max_size=200), min_size=1, max_size=4)


@given(PARTS)
def test_any_parts_make_a_valid_id(parts: list[str]) -> None:
    """Group names, event sources and times hold signs that an id must not."""
    assert VALID.fullmatch(task_id("react", *parts))
    assert task_id("react", *parts) == task_id("react", *parts)


@given(PARTS, PARTS)
def test_different_parts_make_different_ids(left: list[str], right: list[str]) -> None:
    """`a-b`, `c` is not `a`, `b-c`; a cut or replaced sign does not merge two ids."""
    assert (task_id("react", *left) == task_id("react", *right)) == (left == right)


def test_an_id_shows_what_it_is_for() -> None:
    """People find the group in the console's list of tasks."""
    assert task_id("sweep", "cn-shanghai", "web").startswith("sweep-cn-shanghai-web-")
