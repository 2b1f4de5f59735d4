"""Searches of the model of one run."""
