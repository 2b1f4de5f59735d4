"""Writes every page and table of the documentation that is made from the code, and checks it."""
