"""Rules about the result: what must be true when a run is done."""
