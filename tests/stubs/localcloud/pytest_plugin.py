"""Fixtures for tests on the local cloud; pytest finds them where the package is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import localcloud

if TYPE_CHECKING:
    from collections.abc import Iterator


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
