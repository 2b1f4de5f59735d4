"""What accounts have: everything of a region, as plain values that the services change."""
