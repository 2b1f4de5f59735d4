"""A scene of its own for each test: virtual time, simulated guests; or the handlers on a served cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, mock_cloud
from tests.functional.handlers import Functions
from tests.functional.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Open a region with one running Linux and one Windows instance."""
    with mock_cloud() as local:
        yield Scene(local)


@pytest.fixture
def functions() -> Iterator[Functions]:
    """Serve a cloud whose changes are immediate, beside a Function Compute that only takes notes."""
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as local:
        made = Functions(local)
        local.cloud.mount(lambda request: request.path.startswith("/2023-03-30/"), made.function_compute)
        yield made
