"""A scene of its own for each test: virtual time, simulated guests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.functional.bind.scene import Scene
from tests.stubs.mock import mock_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Open a region with one running Linux and one Windows instance."""
    with mock_cloud() as local:
        yield Scene(local)
