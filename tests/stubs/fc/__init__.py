"""Function Compute of the local cloud: the functions of an s.yaml, run for real in their own processes."""

from __future__ import annotations

from tests.stubs.fc.attach import FunctionOptions, Functions, attach
from tests.stubs.fc.errors import ConfigError, FcError
from tests.stubs.fc.service import ServiceSettings

__all__ = ["ConfigError", "FcError", "FunctionOptions", "Functions", "ServiceSettings", "attach"]
