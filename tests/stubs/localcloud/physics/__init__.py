"""What the cloud does by itself: time, transitions, latency, faults, events, and ids from a seed."""
