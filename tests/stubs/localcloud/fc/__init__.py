"""Function Compute of the local cloud: the functions of an s.yaml, run for real in their own processes."""

from __future__ import annotations

from localcloud.fc.attach import FunctionOptions, Functions, attach_functions
from localcloud.fc.errors import ConfigError, FcError
from localcloud.fc.service import ServiceSettings

__all__ = ["ConfigError", "FcError", "FunctionOptions", "Functions", "ServiceSettings", "attach_functions"]
