"""The fixture application as a function service on virtual time, and as a program on the wire."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localcloud import VirtualClock, read_functions
from localcloud.eventbridge.timeline import VirtualTimeline
from localcloud.fc.runner import Platform
from localcloud.fc.service import FunctionService

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localcloud.fc.model import Application

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def application() -> Application:
    """Return the functions of the fixture's s.yaml."""
    return read_functions(FIXTURES / "s.yaml", {})


@pytest.fixture
def service(application: Application) -> Iterator[FunctionService]:
    """Return the functions as a service; queue and retries move with virtual time."""
    clock = VirtualClock()
    timeline = VirtualTimeline(lambda: clock.now().timestamp(), clock.sleep)
    platform = Platform(
        "1234567890123456", "cn-shanghai", lambda role, session: (f"STS.{role}", f"secret-{session}", "token")
    )
    service = FunctionService(application, platform, timeline)
    yield service
    service.close()


@pytest.fixture
def timeline(service: FunctionService) -> VirtualTimeline:
    """Return the service's time."""
    assert isinstance(service.timeline, VirtualTimeline)
    return service.timeline
