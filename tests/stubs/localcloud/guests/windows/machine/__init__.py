"""The state of a played Windows and the rules by which commands change it."""
