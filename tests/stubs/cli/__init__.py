"""The commands of `python -m tests.stubs`."""
