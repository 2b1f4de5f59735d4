"""Fixtures for tests on the local cloud; pytest finds them where the package is installed.

With `localcloud_wire = true` among pytest's options, every call that a cloud of the test's own process
accepts, or a `localcloud serve` that it started, and its answer, is compared with the vendor's models; a test
on whose way they differ fails, unless it is marked `wire_differs`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import localcloud

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make the option known."""
    parser.addini("localcloud_wire", "compare the wire with the vendor's models", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "wire_differs: sends what the vendor's models do not know")


@pytest.fixture(scope="session", autouse=True)
def _wire_elsewhere(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Have the clouds that tests start as commands compare as well; give the folder where they say so."""
    if not request.config.getini("localcloud_wire"):
        yield ""
        return
    from localcloud.vendor.elsewhere import VARIABLE  # noqa: PLC0415  only those who want it pay for it

    folder = str(tmp_path_factory.mktemp("wire"))
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = folder
    yield folder
    os.environ.pop(VARIABLE)
    if before is not None:
        os.environ[VARIABLE] = before


@pytest.fixture(autouse=True)
def _wire(request: pytest.FixtureRequest, _wire_elsewhere: str) -> Iterator[None]:
    """Fail the test where a request or an answer is not what the vendor's models say."""
    if not _wire_elsewhere:
        yield
        return
    # Only those who want it pay for it; it needs the vendor's packages, too.
    from localcloud.calls.watchers import watched  # noqa: PLC0415
    from localcloud.vendor.elsewhere import taken  # noqa: PLC0415
    from localcloud.vendor.wire import Watch  # noqa: PLC0415

    watch = Watch(remembers=False)
    with watched(watch):
        yield
    differences = [*(str(each) for each in sorted(watch.differences)), *taken(Path(_wire_elsewhere))]
    if differences and not request.node.get_closest_marker("wire_differs"):
        pytest.fail("the wire differs from the vendor's models:\n" + "\n".join(differences))


@pytest.fixture
def local_cloud() -> Iterator[localcloud.MockCloud]:
    """Give a cloud in this process: virtual time, simulated guests, this test's own."""
    with localcloud.mock_cloud() as local:
        yield local


@pytest.fixture
def local_cloud_http() -> Iterator[localcloud.MockCloud]:
    """Give the same on a free port, for clients that need a socket."""
    with localcloud.mock_cloud(http=True) as local:
        yield local
