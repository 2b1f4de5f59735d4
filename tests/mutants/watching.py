"""A pytest plugin: which tests run which lines of the product, and how long each takes.

`-p tests.mutants.watching` with `MUTANTS_WATCHED=folder`; each worker writes a file of its own there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = os.environ.get("MUTANTS_WATCHED", "")


class Watching:
    """Follows one process of the tests."""

    def __init__(self, folder: Path) -> None:
        """Begin at once: what is run by an import belongs to every test."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self._seconds: dict[str, float] = {}
        self._times = folder / f"{worker}.times.json"
        self._coverage = coverage.Coverage(
            data_file=str(folder / f"{worker}.coverage"),
            config_file=False,
            source=["multieip"],
            concurrency=["thread"],
        )
        # Whoever has imported the package before knows nothing of its modules; as an error, which warnings
        # are here, it would end the worker's session before it has written its times.
        self._coverage.set_option("run:disable_warnings", ["module-not-measured"])
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Give what runs now to this test."""
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what setting up, calling and tearing down take."""
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        """Write what was seen."""
        self._coverage.stop()
        self._coverage.save()
        self._times.write_text(json.dumps(self._seconds))


def pytest_configure(config: pytest.Config) -> None:
    """Watch where tests run: in the workers, or here where there are none."""
    controller = getattr(config.option, "dist", "no") != "no" and "PYTEST_XDIST_WORKER" not in os.environ
    if FOLDER and not controller:
        config.pluginmanager.register(Watching(Path(FOLDER)))
