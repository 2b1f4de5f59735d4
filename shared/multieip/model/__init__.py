"""The values that everything else works on. Frozen; it imports nothing above it."""
