"""Measurements with goals: `python -m tests.bench PART [--json]`."""
