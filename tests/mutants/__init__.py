"""Mutants of what decides: how many of them the tests and the simulator see."""
