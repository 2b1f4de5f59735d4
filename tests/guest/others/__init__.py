"""Guests that other people have configured, too, and guests that lack something."""
