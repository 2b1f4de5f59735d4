"""Tests, and the local cloud they run on."""
