"""Holds the simulated guest equal to the rendered script, sequence by sequence."""
