"""What a sweep has found, as a value, and the forms in which people and programs read it."""
