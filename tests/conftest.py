"""How properties are tested: the same examples everywhere, no time limit that only an idle machine keeps."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SLOW_MACHINES = (HealthCheck.too_slow,)

settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=_SLOW_MACHINES)
settings.register_profile("nightly", deadline=None, suppress_health_check=_SLOW_MACHINES, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
