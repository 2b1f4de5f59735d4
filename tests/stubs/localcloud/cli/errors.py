"""How a command of `localcloud` fails."""

from __future__ import annotations


class CommandError(Exception):
    """One line for the user: what is wrong and what to do."""
