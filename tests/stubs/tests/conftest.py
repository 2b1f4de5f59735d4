"""Clients of every kind, for the tests of the local cloud itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from localcloud import CloudOptions, MockCloud, mock_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def local() -> Iterator[MockCloud]:
    """Give a cloud in this process in virtual time."""
    with mock_cloud() as cloud:
        yield cloud


@pytest.fixture
def instant() -> Iterator[MockCloud]:
    """Give a cloud in this process where every change has happened when the call returns."""
    with mock_cloud(CloudOptions(transitions="immediate")) as cloud:
        yield cloud


@pytest.fixture
def served() -> Iterator[MockCloud]:
    """Give a cloud on a port where every change has happened when the call returns."""
    with mock_cloud(CloudOptions(transitions="immediate"), http=True) as cloud:
        yield cloud


@pytest.fixture
def timed() -> Iterator[MockCloud]:
    """Give a cloud on a port in virtual time."""
    with mock_cloud(http=True) as cloud:
        yield cloud
