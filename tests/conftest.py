"""What all tests share: the local cloud's fixtures."""

from __future__ import annotations

pytest_plugins = ["tests.stubs.pytest_plugin"]
