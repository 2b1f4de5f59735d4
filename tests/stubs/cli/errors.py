"""How a command of `python -m tests.stubs` fails."""

from __future__ import annotations


class CommandError(Exception):
    """One line for the user: what is wrong and what to do."""
