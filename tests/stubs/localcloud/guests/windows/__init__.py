"""Windows guests: the rendered script runs in a played Windows, see `played.py`."""
