"""Stories that were found in histories: each ended wrongly once, and is told here in its shortest form."""

from __future__ import annotations

import pytest

from tests.bench._stage import Stage


@pytest.mark.parametrize("pause", [0.5, 1.0, 2.0])
def test_tags_one_after_the_other_are_one_group_in_the_end(pause: float) -> None:
    """The run that the first tag starts finds the instance a second later, and asks for its type then."""
    stage = Stage()
    stage.keeping = False

    stage.work(lambda: stage.group("web", 3, pause, size="3"))

    assert stage.last("web", "ready")
    blocked = [run.result for run in stage.runs if run.result and run.result.get("state") == "blocked"]
    assert blocked == []
