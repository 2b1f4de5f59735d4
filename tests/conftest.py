"""How properties are tested: the same examples everywhere, other and more ones each night, no time limits."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SLOW_MACHINES = (HealthCheck.too_slow,)

settings.register_profile(
    "same", max_examples=50, deadline=None, derandomize=True, suppress_health_check=_SLOW_MACHINES
)
settings.register_profile(
    "nightly", max_examples=500, deadline=None, suppress_health_check=_SLOW_MACHINES, print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
