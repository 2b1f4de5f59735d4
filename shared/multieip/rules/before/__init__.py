"""Rules that are checked before the first write."""
