"""The commands of `localcloud`."""
