"""The command `multieip`: the same use cases for a person at a terminal. Not part of the functions' code."""
