"""Histories drawn by a seed: the real functions on a local cloud, with one scheduler that owns time."""
