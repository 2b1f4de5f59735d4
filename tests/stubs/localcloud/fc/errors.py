"""What can go wrong on the functions' side.

ConfigError      s.yaml cannot be used; one line with file, resource, key and the way out
FcError          an answer of Function Compute's API that is not a success
"""

from __future__ import annotations


class ConfigError(Exception):
    """The application's s.yaml cannot be used; the message is one clear line."""


class FcError(Exception):
    """A refusal of Function Compute, with its code and HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep what the answer needs."""
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
