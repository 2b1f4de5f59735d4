"""What a killed world has left is taken away, however many worlds find it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from localcloud.guests.cgroups import PREFIX, clear

if TYPE_CHECKING:
    from pathlib import Path


def _leave(base: Path) -> None:
    for guest in range(40):
        for service in range(20):
            (base / f"{PREFIX}dead-{guest}" / "payload" / "system.slice" / f"{service}.service").mkdir(
                parents=True
            )


def test_worlds_that_clear_the_same_left_overs_do_not_stumble_over_each_other(tmp_path: Path) -> None:
    """What another one took away in the middle of the walk is no failure; a group of somebody else stays."""
    _leave(tmp_path)
    (tmp_path / f"{PREFIX}alive-1").mkdir()

    with ThreadPoolExecutor(4) as worlds:
        list(worlds.map(lambda _: clear("dead", [tmp_path]), range(4)))

    assert [folder.name for folder in tmp_path.iterdir()] == [f"{PREFIX}alive-1"]
