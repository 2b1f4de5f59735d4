"""What triggers the functions, and which ids and tags an event names."""
