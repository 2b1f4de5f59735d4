"""A site whose guest takes our own script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guest.script.operator import Operator

if TYPE_CHECKING:
    from localcloud.guests.site import Site


@pytest.fixture
def operator(site: Site) -> Operator:
    """Stand at the site with the product's rendered scripts in hand."""
    return Operator(site)
